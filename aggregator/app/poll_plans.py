"""Plans of the cadence over all stored feeds, by the present settings and by others.

Feeds are read by their ids, some at a time, so that a million needs no more memory than a thousand.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import numpy as np

from aggregator.app.stored import open_database
from aggregator.config.config import Config
from aggregator.config.paces import bounds_of, paced_feed
from aggregator.flow.poll_budget import SAMPLE, find_stretch
from aggregator.model import FeedPace
from aggregator.ports import PaceStore
from aggregator.schedule.cadence import Policy
from aggregator.schedule.expected_polls import ExpectedPolls, PacedFeed, expected_polls
from aggregator.store.feeds.pace_rows import SqlPaces

_AT_ONCE = 500  # feeds
_MOST_HOSTS = 100_000  # remembered; beyond it those asked least are left out


@dataclass(frozen=True, slots=True)
class PlannedFeed:
    """One feed: polls an hour, and how long an entry of its waits for a poll in the mean, in seconds."""

    feed: str
    title: str
    polls: float
    delay: float
    entries_a_day: float


@dataclass(frozen=True, slots=True)
class PlannedHost:
    """One host's feeds and polls an hour."""

    host: str
    feeds: int
    polls: float


@dataclass(frozen=True, slots=True)
class Plan:
    """Expected polls by one configuration. Delays are in seconds; ``by_hour`` has 24 hours (UTC)."""

    min_interval: float
    max_interval: float
    max_polls_per_hour: int
    stretch: float
    feeds: int
    fixed: int  # by the operator, or by their failures
    polls: float  # an hour
    by_hour: tuple[float, ...]
    delay_of_entries: float  # mean over all that is published
    delay_of_feeds: float  # mean over feeds
    worst: tuple[PlannedFeed, ...]
    hosts: tuple[PlannedHost, ...]

    @property
    def busiest(self) -> float:
        """Polls in the busiest hour."""
        return max(self.by_hour)


@dataclass(slots=True)
class _Sums:
    """What is added up of all feeds."""

    policy: Policy
    most: int
    kept: int
    by_hour: np.ndarray[tuple[int], np.dtype[np.float64]] = field(
        default_factory=lambda: np.zeros(24)
    )
    feeds: int = 0
    fixed: int = 0
    polls: float = 0.0
    delays: float = 0.0
    entries: float = 0.0
    waits: float = 0.0
    worst: list[tuple[float, int, PlannedFeed]] = field(default_factory=list)
    hosts: dict[str, list[float]] = field(default_factory=dict)

    def add(self, rows: Sequence[FeedPace], paced: Sequence[PacedFeed]) -> None:
        found = expected_polls(paced, self.policy)
        self.by_hour = self.by_hour + found.by_hour
        self.feeds += len(rows)
        self.fixed += sum(one.is_fixed for one in paced)
        self.polls += float(found.polls.sum())
        self.delays += float(found.delays.sum())
        rates = np.array([one.habits.rate for one in paced])
        self.entries += float(rates.sum())
        self.waits += float((rates * found.delays).sum())
        self._rank(rows, paced, found)

    def _rank(
        self, rows: Sequence[FeedPace], paced: Sequence[PacedFeed], found: ExpectedPolls
    ) -> None:
        polls, delays = found.polls.tolist(), found.delays.tolist()
        for row, one, rate, delay in zip(rows, paced, polls, delays, strict=True):
            at_host = self.hosts.setdefault(row.host, [0, 0.0])
            at_host[0] += 1
            at_host[1] += rate
            if len(self.worst) >= self.kept and (not self.worst or delay <= self.worst[0][0]):
                continue
            planned = PlannedFeed(row.key, row.title, rate, delay, one.habits.rate)
            heapq.heappush(self.worst, (delay, row.id, planned))
            if len(self.worst) > self.kept:
                heapq.heappop(self.worst)
        if len(self.hosts) > _MOST_HOSTS:
            most = heapq.nlargest(_MOST_HOSTS // 2, self.hosts.items(), key=lambda one: one[1][1])
            self.hosts = dict(most)

    def plan(self, bounds: Policy, stretch: float) -> Plan:
        busiest = heapq.nlargest(self.kept, self.hosts.items(), key=lambda one: one[1][1])
        return Plan(
            min_interval=bounds.min_interval.total_seconds(),
            max_interval=bounds.max_interval.total_seconds(),
            max_polls_per_hour=self.most,
            stretch=stretch,
            feeds=self.feeds,
            fixed=self.fixed,
            polls=self.polls,
            by_hour=tuple(self.by_hour.tolist()),
            delay_of_entries=self.waits / self.entries if self.entries else 0.0,
            delay_of_feeds=self.delays / self.feeds if self.feeds else 0.0,
            worst=tuple(one for _, _, one in sorted(self.worst, reverse=True)),
            hosts=tuple(PlannedHost(host, int(n), polls) for host, (n, polls) in busiest),
        )


async def read_plans(config: Config, others: Iterable[Config], worst: int) -> list[Plan]:
    """The plans of the stored feeds by ``config`` and by each of ``others``, with ``worst`` feeds and hosts.

    Raises :class:`~aggregator.errors.StoreError`.
    """
    with open_database(config) as database:
        return await make_plans(SqlPaces(database), [config, *others], worst, datetime.now(UTC))


async def make_plans(
    store: PaceStore, configs: Collection[Config], worst: int, now: datetime
) -> list[Plan]:
    """A plan of the feeds in ``store`` by each of ``configs``."""
    sample = await store.pace_sample(SAMPLE)
    runs: list[tuple[Config, Policy, float, _Sums]] = []
    for config in configs:
        most = config.settings.schedule.max_polls_per_hour
        stretch = find_stretch(config, sample, now) if most else 1.0
        policy = bounds_of(config)
        runs.append((config, policy, stretch, _Sums(policy.stretched(stretch), most, worst)))
    beyond = 0
    while rows := await store.paces(beyond, _AT_ONCE):
        beyond = rows[-1].id
        known: Sequence[PacedFeed] = ()
        for config, policy, _, sums in runs:
            known = _paced(config, policy, rows, now, known)
            sums.add(rows, known)
    return [sums.plan(policy, stretch) for _, policy, stretch, sums in runs]


def _paced(
    config: Config,
    policy: Policy,
    rows: Sequence[FeedPace],
    now: datetime,
    known: Sequence[PacedFeed],
) -> Sequence[PacedFeed]:
    """The feeds of ``rows`` by ``config``; habits that are ``known`` are not learned again."""
    if not known:
        return [paced_feed(config, row, policy, now) for row in rows]
    return [
        replace(paced_feed(config, replace(row, recent=()), policy, now), habits=one.habits)
        for row, one in zip(rows, known, strict=True)
    ]
