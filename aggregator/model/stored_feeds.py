"""A stored feed, what the operator asks of it, and the lease under which it is polled."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from aggregator.model.archive_trails import ArchiveTrail
from aggregator.model.http_messages import Validators
from aggregator.model.parsed_entries import NO_HINTS, UpdateHints


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to write the result of one piece of work, until ``until``.

    ``token`` fences: a later lease on the same row has a larger one, and a write with an older
    token is refused (:class:`aggregator.errors.LeaseLost`).
    """

    token: int
    until: datetime


@dataclass(frozen=True, slots=True)
class Move:
    """Target of a feed's permanent move (301, 308), and how often it was seen."""

    target: str
    sightings: int  # polls in a row, to this same target
    since: datetime  # the first of them


@dataclass(frozen=True, slots=True)
class Address:
    """Address at which a feed is fetched, and the move that is not adopted yet."""

    url: str
    move: Move | None = None


@dataclass(frozen=True, slots=True)
class Feed:
    """A subscribed feed as the database knows it."""

    id: int
    key: str  # the subscription's identity; holds no secret
    url: str  # where it is fetched now; may hold secrets
    title: str = ""
    site_url: str | None = None
    validators: Validators | None = None
    body_hash: str | None = None
    hints: UpdateHints = NO_HINTS
    failures: int = 0  # consecutive
    polls: int = 0
    last_poll: datetime | None = None
    last_success: datetime | None = None
    next_poll: datetime | None = None
    last_error: str | None = None
    gone: bool = False
    move: Move | None = None
    last_full: datetime | None = None  # the last poll that gave the whole document
    polls_since_full: int = 0  # answered since then without it: 304s and deltas
    pushed_until: datetime | None = None  # a hub tells us of its news until then
    configured_url: str = ""  # with its secrets; differs from ``url`` after an adopted 301
    inside: bool = False  # a network that the operator opened gave the last answer


@dataclass(frozen=True, slots=True)
class ClaimedFeed:
    """A due feed, leased to this worker, with what the poll's decisions need to know."""

    feed: Feed
    lease: Lease
    recent: tuple[int, ...] = ()  # when its latest entries appeared, Unix seconds
    host: str = ""  # of the URL it is fetched at: whose slot the poll waits for
    trail: ArchiveTrail | None = (
        None  # it is claimed for the next page of its archives, not for a poll
    )


@dataclass(frozen=True, slots=True)
class FeedLabels:
    """Names that the operator gave a feed."""

    categories: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


class AskedPoll(StrEnum):
    """State of a feed of which an operator asks a poll."""

    SOON = "soon"  # it is due, before all others
    UNDER_WAY = "under way"
    PAUSED = "paused"
    UNKNOWN = "unknown"  # not subscribed


@dataclass(frozen=True, slots=True)
class PostedRequest:
    """A request of a command to a daemon, as it lies in the database."""

    id: int
    body: str


@dataclass(frozen=True, slots=True)
class OperatorEdit:
    """Outcome of a split or merge: the stories' public ids, and the entries that moved."""

    kept: str  # the story that keeps its id
    other: str  # a split's new story; the one that a merge ended
    moved: tuple[int, ...]  # entry ids
