"""Expected polls: how often the cadence will poll feeds, at which hours, and how long their news will wait. Pure.

The cadence is followed through a week for many feeds at once: the same sums as in
:mod:`aggregator.schedule.cadence`, over arrays. What a publisher's HTTP headers say is known only when it
answers, so that the true number is this or a little less.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from aggregator.schedule.cadence import SPREAD, Policy, even_limit, weighted_pace
from aggregator.schedule.habits import BIN_S, BINS, LEAST, Habits

Floats = npt.NDArray[np.float64]

HOUR_S = 3_600.0
DAY_S = 86_400.0
WEEK_S = 7 * DAY_S
_WEEK_BINS = 7 * BINS
_GOLDEN = 0.6180339887498949  # spreads starting times evenly, however many feeds there are
_AT_ONCE = 512  # feeds followed together: some megabytes of sums
_STEPS = 12  # of Newton's method; six are nearly always enough
_SHORTEST_S = 300.0  # followed by no smaller steps
_CLOSEST, _CLOSEST_BY_SAMPLE = 0.98, 0.95  # of a limit: what is aimed at
_LARGEST = 10_000.0  # factor by which intervals are made longer
_ROUNDS = 14


@dataclass(frozen=True, slots=True)
class PacedFeed:
    """All that decides when one feed is polled, as far as it can be known beforehand.

    ``every_s``: its interval is fixed, by the operator or by its failures; ``fires``: seconds after
    Monday 00:00 UTC at which the operator's ``cron`` has it polled. ``floor_s``: no closer, as its publisher
    asks, or since a hub tells of its news.
    """

    habits: Habits
    floor_s: float = 0.0
    every_s: float | None = None
    fires: tuple[float, ...] = ()
    costly: bool = False  # polled half as often: its server sends all of it each time

    @property
    def is_fixed(self) -> bool:
        """True where the cadence has no say."""
        return self.every_s is not None or bool(self.fires)


@dataclass(frozen=True, slots=True)
class ExpectedPolls:
    """Polls an hour and mean wait of an entry in seconds, feed by feed; polls in each hour of the day (UTC)."""

    polls: Floats
    delays: Floats
    by_hour: Floats  # of all feeds, 24 sums: in the course of an average day

    @property
    def busiest(self) -> float:
        """Polls in the busiest hour of the day."""
        return float(self.by_hour.max())


def expected_polls(feeds: Sequence[PacedFeed], policy: Policy) -> ExpectedPolls:
    """The polls that ``policy`` makes of ``feeds``, in their order."""
    polls, delays = np.zeros(len(feeds)), np.zeros(len(feeds))
    by_hour = np.zeros(24)
    for place, one in enumerate(feeds):
        if one.is_fixed:
            polls[place], delays[place], hours = _fixed(one)
            by_hour += hours
    paced = [place for place, one in enumerate(feeds) if not one.is_fixed]
    for some in _chunks(paced):
        week = _Week([feeds[place] for place in some], some)
        polls[some], delays[some], hours = week.follow(policy)
        by_hour += hours
    return ExpectedPolls(polls, delays, by_hour)


def stretch_for(
    feeds: Sequence[PacedFeed], policy: Policy, most: float, *, standing: float = 1.0
) -> float:
    """The factor (at least 1) for ``policy``'s intervals at which no hour of the day has more than ``most`` polls.

    Feeds that are fixed stay so. ``standing`` is how many feeds each of ``feeds``, a sample, stands for.
    Where even the longest intervals are not enough, the factor is the largest there is.
    """
    aimed_at = _CLOSEST if standing == 1 else _CLOSEST_BY_SAMPLE
    wanted = most * aimed_at / standing

    def too_many(factor: float) -> bool:
        return expected_polls(feeds, policy.stretched(factor)).busiest > wanted

    if not too_many(1.0):
        return 1.0
    low, high = 1.0, 2.0
    while too_many(high):
        if high >= _LARGEST:
            return _LARGEST
        low, high = high, min(high * 2, _LARGEST)
    for _ in range(_ROUNDS):
        if high / low < 1.005:
            break
        middle = math.sqrt(low * high)
        low, high = (middle, high) if too_many(middle) else (low, middle)
    return high


def _chunks(places: Sequence[int]) -> Iterator[list[int]]:
    for first in range(0, len(places), _AT_ONCE):
        yield list(places[first : first + _AT_ONCE])


def _fixed(feed: PacedFeed) -> tuple[float, float, Floats]:
    """Polls an hour, the mean wait and polls by hours of a feed whose times are given."""
    if feed.fires:
        fires = np.array(sorted(feed.fires))
        gaps = np.diff(fires, append=fires[0] + WEEK_S)
        hours = np.bincount((fires // HOUR_S).astype(int) % 24, minlength=24) / 7
        wait = float((gaps**2).sum() / 2 / gaps.sum())
        return len(fires) * HOUR_S / WEEK_S, wait, hours
    every = max(feed.every_s or 0.0, 1.0)
    rate = HOUR_S / every
    return rate, every / 2, np.full(24, rate)


class _Week:
    """Some feeds' sums over a week, twice in a row, so that an interval may reach into the next.

    Time runs from Monday 00:00 UTC. ``busy``: expected entries by the second, in units of each feed's mean.
    """

    def __init__(self, feeds: Sequence[PacedFeed], places: Sequence[int]) -> None:
        half_hours = np.array([one.habits.half_hours for one in feeds])
        weekdays = np.array([one.habits.weekdays for one in feeds])
        week = (weekdays[:, :, None] * half_hours[:, None, :]).reshape(len(feeds), _WEEK_BINS)
        self._busy = np.tile(np.maximum(week, LEAST), 2)
        none = np.zeros((len(feeds), 1))
        self._entries = np.concatenate((none, np.cumsum(self._busy * BIN_S, axis=1)), axis=1)
        waited = self._entries[:, :-1] * BIN_S + self._busy * BIN_S * BIN_S / 2
        self._waits = np.concatenate((none, np.cumsum(waited, axis=1)), axis=1)
        self._paces = np.array([weighted_pace(one.habits.rate) for one in feeds])
        self._floors = np.array([one.floor_s for one in feeds])
        self._costly = np.array([one.costly for one in feeds])
        self._starts = np.array([place * _GOLDEN % 1 * DAY_S for place in places])

    def follow(self, policy: Policy) -> tuple[Floats, Floats, Floats]:
        """Polls an hour and mean waits by feed, and polls by hours of all."""
        count = len(self._starts)
        now, polls = self._starts.copy(), np.zeros(count)
        waits, entries, hours = np.zeros(count), np.zeros(count), np.zeros((count, 24))
        left = np.arange(count)
        while left.size:
            at = now[left] % WEEK_S
            lasts = self._interval(left, at, policy)
            more, waited = self._sums(left, at, lasts)
            entries[left] += more
            waits[left] += waited
            now[left] += lasts
            polls[left] += 1
            hours[left, (now[left] // HOUR_S).astype(int) % 24] += 1
            left = left[now[left] - self._starts[left] < WEEK_S]
        took = now - self._starts
        return polls * HOUR_S / took, waits / entries, (hours * (DAY_S / took)[:, None]).sum(axis=0)

    def _interval(self, which: npt.NDArray[np.intp], at: Floats, policy: Policy) -> Floats:
        """The interval after a poll at ``at``; see ``cadence.after_success``."""
        longest = policy.max_interval.total_seconds()
        shortest = min(max(policy.min_interval.total_seconds(), _SHORTEST_S), longest)
        found = self._until_due(which, at, policy, shortest, longest)
        slow = np.minimum(2 * found, np.maximum(found, longest))
        found = np.where(self._costly[which], slow, found)
        found = np.maximum(found, self._floors[which]) * (1 + SPREAD / 2)
        bounded: Floats = np.minimum(found, WEEK_S)
        return bounded

    def _until_due(
        self,
        which: npt.NDArray[np.intp],
        at: Floats,
        policy: Policy,
        shortest: float,
        longest: float,
    ) -> Floats:
        """Where the expected waits reach the limit: they are convex, so that Newton's method finds it from beyond."""
        longest = min(longest, WEEK_S)
        limit = even_limit(policy) / self._paces[which]
        busy = self._busy[which, (at / BIN_S).astype(np.intp)]
        tried: Floats = np.clip(np.sqrt(2 * limit / busy), shortest, longest)
        for _ in range(_STEPS):
            entries, waits = self._sums(which, at, tried)
            better = np.clip(tried - (waits - limit) / entries, shortest, longest)
            done = np.abs(better - tried).max() < 1.0
            tried = better
            if done:
                break
        return tried

    def _sums(
        self, which: npt.NDArray[np.intp], at: Floats, lasts: Floats
    ) -> tuple[Floats, Floats]:
        """Expected entries between ``at`` and so much later, and the time that they wait until then."""
        entries, waits = self._at(which, at)
        more, waited = self._at(which, at + lasts)
        return more - entries, waited - waits - entries * lasts

    def _at(self, which: npt.NDArray[np.intp], at: Floats) -> tuple[Floats, Floats]:
        half_hour = np.minimum((at / BIN_S).astype(np.intp), 2 * _WEEK_BINS - 1)
        into = at - half_hour * BIN_S
        place = which * (2 * _WEEK_BINS) + half_hour
        busy = self._busy.ravel().take(place)
        place += which  # the sums have one place more
        entries = self._entries.ravel().take(place)
        gained = busy * into
        waits = self._waits.ravel().take(place) + (entries + gained / 2) * into
        return entries + gained, waits
