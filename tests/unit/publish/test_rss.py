"""RSS 2.0: what the specification and the Advisory Board's profile demand, and what is read back."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import feedparser
import pytest
from lxml import etree

from aggregator.model import Enclosure, Item, OutputFeed, Provenance, Related
from aggregator.publish.rss import render_rss
from tests.support.published import source

ATOM = "{http://www.w3.org/2005/Atom}"
AGGREGATOR = "{urn:uuid:958acddb-a79a-4f13-a83a-48466205e8a8}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}"
DC = "{http://purl.org/dc/elements/1.1/}"
MEDIA = "{http://search.yahoo.com/mrss/}"
PUBLISHED = datetime(2026, 11, 2, 8, 30, 15, tzinfo=UTC)
UPDATED = datetime(2026, 11, 23, 18, 0, 1, tzinfo=UTC)

FULL = Item(
    id="urn:uuid:11111111-2222-4333-8444-555555555555",
    title="Größe & Maß",
    url="https://example.org/story?a=1&b=2",
    content_html="<p>Full <b>text</b> & more</p>",
    summary="1 < 2 & 3",
    published=PUBLISHED,
    updated=UPDATED,
    source=source("Example Daily", "https://example.org/feed.xml", "https://example.org/"),
    authors=("Ann Example", "Bob"),
    categories=("Science", "Maß"),
    enclosures=(
        Enclosure("https://example.org/a.mp3", "audio/mpeg", 1234),
        Enclosure("https://example.org/b.ogg", "audio/ogg", 99),
    ),
    image="https://example.org/i.png",
    language="de",
    related=(Related("Other Paper", "https://other.example/story"),),
)


def document(*items: Item, description: str = "Everything") -> bytes:
    output = OutputFeed("all", "All my feeds", description, "https://me.example", items, UPDATED)
    return render_rss(output)


def channel_of(*items: Item) -> etree._Element:
    channel = etree.fromstring(document(*items)).find("channel")
    assert channel is not None
    return channel


def item_of(item: Item) -> etree._Element:
    element = channel_of(item).find("item")
    assert element is not None
    return element


def test_the_channel_has_what_it_must() -> None:
    channel = channel_of(FULL)
    assert channel.findtext("title") == "All my feeds"
    assert channel.findtext("link") == "https://me.example/"
    assert channel.findtext("description") == "Everything"
    assert channel.findtext("language") == "de"
    assert channel.findtext("lastBuildDate") == "Mon, 23 Nov 2026 18:00:01 GMT"
    assert channel.findtext("generator") == "aggregator"
    link = channel.find(f"{ATOM}link")
    assert link is not None
    assert link.get("rel") == "self"
    assert link.get("type") == "application/rss+xml"
    assert link.get("href") == "https://me.example/feeds/all.rss"


def test_a_channel_is_never_without_a_description() -> None:
    channel = etree.fromstring(document(description="")).find("channel")
    assert channel is not None
    assert channel.findtext("description") == "All my feeds"


def test_feedparser_reads_every_field_back() -> None:
    parsed = feedparser.parse(io.BytesIO(document(FULL)))
    assert not parsed.bozo
    assert parsed.version == "rss20"
    entry = parsed.entries[0]
    assert entry.id == FULL.id
    assert entry.guidislink is False
    assert entry.title == FULL.title
    assert entry.link == FULL.url
    assert entry.summary == "1 &lt; 2 &amp; 3"
    assert entry.content[-1].value == FULL.content_html
    assert entry.published_parsed[:6] == (2026, 11, 2, 8, 30, 15)
    assert entry.updated_parsed[:6] == (2026, 11, 23, 18, 0, 1)
    assert [author.name for author in entry.authors] == ["Ann Example", "Bob"]
    assert [tag.term for tag in entry.tags] == ["Science", "Maß"]
    assert [(e.href, e.type, e.length) for e in entry.enclosures] == [
        ("https://example.org/a.mp3", "audio/mpeg", "1234")
    ]
    assert entry.media_content == [
        {"url": "https://example.org/b.ogg", "filesize": "99", "type": "audio/ogg"}
    ]
    assert entry.media_thumbnail[0]["url"] == FULL.image
    assert entry.source.title == "Example Daily"
    assert entry.source.href == "https://example.org/feed.xml"
    related = [(li.href, li.title) for li in entry.links if li.rel == "related"]
    assert related == [("https://other.example/story", "Other Paper")]


def test_the_guid_is_no_link_and_dates_have_four_digit_years() -> None:
    element = item_of(FULL)
    guid = element.find("guid")
    assert guid is not None
    assert guid.get("isPermaLink") == "false"
    stated = element.findtext("pubDate") or ""
    assert stated == "Mon, 02 Nov 2026 08:30:15 GMT"
    assert parsedate_to_datetime(stated) == PUBLISHED


def test_the_plain_summary_is_html_that_shows_it() -> None:
    assert item_of(FULL).findtext("description") == "1 &lt; 2 &amp; 3"
    shown = item_of(replace(FULL, summary="<script>alert(1)</script>")).findtext("description")
    assert shown == "&lt;script&gt;alert(1)&lt;/script&gt;"


def test_one_enclosure_with_all_its_attributes() -> None:
    item = replace(FULL, enclosures=(Enclosure("https://example.org/x"),) * 2)
    enclosures = item_of(item).findall("enclosure")
    assert [dict(e.attrib) for e in enclosures] == [
        {"url": "https://example.org/x", "length": "0", "type": "application/octet-stream"}
    ]
    assert not item_of(item).findall(f"{MEDIA}content")


def test_an_item_never_lacks_both_title_and_description() -> None:
    element = item_of(replace(FULL, title="\x00", summary="", content_html="<p>x</p>"))
    assert element.find("title") is None
    assert element.find("description") is not None
    assert element.findtext(f"{CONTENT}encoded") == "<p>x</p>"


def test_what_is_unknown_is_left_out() -> None:
    bare = Item(
        "urn:x", "T", None, "", "", PUBLISHED, PUBLISHED, source("S", "https://s.example/f")
    )
    names = [str(child.tag) for child in item_of(bare)]
    assert names == ["title", "guid", "pubDate", f"{DC}creator", "source"]


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
    element = item_of(replace(FULL, provenance=provenance))
    told = element.findall(f"{AGGREGATOR}text")
    assert [dict(one.attrib) for one in told] == said
