"""The store and the files of what is published."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from aggregator.model import (
    Absence,
    ArchiveBounds,
    Cursor,
    DueEdition,
    Edition,
    EditionCut,
    EditionNews,
    EditionsAfter,
    FoundItems,
    Guards,
    Item,
    ItemPlace,
    LatestPage,
    Maker,
    NamedItem,
    NewItems,
    OutputFeed,
    PageBody,
    PageLines,
    PageNumber,
    Selection,
    StandingItems,
    StoredPage,
)
from aggregator.select.search_query import SearchQuery


class OutputStore(Protocol):
    """Outputs: the merged feeds and their bytes."""

    async def version(self) -> int:
        """A counter that grows with every change that an output might show."""
        ...

    async def catch_up(self, selections: Collection[Selection]) -> None:
        """Bring the logs of these outputs up to date: what is due is decided, windows are filled."""
        ...

    async def load_items(self, selection: Selection) -> list[Item]:
        """The stories of an output, newest first, each ready to be rendered."""
        ...

    async def search_items(
        self, selection: Selection, query: SearchQuery, below: int | None = None
    ) -> FoundItems:
        """Up to ``selection.limit`` items of an output that ``query`` finds, the latest first.

        Only what the output may show is found. ``below``: :attr:`FoundItems.below` of an answer,
        to go on where it ended.
        """
        ...

    async def standing_items(
        self, selection: Selection, below: ItemPlace | None = None
    ) -> StandingItems | None:
        """Up to ``selection.limit`` items that stand in an output, the latest first; those below ``below``.

        Also what the window has no room for any more. None: the output's log is not filled yet.
        """
        ...

    async def named_item(self, selection: Selection, item_id: str) -> NamedItem | None:
        """The item of an output with this id, or what became of it. None: the log is not filled yet."""
        ...

    async def remember_rendering(
        self,
        name: str,
        kind: str,
        digest: str,
        now: datetime,
        maker: Maker,
        cursor: Cursor | None = None,
    ) -> tuple[datetime, Cursor | None]:
        """The time since which output ``name`` has these bytes in format ``kind``: now for a new ``digest``.

        With the place in its log that they were first made at: ``cursor`` for a new one. ``maker``
        made them, whether or not they are new.
        """
        ...


class ArchiveStore(Protocol):
    """Archive pages of outputs. ``names`` are all that an output has or had."""

    async def cursor(self, selection: Selection) -> Cursor | None:
        """The place of the latest line of an output's log; None: it has none that can be read."""
        ...

    async def items_since(
        self,
        selection: Selection,
        since: Cursor | datetime,
        most: int,
        *,
        announced: bool = False,
    ) -> NewItems | None:
        """The first ``most`` items that entered or changed after ``since``; None: it is of no log that stands.

        ``announced``: without older ones that entered since the store was looked through, or the
        configuration changed.
        """
        ...

    async def is_behind(self, selection: Selection) -> bool:
        """True where the output has no log yet that follows the configuration, and is filled."""
        ...

    async def next_page(
        self, selection: Selection, names: Sequence[str], most: int | None = None
    ) -> PageLines | None:
        """The lines that are to be closed as a page next; None: there are too few."""
        ...

    async def close_page(
        self, lines: PageLines, bodies: Sequence[PageBody], guards: Guards
    ) -> bool:
        """Store a page for good, in one transaction; False where its lines were closed meanwhile."""
        ...

    async def publish_again(self) -> None:
        """Have outputs rendered once more, since not all that there was to close is closed."""
        ...

    async def open_page(self, selection: Selection, names: Sequence[str]) -> PageLines | None:
        """The latest lines that are in no closed page; None where the output has no log that can be read."""
        ...

    async def latest_page(
        self, selection: Selection, names: Sequence[str], window: Collection[str]
    ) -> LatestPage | None:
        """The page that follows on the ``window`` (ids of items); None: there is none yet.

        The open one where the window tells nothing of some of its lines.
        """
        ...

    async def find_page(
        self, names: Sequence[str], page: PageNumber, kind: str, allowed: str
    ) -> StoredPage | Absence:
        """A closed page, or the reason why there is none to be had; ``allowed``: :attr:`Guards.digest`."""
        ...

    async def page_body(self, page: PageNumber, kind: str) -> PageBody | None:
        """The bytes of a closed page."""
        ...

    async def stored_pages(
        self, names: Sequence[str], allowed: str, after: PageNumber | None = None
    ) -> list[StoredPage]:
        """All closed pages that may be given out, in each format, beyond ``after``."""
        ...

    async def look_through(self, names: Sequence[str], guards: Guards) -> int:
        """Take out of all pages made by other guards what may not be told any more; how many were they?"""
        ...

    async def revision(self) -> int:
        """A number that grows when something is taken out of closed pages."""
        ...

    async def drop_pages(self, bounds: Mapping[str, ArchiveBounds]) -> None:
        """Drop pages past the bounds of their outputs, by all names that these have or had."""
        ...


class EditionStore(Protocol):
    """Editions of outputs with a digest. ``names`` are all that an output has or had, the present one first."""

    async def begin_editions(self, selection: Selection, names: Sequence[str]) -> bool:
        """Let editions tell what enters from now on, where they do not yet; False: it cannot be said yet."""
        ...

    async def edition_cut(self, names: Sequence[str]) -> EditionCut | None:
        """The place up to which editions have told the output's log; None: they have not begun."""
        ...

    async def news_waits(self, at: datetime, *, stories: bool) -> bool:
        """True where feeds that were due at that time, and can be polled, are not yet.

        With ``stories`` also where entries wait for their story.
        """
        ...

    async def bring_back(self, names: Sequence[str], today: str) -> bool:
        """Have editions come again, where the last was made by a clock far ahead; ``today``: local date."""
        ...

    async def edition_news(self, selection: Selection, names: Sequence[str]) -> EditionNews | None:
        """News for the output's next edition; None while its log cannot be read."""
        ...

    async def store_edition(
        self,
        names: Sequence[str],
        news: EditionNews,
        due: DueEdition,
        edition: Edition | None,
        guards: Guards,
    ) -> bool:
        """Store the edition (None: there is nothing to tell) with the next cut, in one transaction.

        False where another process did meanwhile.
        """
        ...

    async def latest_editions(
        self,
        names: Sequence[str],
        guards: Guards,
        most: int,
        *,
        below: int | None = None,
    ) -> tuple[list[Edition], bool]:
        """The latest editions, at most so many of them; are there older ones?"""
        ...

    async def editions_after(
        self,
        names: Sequence[str],
        guards: Guards,
        after: int,
        most: int,
        *,
        since: datetime | None = None,
    ) -> EditionsAfter | None:
        """The first editions after one with this number, made after ``since``.

        None where one of them was not looked through yet.
        """
        ...

    async def latest_number(self, names: Sequence[str]) -> int:
        """The number of the latest edition, shown or not; 0: there is none."""
        ...

    async def edition_called(
        self, names: Sequence[str], guards: Guards, uid: str
    ) -> Edition | None:
        """The edition with this id."""
        ...

    async def look_through_editions(self, names: Sequence[str], guards: Guards) -> int:
        """Take out of editions what may not be told any more; how many were looked through?"""
        ...

    async def drop_editions(self, kept: Mapping[str, int]) -> None:
        """Drop editions beyond the number that each output keeps, by all names that outputs have or had."""
        ...


class ArchiveFiles(Protocol):
    """Archive pages as files, beside the windows of their outputs. Calls block on the disk."""

    def keeps(self, output: OutputFeed) -> bool:
        """True where files are written of the output."""
        ...

    def has_page(self, output: OutputFeed, file: str, version: str, modified: datetime) -> bool:
        """True where ``file`` is as :meth:`write_page` left it with the same ``version`` and ``modified``."""
        ...

    def write_page(
        self, output: OutputFeed, file: str, version: str, modified: datetime, body: bytes
    ) -> None:
        """Write a page, whole or not at all; raises :class:`~aggregator.errors.PublishError`."""
        ...

    def prune_pages(self, output: OutputFeed, wanted: Collection[str]) -> None:
        """Remove the files of all other pages of the output."""
        ...


class Retention(Protocol):
    """Forgetting."""

    async def drop_old(
        self,
        now: datetime,
        max_age: timedelta,
        max_entries: int,
        selections: Collection[Selection],
    ) -> int:
        """Drop what is past its age or its feed's count; return how many.

        In short transactions: whoever writes meanwhile waits for none of them long.
        Never what one of ``selections`` shows, nor what its feed still lists. Zero: no bound.
        """
        ...
