"""Was the clock set back? Told by a clock that nobody can set. Pure.

Plans are times of day in the database: of a clock that is set back by a day, all of them are a day off.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

NOTICED = timedelta(seconds=30)
"""A smaller jump delays by less than that: not worth touching every plan."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Both clocks at one moment: the time of day, and seconds of a clock that only goes on."""

    wall: datetime
    steady: float


def set_back(before: Reading, now: Reading) -> timedelta:
    """Time by which the clock was set back between two readings; zero where it was not, or hardly."""
    expected = before.wall + timedelta(seconds=now.steady - before.steady)
    jump = expected - now.wall
    return jump if jump >= NOTICED else timedelta(0)
