"""Atom 1.0: every MUST of RFC 4287 that concerns a producer, and what feed readers read back."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import feedparser
import pytest
from lxml import etree

from aggregator.model import Enclosure, Item, OutputFeed, Provenance, Related
from aggregator.publish.atom import render_atom
from tests.support.published import source

A = "{http://www.w3.org/2005/Atom}"
AGGREGATOR = "{urn:uuid:958acddb-a79a-4f13-a83a-48466205e8a8}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
PUBLISHED = datetime(2026, 11, 20, 8, 30, 15, tzinfo=UTC)
UPDATED = datetime(2026, 11, 23, 18, 0, 1, tzinfo=UTC)

FULL = Item(
    id="urn:uuid:11111111-2222-4333-8444-555555555555",
    title="Größe & Maß",
    url="https://example.org/story?a=1&b=2",
    content_html="<p>Full <b>text</b> & more</p>",
    summary="Short text",
    published=PUBLISHED,
    updated=UPDATED,
    source=source("Example Daily", "https://example.org/feed.xml", "https://example.org/", UPDATED),
    authors=("Ann Example", "Bob"),
    categories=("Science", "Maß"),
    enclosures=(
        Enclosure("https://example.org/a.mp3", "audio/mpeg", 1234),
        Enclosure("https://example.org/b.ogg", "audio/ogg", None),
    ),
    image="https://example.org/i.png",
    language="de",
    related=(Related("Other Paper", "https://other.example/story"),),
)
BARE = Item(
    id="urn:uuid:99999999-2222-4333-8444-555555555555",
    title="",
    url=None,
    content_html="",
    summary="",
    published=PUBLISHED,
    updated=PUBLISHED,
    source=source("", "https://bare.example/feed"),
)


def feed_of(*items: Item, **changes: Any) -> OutputFeed:
    output = OutputFeed("all", "All my feeds", "Everything", "https://me.example", items, UPDATED)
    return replace(output, **changes)


def tree_of(*items: Item, **changes: Any) -> etree._Element:
    return etree.fromstring(render_atom(feed_of(*items, **changes)))


def one(parent: etree._Element, tag: str) -> etree._Element:
    found = parent.findall(A + tag)
    assert len(found) == 1, f"{len(found)} × {tag}"
    return found[0]


def links(parent: etree._Element, rel: str) -> list[dict[str, str]]:
    found = (link for link in parent.findall(f"{A}link") if link.get("rel") == rel)
    return [{str(name): str(value) for name, value in link.attrib.items()} for link in found]


DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[!#$%&'()*+,./:;=?@\[\]_~A-Za-z0-9-]*")


def check_person_and_links(entry: etree._Element) -> None:
    for author in entry.findall(f"{A}author"):
        assert one(author, "name").text  # §3.2.1
    for link in entry.findall(f"{A}link"):
        assert URI.fullmatch(link.get("href") or "")  # §4.2.7.1
        assert re.fullmatch(r"[^\s/]+/[^\s/]+", link.get("type", "a/b"))  # §4.2.7.3
        assert link.get("length", "0").isdecimal()
    alternates = [(li.get("type"), li.get("hreflang")) for li in entry.findall(f"{A}link")
                  if li.get("rel") == "alternate"]  # fmt: skip
    assert len(alternates) == len(set(alternates))  # §4.1.2: one for each type and language


def check_structure(feed: etree._Element) -> None:
    """Every MUST of §3 and §4 for what this renderer uses."""
    assert feed.tag == f"{A}feed"
    for parent in (feed, *feed.findall(f"{A}entry")):
        assert URI.fullmatch(one(parent, "id").text or "")  # §4.2.6
        assert one(parent, "title").get("type", "text") == "text"
        assert DATE.fullmatch(one(parent, "updated").text or "")  # §3.3
        for name in (
            "subtitle",
            "generator",
            "rights",
            "published",
            "summary",
            "content",
            "source",
        ):
            assert len(parent.findall(A + name)) <= 1, name
        check_person_and_links(parent)
    assert len(links(feed, "self")) == 1  # §4.1.1 SHOULD
    for entry in feed.findall(f"{A}entry"):
        assert entry.findall(f"{A}author")  # §4.1.2: the feed itself has none
        assert DATE.fullmatch(one(entry, "published").text or "")
        assert entry.find(f"{A}content") is not None or links(entry, "alternate")
        assert all(category.get("term") for category in entry.findall(f"{A}category"))
        source = one(entry, "source")  # §4.2.11 SHOULD
        assert URI.fullmatch(one(source, "id").text or "")
        assert one(source, "title").text
        assert DATE.fullmatch(one(source, "updated").text or "")
        assert not list(one(entry, "title"))


@pytest.mark.parametrize("items", [(), (FULL,), (BARE,), (FULL, BARE)])
def test_every_must_of_the_rfc_holds(items: tuple[Item, ...]) -> None:
    check_structure(tree_of(*items))


def test_the_feed_says_what_it_is() -> None:
    feed = tree_of(FULL)
    assert one(feed, "title").text == "All my feeds"
    assert one(feed, "subtitle").text == "Everything"
    assert one(feed, "updated").text == "2026-11-23T18:00:01Z"
    assert one(feed, "generator").text == "aggregator"
    assert links(feed, "self")[0]["href"] == "https://me.example/feeds/all.atom"
    assert links(feed, "alternate")[0]["href"] == "https://me.example/"


def test_the_self_link_is_the_configured_one() -> None:
    feed = tree_of(links={"atom": "https://cdn.example/x.atom"})
    assert links(feed, "self")[0]["href"] == "https://cdn.example/x.atom"


def test_the_id_depends_on_address_and_name_alone() -> None:
    def identity(**changes: Any) -> str | None:
        return one(tree_of(**changes), "id").text

    same = identity()
    assert same == identity(title="x", description="y", updated=PUBLISHED, items=(FULL,))
    assert same is not None
    assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", same)
    assert len({same, identity(name="other"), identity(base_url="https://you.example")}) == 3


def test_feedparser_reads_every_field_back() -> None:
    parsed = feedparser.parse(io.BytesIO(render_atom(feed_of(FULL))))
    assert not parsed.bozo
    assert parsed.version == "atom10"
    entry = parsed.entries[0]
    assert entry.id == FULL.id
    assert entry.title == FULL.title
    assert entry.link == FULL.url
    assert entry.summary == FULL.summary
    assert entry.content[0].type == "text/html"
    assert entry.content[0].value == FULL.content_html
    assert entry.published_parsed[:6] == (2026, 11, 20, 8, 30, 15)
    assert entry.updated_parsed[:6] == (2026, 11, 23, 18, 0, 1)
    assert [author.name for author in entry.authors] == ["Ann Example", "Bob"]
    assert [tag.term for tag in entry.tags] == ["Science", "Maß"]
    assert [(e.href, e.get("type"), e.get("length")) for e in entry.enclosures] == [
        ("https://example.org/a.mp3", "audio/mpeg", "1234"),
        ("https://example.org/b.ogg", "audio/ogg", None),
    ]
    assert entry.media_thumbnail[0]["url"] == FULL.image
    assert entry.source.id == FULL.source.feed_url
    assert entry.source.title == "Example Daily"
    assert entry.source.link == "https://example.org/"
    assert entry.source.updated == "2026-11-23T18:00:01Z"
    related = [(li.href, li.title) for li in entry.links if li.rel == "related"]
    assert related == [("https://other.example/story", "Other Paper")]
    assert entry.content[0].language == "de"


def test_an_entry_without_authors_is_credited_to_its_source() -> None:
    entry = one(tree_of(replace(FULL, authors=("", "\x00"))), "entry")
    assert one(one(entry, "author"), "name").text == "Example Daily"


def test_a_source_without_a_title_goes_by_its_host() -> None:
    entry = one(tree_of(BARE), "entry")
    assert one(one(entry, "source"), "title").text == "bare.example"


@pytest.mark.parametrize(
    ("summary", "title"),
    [
        ("Just a note", "Just a note"),
        ("word " * 40, "word " * 15 + "word…"),
        ("x" * 200, "x" * 80 + "…"),
        ("", "bare.example"),
    ],
)
def test_an_entry_without_a_title_is_headed_by_its_summary(summary: str, title: str) -> None:
    entry = one(tree_of(replace(BARE, summary=summary)), "entry")
    assert one(entry, "title").text == title


def test_without_page_and_html_the_summary_is_the_content() -> None:
    content = one(one(tree_of(replace(BARE, summary="a < b")), "entry"), "content")
    assert (content.get("type"), content.text) == ("text", "a < b")


def test_with_a_page_but_no_html_there_is_no_content() -> None:
    entry = one(tree_of(replace(FULL, content_html="")), "entry")
    assert entry.find(f"{A}content") is None


def test_a_language_is_inherited_only_where_it_is_true_of_every_entry() -> None:
    english = replace(FULL, language="en")
    assert tree_of(FULL, FULL).get(LANG) == "de"
    assert tree_of(FULL, english).get(LANG) is None
    assert tree_of(FULL, BARE).get(LANG) is None
    assert tree_of().get(LANG) is None
    entries = tree_of(FULL, english).findall(f"{A}entry")
    assert [entry.get(LANG) for entry in entries] == ["de", "en"]


@pytest.mark.parametrize("language", ["", "x y", "xx-DE", '"><script>', "a" * 9])
def test_a_wrong_language_tag_is_left_out(language: str) -> None:
    assert one(tree_of(replace(FULL, language=language)), "entry").get(LANG) is None


@pytest.mark.parametrize("media_type", ["", "audio", "audio/", "a b/c", "audio/mpeg/x", "<x>/y"])
def test_a_wrong_media_type_is_left_out(media_type: str) -> None:
    item = replace(FULL, enclosures=(Enclosure("https://e.example/x", media_type, -5),))
    enclosure = links(one(tree_of(item), "entry"), "enclosure")[0]
    assert "type" not in enclosure
    assert "length" not in enclosure


def test_an_unchanged_entry_keeps_its_bytes_when_others_change() -> None:
    def first_entry(document: bytes) -> bytes:
        return document[document.index(b"<entry") : document.index(b"</entry>")]

    before = first_entry(render_atom(feed_of(FULL, BARE)))
    assert b"1111-2222" in before
    changed = feed_of(FULL, replace(BARE, title="new"), title="renamed", updated=PUBLISHED)
    assert first_entry(render_atom(changed)) == before


@pytest.mark.parametrize(
    ("provenance", "said"),
    [
        (Provenance("page:amp", 0.9), [{"from": "page:amp", "confidence": "0.90"}]),
        (Provenance("feed"), [{"from": "feed"}]),
        (None, []),
    ],
)
def test_where_the_text_came_from(
    provenance: Provenance | None, said: list[dict[str, str]]
) -> None:
    entry = one(tree_of(replace(FULL, provenance=provenance)), "entry")
    told = entry.findall(f"{AGGREGATOR}text")
    assert [dict(one.attrib) for one in told] == said
