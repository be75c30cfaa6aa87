"""Politeness between processes: a turn is had twice, in this process and in the shared database.

A host's turn in the database is a lease. It is asked for only once the turn in this process has
come, so there is at most one process of ours in front of a host, not sixty-four lanes; what is
asked for at the same moment shares one short transaction. Leases are kept alive by one statement
every few seconds for all that is held, and end by themselves when a process dies.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import structlog

from aggregator.errors import StoreError
from aggregator.fetch.politeness.cooldown_scope import CooldownGroups
from aggregator.fetch.politeness.host_limiter import PATIENCE, CooldownActive, HostLimiter, Timer
from aggregator.fetch.politeness.request_counts import RequestCounts
from aggregator.ports import HostLeases
from aggregator.schedule.chance import chance

log = structlog.get_logger("aggregator")

_UNBOUNDED = 1 << 30
_LEAST_WAIT = 0.05  # seconds between two questions for one turn
_LONGEST_WAIT = 1.0


class SharedLimiter:
    """:class:`~aggregator.fetch.politeness.host_limiter.Limiter` over ``turns``, which all processes ask.

    ``gap``, ``concurrency``, ``scope`` and ``request_counts`` as for
    :class:`~aggregator.fetch.politeness.host_limiter.HostLimiter`. A turn raises
    :class:`~aggregator.errors.StoreError` when the database cannot be asked: then nobody knows
    whether the host is free. :meth:`keep` has to run meanwhile.
    """

    def __init__(
        self,
        turns: HostLeases,
        *,
        gap: float,
        concurrency: int,
        timer: Timer,
        scope: CooldownGroups,
        request_counts: RequestCounts,
        renew_every: float,
    ) -> None:
        self._turns = turns
        self._scope = scope
        self._local = HostLimiter(
            gap=gap, concurrency=_UNBOUNDED, timer=timer, scope=scope, request_counts=request_counts
        )
        self._request_counts = request_counts
        self._slots = asyncio.Semaphore(concurrency)
        self._renew_every = renew_every
        self._held: set[str] = set()
        self._rests: dict[str, dict[str, float]] = {}  # host in turn → what it was told to rest

    def turn(self, host: str) -> AbstractAsyncContextManager[None]:
        """See :class:`~aggregator.fetch.politeness.host_limiter.Limiter`."""
        return self._turn(host)

    def cool_down(self, host: str, seconds: float) -> None:
        """See :class:`~aggregator.fetch.politeness.host_limiter.Limiter`. Others learn of it with our turn's end."""
        self._local.cool_down(host, seconds)
        # The host's own row too: whoever waits for it sees that row alone.
        self._rests[host] = {self._scope.group(host): seconds, host: seconds}

    def rest(self, group: str, seconds: float) -> None:
        """See :meth:`aggregator.fetch.politeness.host_limiter.HostLimiter.rest`."""
        self._local.rest(group, seconds)

    def slow(self, host: str, gap: float) -> None:
        """See :class:`~aggregator.fetch.politeness.host_limiter.Limiter`."""
        self._local.slow(host, gap)

    async def keep(self) -> None:
        """Keep what is held; until cancelled."""
        while True:
            await asyncio.sleep(self._renew_every)
            if not self._held:
                continue
            try:
                await self._turns.renew(sorted(self._held))
            except StoreError as error:
                log.warning("turns not renewed", hosts=len(self._held), error=str(error))

    @asynccontextmanager
    async def _turn(self, host: str) -> AsyncIterator[None]:
        async with self._local.turn(host):
            try:
                await self._reserve(host)
                self._held.add(host)
                async with self._slots:
                    yield
            finally:
                self._held.discard(host)
                await self._give_back(host)

    async def _reserve(self, host: str) -> None:
        group, asked = self._scope.group(host), False
        while not (answer := await self._turns.acquire(host, group)).granted:
            if answer.rests is not None:
                self._local.rest(answer.rests, answer.wait)
                if answer.wait > PATIENCE:
                    raise CooldownActive(host, answer.wait)
            if not asked:
                self._request_counts.waited(host)
                asked = True
            wait = min(max(answer.wait, _LEAST_WAIT), _LONGEST_WAIT)
            await asyncio.sleep(wait * (1 + chance() / 4))

    async def _give_back(self, host: str) -> None:
        # Also after a failed or cancelled question: the database may have said yes to it.
        rests = self._rests.pop(host, {})
        try:
            await self._turns.release(host, self._local.gap(host), rests)
        except StoreError as error:
            log.warning("turn not given back", host=host, error=str(error))
