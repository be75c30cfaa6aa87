"""The store that the pipeline talks to: every port method, each one transaction in a thread."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta

from aggregator.model import (
    Article,
    ArticleTask,
    ClaimedFeed,
    Item,
    KnownEntry,
    Lease,
    Maker,
    PollOutcome,
    Selection,
    SettleStats,
    Status,
    StoryCandidate,
    StoryKey,
)
from aggregator.ports import Clock
from aggregator.store.db import leasing, tables
from aggregator.store.db.counters import read_version
from aggregator.store.db.database import Database
from aggregator.store.db.group_commit import GroupCommit
from aggregator.store.feeds import claims, entries, feeds, outages, polls
from aggregator.store.feeds.feeds import FeedChanges
from aggregator.store.outputs import items, retention
from aggregator.store.pages import articles
from aggregator.store.reports import status
from aggregator.store.stories import settle
from aggregator.store.stories.text_cache import TextCache


class SqlStore:
    """Implements :class:`aggregator.ports.Store` over a :class:`Database`.

    Every method raises :class:`~aggregator.errors.StoreError` when the database is down.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._polls = GroupCommit(database, polls.commit_polls)
        self._articles = GroupCommit(database, articles.commit_articles)
        self._text_cache = TextCache()

    # feeds

    async def sync_feeds(self, wanted: Sequence[feeds.WantedFeed]) -> FeedChanges:
        """See :func:`aggregator.store.feeds.feeds.sync_feeds`."""
        return await self._database.write(feeds.sync_feeds, wanted, self._clock.now())

    async def mask_errors(self, mask: Callable[[str], str]) -> None:
        """See :func:`aggregator.store.feeds.feeds.mask_errors`."""
        await self._database.write(feeds.mask_errors, mask)

    async def reschedule(self, next_polls: Mapping[str, datetime]) -> None:
        """See :func:`aggregator.store.feeds.feeds.reschedule`."""
        await self._database.write(feeds.reschedule, next_polls)

    async def free_leases(self) -> None:
        """End every lease: for a process that knows it is the only one (SQLite's lock file)."""
        await self._database.write(leasing.free_all)

    async def make_due(self, now: datetime) -> None:
        """See the port."""
        await self._database.write(feeds.make_due, now)

    async def claim_due(
        self,
        now: datetime,
        lease_for: timedelta,
        limit: int,
        busy_hosts: Collection[str] = (),
        per_host: int | None = None,
    ) -> list[ClaimedFeed]:
        """See the port."""
        return await self._database.write(
            claims.claim_due, now, lease_for, limit, busy_hosts, per_host
        )

    async def claim_feed(
        self, feed_id: int, now: datetime, lease_for: timedelta
    ) -> ClaimedFeed | None:
        """See the port."""
        return await self._database.write(claims.claim_feed, feed_id, now, lease_for)

    async def forgive(self, next_polls: Mapping[int, datetime]) -> None:
        """See the port."""
        await self._database.write(outages.forgive, next_polls)

    async def spread_due(self, now: datetime, interval: timedelta) -> None:
        """See the port."""
        await self._database.write(outages.spread_due, now, interval)

    async def release(self, feed_id: int, lease: Lease) -> None:
        """See the port."""
        await self._database.write(leasing.release, tables.feeds, feed_id, lease)

    async def renew(self, held: Sequence[ClaimedFeed], until: datetime) -> None:
        """See the port."""
        leases = [(claimed.feed.id, claimed.lease) for claimed in held]
        await self._database.write(leasing.renew, tables.feeds, leases, until)

    async def known_entries(self, feed_id: int, identities: Sequence[str]) -> list[KnownEntry]:
        """See the port."""
        return await self._database.read(entries.known_entries, feed_id, identities)

    async def text_sources(self, feed_id: int) -> list[str]:
        """See the port."""
        return await self._database.read(articles.text_sources, feed_id)

    async def forgotten(self, feed_id: int, identities: Sequence[str]) -> set[str]:
        """See the port."""
        return await self._database.read(entries.forgotten_identities, feed_id, identities)

    async def commit_poll(self, outcome: PollOutcome, lease: Lease) -> list[int]:
        """See the port."""
        return await self._polls.submit((outcome, lease))

    # articles

    async def claim_articles(
        self, now: datetime, lease_for: timedelta, limit: int, busy_hosts: Collection[str]
    ) -> list[ArticleTask]:
        """See the port."""
        return await self._database.write(
            articles.claim_articles, now, lease_for, limit, busy_hosts
        )

    async def claim_article(
        self, article_id: int, now: datetime, lease_for: timedelta
    ) -> ArticleTask | None:
        """See the port."""
        return await self._database.write(articles.claim_article, article_id, now, lease_for)

    async def release_article(self, task: ArticleTask) -> None:
        """See the port."""
        await self._database.write(leasing.release, tables.articles, task.article_id, task.lease)

    async def renew_articles(self, held: Sequence[ArticleTask], until: datetime) -> None:
        """See the port."""
        leases = [(task.article_id, task.lease) for task in held]
        await self._database.write(leasing.renew, tables.articles, leases, until)

    async def commit_article(
        self, task: ArticleTask, article: Article, final_url: str, blocks: bytes = b""
    ) -> None:
        """See the port."""
        await self._articles.submit((task, article, final_url, self._clock.now(), blocks))

    async def postpone_article(self, task: ArticleTask, until: datetime) -> None:
        """See the port."""
        await self._database.write(articles.postpone_article, task, until)

    async def fail_article(self, task: ArticleTask, error: str, retry_at: datetime | None) -> None:
        """See the port."""
        await self._database.write(articles.fail_article, task, error, retry_at, self._clock.now())

    # stories

    async def release_overdue(self, now: datetime, max_wait: timedelta) -> int:
        """See the port."""
        return await self._database.write(settle.release_overdue, now, max_wait)

    async def settle(
        self,
        limit: int,
        now: datetime,
        window: timedelta,
        keys_of: Callable[[StoryCandidate], Sequence[StoryKey]],
        near: bool = True,
    ) -> SettleStats:
        """See the port."""
        return await self._database.write(
            settle.settle, limit, now, window, keys_of, near, self._text_cache
        )

    # outputs

    async def version(self) -> int:
        """See the port."""
        return await self._database.read(read_version)

    async def load_items(self, selection: Selection) -> list[Item]:
        """See the port."""
        return await self._database.read(items.load_items, selection)

    async def remember_rendering(
        self, name: str, kind: str, digest: str, now: datetime, maker: Maker
    ) -> datetime:
        """See the port."""
        return await self._database.write(items.remember_rendering, name, kind, digest, now, maker)

    async def renderings_by(self, maker: Maker) -> set[tuple[str, str]]:
        """See :func:`aggregator.store.outputs.items.renderings_by`."""
        return await self._database.read(items.renderings_by, maker)

    async def fetched_at(self, keys: Collection[str]) -> dict[str, str]:
        """See :func:`aggregator.store.outputs.items.fetched_at`."""
        return await self._database.read(items.fetched_at, keys)

    # keeping house

    async def drop_old(
        self,
        now: datetime,
        max_age: timedelta,
        max_entries: int,
        selections: Collection[Selection],
    ) -> int:
        """See the port."""
        await self._database.write(retention.forget_stopped_feeds, now, max_age)
        keep = await self._database.read(items.shown_entries, selections)
        return await self._database.write(retention.drop_old, now, max_age, max_entries, keep)

    async def status(self, titles: Mapping[str, str], categories: Mapping[str, str]) -> Status:
        """See :func:`aggregator.store.reports.status.read_status`."""
        return await self._database.read(status.read_status, titles, categories)
