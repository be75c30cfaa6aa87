"""Politeness, put together: which gate stands where, what is written down of hosts, and when.

On SQLite one process has the database to itself, so turns are this process's own. On PostgreSQL
any number of processes may share it, and turns are had there. Rests and counts by host are written
down on both, and rests are taken up again at the start.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aggregator.config.settings import FetchSettings
from aggregator.fetch.politeness.context import PolitenessContext
from aggregator.fetch.politeness.cooldown_scope import CooldownGroups
from aggregator.fetch.politeness.host_limiter import HostLimiter
from aggregator.fetch.politeness.request_counts import HostStatsWriter, RequestCounts
from aggregator.fetch.politeness.shared_limiter import SharedLimiter
from aggregator.ports import Clock
from aggregator.store.db.database import Database
from aggregator.store.hosts.counts import SqlHosts
from aggregator.store.hosts.leases import LEASE, SqlHostLeases


@asynccontextmanager
async def open_politeness(
    settings: FetchSettings, database: Database, clock: Clock
) -> AsyncIterator[PolitenessContext]:
    """PolitenessContext over ``database``, kept up while the context lasts.

    Raises :class:`~aggregator.errors.StoreError` when the rests cannot be read.
    """
    book, scope, request_counts = (
        SqlHosts(database),
        CooldownGroups(settings.cooling_scope),
        RequestCounts(),
    )
    limiter = _limiter(settings, database, scope, request_counts)
    now = clock.now()
    for group, until in (await book.rests(now)).items():
        limiter.rest(group, (until - now).total_seconds())
    keeper = HostStatsWriter(request_counts, book, clock)
    keeping = asyncio.create_task(keeper.keep())
    renewing = asyncio.create_task(limiter.keep()) if isinstance(limiter, SharedLimiter) else None
    try:
        yield PolitenessContext(limiter, scope, request_counts, book)
    finally:
        if renewing is not None:
            renewing.cancel()
        await keeper.finish(keeping)


def _limiter(
    settings: FetchSettings,
    database: Database,
    scope: CooldownGroups,
    request_counts: RequestCounts,
) -> HostLimiter | SharedLimiter:
    loop, gap = asyncio.get_running_loop(), settings.host_gap.total_seconds()
    if database.engine.dialect.name == "sqlite":
        return HostLimiter(
            gap=gap,
            concurrency=settings.concurrency,
            timer=loop,
            scope=scope,
            request_counts=request_counts,
        )
    return SharedLimiter(
        SqlHostLeases(database),
        gap=gap,
        concurrency=settings.concurrency,
        timer=loop,
        scope=scope,
        request_counts=request_counts,
        renew_every=LEASE.total_seconds() / 3,
    )
