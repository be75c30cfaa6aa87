"""The times of editions: which one is due, and when the next will be. Pure.

There is one a local date at most: after any downtime the latest run of the schedule alone is served,
whatever the clocks did meanwhile, or the operator with the time zone.
"""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo

from aggregator.model import DueEdition, EditionCut
from aggregator.schedule.cron import Cron

_AHEAD = timedelta(days=2)  # nearer ones are waited for
_LOOK_BACK = tuple(timedelta(days=days) for days in (2, 8, 40, 400))


def due_edition(
    cron: Cron, zone: tzinfo, now: datetime, since: datetime, last_day: str
) -> DueEdition | None:
    """The latest run after ``since`` that is not later than ``now``; None where there is none.

    ``last_day`` is the local date of the edition before: the same date has no second one.
    """
    run = _latest(cron, since, now)
    if run is None:
        return None
    day = run.astimezone(zone).date().isoformat()
    return DueEdition(run, day) if day > last_day else None


def is_ahead(cut: EditionCut, now: datetime) -> bool:
    """True where the run that was served last is so far in the future that a clock was wrong."""
    return cut.due_at > now + _AHEAD


def _latest(cron: Cron, since: datetime, now: datetime) -> datetime | None:
    """From near to far, so that years without a run cost a few steps."""
    for back in _LOOK_BACK:
        found = _last_between(cron, max(since, now - back), now)
        if found is not None or now - back <= since:
            return found
    return _last_between(cron, since, now)


def _last_between(cron: Cron, after: datetime, upto: datetime) -> datetime | None:
    found, run = None, cron.next_run(after)
    while run is not None and run <= upto:
        found, run = run, cron.next_run(run)
    return found


def edition_time(
    cron: Cron, zone: tzinfo, now: datetime, cut: EditionCut | None
) -> datetime | None:
    """Time of the edition after ``cut``: in the past for one that is due; None: it never comes."""
    last_day = cut.day if cut is not None else ""
    if cut is not None and (due := due_edition(cron, zone, now, cut.due_at, last_day)):
        return due.at
    run = cron.next_run(now)
    while run is not None and run.astimezone(zone).date().isoformat() <= last_day:
        run = cron.next_run(run)
    return run
