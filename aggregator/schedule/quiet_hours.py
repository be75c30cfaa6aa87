"""Quiet hours of a day, by the clock on the wall of a time zone. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo

_QUIET = re.compile(r"\s*(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})\s*", re.ASCII)
_QUIET_HOURS = 'two times such as "22:00-07:00"; empty: none'


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Hours from ``start`` until ``end`` on the wall, over midnight where ``end`` is the earlier one."""

    start: time
    end: time

    def has(self, wall: time) -> bool:
        """True where the clock on the wall shows a quiet time."""
        if self.start < self.end:
            return self.start <= wall < self.end
        return wall >= self.start or wall < self.end


def parse_quiet_hours(value: str) -> QuietHours | None:
    """``"22:00-07:00"`` as hours, ``""`` as none. Raises ``ValueError`` for anything else."""
    if not value.strip():
        return None
    found = _QUIET.fullmatch(value)
    if found is None:
        raise ValueError(_QUIET_HOURS)
    try:
        hours = QuietHours(time(int(found[1]), int(found[2])), time(int(found[3]), int(found[4])))
    except ValueError:
        raise ValueError(_QUIET_HOURS) from None
    if hours.start == hours.end:
        raise ValueError(f"{_QUIET_HOURS}, which differ")
    return hours


def quiet_until(hours: QuietHours, zone: tzinfo, now: datetime) -> datetime | None:
    """The end of the quiet hours that ``now`` lies in; None where it lies in none.

    Where clocks show the end twice, the first time ends them (and the second one, of those that
    began between); where they skip it, they end when it would have been.
    """
    local = now.astimezone(zone)
    if not hours.has(local.time()):
        return None
    for day in (local.date(), local.date() + timedelta(days=1)):
        for fold in (0, 1):
            end = datetime.combine(day, hours.end.replace(fold=fold), tzinfo=zone).astimezone(UTC)
            if end > now:
                return end
    return now + timedelta(days=1)
