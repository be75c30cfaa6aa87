"""The decision which changes of feeds are told, so that nobody is flooded. Pure.

A feed that breaks and comes back again and again is told of twice a day at most. When very many break
within an hour, the rest is left to the summary of the day.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo

from aggregator.model import HealthKind, LastHealth
from aggregator.schedule.cron import Cron

_SETTLED_AFTER = timedelta(days=1)  # a feed that came back is told of anew when it breaks
LATELY = timedelta(hours=1)
_MOST_LATELY = 20  # events that are told by themselves


def is_news(kind: HealthKind, last: LastHealth | None, now: datetime, failures: int = 0) -> bool:
    """True for a change that is an event after ``last``: a feed breaks once, and comes back once.

    One whose ``failures`` in a row are counted anew since it broke (its address was changed) has been
    well meanwhile.
    """
    if kind is HealthKind.MOVED:
        return True
    if kind is HealthKind.BACK:
        return last is not None and last.kind is HealthKind.BROKE
    if last is None:
        return True
    was_well = last.kind is HealthKind.BACK or failures <= last.failures
    return was_well and now - last.at >= _SETTLED_AFTER


def is_told(kind: HealthKind, last: LastHealth | None, lately: int) -> bool:
    """True for an event that is an item of its own; ``lately`` were told within :data:`LATELY`."""
    if kind is HealthKind.BACK:
        return last is not None and last.told
    return lately < _MOST_LATELY


def summary_day(
    cron: Cron, zone: tzinfo, now: datetime, first: datetime | None, last_day: str
) -> date | None:
    """The local date of a summary that is due ``now``; None for none.

    ``first`` is the time of the earliest event that no summary has told (None: there is none), and
    ``last_day`` the date of the latest summary. There is one a date, and one after any downtime.
    """
    if first is None:
        return None
    run = cron.next_run(first)
    today = now.astimezone(zone).date()
    if run is None or run > now or today.isoformat() <= last_day:
        return None
    return today
