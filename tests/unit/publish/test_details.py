"""What sources say beside the text reaches subscribers in every format that has a place for it."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from aggregator.model import (
    Chapter,
    Details,
    Enclosure,
    Episode,
    FurtherLink,
    Item,
    Origin,
    OutputFeed,
    Person,
    Relation,
    Topic,
)
from aggregator.publish.render import render
from tests.support.published import source

NOW = datetime(2026, 11, 23, 18, tzinfo=UTC)
DETAILS = Details(
    people=(Person("Ida", "ida@boats.test", "https://ida.example/"),),
    contributors=(Person("Jan", "jan@boats.example"),),
    topics=(Topic("Boats", "b", "https://boats.example/t"),),
    links=(
        FurtherLink(Relation.RELATED, "https://a.example/", "A"),
        FurtherLink(Relation.VIA, "https://b.example/"),
        FurtherLink(Relation.REPLIES, "https://boats.example/1#c", "", "text/html"),
        FurtherLink(
            Relation.IN_REPLY_TO, "https://c.example/", "", "text/html", "", "tag:c.example,2026:1"
        ),
        FurtherLink(Relation.CHAPTERS, "https://boats.example/7.json"),
        FurtherLink(Relation.TRANSCRIPT, "https://boats.example/7.vtt", "", "text/vtt", "en"),
    ),
    rights="© 2026 Ida",
    origin=Origin("Ida Writes", "urn:uuid:0a1b2c3d-0000-4000-8000-00805f9b34fb", "https://ida.example/feed", "https://ida.example/"),
    places=(("point", "45.2 -71.9"),),
    episode=Episode(1865, 2, "7", "full", (Chapter(90.5, "The crane", "https://a.example/c"),)),
)  # fmt: skip
ITEM = Item(
    id="urn:uuid:11111111-2222-4333-8444-555555555555", title="Oars", url="https://boats.example/1",
    content_html="<p>Oars.</p>", summary="Oars.", published=NOW, updated=NOW,
    source=source("Planet Boats", "https://planet.example/feed", "https://planet.example/"),
    authors=("Ida",), categories=("Boats", "Mills"), image="https://boats.example/7.jpg",
    enclosures=(Enclosure("https://boats.example/7.mp3", "audio/mpeg", 5),), details=DETAILS,
)  # fmt: skip


def rendered(item: Item, kind: str) -> bytes:
    return render(OutputFeed("all", "All", "", "https://me.example", (item,), NOW), kind)


def json_of(item: Item) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(rendered(item, "json"))["items"][0]
    return found


def test_json_says_all_of_it() -> None:
    item = json_of(ITEM)
    assert item["external_url"] == "https://a.example/"
    assert item["authors"] == [{"name": "Ida", "url": "https://ida.example/"}]
    assert item["attachments"][0]["duration_in_seconds"] == 1865
    said = item["_aggregator"]
    assert said["original"] == {
        "title": "Ida Writes",
        "feed_url": "https://ida.example/feed",
        "home_page_url": "https://ida.example/",
    }
    assert said["source"]["title"] == "Planet Boats"
    assert [one["relation"] for one in said["links"]] == [one.relation for one in DETAILS.links]
    assert said["contributors"] == [{"name": "Jan", "url": "mailto:jan@boats.example"}]
    assert said["topics"] == [{"name": "Boats", "term": "b", "scheme": "https://boats.example/t"}]
    assert said["rights"] == "© 2026 Ida"
    assert said["places"] == [{"kind": "point", "coordinates": "45.2 -71.9"}]
    assert said["episode"]["chapters"] == [
        {"start": 90.5, "title": "The crane", "url": "https://a.example/c"}
    ]


@pytest.mark.parametrize("kind", ["atom", "rss"])
def test_both_xml_formats_say_it_with_the_same_elements(kind: str) -> None:
    tree = etree.fromstring(rendered(ITEM, kind))
    spaces = {prefix: uri for prefix, uri in tree.nsmap.items() if prefix}
    spaces["atom"] = "http://www.w3.org/2005/Atom"
    item = tree.find(".//atom:entry", spaces) if kind == "atom" else tree.find(".//item")
    assert item is not None

    def said(path: str) -> list[dict[str, str]]:
        return [{str(k): str(v) for k, v in one.items()} for one in item.findall(path, spaces)]

    assert item.findtext("itunes:duration", None, spaces) == "1865"
    assert item.findtext("itunes:season", None, spaces) == "2"
    assert item.findtext("itunes:episode", None, spaces) == "7"
    assert said("itunes:image") == [{"href": "https://boats.example/7.jpg"}]
    assert said("podcast:chapters") == [
        {"url": "https://boats.example/7.json", "type": "application/json+chapters"}
    ]
    assert said("podcast:transcript") == [
        {"url": "https://boats.example/7.vtt", "type": "text/vtt", "language": "en"}
    ]
    assert said("psc:chapters/psc:chapter") == [
        {"start": "00:01:30.500", "title": "The crane", "href": "https://a.example/c"}
    ]
    assert said("thr:in-reply-to") == [
        {"ref": "tag:c.example,2026:1", "href": "https://c.example/", "type": "text/html"}
    ]
    assert item.findtext("georss:point", None, spaces) == "45.2 -71.9"
    links = {(one["rel"], one["href"]) for one in said("atom:link")}
    assert links >= {
        ("related", "https://a.example/"),
        ("via", "https://b.example/"),
        ("replies", "https://boats.example/1#c"),
        ("via", "https://planet.example/feed"),
    }


def test_readers_find_it_where_they_look() -> None:
    for kind in ("atom", "rss"):
        parsed = feedparser.parse(io.BytesIO(rendered(ITEM, kind)))
        assert not parsed.bozo
        entry = parsed.entries[0]
        assert entry.source.title == "Ida Writes"
        assert entry.rights == "© 2026 Ida"
        assert entry.author_detail.email == "ida@boats.test"
        assert [one.get("name") for one in entry.contributors] == ["Jan"]
        assert entry.tags[0].scheme == "https://boats.example/t"
    assert entry.comments == "https://boats.example/1#c"
    assert entry.source.href == "https://ida.example/feed"


def test_several_authors_are_names_in_rss() -> None:
    item = replace(ITEM, authors=("Ida", "Ulf"))
    element = etree.fromstring(rendered(item, "rss")).find(".//item")
    assert element is not None
    assert element.find("author") is None
    assert [one.text for one in element.findall("{http://purl.org/dc/elements/1.1/}creator")] == [
        "Ida",
        "Ulf",
    ]


def test_without_an_author_the_blog_is_credited_and_not_the_planet() -> None:
    assert json_of(replace(ITEM, authors=()))["authors"] == [{"name": "Ida Writes"}]


def test_what_names_nothing_is_left_out() -> None:
    odd = Details(
        topics=(Topic("Boats", "b", "no uri"),),
        links=(
            FurtherLink(Relation.IN_REPLY_TO, "", ref="what you said"),
            FurtherLink(Relation.RELATED, "javascript:alert(1)"),
        ),
        origin=Origin("Ida Writes", "urn:ida"),
    )
    item = replace(ITEM, details=odd)
    atom = rendered(item, "atom")
    assert b"in-reply-to" not in atom
    assert b'scheme="' not in atom
    assert b"urn:ida" not in atom
    for kind in ("atom", "rss", "json"):
        assert b"javascript" not in rendered(item, kind)
    assert "external_url" not in json_of(item)


@given(st.text(max_size=30))
def test_whatever_is_said(text: str) -> None:
    said = Details(
        people=(Person(text, f"{text}@a.test", text),),
        contributors=(Person(text),),
        topics=(Topic(text, text, text),),
        links=tuple(FurtherLink(one, text, text, text, text, text) for one in Relation),
        rights=text,
        origin=Origin(text, text, text, text),
        episode=Episode(1, 1, "1.5", "full", (Chapter(0, text, text),)),
    )
    item = replace(ITEM, authors=(text,), categories=(text,), details=said)
    for kind in ("atom", "rss"):
        etree.fromstring(rendered(item, kind))
    assert json_of(item)["id"] == ITEM.id
