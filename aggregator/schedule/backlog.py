"""Fewer polls while entries wait for their stories. Pure.

Where more comes in than is settled, polling more only makes subscribers wait longer for each entry:
polls slow down until the two are even.
"""

from __future__ import annotations

from datetime import datetime, timedelta

_UNNOTICED = timedelta(seconds=30)  # a batch or two behind, as after every burst
_LEAST = 1 / 16  # whatever waits, feeds are polled: some lose entries that nobody asks for in time


def backlog_age(ready_since: datetime | None, now: datetime) -> timedelta:
    """Time for which the entry that waits longest has been ready; zero where none is (``ready_since`` None)."""
    return max(now - ready_since, timedelta(0)) if ready_since is not None else timedelta(0)


def share_of_polls(age: timedelta) -> float:
    """The share, above 0 and up to 1, of the places for polls that may be used at this backlog's age."""
    if age <= _UNNOTICED:
        return 1.0
    return max(_UNNOTICED / age, _LEAST)
