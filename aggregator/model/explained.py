"""Answers to the operator's questions about one entry or output."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from aggregator.model.joins import JoinRule, LineKind, LineReason
from aggregator.model.selection import Unfit


@dataclass(frozen=True, slots=True)
class JoinReason:
    """Reason for which an entry is in its story.

    ``copy`` is the entry it was compared with (for ``new`` the nearest that was refused),
    ``overlap`` what they share, 0 … 1.
    """

    rule: JoinRule
    copy: int | None = None
    overlap: float | None = None
    note: str = ""
    held: bool = False  # the operator put it there: it stays


@dataclass(frozen=True, slots=True)
class ExplainedMember:
    """One entry of a story."""

    entry_id: int
    feed: str
    title: str
    url: str | None
    joined: JoinReason
    represents: bool  # its text stands for the whole story


class ShownText(StrEnum):
    """Kind of text that an entry has to show."""

    PAGE = "page"
    CONTENT = "feed content"
    SUMMARY = "feed summary"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class TextOrigin:
    """Text that an item shows for the entry, and its source."""

    origin: ShownText
    characters: int
    note: str = ""  # of the extraction: how, how sure, why; or why there is no page's text


@dataclass(frozen=True, slots=True)
class LatestLine:
    """The latest line on an item that stands in an output, and since when it does."""

    number: int
    kind: LineKind
    reason: LineReason
    at: datetime
    entered: datetime


@dataclass(frozen=True, slots=True)
class WithdrawnItem:
    """An item that stands in an output no more: the line that withdrew it."""

    item_id: str
    number: int
    reason: LineReason
    at: datetime


@dataclass(frozen=True, slots=True)
class OutputSummary:
    """Summary of an output: what its window shows, and how its log stands."""

    name: str
    shown: int  # items of its window
    standing: int  # items that entered and were not withdrawn, the window's among them
    epoch: int | None  # number of its log; None: it has none yet, or rests on another configuration
    began: datetime | None
    lines: int  # the number of the latest line
    changed: datetime | None  # when that was written; None: by now it was dropped, or there is none
    up_to_date: bool  # nothing waits to be decided on
    next_edition: datetime | None = None  # of one with a digest, which shows editions


@dataclass(frozen=True, slots=True)
class TriedItem:
    """A story that an output was tried with; ``unfit`` None: it would be taken."""

    item_id: str
    entry_id: int  # the entry shown
    title: str
    feed: str
    at: datetime  # its place among the others
    sources: int
    unfit: Unfit | None


@dataclass(frozen=True, slots=True)
class OutputVerdict:
    """One output's answer: is the entry shown, as what, and why."""

    output: str
    shown: bool
    item_id: str | None
    through: int | None  # the entry whose text the item has
    reason: str
    latest: LatestLine | None = None  # of the item in the output's log, while it stands there
    withdrawn: tuple[WithdrawnItem, ...] = ()  # of the entry, the latest first


@dataclass(frozen=True, slots=True)
class Explained:
    """Everything that the database tells about one entry."""

    entry_id: int
    public_id: str
    title: str
    url: str | None
    guid: str | None
    feed: str
    feed_url: str
    state: str  # "waiting", "ready", "settled"
    state_since: datetime
    state_reason: str
    first_seen: datetime
    sort_at: datetime
    listed: bool
    text: TextOrigin
    joined: JoinReason | None
    story: str | None  # public id
    members: tuple[ExplainedMember, ...]
    outputs: tuple[OutputVerdict, ...]
    ruled: str = ""  # the part of filters and rules in what became of it
    is_dropped: bool = False  # by them
