"""The store of outputs: items shown, renderings and retention in SQL."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta

import structlog

from aggregator.model import (
    Basis,
    Cursor,
    DroppedOutput,
    FoundItems,
    Item,
    ItemPlace,
    LastRendering,
    Maker,
    NamedItem,
    Selection,
    StandingItems,
)
from aggregator.ports import Clock, OutputStore, Retention
from aggregator.select.search_query import SearchQuery
from aggregator.store.db.chunks import chunks
from aggregator.store.db.counters import bump_version, read_version
from aggregator.store.db.database import Database
from aggregator.store.outputs import (
    archives,
    dropped,
    edition_news,
    filling,
    items,
    log_upkeep,
    retention,
    search_items,
    standing,
    windows,
)
from aggregator.store.outputs import log as output_log
from aggregator.store.outputs.retention import Found

log = structlog.get_logger("aggregator.store")

_SLICES = 25  # of stories that are due, before outputs are rendered with what is decided by then


class SqlOutputs(OutputStore, Retention):
    """Outputs over a :class:`Database`.

    Every method raises :class:`~aggregator.errors.StoreError` when the database is down.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def version(self) -> int:
        """A counter that grows with every change that an output might show."""
        return await self._database.read(read_version)

    async def sync_logs(self, wanted: Sequence[Basis]) -> None:
        """Let the logs be those of outputs that rest on ``wanted``, and no others."""
        await self._database.write(log_upkeep.sync_logs, wanted, self._clock.now())

    async def catch_up(self, selections: Collection[Selection]) -> None:
        """Bring the logs of these outputs up to date: what is due is decided, windows are filled.

        In short transactions. Where very much is due, or has to be looked through, some of it is left
        to the next time.
        """
        now = self._clock.now()
        wanted = [one.at(now) for one in selections]
        await self._fill(wanted)
        if await self._database.read(windows.any_due):
            await self._decide_due(wanted)
            await self._fill(wanted)

    async def _fill(self, selections: Collection[Selection]) -> None:
        for one in await self._database.read(windows.short, selections):
            looked, items = 0, 0
            for _ in range(_SLICES):
                done = await self._database.write(filling.fill, one, self._clock.now())
                looked, items = looked + done.stories, items + done.items
                if done.is_whole:
                    break
            else:
                await self._database.write(bump_version)  # the next rendering goes on with it
            if one.basis is not None and looked > filling.MOST:
                log.info(
                    "output looked for in the store",
                    output=one.basis.name,
                    stories=looked,
                    items=items,
                    done=done.is_whole,
                )

    async def _decide_due(self, selections: Collection[Selection]) -> None:
        """Decide on what is due, slice by slice; after many, the next rendering goes on with it."""
        decided = 0
        for _ in range(_SLICES):
            now = self._clock.now()
            some = await self._database.write(output_log.decide_due, selections, now)
            decided += some
            if some < output_log.SLICE:
                break
        else:
            await self._database.write(bump_version)
        if decided > output_log.SLICE:
            log.info("outputs decided again", stories=decided)

    async def load_items(self, selection: Selection) -> list[Item]:
        """The stories of an output, newest first, each ready to be rendered."""
        return await self._database.read(items.load_items, selection.at(self._clock.now()))

    async def search_items(
        self, selection: Selection, query: SearchQuery, below: int | None = None
    ) -> FoundItems:
        """The items of an output that ``query`` finds, the latest first, from ``below`` on."""
        return await self._database.read(search_items.search_items, selection, query, below)

    async def standing_items(
        self, selection: Selection, below: ItemPlace | None = None
    ) -> StandingItems | None:
        """Up to ``selection.limit`` items that stand in an output, the latest first, from ``below`` on."""
        return await self._database.read(standing.standing_page, selection, below)

    async def named_item(self, selection: Selection, item_id: str) -> NamedItem | None:
        """The item of an output with this id, or what became of it."""
        return await self._database.read(standing.named_item, selection, item_id)

    async def remember_rendering(
        self,
        name: str,
        kind: str,
        digest: str,
        now: datetime,
        maker: Maker,
        cursor: Cursor | None = None,
    ) -> tuple[datetime, Cursor | None]:
        """Time since which output ``name`` in format ``kind`` has these bytes, and its log's place then."""
        return await self._database.write(
            items.remember_rendering, name, kind, digest, now, maker, cursor
        )

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
        shown = [one.at(now) for one in selections]
        keep = await self._database.read(items.shown_entries, shown)
        keep |= await self._database.read(archives.waiting_entries)
        keep |= await self._database.read(edition_news.waiting_for_editions)
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
        while await self._database.write(log_upkeep.drop_lines, now):
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
