"""Limits on how long a connection may keep us waiting, and who goes when there are too many. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

_PACE = 1024  # bytes a second, the least that a client takes of what it asked for
_STALLED_S = 2.0  # without taking a byte, where others wait for the place


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits on clients. Times in seconds."""

    connections: int = 512
    head: float = 10.0  # to send the head of a request, to its last byte
    idle: float = 120.0  # between two requests
    send: float = 30.0  # to take ``_PACE`` bytes for each of these seconds, or all that is left


class Phase(StrEnum):
    """States of a connection."""

    HEAD = "head"  # the client has yet to send a request, or the rest of one
    IDLE = "idle"  # it may send another
    WORK = "work"  # we owe it an answer
    SEND = "send"  # it has yet to take what was written

    @property
    def waits(self) -> bool:
        """Nothing is lost when such a connection is closed but a connection."""
        return self is Phase.HEAD or self is Phase.IDLE


@dataclass(slots=True)
class Sending:
    """The progress of what a client has yet to take; ``since`` moves on with each fair share."""

    since: float
    left: int
    moved: float  # when it took a byte last
    _seen: int = 0

    def look(self, left: int, now: float, limits: Limits) -> None:
        """Note that ``left`` bytes are left ``now``; more than before: we wrote some."""
        if left != self._seen:
            if left < self._seen:
                self.moved = now
            self._seen = left
        if left > self.left:
            self.left = left
        elif self.left - left >= _PACE * limits.send:
            self.since, self.left = now, left


def overdue(phase: Phase, since: float, now: float, limits: Limits) -> bool:
    """True when a connection that is in ``phase`` since ``since`` has had its time."""
    allowed = {Phase.HEAD: limits.head, Phase.IDLE: limits.idle, Phase.SEND: limits.send}
    return phase in allowed and now - since > allowed[phase]


def stalled(sending: Iterable[Sending], now: float) -> int | None:
    """The place of the one that has taken nothing for longest; None when all take something."""
    found, longest = None, _STALLED_S
    for place, one in enumerate(sending):
        if now - one.moved > longest:
            found, longest = place, now - one.moved
    return found
