"""Request counts by host, for the operator, and cooldowns, for the next start.

Both are kept in memory and written down now and then: counts every half minute in one
transaction, never one a request; a cooldown at once, as a restart must not forget it.
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
        self._cooldowns: dict[str, float] = {}
        self.cooldown_begun = asyncio.Event()  # to be written down

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
        """One slot had to be waited for."""
        self._of(host).waited += 1

    def cooled_down(self, group: str, seconds: float) -> None:
        """``group`` (a host or a domain) was put in a cooldown of ``seconds``."""
        self._cooldowns[group] = max(seconds, self._cooldowns.get(group, 0.0))
        self.cooldown_begun.set()

    def take(self) -> tuple[list[HostCount], Mapping[str, float]]:
        """The counts and the cooldowns (group → seconds) since the last call."""
        by_host, cooldowns = self._by_host, self._cooldowns
        self._by_host, self._cooldowns = {}, {}
        self.cooldown_begun.clear()
        counts = [
            HostCount(host, one.feeds, one.pages, one.robots, one.waited)
            for host, one in by_host.items()
        ]
        return counts, cooldowns

    def _of(self, host: str) -> _HostCounts:
        host_counts = self._by_host.get(host)
        if host_counts is None:
            host_counts = _HostCounts()
            if len(self._by_host) < _MOST_HOSTS:
                self._by_host[host] = host_counts
        return host_counts


class HostStatsWriter:
    """Writes request counts into the store: :meth:`keep` goes on until :meth:`finish`."""

    def __init__(self, request_counts: RequestCounts, store: HostStatsStore, clock: Clock) -> None:
        self._request_counts = request_counts
        self._store = store
        self._clock = clock
        self._pruned_at: datetime | None = None
        self._writing = asyncio.Lock()

    async def keep(self) -> None:
        """Write every half minute, and at once when a cooldown begins; until cancelled."""
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._request_counts.cooldown_begun.wait(), _EVERY)
            await self.write()

    async def finish(self, keeping: asyncio.Task[None]) -> None:
        """End the task of :meth:`keep`, not in the middle of a write, and write what is left."""
        async with self._writing:
            keeping.cancel()
        await self.write()

    async def write(self) -> None:
        """Write what there is. A database that is away costs these counts, nothing else."""
        async with self._writing:
            counts, cooldowns = self._request_counts.take()
            try:
                await self._write(counts, cooldowns, self._clock.now())
            except StoreError as error:
                log.warning("host counts not stored", hosts=len(counts), error=str(error))

    async def _write(
        self, counts: Sequence[HostCount], cooldowns: Mapping[str, float], now: datetime
    ) -> None:
        until = {group: now + timedelta(seconds=seconds) for group, seconds in cooldowns.items()}
        if counts or until:
            await self._store.note(counts, until, now)
        if self._pruned_at is None or now - self._pruned_at >= _PRUNE_EVERY:
            await self._store.forget(now)
            self._pruned_at = now
