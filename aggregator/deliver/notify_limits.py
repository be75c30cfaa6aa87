"""Cap on how many notifications come within a time: how many may be sent now, and when the next. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from aggregator.model import Quota

_AHEAD = timedelta(minutes=1)  # a time that is later than that was given by a clock set back since


def still_counting(recent: Sequence[datetime], cap: Quota, now: datetime) -> tuple[datetime, ...]:
    """Those of the times at which messages were sent that count against ``cap``, ascending."""
    return tuple(sorted(at for at in recent if now - cap.span < at <= now + _AHEAD))


def free_now(recent: Sequence[datetime], cap: Quota, now: datetime) -> int:
    """Messages that may be sent now."""
    return max(cap.most - len(still_counting(recent, cap, now)), 0)


def next_free(recent: Sequence[datetime], cap: Quota, now: datetime) -> datetime:
    """The time at which another message may be sent."""
    counted = still_counting(recent, cap, now)
    return now if len(counted) < cap.most else counted[-cap.most] + cap.span
