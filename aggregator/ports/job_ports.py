"""The job engine that distributes work over machines, and the store's part in it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from aggregator.model import ArticleTask, ClaimedFeed, Handed, JobKind, QueuedJobs

JobHandler = Callable[[Sequence[Handed]], Awaitable[None]]


class JobStore(Protocol):
    """Leases handed from the scheduler to workers.

    The lease is the truth about a piece of work; a job only says who should do it. So a job that is
    lost costs a lease's time, and one that is repeated finds that its pieces were taken.
    """

    async def hand_out_feeds(
        self, now: datetime, lease_for: timedelta, limit: int, per_host: int
    ) -> int:
        """Lease due feeds and enqueue them as jobs, in one transaction; return how many."""
        ...

    async def hand_out_pages(self, now: datetime, lease_for: timedelta, limit: int) -> int:
        """Lease pages to fetch and enqueue them as jobs, in one transaction; return how many."""
        ...

    async def jobs(self) -> Mapping[JobKind, QueuedJobs]:
        """Jobs in the queue by kind."""
        ...

    async def ask_to_finish(self) -> None:
        """Enqueue one job to settle and publish, unless there is one."""
        ...

    async def take_feeds(
        self, handed: Sequence[Handed], now: datetime, lease_for: timedelta
    ) -> list[ClaimedFeed]:
        """Take over the leases that still are as they were handed out; nobody else gets them."""
        ...

    async def take_pages(
        self, handed: Sequence[Handed], now: datetime, lease_for: timedelta
    ) -> list[ArticleTask]:
        """Take over the leases that still are as they were handed out; nobody else gets them."""
        ...


class JobQueue(Protocol):
    """Jobs given to workers: each to one, and to another one when that one dies."""

    @property
    def trouble(self) -> str:
        """The reason why jobs are not served now; empty: they are."""
        ...

    async def serve(
        self,
        handlers: Mapping[JobKind, JobHandler],
        plan: Callable[[], Awaitable[None]] | None,
        most: int,
    ) -> None:
        """Run ``handlers`` on jobs, at most ``most`` of a kind at once, until :meth:`stop`.

        ``plan`` runs every second or two in one of the processes that give one.
        """
        ...

    def stop(self) -> None:
        """Take no more jobs; :meth:`serve` returns when the present ones are over."""
        ...

    async def forget(self) -> None:
        """Drop what the engine keeps of jobs that are long over."""
        ...
