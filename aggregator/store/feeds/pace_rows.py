"""Rows of many feeds at once, as far as the cadence needs them; the factor stands among the counters."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select, update

from aggregator.model import FeedPace, PaceSample, StoredStretch
from aggregator.ports import PaceStore
from aggregator.store.db.chunks import chunks
from aggregator.store.db.counters import Counter, note_counters, read_counters
from aggregator.store.db.database import Database
from aggregator.store.db.tables import counters, feed_is_in_trouble, feed_is_paused, feeds
from aggregator.store.db.upsert import insert_missing
from aggregator.store.feeds.feeds import load_hints
from aggregator.store.feeds.packed_times import recent_times

_MILLIONTHS = 1_000_000
_SEED = 19  # the same sample each time: what it finds does not waver
_TRIES = 4  # ids tried for each feed of a sample; those of feeds that left stay empty
_POLLED = feeds.c.active & ~feeds.c.gone & ~feeds.c.paused
_COLUMNS: Select[Any] = select(
    feeds.c.id,
    feeds.c.key,
    feeds.c.title,
    feeds.c.host,
    feeds.c.recent,
    feeds.c.appeared,
    feeds.c.hints,
    feeds.c.failures,
    feeds.c.etag,
    feeds.c.last_modified,
    feeds.c.last_full_at,
    feeds.c.pushed_until,
).where(_POLLED)


class SqlPaces(PaceStore):
    """Paces over a :class:`Database`; each method is one transaction.

    Every method raises :class:`~aggregator.errors.StoreError` when the database is down.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def pace_sample(self, most: int) -> PaceSample:
        """Up to ``most`` polled feeds, the same ones each time."""
        return await self._database.read(_sample, most)

    async def paces(self, beyond: int, limit: int) -> list[FeedPace]:
        """Up to ``limit`` polled feeds with ids above ``beyond``."""
        return await self._database.read(_paces, beyond, limit)

    async def stretch(self) -> StoredStretch | None:
        """The factor that is stored."""
        return await self._database.read(_stretch)

    async def begin_stretch(self, before: StoredStretch | None, now: datetime) -> bool:
        """True for the one caller that is to find the factor anew."""
        return await self._database.write(_begin, before, now)

    async def set_stretch(self, found: StoredStretch) -> None:
        """Store the factor."""
        await self._database.write(_set, found)


def _sample(connection: Connection, most: int) -> PaceSample:
    total = _polled(connection)
    if total <= most:
        rows = connection.execute(_COLUMNS.order_by(feeds.c.id)).all()
        return PaceSample(len(rows), tuple(map(_pace, rows)))
    last = connection.execute(select(func.max(feeds.c.id))).scalar_one()
    drawn = random.Random(_SEED)  # noqa: S311 - no secret
    ids = sorted({drawn.randint(1, last) for _ in range(most * _TRIES)})
    drawn.shuffle(ids)
    found: list[FeedPace] = []
    for chunk in chunks(ids):
        found += map(_pace, connection.execute(_COLUMNS.where(feeds.c.id.in_(chunk))))
        if len(found) >= most:
            break
    found = sorted(found[:most], key=lambda one: one.id)
    return PaceSample(max(total, len(found)), tuple(found))


def _polled(connection: Connection) -> int:
    """How many feeds are polled: all but those that have an index because they are few."""
    left_out = select(
        select(func.count()).where(feed_is_paused).scalar_subquery(),
        select(func.count()).where(feed_is_in_trouble, feeds.c.gone).scalar_subquery(),
    )
    paused, gone = connection.execute(left_out).one()
    return read_counters(connection)[Counter.FEEDS] - int(paused) - int(gone)


def _paces(connection: Connection, beyond: int, limit: int) -> list[FeedPace]:
    some = _COLUMNS.where(feeds.c.id > beyond).order_by(feeds.c.id).limit(limit)
    return [_pace(row) for row in connection.execute(some)]


def _pace(row: Row[Any]) -> FeedPace:
    return FeedPace(
        id=row.id,
        key=row.key,
        title=row.title,
        host=row.host,
        recent=tuple(recent_times(row.appeared, row.recent)),
        hints=load_hints(row.hints),
        failures=row.failures,
        costly=row.last_full_at is not None and not (row.etag or row.last_modified),
        pushed_until=row.pushed_until,
    )


def _stretch(connection: Connection) -> StoredStretch | None:
    known = read_counters(connection)
    if Counter.STRETCH_AT not in known:
        return None
    return StoredStretch(
        known.get(Counter.STRETCH, _MILLIONTHS) / _MILLIONTHS,
        datetime.fromtimestamp(known[Counter.STRETCH_AT], UTC),
        known.get(Counter.STRETCH_BASIS, 0),
    )


def _begin(connection: Connection, before: StoredStretch | None, now: datetime) -> bool:
    # The first caller moves the time on; the others find another than they read.
    at = int(before.at.timestamp()) if before is not None else 0
    if before is None:
        insert_missing(connection, counters, [{"name": Counter.STRETCH_AT.value, "value": 0}])
    moved = connection.execute(
        update(counters)
        .where(counters.c.name == Counter.STRETCH_AT.value, counters.c.value == at)
        .values(value=int(now.timestamp()))
    )
    return moved.rowcount == 1


def _set(connection: Connection, found: StoredStretch) -> None:
    note_counters(
        connection,
        {
            Counter.STRETCH: round(found.factor * _MILLIONTHS),
            Counter.STRETCH_AT: int(found.at.timestamp()),
            Counter.STRETCH_BASIS: found.basis,
        },
    )
