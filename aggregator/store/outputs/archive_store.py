"""The store of archive pages in SQL."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime

from aggregator.model import (
    Absence,
    ArchiveBounds,
    Cursor,
    Guards,
    LatestPage,
    NewItems,
    PageBody,
    PageLines,
    PageNumber,
    Selection,
    StoredPage,
)
from aggregator.ports import ArchiveStore, Clock
from aggregator.store.db.counters import Counter, bump_version, read_counters
from aggregator.store.db.database import Database
from aggregator.store.outputs import archive_upkeep, archives, new_items


class SqlArchives(ArchiveStore):
    """Archive pages over a :class:`Database`.

    Every method raises :class:`~aggregator.errors.StoreError` when the database is down.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def cursor(self, selection: Selection) -> Cursor | None:
        """The place of the latest line of an output's log."""
        return await self._database.read(new_items.cursor_of, selection)

    async def items_since(
        self,
        selection: Selection,
        since: Cursor | datetime,
        most: int,
        *,
        announced: bool = False,
    ) -> NewItems | None:
        """The first ``most`` items that entered or changed after ``since``."""
        return await self._database.read(
            new_items.items_since, selection, since, most, announced=announced
        )

    async def is_behind(self, selection: Selection) -> bool:
        """True where the output has no log yet that follows the configuration."""
        return await self._database.read(archives.is_behind, selection)

    async def next_page(
        self, selection: Selection, names: Sequence[str], most: int | None = None
    ) -> PageLines | None:
        """The lines that are to be closed as a page next."""
        return await self._database.read(archives.next_page, selection, names, most)

    async def close_page(
        self, lines: PageLines, bodies: Sequence[PageBody], guards: Guards
    ) -> bool:
        """Store a page for good."""
        now = self._clock.now()
        return await self._database.write(archives.close_page, lines, bodies, guards, now)

    async def publish_again(self) -> None:
        """Have outputs rendered once more."""
        await self._database.write(bump_version)

    async def open_page(self, selection: Selection, names: Sequence[str]) -> PageLines | None:
        """The latest lines that are in no closed page."""
        return await self._database.read(archives.open_page, selection, names)

    async def latest_page(
        self, selection: Selection, names: Sequence[str], window: Collection[str]
    ) -> LatestPage | None:
        """The page that follows on the ``window``."""
        return await self._database.read(archives.latest_page, selection, names, window)

    async def find_page(
        self, names: Sequence[str], page: PageNumber, kind: str, allowed: str
    ) -> StoredPage | Absence:
        """A closed page, or the reason why there is none to be had."""
        return await self._database.read(archives.find_page, names, page, kind, allowed)

    async def page_body(self, page: PageNumber, kind: str) -> PageBody | None:
        """The bytes of a closed page."""
        return await self._database.read(archives.page_body, page, kind)

    async def stored_pages(
        self, names: Sequence[str], allowed: str, after: PageNumber | None = None
    ) -> list[StoredPage]:
        """All closed pages that may be given out."""
        return await self._database.read(archives.stored_pages, names, allowed, after)

    async def sync_archives(self, kept: Mapping[str, bool]) -> None:
        """Note of which outputs pages are kept, by all names that outputs have or had."""
        await self._database.write(archives.sync_archives, kept)

    async def look_through(self, names: Sequence[str], guards: Guards) -> int:
        """Take out of pages what may not be told any more, some pages at a time."""
        count = 0
        if not await self._database.read(archive_upkeep.made_otherwise, names, guards.digest):
            return count
        while True:
            some = await self._database.write(
                archive_upkeep.look_through, names, guards, self._clock.now()
            )
            count += some
            if not some:
                return count

    async def drop_pages(self, bounds: Mapping[str, ArchiveBounds]) -> None:
        """Drop pages past the bounds of their outputs, some at a time."""
        now: datetime = self._clock.now()
        while await self._database.write(archive_upkeep.drop_pages, bounds, now):
            pass

    async def revision(self) -> int:
        """A number that grows when something is taken out of closed pages."""
        return (await self._database.read(read_counters)).get(Counter.ARCHIVES, 0)

    async def purge(
        self, names: Sequence[str], is_meant: Callable[[str, Sequence[str]], bool]
    ) -> set[str]:
        """Take items out of an output's pages, some pages at a time; the ids of those that stood in one."""
        found: set[str] = set()
        after: tuple[int, int] | None = (0, 0)
        while after is not None:
            some, after = await self._database.write(
                archive_upkeep.take_out, names, is_meant, after, self._clock.now()
            )
            found |= some
        return found
