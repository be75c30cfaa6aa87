"""Of a feed with very many entries the newest are taken, so many as the operator says."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from aggregator.store.db.tables import entries
from tests.support.polling import House, ok, open_house, open_site
from tests.support.storage import DAY

COUNT, TAKEN = 10_000, 60
_FIRST = datetime(2020, 1, 1, tzinfo=UTC)


def order(numbers: Sequence[int]) -> list[int]:
    """Neither newest nor oldest first, and always the same."""
    mixed = list(numbers)
    Random(4).shuffle(mixed)
    return mixed


def when(number: int) -> str:
    return (_FIRST + number * timedelta(hours=1)).isoformat()


def rss(numbers: Sequence[int], said: str = "") -> bytes:
    items = "".join(
        f"<item><title>t{n}</title><guid isPermaLink='false'>{n}</guid>"
        f"<dc:date>{when(n)}</dc:date><description>{said}text {n}</description></item>"
        for n in order(numbers)
    )
    dc = "xmlns:dc='http://purl.org/dc/elements/1.1/'"
    return f"<rss version='2.0' {dc}><channel><title>F</title>{items}</channel></rss>".encode()


def json_feed(numbers: Sequence[int], said: str = "") -> bytes:
    items = [
        {
            "id": str(n),
            "title": f"t{n}",
            "date_published": when(n),
            "content_text": f"{said}text {n}",
        }
        for n in order(numbers)
    ]
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": items}).encode()


def stored(house: House) -> dict[str, Any]:
    return {row.title: (row.id, row.first_seen_at) for row in house.stored.rows(entries)}


def listed(house: House) -> set[str]:
    return {row.title for row in house.stored.rows(entries) if row.listed}


def newest(last: int, count: int = TAKEN) -> set[str]:
    return {f"t{n}" for n in range(last - count + 1, last + 1)}


@pytest.mark.parametrize("document", [rss, json_feed])
async def test_the_newest_are_taken_and_stay_what_they_are(
    tmp_path: Path, document: Callable[..., bytes]
) -> None:
    database = f"sqlite:///{tmp_path / 'x.db'}"
    async with open_site() as site:
        feed, last = site.url("/f"), COUNT - 1

        async def poll(house: House, body: bytes) -> None:
            site.answers["/f"] = ok(body)
            await house.poll(DAY)

        async with open_house(database, feed, parse={"max_entries": TAKEN}) as house:
            await poll(house, document(range(COUNT)))
            first = stored(house)
            assert set(first) == listed(house) == newest(last)

            await poll(house, document(range(COUNT)) + b"\n")  # read again
            assert stored(house) == first
            assert listed(house) == newest(last)

            await poll(house, document(range(COUNT + 3)))
            second = stored(house)
            assert set(second) - set(first) == {f"t{n}" for n in range(COUNT, COUNT + 3)}
            assert first.items() <= second.items()
            assert listed(house) == newest(last + 3)

            await poll(house, document(range(COUNT)))  # three are listed again: nothing is new
            assert stored(house) == second
            assert listed(house) == newest(last)

            await poll(house, document(range(COUNT), "another "))
            assert stored(house) == second
        async with open_house(database, feed, parse={"max_entries": TAKEN + 20}) as house:
            await poll(house, document(range(COUNT), "another ") + b"\n")
            third = stored(house)
            assert set(third) - set(second) == newest(last - TAKEN, 20)
            assert second.items() <= third.items()
            assert listed(house) == newest(last, TAKEN + 20)
