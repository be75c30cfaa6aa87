"""Stories: candidates for joining, the rules that join, and lines of the outputs' logs."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class StoryCandidate:
    """An entry whose text is settled and that now looks for its story."""

    entry_id: int
    feed_id: int
    guid: str | None
    urls: tuple[str, ...]  # its link, the final URL, rel=canonical
    title: str
    text: str
    first_seen: datetime
    sort_at: datetime
    public_id: str
    page: str = ""  # URL of the page that ``text`` was taken from; empty: it is the feed's own
    said: str = ""  # the feed's own text, where ``text`` is a page's
    own_voice: bool = False  # what it links to is another's article, of which ``text`` speaks
    guest: bool = False  # under another site's address or id, and ``text`` is what its feed says
    abroad: bool = False  # it gives an address or id of another site
    cut: bool = False  # ``text`` is the feed's, and ends with a mark of truncation
    remark: tuple[
        tuple[str, ...], ...
    ] = ()  # of another's page: sentences that may be its own, as words
    described: str = ""  # by the page that ``text`` was taken from


class JoinRule(StrEnum):
    """Rule by which an entry is in its story."""

    NEW = "new"  # it began the story
    GUID = "guid"  # the same globally unique id
    URL = "url"  # the same address
    TEXT = "text"  # the same text, word for word
    NEAR = "near"  # nearly the same text
    HAND = "hand"  # the operator put it there
    OWN = "own"  # it stays where it is, for the reason that is stored
    UNKNOWN = ""  # from before reasons were kept

    @property
    def is_exact(self) -> bool:
        """True for the rules of keys: what they join is shown once where exact copies are."""
        return self in {JoinRule.GUID, JoinRule.URL, JoinRule.TEXT}


class StoryKey(NamedTuple):
    """One key under which a story is found again, by an exact rule.

    One with ``other_feeds_only`` never finds a story that already has an entry of the same feed:
    a publisher that lists two entries for one page means two. A tuple, of which some hundred thousand
    are made, compared and sent from a worker.
    """

    rule: JoinRule
    value: str
    other_feeds_only: bool = False

    def __str__(self) -> str:
        return f"{self.rule}:{self.value}"

    def __hash__(self) -> int:
        return hash(self.value)  # which says nearly all, and keeps its hash


class SettleOrder(StrEnum):
    """The ready entries that a batch takes: those with the first or the last dates, or that came first."""

    OLDEST = "oldest"
    NEWEST = "newest"
    FIRST_COME = "first come"


@dataclass(frozen=True, slots=True)
class SettleStats:
    """Counts of the entries that were given a story, of new stories, and of entries by what joined them.

    ``rules`` are those of :class:`JoinRule`, and ``dropped`` for what rules on texts dropped.
    """

    entries: int = 0
    new_stories: int = 0
    rules: tuple[tuple[str, int], ...] = field(default=(), compare=False)

    def __add__(self, other: SettleStats) -> SettleStats:
        return SettleStats(self.entries + other.entries, self.new_stories + other.new_stories)


@dataclass(frozen=True, slots=True)
class StoryMember:
    """A member of a story, as far as the choice of its representative needs to know it."""

    entry_id: int
    text_length: int  # characters of its text
    first_seen: datetime
    rank: int = 0  # the operator's preference among feeds; lower is better
    stands_back: bool = False  # a guest: who is at home at its address tells the story, too


class DedupeMode(StrEnum):
    """Rule by which entries are one item of an output."""

    OFF = "off"  # an entry
    EXACT = "exact"  # copies that an exact rule found
    NEAR = "near"  # a whole story


@dataclass(frozen=True, slots=True)
class Basis:
    """Basis of an output's log, as digests without secrets; see ``docs/decisions/output-log.md``."""

    name: str  # of the output
    identity: str  # what decides which items there are, and their ids
    choice: str  # what decides which of them the output shows
    facts: str  # all that the configuration says of feeds, so far as it decides either


class LineKind(StrEnum):
    """Kind of a line in the log of an output."""

    ENTER = "enter"
    UPDATE = "update"
    WITHDRAW = "withdraw"


class LineReason(StrEnum):
    """Reason of a line in the log of an output."""

    SETTLED = "settled"  # enter: an entry found its story, or the operator made one
    FILLED = "filled"  # enter: it was stored when the log began, or was filled further down
    CONFIGURED = "configured"  # enter: the configuration lets it in
    CHANGED = "changed"  # update: the entry shown says something else
    ANOTHER_COPY = "another copy"  # update: another entry represents the item
    TOLD_LESS = "told less"  # update: a closed page showed what may not be told any more
    MERGED = "merged"  # withdraw: its entries belong to another item
    STOPPED = "stopped"  # withdraw: its feed is configured no more
    HIDDEN = "hidden"  # withdraw: its feed is private, and the output is not
    UNFIT = (
        "unfit"  # withdraw: its feed belongs to the output no more, or a filter or rule drops it
    )

    @property
    def quiet(self) -> bool:
        """True where nothing happened that subscribers must be told of."""
        return self in {LineReason.FILLED, LineReason.CONFIGURED, LineReason.TOLD_LESS}
