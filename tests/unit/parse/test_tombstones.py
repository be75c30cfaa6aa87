"""Tombstones in archives: entries that are no more (RFC 6721)."""

from __future__ import annotations

import json

import pytest

from aggregator.parse.feed import parse_feed

URL = "https://feeds.example/all.1-2"
_NAMES = "xmlns:at='http://purl.org/atompub/tombstones/1.0'"
_STONES = (
    "<at:deleted-entry ref='urn:x:1' when='2026-11-02T12:00:00Z'/>"
    "<at:deleted-entry ref=' urn:x:2 '><at:by><name>N. N.</name></at:by><at:comment>No more</at:comment>"
    "</at:deleted-entry><at:deleted-entry when='2026-11-02T12:00:00Z'/>"
)


@pytest.mark.parametrize(
    "document",
    [
        (
            f"<feed xmlns='http://www.w3.org/2005/Atom' {_NAMES}><title>T</title>{_STONES}"
            "<entry><id>urn:x:3</id><title>Three</title></entry></feed>"
        ),
        (
            f"<rss version='2.0' {_NAMES}><channel><title>T</title>{_STONES}"
            "<item><guid>urn:x:3</guid><title>Three</title></item></channel></rss>"
        ),
    ],
)
def test_ids_of_deleted_entries_are_told_beside_the_others(document: str) -> None:
    feed = parse_feed(document.encode(), url=URL)
    assert feed.deleted == ("urn:x:1", "urn:x:2")
    assert [entry.title for entry in feed.entries] == ["Three"]
    assert feed.title == "T"


def test_those_of_our_own_archives_in_json() -> None:
    gone = [{"id": "urn:x:1", "when": "2026-11-02T12:00:00Z"}, {"id": 7}, "urn:x:9", {"id": " "}]
    own = {"archive": True, "gone": gone}
    said = {"version": "https://jsonfeed.org/version/1.1", "items": [], "_aggregator": own}
    assert parse_feed(json.dumps(said).encode(), url=URL).deleted == ("urn:x:1",)
    others: list[object] = [None, [], {"gone": {}}, {"gone": "x"}]
    for other in others:
        assert (
            parse_feed(json.dumps({**said, "_aggregator": other}).encode(), url=URL).deleted == ()
        )


def test_there_may_be_many() -> None:
    stones = "".join(f"<at:deleted-entry ref='urn:x:{n}'/>" for n in range(9000))
    document = f"<feed xmlns='http://www.w3.org/2005/Atom' {_NAMES}><title>T</title>{stones}</feed>"
    assert 1000 <= len(parse_feed(document.encode(), url=URL).deleted) <= 2000
