"""Retries of deliveries: when one that failed is tried again, and when it is given up. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

# The wait after the first failure, the second …; the last one goes for all that follow.
_WAITS = (
    timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15),
    timedelta(minutes=30), timedelta(hours=1), timedelta(hours=2), timedelta(hours=4),
    timedelta(hours=6),
)  # fmt: skip
_GIVEN_UP_AFTER = timedelta(days=5)
_LONGEST_ASKED_FOR = timedelta(days=1)  # of what a receiver may ask for by Retry-After
_SPREAD = (
    0.5  # a wait is up to so much longer, so that what failed together does not return together
)


def next_attempt(
    failures: int, since: datetime, now: datetime, retry_after: timedelta | None, jitter: float
) -> datetime | None:
    """The time to try again a delivery that failed ``now``; None: it is given up.

    ``failures`` (≥ 1) attempts in a row have failed, the first of them at ``since``. A receiver's
    ``retry_after`` (Retry-After, RFC 9110 §10.2.3) lengthens the wait, up to a day; ``jitter`` in
    [0, 1) spreads it. Given up is what has failed for five days.
    """
    if now - since >= _GIVEN_UP_AFTER:
        return None
    wait = _WAITS[min(max(failures, 1), len(_WAITS)) - 1]
    if retry_after is not None:
        wait = max(wait, min(retry_after, _LONGEST_ASKED_FOR))
    return now + wait * (1 + _SPREAD * jitter)
