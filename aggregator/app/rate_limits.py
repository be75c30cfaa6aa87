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
from aggregator.fetch.politeness.context import Manners
from aggregator.fetch.politeness.cooldown_scope import CoolingScope
from aggregator.fetch.politeness.host_limiter import HostGate
from aggregator.fetch.politeness.request_counts import BookKeeper, Budget
from aggregator.fetch.politeness.shared_limiter import SharedGate
from aggregator.ports import Clock
from aggregator.store.db.database import Database
from aggregator.store.hosts.counts import SqlHosts
from aggregator.store.hosts.leases import LEASE, SqlTurns


@asynccontextmanager
async def open_manners(
    settings: FetchSettings, database: Database, clock: Clock
) -> AsyncIterator[Manners]:
    """Manners over ``database``, kept up while the context lasts.

    Raises :class:`~aggregator.errors.StoreError` when the rests cannot be read.
    """
    book, scope, budget = SqlHosts(database), CoolingScope(settings.cooling_scope), Budget()
    gate = _gate(settings, database, scope, budget)
    now = clock.now()
    for group, until in (await book.rests(now)).items():
        gate.rest(group, (until - now).total_seconds())
    keeper = BookKeeper(budget, book, clock)
    keeping = asyncio.create_task(keeper.keep())
    renewing = asyncio.create_task(gate.keep()) if isinstance(gate, SharedGate) else None
    try:
        yield Manners(gate, scope, budget, book)
    finally:
        if renewing is not None:
            renewing.cancel()
        await keeper.finish(keeping)


def _gate(
    settings: FetchSettings, database: Database, scope: CoolingScope, budget: Budget
) -> HostGate | SharedGate:
    loop, gap = asyncio.get_running_loop(), settings.host_gap.total_seconds()
    if database.engine.dialect.name == "sqlite":
        return HostGate(
            gap=gap, concurrency=settings.concurrency, timer=loop, scope=scope, budget=budget
        )
    return SharedGate(
        SqlTurns(database),
        gap=gap,
        concurrency=settings.concurrency,
        timer=loop,
        scope=scope,
        budget=budget,
        renew_every=LEASE.total_seconds() / 3,
    )
