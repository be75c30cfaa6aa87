"""The store's part in distributing work: leases handed out as jobs, and taken over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from aggregator.model import ArticleTask, ClaimedFeed, Handed, JobKind, QueuedJobs
from aggregator.ports import JobStore
from aggregator.store.db.database import Database
from aggregator.store.feeds import claims as feed_claims
from aggregator.store.jobs import handing
from aggregator.store.jobs.handing import Count, Enqueue
from aggregator.store.pages import claims as page_claims

_FINISH = "finish"  # the key of the one job that settles and publishes


class SqlJobs(JobStore):
    """Leases handed out over a :class:`Database`; ``enqueue`` adds to the engine's queue in it, ``count`` looks.

    Every method is one transaction and raises :class:`~aggregator.errors.StoreError` when the
    database is down.
    """

    def __init__(self, database: Database, enqueue: Enqueue, count: Count) -> None:
        self._database = database
        self._enqueue = enqueue
        self._count = count

    async def hand_out_feeds(
        self, now: datetime, lease_for: timedelta, limit: int, per_host: int
    ) -> int:
        """Lease due feeds and enqueue them as jobs; return how many."""
        return await self._database.write(
            handing.hand_out_feeds, self._enqueue, now, lease_for, limit, per_host
        )

    async def hand_out_pages(self, now: datetime, lease_for: timedelta, limit: int) -> int:
        """Lease pages to fetch and enqueue them as jobs; return how many."""
        return await self._database.write(
            handing.hand_out_pages, self._enqueue, now, lease_for, limit
        )

    async def jobs(self) -> Mapping[JobKind, QueuedJobs]:
        """Jobs in the queue by kind."""
        return await self._database.read(self._count)

    async def ask_to_finish(self) -> None:
        """Enqueue one job to settle and publish, unless there is one."""

        def ask(connection: Connection) -> None:
            self._enqueue(connection, JobKind.FINISH, [()], _FINISH)

        await self._database.write(ask)

    async def take_feeds(
        self, handed: Sequence[Handed], now: datetime, lease_for: timedelta
    ) -> list[ClaimedFeed]:
        """Take over the leases that still are as they were handed out."""
        return await self._database.write(feed_claims.take_over, handed, now, lease_for)

    async def take_pages(
        self, handed: Sequence[Handed], now: datetime, lease_for: timedelta
    ) -> list[ArticleTask]:
        """Take over the leases that still are as they were handed out."""
        return await self._database.write(page_claims.take_over, handed, now, lease_for)
