"""Cron expressions: checked, and written so that days of the week mean what cron says.

APScheduler counts days of the week from Monday = 0, cron from Sunday = 0 (and 7). Expressions are
therefore kept with the days' names, which mean the same to both.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from apscheduler.triggers.cron import CronTrigger

_A_CRON = "five cron fields (minute hour day month weekday) such as `0 7 * * *`"
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NUMBERED = re.compile(r"(?:(\d)(?:-(\d))?|\*)(?:/(\d+))?")


def _named(item: str) -> str:
    """One item of the weekday field with names for numbers: ``1-3`` → ``mon,tue,wed``."""
    match = _NUMBERED.fullmatch(item)
    if match is None or item == "*":
        return item
    first, last, step = match.groups()
    low = int(first or 0)
    high = int(last) if last else (6 if step else low)
    if low > high or high > 7 or int(step or 1) < 1:
        raise ValueError(f"{_A_CRON}; weekday `{item}` is not within 0–7")
    days = [_DAYS[day] for day in range(low, high + 1, int(step or 1))]
    return ",".join(dict.fromkeys(days))


def parse_cron(text: str) -> str:
    """``text`` with single spaces and named weekdays, ready for APScheduler's ``from_crontab``.

    Raises ``ValueError`` for what is no cron expression, and for one that never comes
    (``0 0 30 2 *``).
    """
    fields = text.split()
    if len(fields) != 5:
        raise ValueError(_A_CRON)
    fields[4] = ",".join(_named(item) for item in fields[4].split(","))
    cron = " ".join(fields)
    try:
        trigger = CronTrigger.from_crontab(cron, timezone=UTC)
    except ValueError as error:
        raise ValueError(f"{_A_CRON}; {error}") from None
    if trigger.get_next_fire_time(None, datetime(2000, 1, 1, tzinfo=UTC)) is None:
        raise ValueError(f"{_A_CRON}; this one names a day that never comes")
    return cron
