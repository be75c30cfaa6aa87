"""Roads out of outputs: webhooks, notifications and mail, each a cursor on what happened in a source."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from aggregator.model.output_items import Item
from aggregator.model.stored_feeds import Lease
from aggregator.model.told_editions import Edition


class RoadKind(StrEnum):
    """Kind of a road."""

    WEBHOOK = "webhook"
    NOTIFICATION = "notification"
    MAIL = "mail"


class RoadSource(StrEnum):
    """Place where a road's events come from."""

    LOG = "log"  # lines of an output's log
    EDITIONS = "editions"  # of an output with a digest
    ALARMS = "alarms"  # for the operator


class EventKind(StrEnum):
    """Kind of an event that a road may tell."""

    ENTER = "enter"
    UPDATE = "update"
    WITHDRAW = "withdraw"
    ALARM = "alarm"
    OVER = "over"  # an alarm is


@dataclass(frozen=True, slots=True)
class RoadKey:
    """Identity of a road: its section and name in the configuration, and the output; empty: alarms."""

    kind: RoadKind
    name: str
    output: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name}, {self.output or 'alarms'}"


@dataclass(frozen=True, slots=True)
class WantedRoad:
    """A road that the configuration asks for."""

    key: RoadKey
    source: RoadSource
    former: tuple[str, ...] = ()  # names that the output had
    begins: tuple[int, int] | None = None  # a new one: after this line of this epoch; None: later
    from_start: bool = False  # what stands when it begins is told, too
    target: str = ""  # digest of where it leads: another one is tried at once


@dataclass(frozen=True, slots=True)
class RoadState:
    """State of a road: everything up to line ``seq`` of ``epoch`` is told; epoch 0: it has not begun.

    ``failures`` are attempts in a row that failed, since ``failing_since``.
    """

    epoch: int
    seq: int
    next_at: datetime
    told_at: datetime | None = None  # when the line happened up to which all is told
    quiet_upto: int = 0  # lines that announce nothing are told up to here all the same
    pending_upto: int | None = None  # a message with all events up to here may have been sent
    failures: int = 0
    failing_since: datetime | None = None
    error: str | None = None
    disabled: str | None = None  # why nothing is sent until the operator says so
    sent: int = 0  # messages
    sent_at: datetime | None = None
    recent: tuple[datetime, ...] = ()  # when the latest were sent, where their number is capped
    is_held: bool = False  # what waits comes in one message: the cap or quiet hours held it


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that was given up: the events from line ``first`` to ``upto`` of ``epoch``."""

    id: int
    key: RoadKey
    epoch: int
    first: int
    upto: int
    at: datetime
    error: str
    is_wanted: bool = False  # the operator wants it tried again


@dataclass(frozen=True, slots=True)
class ClaimedRoad:
    """A road that this process may deliver on, and the dead letters to be tried again."""

    id: int
    key: RoadKey
    source: RoadSource
    from_start: bool
    lease: Lease
    state: RoadState
    letters: tuple[DeadLetter, ...] = ()


@dataclass(frozen=True, slots=True)
class RoadEvent:
    """An event: of an item (``item`` None: it was withdrawn), an edition, or an alarm (``text``)."""

    seq: int
    kind: EventKind
    at: datetime
    item_id: str = ""
    item: Item | None = None
    edition: Edition | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class WantedEvents:
    """Events that a road wants of a log: at most so many ``items`` of at most so many ``lines``."""

    kinds: frozenset[EventKind]
    items: int
    lines: int
    max_age: timedelta = timedelta()  # of an item's date when it happened; 0: any


@dataclass(frozen=True, slots=True)
class RoadEvents:
    """Events after a place, in their order: all up to line ``upto``, and how many ``beyond`` until ``last``."""

    epoch: int
    events: tuple[RoadEvent, ...]
    upto: int
    last: int
    beyond: int = 0
    last_at: datetime | None = None  # when that line happened
    more: bool = False  # there may be some after ``upto``


@dataclass(frozen=True, slots=True)
class NewLetter:
    """A message that is given up now."""

    epoch: int
    first: int
    upto: int
    error: str


@dataclass(frozen=True, slots=True)
class RoadStatus:
    """State of a road, for the operator."""

    kind: RoadKind
    name: str
    output: str
    waiting: int  # events, at most so many
    sent: int
    sent_at: datetime | None
    failures: int
    failing_since: datetime | None
    next_at: datetime
    error: str | None
    disabled: str | None
    dead_letters: int


@dataclass(frozen=True, slots=True)
class SendOutcome:
    """End of an attempt to deliver: ``error`` empty for success, in words without addresses otherwise."""

    error: str = ""
    retry_after: timedelta | None = None
    is_gone: bool = False  # nothing is to be sent there any more
    was_answered: bool = (
        True  # False: nobody was there, and the next message would find nobody either
    )

    @property
    def is_success(self) -> bool:
        """True where the message arrived."""
        return not self.error


@dataclass(frozen=True, slots=True)
class Alarm:
    """A condition of which the operator is told, once when it begins and once when it is over."""

    key: str  # `feed:12`, `backlog`, `disk:HOST:FOLDER`, `delivery:KIND:NAME`
    text: str


@dataclass(frozen=True, slots=True)
class AlarmChanges:
    """Alarms that begin, and the keys of those that are over."""

    begun: tuple[Alarm, ...] = ()
    over: tuple[str, ...] = ()
