"""The store of article pages and stories, and the operator's edits of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Protocol

from aggregator.dedupe.candidates import EntrySource
from aggregator.dedupe.readings import KeysOf, Reading
from aggregator.model import (
    Article,
    ArticleTask,
    JudgedEntry,
    OperatorEdit,
    Selection,
    SettleOrder,
    SettleStats,
    TextJudgement,
)


class ArticleStore(Protocol):
    """Article pages, one per canonical URL, shared by all entries that link to it."""

    async def claim_articles(
        self, now: datetime, lease_for: timedelta, limit: int, busy_hosts: Collection[str]
    ) -> list[ArticleTask]:
        """Lease up to ``limit`` pages that are to be fetched, newest first, a few of each host.

        None is of a host in ``busy_hosts``: it would only wait for its host.
        """
        ...

    async def claim_article(
        self, article_id: int, now: datetime, lease_for: timedelta
    ) -> ArticleTask | None:
        """Lease one page, to be fetched by now or not; None while someone else holds it.

        None, too, when there is no such page.
        """
        ...

    async def release_article(self, task: ArticleTask) -> None:
        """Give a claimed page back untried."""
        ...

    async def renew_articles(self, held: Sequence[ArticleTask], until: datetime) -> None:
        """Extend the leases on pages that are still being worked on; lost ones stay lost."""
        ...

    async def commit_article(
        self, task: ArticleTask, article: Article, final_url: str, blocks: bytes = b""
    ) -> None:
        """Store the text; every entry that waited for it becomes ready for deduplication.

        ``blocks`` are digests of what the page holds: what tasks of its host's pages get from now on.
        """
        ...

    async def postpone_article(self, task: ArticleTask, until: datetime) -> None:
        """Give a claimed page back, not to be claimed before ``until``; it counts as no attempt."""
        ...

    async def fail_article(
        self, task: ArticleTask, error: str, retry_at: datetime | None, blocks: bytes = b""
    ) -> None:
        """Note the failure; ``retry_at`` None gives up. Waiting entries go on with the feed's text."""
        ...


class StoryStore(Protocol):
    """Stories: entries that tell the same."""

    async def release_overdue(self, now: datetime, max_wait: timedelta) -> int:
        """Let entries go on that have waited longer than ``max_wait`` for their page."""
        ...

    async def ready_sources(self, limit: int, order: SettleOrder) -> list[EntrySource]:
        """Sources of up to ``limit`` ready entries, the first ones in ``order``, to be read before they settle."""
        ...

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
        """Attach up to ``limit`` ready entries to stories by their keys and texts; count them.

        The first ones in ``order``; of those the founder of a story is the oldest. Their words are found by :meth:`OutputStore.search_items` from then on if ``searchable``, else once it is.
        ``near`` False compares no texts. ``readings`` were made before, by the same ``keys_of``; what still
        says the same is not read again. An entry that changed leaves its story when nothing ties
        it to the others any more; one that the operator put there stays.
        Those that ``judge`` drops, asked with whether an entry was let in before, join none; what it names them is
        stored. It is asked about all, or (``judges_all`` False) about those alone that were dropped before.

        Search and attachment are serialised between processes; all of it is one transaction.
        The decisions are :func:`aggregator.dedupe.assign.assign`'s and
        :func:`aggregator.dedupe.represent.best`'s. What changes in ``outputs`` is written in their
        logs: :func:`aggregator.select.decide.decide`.
        """
        ...

    async def judged_entries(self, ids: Collection[int], *, texts: bool) -> list[JudgedEntry]:
        """These entries, as far as they are stored, by id, as rules see them; their texts only with ``texts``."""
        ...

    async def ready_since(self) -> datetime | None:
        """The time at which the entry that waits longest for its story became ready; None: none waits."""
        ...


class OperatorEdits(Protocol):
    """Story edits by the operator. They stick: settling moves none of the entries concerned."""

    async def split(self, entry_id: int, apart_from: int | None = None) -> OperatorEdit:
        """Take an entry out of its story; with ``apart_from`` only if that one is in it too.

        Raises :class:`~aggregator.errors.StoreError` when there is no such entry, or nothing to
        split.
        """
        ...

    async def merge(self, first_id: int, second_id: int) -> OperatorEdit:
        """Make the stories of two entries one.

        Raises :class:`~aggregator.errors.StoreError` when one of them is not there or has no story
        yet, or when they are in one story already.
        """
        ...
