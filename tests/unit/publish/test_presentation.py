"""Where readers see the source of an item, its title by a format, and less than its text."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from lxml import etree

from aggregator.model import (
    Details,
    Item,
    Origin,
    OutputFeed,
    Person,
    Provenance,
    SourcePlace,
    TextAmount,
)
from aggregator.privacy.public import PublicUrl
from aggregator.publish.presentation import shortened, titled, with_source
from aggregator.publish.render import render
from tests.support.published import source

T = datetime(2026, 11, 2, 12, tzinfo=UTC)
ITEM = Item(
    id="urn:x",
    title="T",
    url="https://a.example/1",
    content_html="<p>Text</p>",
    summary="Sum <1>",
    published=T,
    updated=T,
    source=source("A & B", "https://a.example/feed"),
    authors=("N. N.", "O. O."),
    provenance=Provenance("feed"),
)


def feed(item: Item) -> OutputFeed:
    return OutputFeed("all", "All", "", "https://me.example", (item,), T)


def test_the_site_stands_behind_the_first_author_in_every_format() -> None:
    people = (Person("N. N.", "n@a.example", "https://a.example/n"),)
    item = with_source(replace(ITEM, details=Details(people=people)), SourcePlace.AUTHOR)
    atom = etree.fromstring(render(feed(item), "atom"))
    spaces = {"a": "http://www.w3.org/2005/Atom", "dc": "http://purl.org/dc/elements/1.1/"}
    names = atom.xpath("//a:entry/a:author/a:name/text()", namespaces=spaces)
    assert names == ["N. N. · A & B", "O. O."]
    assert atom.xpath("//a:entry/a:author/a:email/text()", namespaces=spaces) == ["n@a.example"]
    rss = etree.fromstring(render(feed(item), "rss"))
    assert rss.xpath("//item/dc:creator/text()", namespaces=spaces) == names
    (shown,) = json.loads(render(feed(item), "json"))["items"]
    assert [one["name"] for one in shown["authors"]] == names


@pytest.mark.parametrize("authors", [(), ("The a & b Team",), ("A & B",), (" ",)])
def test_what_names_the_site_already_stays(authors: tuple[str, ...]) -> None:
    item = replace(ITEM, authors=authors)
    assert with_source(item, SourcePlace.AUTHOR) == item


def test_of_a_planet_it_is_the_blog() -> None:
    origin = Origin("Blog", "urn:blog", "", "")
    item = with_source(replace(ITEM, details=Details(origin=origin)), SourcePlace.TITLE)
    assert item.title == "T · Blog"


def test_as_a_last_line_it_is_a_link_and_escaped() -> None:
    assert with_source(ITEM, SourcePlace.LINE).content_html == "<p>Text</p>\n<p>A &amp; B</p>"
    home = PublicUrl("https://a.example/?a=1&b=2")
    bare = replace(ITEM, content_html="", source=replace(ITEM.source, site_url=home))
    assert with_source(bare, SourcePlace.LINE).content_html == (
        '<p>Sum &lt;1&gt;</p>\n<p><a href="https://a.example/?a=1&amp;b=2">A &amp; B</a></p>'
    )
    assert with_source(ITEM, SourcePlace.NONE) is ITEM


@pytest.mark.parametrize(
    ("title", "title_format", "shown"),
    [
        ("T", "{title}", "T"),
        ("T", "[{source}] {title}", "[A & B] T"),
        ("{source} {title}", "{title} ({source})", "{source} {title} (A & B)"),
        ("", "[{source}] {title}", ""),
    ],
)
def test_titles_by_a_format(title: str, title_format: str, shown: str) -> None:
    assert titled(replace(ITEM, title=title), title_format).title == shown


def test_less_than_the_text() -> None:
    assert shortened(ITEM, TextAmount.FULL) is ITEM
    summary, title = (shortened(ITEM, one) for one in (TextAmount.SUMMARY, TextAmount.TITLE))
    assert (summary.content_html, summary.summary, summary.provenance) == ("", "Sum <1>", None)
    assert (title.content_html, title.summary) == ("", "")
    for item in (summary, title):
        for kind in ("atom", "rss", "json"):
            assert b"<p>Text" not in render(feed(item), kind)
