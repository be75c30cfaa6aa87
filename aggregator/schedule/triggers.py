"""Operators' own schedules, ``every = "30m"`` and ``cron = "0 7 * * *"``."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from hashlib import sha256
from typing import Protocol

from aggregator.schedule.cron import Cron

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Schedule(Protocol):
    """Operator schedule: the times at which a feed is polled."""

    def next_after(self, previous: datetime | None, now: datetime) -> datetime:
        """The first time after ``now``; ``previous`` is when the last poll was due."""
        ...


class Every:
    """A fixed interval on beats of the feed's own, without drift: a late poll does not move later ones.

    Where in the interval (above zero) the beats lie follows from ``key`` alone, so that feeds with
    the same interval are spread over it evenly, also those that started together.
    """

    def __init__(self, interval: timedelta, key: str = "") -> None:
        self.interval = interval
        drawn = int.from_bytes(sha256(key.encode()).digest()[:8])
        self._first = _EPOCH + interval * (drawn / 2**64)

    def next_after(self, previous: datetime | None, now: datetime) -> datetime:
        """See :class:`Schedule`.

        After a poll off the beats (a feed's first one, one brought forward) the beat comes half an
        interval later at least, and one and a half at most, so that nobody is asked twice in a row.
        """
        off_beat = previous is not None and (previous - self._first) % self.interval
        earliest = now + self.interval / 2 if off_beat else now
        return self._first + self.interval * ((earliest - self._first) // self.interval + 1)


def schedule_of(
    every: timedelta | None, cron: str | None, zone: tzinfo = UTC, key: str = ""
) -> Schedule | None:
    """The operator's schedule for the feed ``key``, ``cron`` in ``zone``; None: the adaptive cadence."""
    if every is not None:
        return Every(every, key)
    return Cron(cron, zone) if cron else None
