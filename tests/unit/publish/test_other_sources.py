"""The line that names a story's other sources, in every format."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from lxml import etree

from aggregator.model import Details, FurtherLink, Item, Origin, OutputFeed, Related, Relation
from aggregator.privacy.public import PublicUrl
from aggregator.publish.other_sources import with_other_sources
from aggregator.publish.render import render
from tests.support.feed_rules import faults
from tests.support.published import source

T = datetime(2026, 11, 2, 12, tzinfo=UTC)
OTHERS = (
    Related("One & <b>Only</b>", 'https://one.example/?a=1&b="2"'),
    Related("", "https://two.example/x"),
    Related("Bad <i>", "javascript:alert(1)"),
    Related(
        "Told", None, PublicUrl("https://told.example/feed"), PublicUrl("https://told.example/")
    ),
    Related("Feed only", None, PublicUrl("https://only.example/feed")),
    Related("", None),
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
    '</a>, <a href="https://two.example/x">https://two.example/x</a>, Bad &lt;i&gt;, '
    '<a href="https://told.example/">Told</a>, Feed only</p>'
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
        assert related == [
            {"title": OTHERS[0].title, "url": "https://one.example/?a=1&b=%222%22"},
            {"url": "https://two.example/x"},
            {"title": "Bad <i>"},
            {
                "title": "Told",
                "feed_url": "https://told.example/feed",
                "home_page_url": "https://told.example/",
            },
            {"title": "Feed only", "feed_url": "https://only.example/feed"},
        ]
        return
    tree = etree.fromstring(body)
    text = "{http://www.w3.org/2005/Atom}content"
    if kind == "rss":
        text = "{http://purl.org/rss/1.0/modules/content/}encoded"
    (content,) = tree.iter(text)
    assert (content.text or "").endswith(LINE)
    assert links(tree, "related") == [
        (OTHERS[0].title, "https://one.example/?a=1&b=%222%22"),
        (None, "https://two.example/x"),
    ]
    assert links(tree, "via") == [
        ("Told", "https://told.example/feed"),
        ("Feed only", "https://only.example/feed"),
    ]


def links(tree: etree._Element, relation: str) -> list[tuple[str | None, str | None]]:
    found = tree.iter("{http://www.w3.org/2005/Atom}link")
    return [(e.get("title"), e.get("href")) for e in found if e.get("rel") == relation]


@pytest.mark.parametrize("kind", ["atom", "rss"])
def test_a_feed_is_linked_once_however_often_it_is_told_of(kind: str) -> None:
    """A planet's item says where it was found; its author and another feed may name the same place."""
    told, own = "https://told.example/feed", "https://a.example/feed"
    details = Details(
        origin=Origin("Blog", feed_url="https://blog.example/feed"),
        links=(FurtherLink(Relation.VIA, told),),
    )
    again = (Related("Again", None, PublicUrl(told)), Related("A", None, PublicUrl(own)))
    item = replace(ITEM, details=details, related=(*OTHERS, *again))
    body = render(OutputFeed("all", "All", "", "https://me.example", (item,), T), kind)
    hrefs = [href for _, href in links(etree.fromstring(body), "via")]
    assert hrefs == [told, own, "https://only.example/feed"]
    assert not faults(body)
