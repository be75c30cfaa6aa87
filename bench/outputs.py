"""What the logs of outputs cost: one story that belongs to one of 50 outputs of 200 items.

Also where each of the 50 has all feeds, and a filter that must be asked. On SQLite and PostgreSQL. CPU of this process and of the database server beside that of a loop of fixed
work; rendering is printed apart. Also how many logs one story wrote to.
"""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
import time
from collections.abc import Callable, Collection
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta
from itertools import count
from pathlib import Path

from sqlalchemy import Engine

from aggregator.model import Basis, OutputFeed, Quota, Selection
from aggregator.publish.render import render
from aggregator.select.filters import output_filter
from aggregator.store.db.migrations import migrate
from aggregator.store.db.tables import output_items
from bench.meter import Meter
from tests.support.postgres import PostgresUnavailable, shared_server
from tests.support.storage import NOW, Stored, long_text, new, stored_at

OUTPUTS, ITEMS, STORIES = 50, 200, 100
MOST_MS = 5.0
_FEEDS = tuple(f"https://feed{n}.example/" for n in range(OUTPUTS))


def _selections() -> list[Selection]:
    return [
        Selection(ITEMS, frozenset({feed}), basis=Basis(f"output{n}", "", "", ""))
        for n, feed in enumerate(_FEEDS)
    ]


def _filtered() -> list[Selection]:
    """Outputs of all feeds, each with a filter, words to drop and a quota: one takes what one feed has."""
    return [
        Selection(
            ITEMS,
            basis=Basis(f"filtered{n}", "", "", ""),
            filter=output_filter(
                drop=["nowhere", "no such words"],
                expression=f'feed_id == "{feed}" && words > 10 && !("Deals" in categories)',
            ),
            quota=Quota(ITEMS + STORIES, timedelta(days=1)),
        )
        for n, feed in enumerate(_FEEDS)
    ]


async def _filled(stored: Stored, outputs: Collection[Selection] = ()) -> None:
    await stored.subscribe(*_FEEDS)
    for n, feed in enumerate(_FEEDS):
        await stored.poll(feed, *(_news(f"{n} {i}", 12) for i in range(ITEMS)))
        await stored.settle(ITEMS, outputs=outputs)


def _news(name: str, words: int = 150):  # type: ignore[no-untyped-def]
    text = f"<p>{long_text(name.replace(' ', 'w'), words)}</p>"
    return new(name, url=f"https://pages.example/{name.replace(' ', '/')}", content_html=text)


async def _settled(
    stored: Stored, meter: Meter, outputs: Collection[Selection], mark: str
) -> float:
    """Seconds of CPU to settle one entry, as a mean."""
    spent = 0.0
    for n in range(STORIES):
        await stored.poll(_FEEDS[n % OUTPUTS], _news(f"{mark}{n}"))
        before = meter.cpu()
        await stored.settle(outputs=outputs)
        spent += meter.cpu() - before
    return spent / STORIES


async def _measured(stored: Stored, engine: Engine) -> None:
    outputs, meter = _selections(), Meter(engine)
    await _filled(stored)
    bare = await _settled(stored, meter, (), "bare")
    before = meter.cpu()
    await stored.store.sync_logs([one.basis for one in outputs if one.basis is not None])
    await stored.store.catch_up(outputs)
    print(
        f"  {OUTPUTS} logs begun and filled                {1000 * (meter.cpu() - before):8.2f} ms"
    )
    lines = stored.count(output_items)
    logged = await _settled(stored, meter, outputs, "logged")
    written = stored.count(output_items) - lines
    mark = "" if 1000 * (logged - bare) <= MOST_MS else f"  more than {MOST_MS}"
    print(f"  settled, where there is no log           {1000 * bare:8.2f} ms")
    print(f"  settled, and logged in one of {OUTPUTS} outputs {1000 * logged:8.2f} ms{mark}")
    print(f"  lines a story                            {written / STORIES:8.2f}")
    await _read(stored, meter, outputs[0])


async def _measured_filtered(stored: Stored, engine: Engine) -> None:
    outputs, meter = _filtered(), Meter(engine)
    await stored.store.sync_logs([one.basis for one in outputs if one.basis is not None])
    await stored.store.catch_up(outputs)
    before = meter.cpu()
    await _filled(stored, outputs)
    a_story = 1000 * (meter.cpu() - before) / OUTPUTS / ITEMS
    lines = stored.count(output_items)
    bare = await _settled(stored, meter, (), "bare")
    logged = await _settled(stored, meter, outputs, "logged")
    written = stored.count(output_items) - lines
    mark = "" if 1000 * (logged - bare) <= MOST_MS else f"  more than {MOST_MS}"
    print(
        f"  … of which {OUTPUTS} filters are asked         {1000 * logged:8.2f} ms{mark}"
        f"  ({1000 * bare:.2f} without logs; {a_story:.2f} polled and settled {ITEMS} at a time)"
    )
    print(f"  lines a story                            {written / STORIES:8.2f}")


async def _read(stored: Stored, meter: Meter, output: Selection) -> None:
    before = meter.cpu()
    for _ in range(10):
        items = await stored.store.load_items(output)
    print(f"  window of {ITEMS} read                       {100 * (meter.cpu() - before):8.2f} ms")
    feed = OutputFeed("one", "One", "", "https://me.example", tuple(items), NOW)
    before = time.process_time()
    render(feed, "atom")
    print(
        f"  … and rendered in Atom                   {1000 * (time.process_time() - before):8.2f} ms"
    )


def calibration() -> float:
    """Seconds of CPU for fixed work, by which figures of two machines are compared."""
    before = time.process_time()
    for n in range(200_000):
        hashlib.sha256(b"%d" % n).digest()
    return time.process_time() - before


def _over(fresh: Callable[[], AbstractContextManager[str]]) -> None:
    for measured in (_measured, _measured_filtered):
        with fresh() as url, stored_at(url) as stored:
            migrate(stored.database.engine)
            asyncio.run(measured(stored, stored.database.engine))


def main() -> None:
    """Print CPU a story, and of reading and rendering a window, on both databases."""
    print(f"calibration: {1000 * calibration():.0f} ms for 200,000 digests")
    with tempfile.TemporaryDirectory() as name:
        print("SQLite")
        numbers = count()
        _over(lambda: nullcontext(f"sqlite:///{name}/outputs{next(numbers)}.db"))
        try:
            with shared_server(Path(name)) as server:
                print("PostgreSQL")
                _over(server.fresh_database)
        except PostgresUnavailable as error:
            print(f"PostgreSQL is left out: {error}")
