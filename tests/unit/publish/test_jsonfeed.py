"""JSON Feed 1.1, member by member."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from aggregator.model import Enclosure, Item, OutputFeed, Provenance, Related
from aggregator.publish.jsonfeed import render_json
from tests.support.published import source

PUBLISHED = datetime(2026, 11, 20, 8, 30, 15, 999_999, tzinfo=UTC)
UPDATED = datetime(2026, 11, 23, 18, 0, 1, tzinfo=UTC)

FULL = Item(
    id="urn:uuid:11111111-2222-4333-8444-555555555555",
    title="Größe & Maß",
    url="https://example.org/story",
    content_html="<p>Full</p>",
    summary="Short",
    published=PUBLISHED,
    updated=UPDATED,
    source=source("Example Daily", "https://example.org/feed.xml", "https://example.org/"),
    authors=("Ann", "Bob"),
    categories=("Science", "Maß"),
    enclosures=(
        Enclosure("https://example.org/a.mp3", "audio/mpeg", 1234),
        Enclosure("http://x/y"),
    ),
    image="https://example.org/i.png",
    language="de",
    related=(Related("Other", "https://other.example/"), Related("Evil", "javascript:alert(1)")),
)
BARE = Item(
    "urn:x", "", None, "", "a < b", PUBLISHED, PUBLISHED, source("", "https://bare.example/feed")
)


def feed_of(*items: Item) -> dict[str, Any]:
    output = OutputFeed("all", "Mine", "", "https://me.example", items, UPDATED)
    parsed: dict[str, Any] = json.loads(render_json(output))
    return parsed


def test_the_feed_says_what_it_is() -> None:
    feed = feed_of(FULL)
    del feed["items"]
    own = feed.pop("_aggregator")
    assert feed == {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Mine",
        "home_page_url": "https://me.example/",
        "feed_url": "https://me.example/feeds/all.json",
        "language": "de",
    }
    assert own["id"].startswith("urn:uuid:")
    assert own["updated"] == "2026-11-23T18:00:01Z"


def test_a_full_item_has_every_member() -> None:
    assert feed_of(FULL)["items"] == [
        {
            "id": FULL.id,
            "url": "https://example.org/story",
            "title": "Größe & Maß",
            "content_html": "<p>Full</p>",
            "summary": "Short",
            "image": "https://example.org/i.png",
            "date_published": "2026-11-20T08:30:15Z",
            "date_modified": "2026-11-23T18:00:01Z",
            "authors": [{"name": "Ann"}, {"name": "Bob"}],
            "tags": ["Science", "Maß"],
            "language": "de",
            "attachments": [
                {
                    "url": "https://example.org/a.mp3",
                    "mime_type": "audio/mpeg",
                    "size_in_bytes": 1234,
                },
                {"url": "http://x/y", "mime_type": "application/octet-stream"},
            ],
            "_aggregator": {
                "source": {
                    "title": "Example Daily",
                    "feed_url": "https://example.org/feed.xml",
                    "home_page_url": "https://example.org/",
                },
                "related": [
                    {"title": "Other", "url": "https://other.example/"},
                    {"title": "Evil"},
                ],
            },
        }
    ]


def test_what_is_unknown_is_left_out_and_text_stands_in_for_html() -> None:
    assert feed_of(BARE)["items"] == [
        {
            "id": "urn:x",
            "content_text": "a < b",
            "date_published": "2026-11-20T08:30:15Z",
            "date_modified": "2026-11-20T08:30:15Z",
            "authors": [{"name": "bare.example"}],
            "_aggregator": {
                "source": {"title": "bare.example", "feed_url": "https://bare.example/feed"}
            },
        }
    ]


@pytest.mark.parametrize("item", [FULL, BARE, replace(FULL, content_html="\x00")])
def test_every_item_has_one_content_and_no_null(item: Item) -> None:
    parsed = feed_of(item)["items"][0]
    assert ("content_html" in parsed) != ("content_text" in parsed)
    assert None not in parsed.values()


def test_letters_are_written_as_they_are() -> None:
    output = OutputFeed("all", "Maß", "", "https://me.example", (), UPDATED)
    assert '"title": "Maß"'.encode() in render_json(output)


def test_an_item_says_where_its_text_came_from() -> None:
    (shown,) = feed_of(replace(FULL, provenance=Provenance("page:rule", 0.9)))["items"]
    assert shown["_aggregator"]["text"] == {"from": "page:rule", "confidence": 0.9}
