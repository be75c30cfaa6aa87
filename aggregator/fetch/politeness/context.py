"""What a fetcher keeps beside its connections to be polite: one value, made where things start."""

from __future__ import annotations

from dataclasses import dataclass, field

from aggregator.config.settings import FetchSettings
from aggregator.fetch.politeness.cooldown_scope import CoolingScope
from aggregator.fetch.politeness.host_limiter import Gate, HostGate, Timer
from aggregator.fetch.politeness.request_counts import Budget
from aggregator.ports import RobotsCache


@dataclass(frozen=True, slots=True)
class Manners:
    """The gate that turns are taken at, and what it and the client share.

    ``robots`` keeps copies of robots.txt; None: in memory only.
    """

    gate: Gate
    scope: CoolingScope = field(default_factory=CoolingScope)
    budget: Budget = field(default_factory=Budget)
    robots: RobotsCache | None = None


def alone(settings: FetchSettings, timer: Timer, robots: RobotsCache | None = None) -> Manners:
    """Manners of a process that shares no database with others."""
    scope, budget = CoolingScope(settings.cooling_scope), Budget()
    gate = HostGate(
        gap=settings.host_gap.total_seconds(),
        concurrency=settings.concurrency,
        timer=timer,
        scope=scope,
        budget=budget,
    )
    return Manners(gate, scope, budget, robots)
