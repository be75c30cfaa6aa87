"""Politeness context of a fetcher: one value, made where things start."""

from __future__ import annotations

from dataclasses import dataclass, field

from aggregator.config.settings import FetchSettings
from aggregator.fetch.politeness.cooldown_scope import CooldownGroups
from aggregator.fetch.politeness.host_limiter import HostLimiter, Limiter, Timer
from aggregator.fetch.politeness.request_counts import RequestCounts
from aggregator.ports import RobotsCache


@dataclass(frozen=True, slots=True)
class PolitenessContext:
    """The limiter of host slots, and what it and the client share.

    ``robots`` keeps copies of robots.txt; None: in memory only.
    """

    limiter: Limiter
    scope: CooldownGroups = field(default_factory=CooldownGroups)
    request_counts: RequestCounts = field(default_factory=RequestCounts)
    robots: RobotsCache | None = None


def local_politeness(
    settings: FetchSettings, timer: Timer, robots: RobotsCache | None = None
) -> PolitenessContext:
    """Politeness context of a process that shares no database with others."""
    scope, request_counts = CooldownGroups(settings.cooling_scope), RequestCounts()
    limiter = HostLimiter(
        gap=settings.host_gap.total_seconds(),
        concurrency=settings.concurrency,
        timer=timer,
        scope=scope,
        request_counts=request_counts,
    )
    return PolitenessContext(limiter, scope, request_counts, robots)
