"""Operators' own schedules, ``every = "30m"`` and ``cron = "0 7 * * *"``, by APScheduler's triggers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from typing import Protocol

from apscheduler.triggers.interval import IntervalTrigger

from aggregator.schedule.cron import Cron


class Schedule(Protocol):
    """Operator schedule: the times at which a feed is polled."""

    def next_after(self, previous: datetime | None, now: datetime) -> datetime:
        """The first time after ``now``; ``previous`` is when the last poll was due."""
        ...


class Every:
    """A fixed interval, without drift: a poll that came late does not move the later ones.

    ``interval`` is above zero. The next poll is at most one interval away, also where the last one
    was put off further.
    """

    def __init__(self, interval: timedelta) -> None:
        self.interval = interval

    def next_after(self, previous: datetime | None, now: datetime) -> datetime:
        """See :class:`Schedule`."""
        start = previous or now
        if start > now:  # put off, by failures or a reload: the rhythm stays, the wait does not
            start -= self.interval * ((start - now) // self.interval + 1)
        trigger = IntervalTrigger(
            seconds=self.interval.total_seconds(), start_date=start, timezone=UTC
        )
        # A trigger fires at or after the moment given: a microsecond later is "after".
        fire: datetime = trigger.get_next_fire_time(None, now + timedelta(microseconds=1))
        return fire.astimezone(UTC)


def schedule_of(every: timedelta | None, cron: str | None, zone: tzinfo = UTC) -> Schedule | None:
    """The operator's schedule for a feed, ``cron`` in ``zone``; None: the adaptive cadence."""
    if every is not None:
        return Every(every)
    return Cron(cron, zone) if cron else None
