"""Cron expressions as every cron reads them (POSIX crontab, Vixie cron), in a time zone.

When day of month and day of week are both restricted, a day that fits either of them is meant:
``0 7 13 * 5`` is every Friday and every 13th. A field that begins with ``*`` (``*/2``, too) is not
restricted, and then a day must fit both. Days of the week count from Sunday = 0 (and 7); APScheduler,
whose triggers find the times, counts from Monday = 0, and is given names.

When clocks change, an expression whose minute and hour both name times runs once a day: at 03:30 for
a 02:30 that is skipped, at the first 02:30 of two. One whose minute or hour begins with ``*`` runs by
the clock as it is: at both, and at none that is skipped.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo

from apscheduler.triggers.combining import OrTrigger
from apscheduler.triggers.cron import CronTrigger

_LONGEST_CHANGE = timedelta(hours=3)  # of clocks, by far
_A_CRON = "five cron fields (minute hour day month weekday) such as `0 7 * * *`"
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WEEKDAY = re.compile(
    r"(?:(?P<first>\d|[a-z]{3})(?:-(?P<last>\d|[a-z]{3}))?|\*)(?:/(?P<step>\d{1,9}))?",
    re.IGNORECASE | re.ASCII,
)


class Cron:
    """Five cron fields in the time zone ``zone``. Raises ``ValueError`` when they make no sense.

    With ``both_days`` a day must always fit both day fields, as the release before had it.
    """

    def __init__(self, expression: str, zone: tzinfo = UTC, *, both_days: bool = False) -> None:
        fields = expression.split()
        if len(fields) != 5:
            raise ValueError(_A_CRON)
        minute, hour, day, month, weekday = fields
        days = ",".join(map(_named, weekday.split(",")))
        pairs = [(day, days)]
        if not both_days and not day.startswith("*") and not weekday.startswith("*"):
            pairs = [(day, "*"), ("*", days)]
        try:
            triggers = [
                CronTrigger(
                    minute=minute,
                    hour=hour,
                    day=of_month,
                    month=month,
                    day_of_week=of_week,
                    timezone=zone,
                )
                for of_month, of_week in pairs
            ]
        except ValueError as error:
            raise ValueError(f"{_A_CRON}; {error}") from None
        self._trigger = OrTrigger(triggers)
        self._zone = zone
        self._by_the_clock = minute.startswith("*") or hour.startswith("*")

    def next_after(self, previous: datetime | None, now: datetime) -> datetime:  # noqa: ARG002 - the protocol's
        """See :class:`aggregator.schedule.triggers.Schedule`; a year ahead for what never comes."""
        return self.next_run(now) or now.astimezone(UTC) + timedelta(days=365)

    def next_run(self, now: datetime) -> datetime | None:
        """The first time after ``now`` (aware), in UTC; None for a day that never comes."""
        run = self._next(self._start(now))
        while run is not None and (run.astimezone(UTC) <= now or self._is_left_out(run)):
            run = self._next(run)
        return run.astimezone(UTC) if run is not None else None

    def _start(self, now: datetime) -> datetime:
        """The moment to look on from: ``now``, or one before the clocks changed a moment ago.

        A skipped 02:30 runs at 03:30, which by the clock of 03:10 lies behind.
        """
        before = now - _LONGEST_CHANGE
        changed = (
            before.astimezone(self._zone).utcoffset() != now.astimezone(self._zone).utcoffset()
        )
        return before if changed and not self._by_the_clock else now

    def _next(self, now: datetime) -> datetime | None:
        # Triggers fire at or after the moment given: a microsecond later is "after".
        later = now.astimezone(UTC) + timedelta(microseconds=1)
        run: datetime | None = self._trigger.get_next_fire_time(None, later)
        return run

    def _is_left_out(self, run: datetime) -> bool:
        """``run`` is a skipped time that the clock never shows, or one that it shows again."""
        shown = run.astimezone(UTC).astimezone(self._zone)
        if self._by_the_clock:
            return shown.replace(tzinfo=None) != run.replace(tzinfo=None)
        return shown.fold == 1


def parse_cron(text: str) -> str:
    """``text`` with single spaces, when it is a cron expression.

    Raises ``ValueError`` for what is none, and for one that never comes (``0 0 30 2 *``).
    """
    expression = " ".join(text.split())
    if Cron(expression).next_run(datetime(2000, 1, 1, tzinfo=UTC)) is None:
        raise ValueError(f"{_A_CRON}; this one never runs")
    return expression


def parse_daily(text: str) -> str:
    """Like :func:`parse_cron`, for an expression that comes once on each of its days."""
    expression = parse_cron(text)
    if not all(part.isdecimal() for part in expression.split()[:2]):
        raise ValueError(
            f"{_A_CRON}, whose minute and hour are one number each: there is one edition a day"
        )
    return expression


def _named(item: str) -> str:
    """One item of the weekday field as names of days: ``1-3`` → ``mon,tue,wed``."""
    if item == "*":
        return item
    match = _WEEKDAY.fullmatch(item)
    if match is None:
        raise ValueError(f"{_A_CRON}; weekday `{item}` is not within 0–7 or sun–sat")
    first, last, step = match.groups()
    low = _number(first) if first else 0
    high = _number(last) if last else (6 if step else low)
    if high == 0 < low:
        high = 7  # sat-sun
    if not 0 <= low <= high <= 7 or int(step or 1) < 1:
        raise ValueError(f"{_A_CRON}; weekday `{item}` is not within 0–7 or sun–sat")
    days = [_DAYS[day] for day in range(low, high + 1, int(step or 1))]
    return ",".join(dict.fromkeys(days))


def _number(day: str) -> int:
    """0–7 for a number or name of a weekday, -1 for what is neither."""
    if day.isdigit():
        return int(day) if int(day) <= 7 else -1
    return _DAYS.index(day.lower()) if day.lower() in _DAYS else -1
