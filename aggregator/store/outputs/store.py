"""The store of outputs: items shown, renderings and retention in SQL."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta

from aggregator.model import DroppedOutput, Item, LastRendering, Maker, Selection
from aggregator.ports import OutputStore, Retention
from aggregator.store.db.chunks import chunks
from aggregator.store.db.counters import read_version
from aggregator.store.db.database import Database
from aggregator.store.outputs import dropped, items, retention
from aggregator.store.outputs.retention import Found


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

    async def sync_outputs(
        self, wanted: Mapping[tuple[str, str], Sequence[str]], now: datetime
    ) -> None:
        """Note that the outputs are ``wanted`` (name and format → digests of its tokens), and no others."""
        await self._database.write(dropped.sync_outputs, wanted, now)

    async def dropped_outputs(self) -> list[DroppedOutput]:
        """The outputs that were dropped of late."""
        return await self._database.read(dropped.dropped_outputs)

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
        """Drop entries past their age or their feed's count, in slices; return how many."""
        keep = await self._database.read(items.shown_entries, selections)
        count = 0
        if max_age:
            await self._unlist_stopped(now, max_age)
            count += await self._drop_all(retention.past_age, now - max_age, now, keep)
        if max_entries:
            count += await self._drop_all(retention.past_count, max_entries, now, keep)
        unlinked, swept = await self._database.read(retention.unlinked_pages, now)
        await self._database.write(retention.drop_pages, unlinked, now, swept)
        while await self._database.write(retention.drop_memories, now):
            pass
        return count

    async def _drop_all(
        self, find: Callable[..., Found], bound: object, now: datetime, keep: Collection[int]
    ) -> int:
        """Drop what ``find`` finds beyond ``bound``, a short transaction at a time."""
        count, after = 0, None
        while True:
            found = await self._database.read(find, bound, after)
            ids = [i for i in found.ids if i not in keep]
            for some in chunks(ids, retention.SLICE):
                count += await self._database.write(retention.drop, some, now)
            after = found.after
            if after is None:
                return count

    async def _unlist_stopped(self, now: datetime, max_age: timedelta) -> None:
        after: int | None = 0
        while after is not None:
            ids, after = await self._database.read(
                retention.listed_by_stopped_feeds, now, max_age, after
            )
            for chunk in chunks(ids):
                await self._database.write(retention.unlist, chunk)
