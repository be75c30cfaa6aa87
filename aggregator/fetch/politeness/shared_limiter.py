"""Politeness between processes: a host is leased twice, in this process and in the database.

A host's lease in the database is asked for only once its slot in this process is acquired, so
there is at most one request of this process in front of a host, not sixty-four lanes; what is
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
_LEAST_WAIT = 0.05  # seconds between two requests for one lease
_LONGEST_WAIT = 1.0


class SharedLimiter:
    """:class:`~aggregator.fetch.politeness.host_limiter.Limiter` over ``leases``, which all processes ask.

    ``gap``, ``concurrency``, ``scope`` and ``request_counts`` as for
    :class:`~aggregator.fetch.politeness.host_limiter.HostLimiter`. A slot raises
    :class:`~aggregator.errors.StoreError` when the database cannot be asked: then nobody knows
    whether the host is free. :meth:`keep` has to run meanwhile.
    """

    def __init__(
        self,
        leases: HostLeases,
        *,
        gap: float,
        concurrency: int,
        timer: Timer,
        scope: CooldownGroups,
        request_counts: RequestCounts,
        renew_every: float,
    ) -> None:
        self._leases = leases
        self._scope = scope
        self._local = HostLimiter(
            gap=gap, concurrency=_UNBOUNDED, timer=timer, scope=scope, request_counts=request_counts
        )
        self._request_counts = request_counts
        self._exchanges = asyncio.Semaphore(concurrency)
        self._renew_every = renew_every
        self._held: set[str] = set()
        self._unreleased = False  # and said
        # Leased host → cooldowns that begin with its release.
        self._cooldowns: dict[str, dict[str, float]] = {}

    def slot(self, host: str, *, page: bool = False) -> AbstractAsyncContextManager[None]:
        """The host's slot, its lease and a global slot; :class:`CooldownActive` for a long wait."""
        return self._slot(host, page=page)

    def cool_down(self, host: str, seconds: float) -> None:
        """No requests to ``host``, or its domain, for ``seconds``; others learn it with our release."""
        self._local.cool_down(host, seconds)
        # The host's own row too: whoever waits for it sees that row alone.
        self._cooldowns[host] = {self._scope.group(host): seconds, host: seconds}

    def set_cooldown(self, group: str, seconds: float) -> None:
        """No requests to ``group`` for ``seconds``, without writing it down."""
        self._local.set_cooldown(group, seconds)

    def slow(self, host: str, gap: float) -> None:
        """At least ``gap`` seconds between two requests to ``host`` from now on."""
        self._local.slow(host, gap)

    async def keep(self) -> None:
        """Renew the leases that are held; until cancelled."""
        while True:
            await asyncio.sleep(self._renew_every)
            if not self._held:
                continue
            try:
                await self._leases.renew(sorted(self._held))
            except StoreError as error:
                log.warning("turns not renewed", hosts=len(self._held), error=str(error))

    @asynccontextmanager
    async def _slot(self, host: str, *, page: bool) -> AsyncIterator[None]:
        async with self._local.slot(host, page=page):
            try:
                await self._acquire(host)
                self._held.add(host)
                async with self._exchanges:
                    yield
            finally:
                self._held.discard(host)
                await self._release(host)

    async def _acquire(self, host: str) -> None:
        group, asked = self._scope.group(host), False
        while not (answer := await self._leases.acquire(host, group)).granted:
            if answer.in_cooldown is not None:
                self._local.set_cooldown(answer.in_cooldown, answer.wait)
                if answer.wait > PATIENCE:
                    raise CooldownActive(host, answer.wait)
            if not asked:
                self._request_counts.waited(host)
                asked = True
            wait = min(max(answer.wait, _LEAST_WAIT), _LONGEST_WAIT)
            await asyncio.sleep(wait * (1 + chance() / 4))

    async def _release(self, host: str) -> None:
        # Also after a failed or cancelled question: the database may have said yes to it.
        cooldowns = self._cooldowns.pop(host, {})
        try:
            await self._leases.release(host, self._local.gap(host), cooldowns)
        except StoreError as error:
            if not self._unreleased:  # once, not for each host
                log.warning("turn not given back", host=host, error=str(error))
            self._unreleased = True
        else:
            self._unreleased = False
