"""JSON Feed 1.0 and 1.1."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.errors import ParseError
from aggregator.model import Enclosure, ParsedFeed
from aggregator.parse.feed import parse_feed

VERSION = "https://jsonfeed.org/version/1.1"


def parse(**feed: Any) -> ParsedFeed:
    return parse_feed(
        json.dumps({"version": VERSION, **feed}).encode(), url="https://e.org/feed.json"
    )


def test_everything_an_item_can_say() -> None:
    feed = parse(
        title="F & G",
        home_page_url="https://e.org/",
        feed_url="https://e.org/feed.json",
        next_url="feed.json?page=2",
        description="about",
        language="en-US",
        hubs=[{"type": "WebSub", "url": "https://hub.e.org/"}],
        authors=[{"name": "Feed Author"}],
        items=[
            {
                "id": "1",
                "url": "/1",
                "title": "A & <b>",
                "content_html": "<p onclick=x><a href='2'>l</a></p>",
                "summary": "a < b",
                "image": "i.png",
                "date_published": "2021-09-06T14:00:00+02:00",
                "date_modified": "2021-09-06T12:30:00Z",
                "authors": [{"name": "Jo"}, {"url": "https://jo.example"}],
                "tags": ["x", "y", "x", 3],
                "attachments": [
                    {"url": "a.mp3", "mime_type": "audio/mpeg", "size_in_bytes": 5},
                    {"url": "javascript:x"},
                ],
            },
            {"id": 2.5, "content_text": "one\n\ntwo <b>", "external_url": "https://o.example/"},
        ],
    )
    assert (feed.title, feed.format, feed.language) == ("F & G", "json11", "en-US")
    assert (feed.hub_url, feed.self_url) == ("https://hub.e.org/", "https://e.org/feed.json")
    assert feed.previous_url == "https://e.org/feed.json?page=2"
    assert feed.deleted == ()
    one, two = feed.entries
    assert one.title == "A & <b>"
    assert one.url == "https://e.org/1"
    assert one.content_html == '<p><a href="https://e.org/2" rel="noopener noreferrer">l</a></p>'
    assert one.summary_html == "a &lt; b"
    assert one.image == "https://e.org/i.png"
    assert one.published == datetime(2021, 9, 6, 12, 0, tzinfo=UTC)
    assert one.updated == datetime(2021, 9, 6, 12, 30, tzinfo=UTC)
    assert one.authors == ("Jo",)
    assert one.categories == ("x", "y")
    assert one.enclosures == (Enclosure("https://e.org/a.mp3", "audio/mpeg", 5),)
    assert two.identity == "2.5"
    assert two.authors == ("Feed Author",)
    assert two.content_html == "<p>one</p>\n<p>two &lt;b&gt;</p>"
    assert two.url == "https://o.example/"


def test_version_1_has_one_author() -> None:
    feed = parse(
        version="https://jsonfeed.org/version/1",
        items=[{"id": 1, "author": {"name": "Jo"}, "title": "t"}],
    )
    assert feed.format == "json10"
    assert feed.entries[0].authors == ("Jo",)


def test_what_an_item_has_from_its_feed_in_version_1() -> None:
    feed = parse(
        version="https://jsonfeed.org/version/1",
        author={"name": "Feed Jo", "avatar": "x"},
        language="de",
        hubs=["x", {"type": "rssCloud"}, {"type": "WebSub", "url": "https://hub.e.org/"}],
        items=[
            {"id": "1", "content_text": "x"},
            {"id": "2", "content_text": "x", "author": {"name": "Own"}, "language": "fr"},
        ],
    )
    assert feed.hub_url == "https://hub.e.org/"
    assert [e.authors for e in feed.entries] == [("Feed Jo",), ("Own",)]
    assert [e.language for e in feed.entries] == ["de", "fr"]


def test_the_newest_items_are_taken_in_their_order() -> None:
    items = [{"id": n, "title": "t", "date_published": f"2021-09-{n:02}"} for n in (3, 9, 1, 7)]
    body = json.dumps({"version": VERSION, "items": items}).encode()
    feed = parse_feed(body, url="https://e.org/", max_entries=2)
    assert [e.guid for e in feed.entries] == ["9", "7"]


def test_broken_items_cost_themselves_only() -> None:
    feed = parse(
        items=[
            None,
            "x",
            {},
            {"id": "1", "title": 5, "tags": "x", "authors": {"a": 1}},
            {"id": "2"},
        ]
    )
    assert [e.guid for e in feed.entries] == ["1", "2"]


def test_too_many_values_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aggregator.parse.jsonfeed._MAX_VALUES", 100)
    with pytest.raises(ParseError, match="too many"):
        parse(items=[{"id": n} for n in range(200)])
    with pytest.raises(ParseError, match="too many"):
        parse(items=[], _own={f"k{n}": n for n in range(200)})


_KEYS = st.sampled_from(
    [
        "id",
        "url",
        "title",
        "content_html",
        "content_text",
        "summary",
        "image",
        "date_published",
        "authors",
        "author",
        "name",
        "tags",
        "attachments",
        "size_in_bytes",
        "mime_type",
        "items",
        "hubs",
        "language",
        "external_url",
    ]
)
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12)
    | st.sampled_from(["https://e.org/", "javascript:x", "<b>", "2021-09-06", "\ud800"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=6),
    max_leaves=20,
)  # fmt: skip


@given(
    st.dictionaries(_KEYS, _VALUES, max_size=8),
    st.lists(st.dictionaries(_KEYS, _VALUES, max_size=8), max_size=3),
)
def test_any_json_feed_is_read(feed: dict[str, Any], items: list[dict[str, Any]]) -> None:
    parsed = parse(**{**feed, "items": items})
    assert len({e.identity for e in parsed.entries}) == len(parsed.entries) <= len(items)
