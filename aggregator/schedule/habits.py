"""A feed's habits: how much it publishes, at which hours of the day and on which weekdays. Pure.

All of it is learned from the times of a feed's latest entries, some dozens of numbers. They are few, so what they
say of an hour or a weekday counts only as far as there is something to say: the estimates
are drawn towards an even spread, by :data:`HOUR_PRIOR` and :data:`DAY_PRIOR` imagined batches.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

DAY = timedelta(days=1)
DAY_S = DAY.total_seconds()
BIN_S = 1_800.0  # the day is told in half hours
BINS = 48
HOUR_PRIOR = 4.0
DAY_PRIOR = 12.0
_EPOCH_WEEKDAY = 3  # 1 January 1970 was a Thursday; Monday is 0
_MEMORY_S = 14 * DAY_S / math.log(2)  # an entry's weight in the rate halves in 14 days
_SLOW_RATE = 1 / 30  # assumed at least, so that a silent feed is not forgotten
_BATCH_S = 600.0  # entries that follow so soon were published together
LEAST = 0.02  # of the even spread; a feed may always change its habits
_WEEK_BINS = 7 * BINS


@dataclass(frozen=True, slots=True)
class Habits:
    """Entries a day, and by how much half hours (UTC) and weekdays (Monday first) are busier."""

    rate: float  # entries a day
    half_hours: tuple[float, ...]  # 48 factors around 1
    weekdays: tuple[float, ...]  # 7 factors around 1

    def factor(self, half_hour: int) -> float:
        """The factor of a half hour, counted from the Unix epoch."""
        day = half_hour // BINS
        busy = self.half_hours[half_hour % BINS] * self.weekdays[(day + _EPOCH_WEEKDAY) % 7]
        return max(busy, LEAST)


def habits(recent: Sequence[float], now: datetime) -> Habits:
    """The habits of a feed whose latest entries appeared at these times, in Unix seconds and any order.

    A batch counts once for hours and weekdays, and with all its entries for the rate.
    """
    moment = now.timestamp()
    times = sorted([min(moment, when) for when in recent])
    batches = [
        int(when // BIN_S)
        for when, before in zip(times, [-math.inf, *times], strict=False)
        if when - before >= _BATCH_S
    ]
    seen = _seen(times[0], moment) if times else range(0)
    return Habits(entry_rate(times, now), _half_hours(batches, seen), _weekdays(batches, seen))


def appeared(published: datetime | None, polled: datetime, before: datetime | None) -> float:
    """The time at which a new entry is taken to have appeared in its feed, in Unix seconds.

    That is its publication where this lies between ``before``, the last successful poll, and
    ``polled``. Feeds that give the day only, or list an entry late, do not say it: then it is the
    middle of the two. What was published more than a day before is an archive, and keeps its date.
    """
    if published is not None and (
        before is None or published >= before or before - published > DAY
    ):
        return min(published, polled).timestamp()
    return (before + (polled - before) / 2 if before is not None else polled).timestamp()


def entry_rate(recent: Sequence[float], now: datetime) -> float:
    """Entries a day, newer ones weighing more.

    ``recent`` holds their publication in Unix seconds, in any order; future ones count as now.

    The weights' sum is divided by the weight of the time that ``recent`` spans, so that a feed
    that lists ten entries of the last two hours is known to be fast at its first poll.
    """
    if not recent:
        return _SLOW_RATE
    moment = now.timestamp()
    span = max(moment - min(recent), DAY_S)
    weight = sum(
        [math.exp((when - moment) / _MEMORY_S) if when < moment else 1.0 for when in recent]
    )
    rate = weight / (_MEMORY_S * (1 - math.exp(-span / _MEMORY_S)))
    return max(rate * DAY_S, _SLOW_RATE)


def _seen(first: float, last: float) -> range:
    """The half hours that the times span; empty for a week and more, which has all of them alike."""
    start, end = int(first // BIN_S), int(last // BIN_S) + 1
    return range(start, end) if end - start < _WEEK_BINS else range(0)


def _half_hours(batches: Sequence[int], seen: range) -> tuple[float, ...]:
    counts = [0] * BINS
    for batch in batches:
        counts[batch % BINS] += 1
    exposed = _exposure([half_hour % BINS for half_hour in seen], BINS)
    return _factors(_smooth(counts), _smooth(exposed) if seen else exposed, HOUR_PRIOR)


def _smooth(ring: Sequence[float]) -> list[float]:
    """Each half hour with its two neighbours on either side; midnight is in the middle of a night."""
    long = [*ring[-2:], *ring, *ring[:2]]
    neighbours = zip(long, long[1:], long[2:], long[3:], long[4:], strict=False)
    return [(a + b + b + c + c + c + d + d + e) / 9 for a, b, c, d, e in neighbours]


def _weekdays(batches: Sequence[int], seen: range) -> tuple[float, ...]:
    counts = [0.0] * 7
    for batch in batches:
        counts[(batch // BINS + _EPOCH_WEEKDAY) % 7] += 1
    days = [(half_hour // BINS + _EPOCH_WEEKDAY) % 7 for half_hour in seen]
    return _factors(counts, _exposure(days, 7), DAY_PRIOR)


def _exposure(places: Sequence[int], count: int) -> Sequence[float]:
    """How long each place was looked at, around 1: a feed known for a night is not known to sleep by day."""
    if not places:
        return [1.0] * count
    exposed = [0.0] * count
    for place in places:
        exposed[place] += count / len(places)
    return exposed


def _factors(counts: Sequence[float], exposed: Sequence[float], prior: float) -> tuple[float, ...]:
    total, size = sum(counts), len(counts)
    return tuple(
        [
            (found * size + prior) / (total * long + prior)
            for found, long in zip(counts, exposed, strict=True)
        ]
    )
