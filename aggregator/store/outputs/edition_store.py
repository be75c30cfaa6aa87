"""The store of editions in SQL."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from aggregator.model import (
    DueEdition,
    Edition,
    EditionCut,
    EditionNews,
    EditionsAfter,
    Guards,
    Selection,
)
from aggregator.ports import Clock, EditionStore
from aggregator.store.db.database import Database
from aggregator.store.outputs import edition_news, edition_rows


class SqlEditions(EditionStore):
    """Editions over a :class:`Database`.

    Every method raises :class:`~aggregator.errors.StoreError` when the database is down.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def begin_editions(self, selection: Selection, names: Sequence[str]) -> bool:
        """Let editions tell what enters from now on, where they do not yet."""
        if await self._database.read(edition_rows.cut_of, names) is not None:
            return True
        now = self._clock.now()
        return await self._database.write(edition_rows.begin, selection, names, now)

    async def edition_cut(self, names: Sequence[str]) -> EditionCut | None:
        """The place up to which editions have told the output's log."""
        return await self._database.read(edition_rows.cut_of, names)

    async def news_waits(self, at: datetime, *, stories: bool) -> bool:
        """True where feeds that were due then are not polled yet, or entries wait for their story."""
        now = self._clock.now()
        return await self._database.read(edition_news.news_waits, at, now, stories=stories)

    async def bring_back(self, names: Sequence[str], today: str) -> bool:
        """Have editions come again, where the last was made by a clock far ahead."""
        return await self._database.write(edition_rows.bring_back, names, self._clock.now(), today)

    async def edition_news(self, selection: Selection, names: Sequence[str]) -> EditionNews | None:
        """News for the output's next edition."""
        now = self._clock.now()  # first: what is settled meanwhile is later
        return await self._database.read(edition_news.edition_news, selection, names, now)

    async def store_edition(
        self,
        names: Sequence[str],
        news: EditionNews,
        due: DueEdition,
        edition: Edition | None,
        guards: Guards,
    ) -> bool:
        """Store the edition with the next cut, in one transaction."""
        given = (names, news, due, edition, guards)
        return await self._database.write(edition_rows.store_edition, *given)

    async def latest_editions(
        self,
        names: Sequence[str],
        guards: Guards,
        most: int,
        *,
        below: int | None = None,
    ) -> tuple[list[Edition], bool]:
        """The latest editions; are there older ones?"""
        return await self._database.read(
            edition_rows.latest_editions, names, guards.digest, most, below=below
        )

    async def editions_after(
        self,
        names: Sequence[str],
        guards: Guards,
        after: int,
        most: int,
        *,
        since: datetime | None = None,
    ) -> EditionsAfter | None:
        """The first editions after one with this number, made after ``since``."""
        return await self._database.read(
            edition_rows.editions_after, names, guards.digest, after, most, since=since
        )

    async def latest_number(self, names: Sequence[str]) -> int:
        """The number of the latest edition, shown or not; 0: there is none."""
        return await self._database.read(edition_rows.latest_number, names)

    async def edition_called(
        self, names: Sequence[str], guards: Guards, uid: str
    ) -> Edition | None:
        """The edition with this id."""
        return await self._database.read(edition_rows.edition_called, names, guards.digest, uid)

    async def look_through_editions(self, names: Sequence[str], guards: Guards) -> int:
        """Take out of editions what may not be told any more; how many were looked through?"""
        if not await self._database.read(edition_rows.made_by_others, names, guards.digest):
            return 0
        now = self._clock.now()
        return await self._database.write(edition_rows.look_through_editions, names, guards, now)

    async def take_out_of_editions(
        self, names: Sequence[str], item_ids: Collection[str], mark: str | None
    ) -> set[str]:
        """Take these items, and those that tell of the feed with this mark, out of all editions."""
        now = self._clock.now()
        return await self._database.write(
            edition_rows.take_out_of_editions, names, item_ids, mark, now
        )

    async def drop_editions(self, kept: Mapping[str, int]) -> None:
        """Drop editions beyond the number that each output keeps."""
        await self._database.write(edition_rows.drop_editions, kept, self._clock.now())
