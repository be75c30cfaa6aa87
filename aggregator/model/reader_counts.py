"""Counts of readers: of what they asked, and how late they were told. Of nobody in particular."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class ReaderCount:
    """Requests alike since counts were last written down."""

    output: str
    kind: str  # name of an output format; "opml", "archive"
    status: int  # of the answer
    agent: str  # name of the program that asked, without a version; empty: not told
    feed: str  # the number or name that it gives the feed, where it has several; mostly empty
    subscribers: int | None  # for whom it asks, as it says; None: it does not
    requests: int


@dataclass(frozen=True, slots=True)
class Audience:
    """Subscribers of an output at one service, as it says."""

    agent: str
    subscribers: int
    day: date  # UTC, when it said so last


@dataclass(frozen=True, slots=True)
class AgentRequests:
    """Requests by one program in the last week; ``agent`` empty: by those that are not told apart."""

    agent: str
    requests: int


@dataclass(frozen=True, slots=True)
class AnswerCount:
    """Requests for a format that had the same answer, of this day and of the last week (UTC)."""

    kind: str
    status: int
    today: int
    week: int


@dataclass(frozen=True, slots=True)
class Lateness:
    """Seconds from publication to the line in the output's log; half and 95 % of stories were no later."""

    stories: int
    p50: float
    p95: float


@dataclass(frozen=True, slots=True)
class OutputStats:
    """Statistics of one output. Lateness None: nothing was published, or it shows editions."""

    name: str
    audiences: tuple[Audience, ...]
    at_hub: int  # subscribers at our own hub
    agents: tuple[AgentRequests, ...]
    answers: tuple[AnswerCount, ...]
    late_day: Lateness | None
    late_week: Lateness | None

    @property
    def subscribers(self) -> int:
        """Subscribers that services tell of, all together."""
        return sum(one.subscribers for one in self.audiences)
