"""Paces of feeds, by configuration and store together. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from aggregator.config.choices import schedule
from aggregator.config.config import Config
from aggregator.model import FeedPace
from aggregator.schedule.cadence import WEEK, Pace, Policy, backoff
from aggregator.schedule.expected_polls import WEEK_S, PacedFeed
from aggregator.schedule.habits import habits
from aggregator.schedule.triggers import Every, Schedule

_MONDAY = datetime(1970, 1, 5, tzinfo=UTC)
_MOST_FIRES = 7 * 24 * 60  # a cron's in a week, one a minute


def bounds_of(config: Config) -> Policy:
    """The bounds that the operator set for feeds without a schedule of their own."""
    given = config.settings.schedule
    return Policy(given.min_interval, given.max_interval)


def paced_feed(config: Config, stored: FeedPace, policy: Policy, now: datetime) -> PacedFeed:
    """All that decides when the ``stored`` feed will be polled, by ``policy`` where the operator says no more."""
    known = habits(stored.recent, now)
    own = schedule(config, stored.key)
    if stored.failures:
        pace = Pace(policy, config.settings.websub.safety_interval, own)
        return PacedFeed(
            known, every_s=backoff(stored.failures, pace.shortest, 0.5).total_seconds()
        )
    if isinstance(own, Every):
        return PacedFeed(known, every_s=own.interval.total_seconds())
    if own is not None and (fires := _fires(own, now)):
        return PacedFeed(known, fires=fires)
    if own is not None:  # not within a week
        return PacedFeed(known, every_s=WEEK_S)
    floor = min(stored.hints.min_interval or timedelta(0), WEEK)
    if stored.pushed_until is not None and stored.pushed_until > now:
        floor = max(floor, config.settings.websub.safety_interval)
    return PacedFeed(known, floor_s=floor.total_seconds(), costly=stored.costly)


def _fires(own: Schedule, now: datetime) -> tuple[float, ...]:
    """Seconds after Monday 00:00 UTC at which a schedule has its feed polled, within a week from ``now``."""
    found: list[float] = []
    when, end = own.next_after(None, now), now + WEEK
    while when <= end and len(found) < _MOST_FIRES:
        found.append((when - _MONDAY).total_seconds() % WEEK_S)
        when = own.next_after(when, when)
    return tuple(found)
