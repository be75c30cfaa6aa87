"""What was asked of each host, for the operator, and which hosts rest, for the next start.

Both are kept in memory and written down now and then: counts every half minute in one
transaction, never one a request; a rest that was asked for at once, as a restart must not forget it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from aggregator.errors import StoreError
from aggregator.model import HostCount, RequestKind
from aggregator.ports import Clock, HostStatsStore

log = structlog.get_logger("aggregator")

_EVERY = 30.0  # seconds between two writes
_PRUNE_EVERY = timedelta(hours=1)
_MOST_HOSTS = 50_000  # counted at once: while the database is away, memory is bounded


@dataclass(slots=True)
class _HostCounts:
    feeds: int = 0
    pages: int = 0
    robots: int = 0
    waited: int = 0


class RequestCounts:
    """Counts, until :meth:`take` has them written down."""

    def __init__(self) -> None:
        self._by_host: dict[str, _HostCounts] = {}
        self._rests: dict[str, float] = {}
        self.rested = asyncio.Event()  # a rest is to be written down

    def asked(self, host: str, kind: RequestKind) -> None:
        """One request of ``kind`` was made."""
        host_counts = self._of(host)
        if kind is RequestKind.PAGE:
            host_counts.pages += 1
        elif kind is RequestKind.ROBOTS:
            host_counts.robots += 1
        else:
            host_counts.feeds += 1  # polls, and what is asked of their hubs

    def waited(self, host: str) -> None:
        """One turn had to be waited for."""
        self._of(host).waited += 1

    def rests(self, group: str, seconds: float) -> None:
        """``group`` (a host or a domain) was told to rest for ``seconds``."""
        self._rests[group] = max(seconds, self._rests.get(group, 0.0))
        self.rested.set()

    def take(self) -> tuple[list[HostCount], Mapping[str, float]]:
        """The counts and the rests (group → seconds) since the last call."""
        by_host, rests = self._by_host, self._rests
        self._by_host, self._rests = {}, {}
        self.rested.clear()
        counts = [
            HostCount(host, one.feeds, one.pages, one.robots, one.waited)
            for host, one in by_host.items()
        ]
        return counts, rests

    def _of(self, host: str) -> _HostCounts:
        host_counts = self._by_host.get(host)
        if host_counts is None:
            host_counts = _HostCounts()
            if len(self._by_host) < _MOST_HOSTS:
                self._by_host[host] = host_counts
        return host_counts


class HostStatsWriter:
    """Writes a budget into the host book: :meth:`keep` goes on until :meth:`finish`."""

    def __init__(self, request_counts: RequestCounts, book: HostStatsStore, clock: Clock) -> None:
        self._request_counts = request_counts
        self._book = book
        self._clock = clock
        self._pruned_at: datetime | None = None
        self._writing = asyncio.Lock()

    async def keep(self) -> None:
        """Write every half minute, and at once when a host was told to rest; until cancelled."""
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._request_counts.rested.wait(), _EVERY)
            await self.write()

    async def finish(self, keeping: asyncio.Task[None]) -> None:
        """End the task of :meth:`keep`, not in the middle of a write, and write what is left."""
        async with self._writing:
            keeping.cancel()
        await self.write()

    async def write(self) -> None:
        """Write what there is. A database that is away costs these counts, nothing else."""
        async with self._writing:
            counts, rests = self._request_counts.take()
            try:
                await self._write(counts, rests, self._clock.now())
            except StoreError as error:
                log.warning("host counts not stored", hosts=len(counts), error=str(error))

    async def _write(
        self, counts: Sequence[HostCount], rests: Mapping[str, float], now: datetime
    ) -> None:
        until = {group: now + timedelta(seconds=seconds) for group, seconds in rests.items()}
        if counts or until:
            await self._book.note(counts, until, now)
        if self._pruned_at is None or now - self._pruned_at >= _PRUNE_EVERY:
            await self._book.forget(now)
            self._pruned_at = now
