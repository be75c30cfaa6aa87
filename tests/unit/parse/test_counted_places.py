"""Guids that count places name nothing; numbers that grow with time do."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from aggregator.model import Entry, ParsedFeed
from aggregator.parse.feed import parse_feed

URL = "https://mill.example/feed"
START = datetime(2026, 10, 1, tzinfo=UTC)


def document(kind: str, stories: list[int], guids: list[int], *, linked: bool = True) -> bytes:
    """A feed of these stories, one a day, named by these guids."""
    items = [
        {
            "id": str(guid),
            "title": f"Story {one}",
            "content_html": f"<p>Of the weir, part {one}</p>",
            "date_published": (START + one * timedelta(days=1)).isoformat(),
            **({"url": f"https://mill.example/{one}"} if linked else {}),
        }
        for one, guid in zip(stories, guids, strict=True)
    ]
    if kind == "json":
        feed = {"version": "https://jsonfeed.org/version/1.1", "title": "t", "items": items}
        return json.dumps(feed).encode()
    entries = "".join(
        f"<entry><id>{one['id']}</id><title>{one['title']}</title>"
        f"<published>{one['date_published']}</published><content type='html'>{one['title']}</content>"
        + (f"<link href='{one['url']}'/>" if linked else "")
        + "</entry>"
        for one in items
    )
    return f"<feed xmlns='http://www.w3.org/2005/Atom'><title>t</title>{entries}</feed>".encode()


def names(parsed: ParsedFeed) -> dict[str, str]:
    return {entry.title: entry.identity for entry in parsed.entries}


def known(parsed: ParsedFeed) -> dict[str, str]:
    return {entry.source_digest: entry.identity for entry in parsed.entries}


@pytest.mark.parametrize("linked", [True, False])
@pytest.mark.parametrize("kind", ["json", "atom"])
@pytest.mark.parametrize("first", [0, 1])
def test_what_only_counts_places_is_no_name(kind: str, linked: bool, first: int) -> None:
    places = list(range(first, first + 4))
    before = parse_feed(document(kind, [4, 3, 2, 1], places, linked=linked), url=URL)
    after = parse_feed(document(kind, [5, 4, 3, 2], places, linked=linked), url=URL)
    assert len({*names(before).values(), *names(after).values()}) == 5
    assert all(names(after)[f"Story {one}"] == names(before)[f"Story {one}"] for one in (4, 3, 2))
    hashes: dict[str, Entry] = {entry.title: entry for entry in before.entries}
    assert all(hashes.get(one.title, one).content_hash == one.content_hash for one in after.entries)


@pytest.mark.parametrize("kind", ["json", "atom"])
def test_one_of_them_that_changed_alone_keeps_its_name(kind: str) -> None:
    stories, places = [4, 3, 2, 1], [1, 2, 3, 4]
    before = parse_feed(document(kind, stories, places), url=URL)
    edited = document(kind, stories, places).replace(b"Story 2", b"Story 2, again")
    after = parse_feed(edited, url=URL, known=known(before))
    named = {*names(after).values(), *after.unchanged}
    assert named == set(names(before).values())


@pytest.mark.parametrize(
    ("stories", "guids"),
    [
        ([4, 3, 2, 1], [4, 3, 2, 1]),  # numbers of rows, the newest first
        ([1, 2, 3, 4], [1, 2, 3, 4]),  # … and the oldest first
        ([4, 3, 2, 1], [1, 2, 3, 5]),
        ([2, 1], [1, 2]),
        ([3, 3, 3], [1, 2, 3]),
    ],
)
@pytest.mark.parametrize("kind", ["json", "atom"])
def test_other_numbers_are_names(kind: str, stories: list[int], guids: list[int]) -> None:
    parsed = parse_feed(document(kind, stories, guids), url=URL)
    assert {entry.identity for entry in parsed.entries} == set(map(str, guids))
