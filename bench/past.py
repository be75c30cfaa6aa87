"""What an archive page, a delta, the links of a window and a page for people cost where 20,000 and where 2,000,000 items stand.

``python -m bench past``. On SQLite and PostgreSQL; CPU of this process and of the database server, in
milliseconds, as a mean. Rows beyond the newest stories are made of numbers: nothing reads what they show.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert, update

from aggregator.flow.archiving import Archive, Archiving, open_page
from aggregator.model import Basis, Cursor, ItemPlace, OutputFeed, PageNumber, Selection
from aggregator.publish.formats import FORMATS
from aggregator.publish.render import render
from aggregator.select.page_lines import LINES
from aggregator.store.db.migrations import migrate
from aggregator.store.db.tables import archive_pages, output_items, output_logs, output_now
from bench.meter import Meter
from tests.support.postgres import PostgresUnavailable, shared_server
from tests.support.storage import NOW, Stored, long_text, new, stored_at

SIZES = (20_000, 2_000_000)
_TIMES, _NEWS, _CHUNK = 50, 250, 10_000
_FEED = "https://feed.example/"
_OUTPUT = Selection(100, basis=Basis("all", "", "", ""))
_ON_A_PAGE = replace(_OUTPUT, limit=30)
_LINKS = {kind: f"https://me.example/feeds/all.{kind}" for kind in FORMATS}
_EMPTY = OutputFeed("all", "All", "", "https://me.example", (), NOW, tuple(FORMATS), _LINKS)
_ARCHIVE = Archive(_EMPTY, _OUTPUT, ("all",), lambda item: item)


_BEGAN = NOW - timedelta(days=900)
_TIME = {  # of line n, a second after the one before
    "sqlite": f"datetime({int(_BEGAN.timestamp())} + n, 'unixepoch') || '.000000'",
    "postgresql": f"to_timestamp({int(_BEGAN.timestamp())} + n)",
}
_NUMBERS = (
    "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {})"
)
_LINES = """INSERT INTO output_items (log_id, seq, item_id, entry_id, digest, kind, reason, at)
{numbers} SELECT 1, n, 'urn:x:' || n, 1000000000 + n, 'd', 'enter', 'settled', {at} FROM numbers"""
_STANDING = """INSERT INTO output_now
(log_id, seq, item_id, entry_id, digest, story_id, sort_at, tie, entered_at)
{numbers} SELECT 1, n, 'urn:x:' || n, 1000000000 + n, 'd', 1000000000 + n, {at}, n, {at} FROM numbers"""


def _fill(connection: Connection, size: int) -> None:
    """Write ``size`` old lines, by the database itself; their indexes are made anew after it."""
    indexes = [*output_items.indexes, *output_now.indexes]
    for index in indexes:
        index.drop(connection)
    numbers, at = _NUMBERS.format(size), _TIME[connection.dialect.name]
    for statement in (_LINES, _STANDING):
        connection.exec_driver_sql(statement.format(numbers=numbers, at=at))
    for index in indexes:
        index.create(connection)


async def _filled(stored: Stored, size: int) -> None:
    """A log with ``size`` old lines in closed pages, and some news of which the last page is open."""
    await stored.subscribe(_FEED)
    await stored.store.sync_logs([_OUTPUT.basis] if _OUTPUT.basis is not None else [])
    await stored.store.sync_archives({"all": True})
    await stored.store.catch_up([_OUTPUT])
    with stored.database.engine.execution_options(writes=True).begin() as connection:
        _fill(connection, size)
        pages = size // LINES
        told = {"items": {f"urn:x:{n}": ["m"] for n in range(LINES)}, "guards": {}, "size": 1}
        when = {"closed_at": NOW, "changed_at": NOW, "private": False}
        own = {"allowed": _ARCHIVE.guards.digest, **told, **when}
        for first in range(1, pages + 1, _CHUNK):
            numbers = range(first, min(first + _CHUNK, pages + 1))
            rows = [{"log_id": 1, "number": n, "last_seq": n * LINES, **own} for n in numbers]
            connection.execute(insert(archive_pages), rows)
        log = {"next_seq": size + 1, "closed_seq": size, "closed_page": pages}
        connection.execute(update(output_logs).values(**log))
    if stored.database.engine.dialect.name == "postgresql":
        with stored.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as it:
            it.exec_driver_sql("ANALYZE")
    for n in range(_NEWS):
        text = f"<p>{long_text(f'w{n}w', 300)}</p>"
        page = f"https://pages.example/{n}"
        await stored.poll(_FEED, new(f"n{n}", url=page, content_html=text, at=NOW))
    await stored.settle(_NEWS, outputs=[_OUTPUT])


async def _measured(
    meter: Meter, work: Callable[[], Awaitable[object]], times: int = _TIMES
) -> float:
    await work()  # statements are compiled
    before = meter.cpu()
    for _ in range(times):
        await work()
    return 1000 * (meter.cpu() - before) / times


async def _costs(stored: Stored, size: int) -> dict[str, float]:
    await _filled(stored, size)
    store, meter = stored.store, Meter(stored.database.engine)
    archiving = Archiving(store, stored.clock)
    items = await store.load_items(_OUTPUT)
    window = OutputFeed("all", "", "", "", tuple(items), NOW)
    before = meter.cpu()
    latest = await archiving.update(_ARCHIVE, window)  # closes two pages
    closing = 1000 * (meter.cpu() - before) / 2
    assert latest is not None
    page = PageNumber(1, size // LINES + 1)
    digest = _ARCHIVE.guards.digest

    async def open_one() -> None:
        feed = await open_page(store, _ARCHIVE, "https://me.example", "")
        assert feed is not None
        render(feed, "atom")

    async def since(place: Any) -> None:
        found = await store.items_since(_OUTPUT, place, 10)
        assert found is not None
        assert len(found.items) == 10

    async def standing(below: Any) -> None:
        found = await store.standing_items(_ON_A_PAGE, below)
        assert found is not None
        assert len(found.items) == (0 if below == deep else _ON_A_PAGE.limit)

    first = await store.standing_items(_ON_A_PAGE, None)
    assert first is not None
    assert first.below is not None
    # Half of all rows are above it; they hold no stories, so what is found there is not shown.
    deep = ItemPlace(_BEGAN + timedelta(seconds=size // 2), 0, "")
    return {
        "a page for people": await _measured(meter, lambda: standing(None)),
        "the page after it": await _measured(meter, lambda: standing(first.below)),
        "one far below, of no story": await _measured(meter, lambda: standing(deep)),
        "a page closed, in 3 formats": closing,
        "links of a window": await _measured(meter, lambda: archiving.update(_ARCHIVE, window)),
        "an open page, rendered": await _measured(meter, open_one),
        "a page's 304": await _measured(
            meter, lambda: store.find_page(["all"], page, "atom", digest)
        ),
        "a page's bytes": await _measured(meter, lambda: store.page_body(page, "atom")),
        "10 items since a number": await _measured(meter, lambda: since(Cursor(1, size + 100))),
        "10 items since a time": await _measured(meter, lambda: since(NOW - timedelta(hours=1))),
        "a window's items": await _measured(meter, lambda: store.load_items(_OUTPUT), 5),
    }


def _print(kind: str, found: list[dict[str, float]]) -> None:
    print(f"{kind}: ms of CPU where {SIZES[0]:,} and where {SIZES[1]:,} items stand", flush=True)
    for what in found[0]:
        small, large = (one[what] for one in found)
        print(f"  {what:30}{small:8.1f}{large:8.1f}{large / small:8.2f} times")


def _at(url: str, size: int) -> dict[str, float]:
    with stored_at(url) as stored:
        migrate(stored.database.engine)
        return asyncio.run(_costs(stored, size))


def main() -> None:
    """Print the table for both databases."""
    with tempfile.TemporaryDirectory() as name:
        _print("SQLite", [_at(f"sqlite:///{name}/{size}.db", size) for size in SIZES])
        try:
            with shared_server(Path(name)) as server:
                found = []
                for size in SIZES:
                    with server.fresh_database() as url:
                        found.append(_at(url, size))
                _print("PostgreSQL", found)
        except PostgresUnavailable as error:
            print(f"PostgreSQL is left out: {error}")
