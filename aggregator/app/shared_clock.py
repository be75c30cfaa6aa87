"""The time that processes on one PostgreSQL share: leases end by it, and feeds are due by it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from typing import Final

import structlog

from aggregator.errors import StoreError
from aggregator.ports import Clock
from aggregator.store.db.database import Database
from aggregator.store.db.server_time import server_time

log = structlog.get_logger("aggregator")

MEASURE_EVERY_S: Final = 30.0
"""Seconds between two comparisons with the database's clock."""

_CLOSE: Final = timedelta(
    seconds=2
)  # no nearer: what a busy machine needs to answer is not its clock's fault
_QUICK: Final = timedelta(seconds=1)  # an answer that took longer tells too little


class SharedClock:
    """This machine's clock, or the database's where they differ by more than two seconds.

    A process that is two minutes behind would take leases that have ended already, and one that is
    ahead would find those of others ended: feeds would be polled twice, and results refused.
    """

    def __init__(self, own: Clock) -> None:
        self._own = own
        self._offset = timedelta(0)

    def now(self) -> datetime:
        """Aware UTC."""
        return self._own.now() + self._offset

    async def measure(self, database: Database) -> None:
        """Compare with the clock of ``database``, and say it where that changes something."""
        began = self._own.now()
        with suppress(StoreError):  # said by whoever needs it
            there = await database.read(server_time)
            took = self._own.now() - began
            if timedelta(0) <= took <= _QUICK:
                self._follow(there - began - took / 2)

    def _follow(self, difference: timedelta) -> None:
        offset = difference if abs(difference) > _CLOSE else timedelta(0)
        if offset and not self._offset:
            log.warning(
                "clock differs from the database's",
                seconds=round(-offset.total_seconds()),
                hint="set this machine's time (NTP); until then the database's is used",
            )
        elif self._offset and not offset:
            log.info("clock agrees with the database's again")
        if abs(offset - self._offset) > _CLOSE or not offset:
            self._offset = offset


@asynccontextmanager
async def following(clock: Clock, database: Database) -> AsyncIterator[None]:
    """Keep a shared ``clock`` near that of ``database`` while the block runs; another is left alone."""
    if not isinstance(clock, SharedClock) or database.engine.dialect.name == "sqlite":
        yield
        return
    await clock.measure(database)
    keeping = asyncio.create_task(_keep(clock, database))
    try:
        yield
    finally:
        keeping.cancel()


async def _keep(clock: SharedClock, database: Database) -> None:
    while True:
        await asyncio.sleep(MEASURE_EVERY_S)
        await clock.measure(database)
