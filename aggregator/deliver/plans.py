"""Plans of roads: which of the events that wait go into the next message, or until when none is sent. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from aggregator.deliver.notify_limits import free_now, next_free
from aggregator.deliver.webhook_message import in_one_message
from aggregator.model import EventKind, Quota, RoadEvent, RoadEvents, RoadState
from aggregator.schedule.quiet_hours import QuietHours, quiet_until


@dataclass(frozen=True, slots=True)
class Plan:
    """The next message: ``events`` of all up to line ``upto``, and ``beyond`` more that are counted only.

    With ``wait_until`` nothing is sent before then.
    """

    events: Sequence[RoadEvent] = ()
    upto: int = 0
    at: datetime | None = None  # when the last of them happened
    beyond: int = 0
    wait_until: datetime | None = None

    @property
    def is_single(self) -> bool:
        """True where one event is told, which its own line names."""
        return len(self.events) == 1 and not self.beyond and self.upto == self.events[0].seq


@dataclass(frozen=True, slots=True)
class Waiting:
    """Events that wait: those ``left`` of what was ``read`` (one at least), and the state of the road."""

    left: Sequence[RoadEvent]
    read: RoadEvents
    state: RoadState
    now: datetime

    @property
    def count(self) -> int:
        """The number of events that wait, as far as they were looked at."""
        return len(self.left) + self.read.beyond


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message that is sent ``now``: a plan, and the log that its lines are of."""

    epoch: int
    plan: Plan
    now: datetime


def plan_one(waiting: Waiting) -> Plan:
    """The first event by itself."""
    first = waiting.left[0]
    return Plan(waiting.left[:1], first.seq, first.at)


def plan_batch(waiting: Waiting, most: int) -> Plan:
    """The next message of up to ``most`` events; one that may have been sent already has the same again."""
    left = waiting.left
    if waiting.state.pending_upto is not None:
        return Plan(left, waiting.state.pending_upto, left[-1].at)
    some = in_one_message(left, most)
    return Plan(some, some[-1].seq, some[-1].at)


def plan_all(waiting: Waiting) -> Plan:
    """All that waits in one message."""
    read, pending = waiting.read, waiting.state.pending_upto
    upto = pending if pending is not None else read.last
    return Plan(waiting.left, upto, read.last_at, read.beyond)


@dataclass(frozen=True, slots=True)
class NotifyTerms:
    """Terms on which a service may be told something: a cap, quiet hours, whether alarms keep them."""

    cap: Quota | None
    quiet: QuietHours | None
    zone: tzinfo
    alarms_in_quiet: bool = True

    def plan(self, waiting: Waiting) -> Plan:
        """One event, all in one, or a time to wait until.

        What was held by the cap or by quiet hours comes in one message, and so does what is more than
        the cap allows now.
        """
        state, now = waiting.state, waiting.now
        if (until := self._quiet_until(waiting)) is not None:
            return Plan(wait_until=until)
        free = waiting.count if self.cap is None else free_now(state.recent, self.cap, now)
        if not free and self.cap is not None:
            return Plan(wait_until=next_free(state.recent, self.cap, now))
        if state.pending_upto is not None:
            return plan_all(waiting)
        if waiting.count > 1 and (state.is_held or waiting.count > free):
            return plan_all(waiting)
        return plan_one(waiting)

    def _quiet_until(self, waiting: Waiting) -> datetime | None:
        is_alarm = waiting.left[0].kind in {EventKind.ALARM, EventKind.OVER}
        if self.quiet is None or (is_alarm and self.alarms_in_quiet):
            return None
        return quiet_until(self.quiet, self.zone, waiting.now)
