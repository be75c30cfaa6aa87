"""The cadence: the next poll of a feed, from what is known of it. Pure: values in, a time out.

Entries that a feed is expected to publish wait for its next poll. It is due when their expected waits,
added up, reach a limit that is the same for all feeds. At an even pace the interval so goes with
1 / sqrt(rate), which is optimal for Poisson arrivals and a fixed number of polls; where a feed keeps hours
and weekdays, polls follow them. Waits of slow feeds count a little more (:data:`_PROTECTION`), or
their readers would pay for the news of the busy.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from aggregator.model import UpdateHints
from aggregator.schedule.habits import BIN_S, Habits, habits
from aggregator.schedule.triggers import Every, Schedule

DAY = timedelta(days=1)
WEEK = timedelta(weeks=1)
_BUSY_RATE = 4.0  # entries a day at which an even pace gets the shortest interval
# Power of the rate; 1 is the least wait of all entries, 0 the same for each feed.
_PROTECTION = 0.9
SPREAD = 0.1  # jitter, upwards only, as a share of the interval
_REFUSED = timedelta(hours=6)  # a publisher that refuses us is left alone at least so long


@dataclass(frozen=True, slots=True)
class Policy:
    """The bounds that the operator set; ``stretch`` makes all intervals between them longer or shorter."""

    min_interval: timedelta
    max_interval: timedelta
    stretch: float = 1.0

    def stretched(self, factor: float) -> Policy:
        """Longer intervals, by ``factor`` (at least 1): the longest too, up to a week.

        The shortest stays: the busiest feeds keep it as long as their share allows.
        """
        longest = max(self.max_interval, min(self.max_interval * factor, WEEK))
        return replace(self, max_interval=longest, stretch=self.stretch * factor)


@dataclass(frozen=True, slots=True)
class Pace:
    """All that the operator says about how often one feed is polled."""

    bounds: Policy
    safety: timedelta  # between polls of a feed whose news a hub delivers
    schedule: Schedule | None = None  # the feed's own

    @property
    def shortest(self) -> timedelta:
        """The shortest time between two polls of the feed."""
        fixed = self.schedule
        return fixed.interval if isinstance(fixed, Every) else self.bounds.min_interval

    def stretched(self, factor: float) -> Pace:
        """The pace where intervals of the cadence are longer by ``factor``; the operator's own stand."""
        return replace(self, bounds=self.bounds.stretched(factor)) if factor != 1 else self


def adaptive_interval(recent: Sequence[float], now: datetime, policy: Policy) -> timedelta:
    """The time until the next poll of a feed with entries at these times, within the policy's bounds.

    ``recent`` is in Unix seconds, in any order; those in the future count as now.
    """
    longest = policy.max_interval
    if policy.min_interval >= longest:
        return longest
    found = _until_due(habits(recent, now), now.timestamp(), policy)
    return min(max(timedelta(seconds=found), policy.min_interval), longest)


def _until_due(known: Habits, now: float, policy: Policy) -> float:
    """Seconds until the expected waits of what the feed publishes from ``now`` on reach the limit.

    Within a half hour entries come at an even pace, so that waits grow with the square of the time.
    """
    longest = policy.max_interval.total_seconds()
    pace, limit = weighted_pace(known.rate), even_limit(policy)
    half_hour, at = int(now // BIN_S), now
    entries = waits = 0.0
    while at - now < longest:
        lasts = (half_hour + 1) * BIN_S - at
        busy = pace * known.factor(half_hour)
        after = waits + entries * lasts + busy * lasts * lasts / 2
        if after >= limit:
            root = math.sqrt(entries * entries + 2 * busy * (limit - waits))
            return at + (root - entries) / busy - now
        waits, entries = after, entries + busy * lasts
        half_hour, at = half_hour + 1, at + lasts
    return longest


def weighted_pace(rate: float) -> float:
    """The pace of a feed with ``rate`` entries a day, as the cadence counts it: in weighted entries a second."""
    return math.pow(rate / _BUSY_RATE, _PROTECTION)


def even_limit(policy: Policy) -> float:
    """The limit of expected waits: what an even pace of the busy rate makes of the shortest interval."""
    return (policy.min_interval.total_seconds() * policy.stretch) ** 2 / 2


def backoff(failures: int, interval: timedelta, chance: float) -> timedelta:
    """The time to leave a feed alone after ``failures`` (≥ 1) failed polls in a row.

    Exponential with full jitter up to a week: between ``interval`` and ``interval`` x 2^failures,
    where ``chance`` in [0, 1) says.
    """
    if interval >= WEEK:
        return interval
    # The exponent is bounded so that a feed that fails for years does not overflow.
    highest: timedelta = min(interval * 2 ** min(failures, 20), WEEK)
    return interval + (highest - interval) * chance


def after_success(
    now: datetime,
    recent: Sequence[float],
    hints: UpdateHints,
    floor: datetime | None,
    policy: Policy,
    chance: float,
    *,
    costly: bool = False,
) -> datetime:
    """The next poll of a feed without an operator's schedule, after a poll that went well.

    ``floor`` is what HTTP says (freshness lifetime); hints come from the feed document. Both can
    only make it later, and no hint can make it later than a week. ``chance`` in [0, 1) spreads
    feeds, upwards only. A ``costly`` feed, whose server gives no validators and so sends all of it
    at every poll, is polled half as often.
    """
    interval = adaptive_interval(recent, now, policy)
    if costly:
        interval = min(2 * interval, max(interval, policy.max_interval))
    if hints.min_interval is not None:
        interval = max(interval, min(hints.min_interval, WEEK))
    return respect(now + interval * (1 + SPREAD * chance), now, hints, floor)


def after_failure(
    now: datetime,
    failures: int,
    interval: timedelta,
    floor: datetime | None,
    chance: float,
    *,
    refused: bool = False,
) -> datetime:
    """The next poll after a failed one; ``floor`` is what Retry-After and the like say.

    ``refused``: the publisher turns us away (a challenge, 403 again and again), which is taken as
    a request to slow down.
    """
    start = max(interval, _REFUSED) if refused else interval
    when = now + backoff(failures, start, chance)
    return max(when, floor) if floor is not None else when


def next_poll(
    pace: Pace,
    now: datetime,
    recent: Sequence[float],
    hints: UpdateHints,
    floor: datetime | None,
    chance: float,
    *,
    costly: bool = False,
    planned: datetime | None = None,
    pushed_until: datetime | None = None,
) -> datetime:
    """The next poll of any feed after one that went well: the operator's schedule, else the feed's.

    ``planned`` is when the poll that ended was due. ``pushed_until``: a hub tells of the feed's news
    until then, so that it is polled for safety only. For the rest see :func:`after_success`.
    """
    if pace.schedule is not None:
        # The operator's word beats the document's hints, not what HTTP asks for.
        return respect(pace.schedule.next_after(planned, now), now, UpdateHints(), floor)
    wanted = after_success(now, recent, hints, floor, pace.bounds, chance, costly=costly)
    return max(wanted, safety_poll(now, pushed_until, pace.safety))


def next_attempt(
    pace: Pace,
    now: datetime,
    failures: int,
    hints: UpdateHints,
    floor: datetime | None,
    chance: float,
    *,
    refused: bool = False,
) -> datetime:
    """The next poll of any feed after one that failed; see :func:`after_failure`.

    The document's hints count where the operator gave no schedule.
    """
    given = hints if pace.schedule is None else UpdateHints()
    interval = max(pace.shortest, min(given.min_interval or timedelta(0), WEEK))
    when = after_failure(now, failures, interval, floor, chance, refused=refused)
    return respect(when, now, given, None)


def safety_poll(now: datetime, pushed_until: datetime | None, safety: timedelta) -> datetime:
    """The soonest that a feed need be polled: ``now``, or later while a hub tells us of its news.

    Polls go on at the ``safety`` interval, for hubs lose things, and when the lease ends.
    """
    if pushed_until is None or pushed_until <= now:
        return now
    return min(now + safety, pushed_until)


def respect(when: datetime, now: datetime, hints: UpdateHints, floor: datetime | None) -> datetime:
    """``when``, moved past ``floor`` and out of the hours and days the publisher asks to skip.

    Hours are GMT (RSS 2.0 ``skipHours``), Monday is day 0. A publisher that skips everything is
    not taken at its word: after a week of searching ``when`` stands.
    """
    earliest = max(when, min(floor, now + WEEK)) if floor is not None else when
    moved = earliest
    while moved.hour in hints.skip_hours or moved.weekday() in hints.skip_days:
        moved = moved.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        if moved - earliest > WEEK:
            return earliest
    return moved
