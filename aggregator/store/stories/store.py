"""The store of stories: settling and operator edits in SQL."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from types import MappingProxyType
from typing import Protocol

from sqlalchemy import Connection

from aggregator.dedupe.candidates import EntrySource
from aggregator.dedupe.readings import KeysOf, Reading
from aggregator.errors import RowsBusy
from aggregator.model import (
    JudgedEntry,
    OperatorEdit,
    Selection,
    SettleOrder,
    SettleStats,
    TextJudgement,
)
from aggregator.ports import OperatorEdits, StoryStore
from aggregator.store.db.database import Database
from aggregator.store.db.due_stories import mark
from aggregator.store.stories import judged_texts, operator, ready_entries, settle
from aggregator.store.stories.text_cache import TextCache

_ATTEMPTS, _PAUSE_S = 50, 0.02  # a poll or a page that is being written has gone by then


class Note(Protocol):
    """Whoever writes what stories change of outputs, in the transaction that changed the stories."""

    def __call__(
        self,
        connection: Connection,
        story_ids: Collection[int],
        selections: Collection[Selection],
        now: datetime,
    ) -> None:
        """Write what these stories change of the outputs of ``selections``."""
        ...


def _mark(
    connection: Connection,
    story_ids: Collection[int],
    selections: Collection[Selection],  # noqa: ARG001 - a note's
    now: datetime,  # noqa: ARG001
) -> None:
    """Leave it to whoever publishes next."""
    mark(connection, story_ids)


class SqlStories(StoryStore, OperatorEdits):
    """Stories over a :class:`Database`; each method is one transaction.

    Every method raises :class:`~aggregator.errors.StoreError` when the database is down.
    """

    def __init__(self, database: Database, note: Note = _mark) -> None:
        self._database = database
        self._note = note
        self._text_cache = TextCache()

    async def release_overdue(self, now: datetime, max_wait: timedelta) -> int:
        """Make entries ready that waited longer than ``max_wait`` for their page; count them."""
        return await self._database.write(ready_entries.release_overdue, now, max_wait)

    async def settle(
        self,
        limit: int,
        now: datetime,
        window: timedelta,
        keys_of: KeysOf,
        near: bool = True,
        *,
        order: SettleOrder = SettleOrder.FIRST_COME,
        searchable: bool = True,
        outputs: Collection[Selection] = (),
        readings: Mapping[EntrySource, Reading] = MappingProxyType({}),
        judge: Callable[[JudgedEntry, bool], TextJudgement] | None = None,
        judges_all: bool = True,
    ) -> SettleStats:
        """Attach up to ``limit`` ready entries to stories, one process at a time; count them.

        What this changes of the logs of ``outputs`` is written with it.
        """
        given = (limit, now, window, keys_of, near, self._text_cache)
        note = partial(self._note, selections=outputs, now=now)
        settling = partial(
            settle.settle,
            order=order,
            searchable=searchable,
            readings=readings,
            judge=judge,
            judges_all=judges_all,
            note=note,
        )
        for _ in range(_ATTEMPTS):
            with suppress(RowsBusy):
                return await self._database.write(settling, *given)
            await asyncio.sleep(_PAUSE_S)
        return await self._database.write(settling, *given)

    async def ready_sources(self, limit: int, order: SettleOrder) -> list[EntrySource]:
        """Sources of up to ``limit`` ready entries, the first ones in ``order``."""
        return await self._database.read(ready_entries.ready_sources, limit, order)

    async def judged_entries(self, ids: Collection[int], *, texts: bool) -> list[JudgedEntry]:
        """These entries as rules see them, with their texts or without."""
        return await self._database.read(partial(judged_texts.judged_entries, ids=ids, texts=texts))

    async def ready_since(self) -> datetime | None:
        """The time since which the entry that waits longest is ready to be settled; None for none."""
        return await self._database.read(ready_entries.ready_since)

    async def split(self, entry_id: int, apart_from: int | None = None) -> OperatorEdit:
        """Take an entry out of its story; with ``apart_from`` only if that one is in it too.

        Raises :class:`~aggregator.errors.StoreError` when there is nothing to split.
        """
        return await self._database.write(operator.split, entry_id, apart_from)

    async def merge(self, first_id: int, second_id: int) -> OperatorEdit:
        """Make the stories of two entries one.

        Raises :class:`~aggregator.errors.StoreError` when they are in one story, or in none.
        """
        return await self._database.write(operator.merge, first_id, second_id)
