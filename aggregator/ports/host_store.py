"""The store of what is known of hosts."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from aggregator.model import HostCount, HostLeaseAnswer, RobotsCopy


class HostStatsStore(Protocol):
    """Request counts and cooldowns of hosts."""

    async def cooldowns(self, now: datetime) -> Mapping[str, datetime]:
        """Hosts and domains in a cooldown, and its end."""
        ...

    async def note(
        self, counts: Sequence[HostCount], cooldowns: Mapping[str, datetime], now: datetime
    ) -> None:
        """Add ``counts`` to what was counted before; a cooldown is only ever made longer."""
        ...

    async def forget(self, now: datetime) -> None:
        """Drop what is older than anybody asks for."""
        ...


class HostLeases(Protocol):
    """Host leases between processes: they end when their holder dies."""

    async def acquire(self, host: str, group: str) -> HostLeaseAnswer:
        """Ask for the lease on ``host``, refused while ``group`` (its domain) is in a cooldown."""
        ...

    async def release(self, host: str, gap: float, cooldowns: Mapping[str, float]) -> None:
        """End our lease on ``host``; the next may begin in ``gap`` seconds.

        ``cooldowns`` (host or domain → seconds) begin at the same moment, so nobody slips in
        between. A lease that is not ours (any more) is left alone.
        """
        ...

    async def renew(self, hosts: Collection[str]) -> None:
        """Extend our leases on ``hosts``; lost ones stay lost."""
        ...


class RobotsCache(Protocol):
    """Copies of robots.txt files, for other processes and the next start."""

    async def load(self, origin: str) -> RobotsCopy | None:
        """The stored copy for ``origin`` (``scheme://host[:port]``)."""
        ...

    async def save(self, origin: str, copy: RobotsCopy) -> None:
        """Store ``copy`` in place of what was there."""
        ...
