"""Places of items in a window, and how far down the store was looked for them. Pure.

Most told first is a rank that stays: each time that twice as many feeds tell a story, it stands as if it
were some hours younger. So what is old sinks below what is new without a clock, and every process has
the same order at all times.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import Final

from aggregator.model import OutputOrder, Selection

Place = tuple[datetime, int]
"""Place in a window: its date, and what decides between two of the same; the latest comes first."""

TWICE: Final = timedelta(hours=6)  # so much twice as many feeds are worth
MOST: Final = 256  # feeds; more are worth no more
_UNTIDY: Final = timedelta(minutes=15)  # polls that ran side by side are stored in any order


def lead(sources: int) -> timedelta:
    """Time by which a story told by ``sources`` feeds stands above one of the same date."""
    return timedelta(seconds=round(TWICE.total_seconds() * math.log2(min(max(sources, 1), MOST))))


def floor(reached: Place, selection: Selection) -> Place:
    """The place from which on nothing is missing, where the store was looked through down to ``reached``."""
    if selection.order is OutputOrder.SOURCES:
        return reached[0] + lead(MOST), 0
    if selection.by_discovery:
        return reached[0] + _UNTIDY, 0
    return reached


def is_past(reached: Place, selection: Selection) -> bool:
    """True where all that is old enough to be looked for below ``reached`` is too old for the window."""
    return selection.since is not None and floor(reached, selection)[0] < selection.since
