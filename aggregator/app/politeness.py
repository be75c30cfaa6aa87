"""Politeness, put together: the limiter, and request counts and cooldowns written down.

On SQLite one process has the database to itself, so host slots are this process's own. On PostgreSQL
any number of processes may share it, and hosts are leased there. Cooldowns and counts by host are
written down on both, and cooldowns are taken up again at the start.
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
    """Politeness context over ``database``, kept up while the context lasts.

    Raises :class:`~aggregator.errors.StoreError` when the cooldowns cannot be read.
    """
    host_stats, scope, request_counts = (
        SqlHosts(database),
        CooldownGroups(settings.cooling_scope),
        RequestCounts(),
    )
    limiter = _limiter(settings, database, scope, request_counts)
    now = clock.now()
    for group, until in (await host_stats.cooldowns(now)).items():
        limiter.set_cooldown(group, (until - now).total_seconds())
    writer = HostStatsWriter(request_counts, host_stats, clock)
    keeping = asyncio.create_task(writer.keep())
    renewing = asyncio.create_task(limiter.keep()) if isinstance(limiter, SharedLimiter) else None
    try:
        yield PolitenessContext(limiter, scope, request_counts, host_stats)
    finally:
        if renewing is not None:
            renewing.cancel()
        await writer.finish(keeping)


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
