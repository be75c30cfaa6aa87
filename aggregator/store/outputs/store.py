"""The store of outputs: items shown, renderings and retention in SQL."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from aggregator.model import Item, LastRendering, Maker, Selection
from aggregator.ports import OutputStore, Retention
from aggregator.store.db.counters import read_version
from aggregator.store.db.database import Database
from aggregator.store.outputs import items, retention


class SqlOutputs(OutputStore, Retention):
    """Outputs over a :class:`Database`.

    Every method raises :class:`~aggregator.errors.StoreError` when the database is down.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def version(self) -> int:
        """A counter that grows with every change that an output might show."""
        return await self._database.read(read_version)

    async def load_items(self, selection: Selection) -> list[Item]:
        """The stories of an output, newest first, each ready to be rendered."""
        return await self._database.read(items.load_items, selection)

    async def remember_rendering(
        self, name: str, kind: str, digest: str, now: datetime, maker: Maker
    ) -> datetime:
        """Time since which output ``name`` in format ``kind`` has these bytes."""
        return await self._database.write(items.remember_rendering, name, kind, digest, now, maker)

    async def last_renderings(self) -> dict[tuple[str, str], LastRendering]:
        """The latest rendering of each output and format."""
        return await self._database.read(items.last_renderings)

    async def fetched_at(self, keys: Collection[str]) -> dict[str, str]:
        """Addresses at which the feeds of ``keys`` were fetched, by key."""
        return await self._database.read(items.fetched_at, keys)

    async def drop_old(
        self,
        now: datetime,
        max_age: timedelta,
        max_entries: int,
        selections: Collection[Selection],
    ) -> int:
        """Drop a batch of entries past their age or their feed's count; return how many."""
        await self._database.write(retention.forget_stopped_feeds, now, max_age)
        keep = await self._database.read(items.shown_entries, selections)
        return await self._database.write(retention.drop_old, now, max_age, max_entries, keep)
