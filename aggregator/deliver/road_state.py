"""The state of a road after an attempt: told, failed, given up. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from aggregator.deliver.retries import next_attempt
from aggregator.model import RoadState, SendOutcome

PROBE_EVERY = timedelta(hours=6)
"""Between attempts once one message was given up: each then has one."""
_REMEMBERED = 1000  # times of messages


def passed(
    state: RoadState, epoch: int, upto: int, at: datetime | None, now: datetime
) -> RoadState:
    """Everything up to line ``upto`` is told, or nothing that this road tells; nothing was sent."""
    return replace(
        state,
        epoch=epoch,
        seq=upto,
        told_at=at or state.told_at,
        pending_upto=None,
        quiet_upto=state.quiet_upto if epoch == state.epoch else 0,
        next_at=now,
    )


def delivered(
    state: RoadState, epoch: int, upto: int, at: datetime | None, now: datetime
) -> RoadState:
    """A message that tells everything up to line ``upto`` arrived."""
    return replace(
        passed(state, epoch, upto, at, now),
        failures=0,
        failing_since=None,
        error=None,
        sent=state.sent + 1,
        sent_at=now,
        recent=(*state.recent, now)[-_REMEMBERED:],
        is_held=False,
    )


def failed(
    state: RoadState, outcome: SendOutcome, now: datetime, jitter: float
) -> tuple[RoadState, bool]:
    """The state after a failed attempt; is the message given up? Then the next one is tried later.

    A clock that was set back since the first failure counts as none of the time.
    """
    since = min(state.failing_since or now, now)
    after = replace(state, failures=state.failures + 1, failing_since=since, error=outcome.error)
    if outcome.is_gone:
        return replace(after, disabled=outcome.error, next_at=now), False
    again = next_attempt(after.failures, since, now, outcome.retry_after, jitter)
    if again is None:
        return replace(after, next_at=now + PROBE_EVERY), True
    return replace(after, next_at=again), False


def begun(state: RoadState, end: tuple[int, int], now: datetime, *, from_start: bool) -> RoadState:
    """A road that begins at the ``end`` of its source, or before all that stands there."""
    epoch, last = end
    seq, quiet = (0, last) if from_start else (last, 0)
    return replace(state, epoch=epoch, seq=seq, quiet_upto=quiet, told_at=now, next_at=now)
