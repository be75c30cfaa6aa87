"""The line that names a story's other sources, in every format."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from lxml import etree

from aggregator.model import Item, OutputFeed, Related
from aggregator.publish.other_sources import with_other_sources
from aggregator.publish.render import render
from tests.support.published import source

T = datetime(2026, 11, 2, 12, tzinfo=UTC)
OTHERS = (
    Related("One & <b>Only</b>", 'https://one.example/?a=1&b="2"'),
    Related("", "https://two.example/x"),
    Related("Bad", "javascript:alert(1)"),
)
ITEM = Item(
    id="urn:x",
    title="T",
    url="https://a.example/1",
    content_html="<p>Text</p>",
    summary="Sum <1>",
    published=T,
    updated=T,
    source=source("A", "https://a.example/feed"),
    related=OTHERS,
)
LINE = (
    '<p>Also at <a href="https://one.example/?a=1&amp;b=%222%22">One &amp; &lt;b&gt;Only&lt;/b&gt;'
    '</a>, <a href="https://two.example/x">https://two.example/x</a></p>'
)


def test_the_line_is_escaped_and_links_to_each() -> None:
    assert with_other_sources(ITEM, "Also at").content_html == f"<p>Text</p>\n{LINE}"


def test_an_item_without_a_text_has_its_summary_before_the_line() -> None:
    bare = replace(ITEM, content_html="")
    assert with_other_sources(bare, "Also at").content_html == f"<p>Sum &lt;1&gt;</p>\n{LINE}"
    assert with_other_sources(replace(bare, summary=""), "Also at").content_html == LINE


@pytest.mark.parametrize("item", [ITEM, replace(ITEM, related=())])
@pytest.mark.parametrize("words", ["", "Auch bei <"])
def test_nothing_is_added_without_words_or_sources(item: Item, words: str) -> None:
    changed = with_other_sources(item, words)
    if words and item.related:
        assert "<p>Auch bei &lt; <a " in changed.content_html
    else:
        assert changed is item


@pytest.mark.parametrize("kind", ["atom", "rss", "json"])
def test_every_format_has_the_line_and_the_links(kind: str) -> None:
    item = with_other_sources(ITEM, "Also at")
    body = render(OutputFeed("all", "All", "", "https://me.example", (item,), T), kind)
    if kind == "json":
        (shown,) = json.loads(body)["items"]
        assert shown["content_html"].endswith(LINE)
        related = shown["_aggregator"]["related"]
        assert [one["url"] for one in related] == [
            "https://one.example/?a=1&b=%222%22",
            "https://two.example/x",
        ]
        assert related[0]["title"] == OTHERS[0].title
        return
    tree = etree.fromstring(body)
    text = "{http://www.w3.org/2005/Atom}content"
    if kind == "rss":
        text = "{http://purl.org/rss/1.0/modules/content/}encoded"
    (content,) = tree.iter(text)
    assert (content.text or "").endswith(LINE)
    links = [e for e in tree.iter("{http://www.w3.org/2005/Atom}link") if e.get("rel") == "related"]
    assert [(e.get("title"), e.get("href")) for e in links] == [
        (OTHERS[0].title, "https://one.example/?a=1&b=%222%22"),
        (None, "https://two.example/x"),
    ]
