"""Changes of a poll or a pushed document: entries as stored, and the outcome to commit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from aggregator.model.archive_trails import ArchiveTrail
from aggregator.model.http_messages import Validators
from aggregator.model.parsed_entries import Entry, ParsedFeed
from aggregator.model.stored_feeds import Address


@dataclass(frozen=True, slots=True)
class KnownEntry:
    """Stored facts of an entry: enough to decide whether it is new or changed."""

    id: int
    identity: str
    content_hash: str
    listed: bool  # stood in the feed at the last poll
    source_digest: str = ""
    updated_at: datetime | None = None  # as the feed said
    filtered: str | None = None  # digest of the filters that dropped it
    first_seen_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """A stored entry's own words: enough to know it again under another identity."""

    id: int
    guid: str | None
    url: str | None
    title: str
    html: str  # the fullest text that the feed gave
    published: datetime | None
    updated: datetime | None


@dataclass(frozen=True, slots=True)
class RenamedEntry:
    """A known entry that its feed calls by another identity now; ``former`` stays an alias."""

    id: int
    identity: str
    former: str


@dataclass(frozen=True, slots=True)
class NewEntry:
    """An entry to insert, with everything that is decided once, at first sight."""

    entry: Entry
    public_id: str  # ``urn:uuid:…``, for ever
    sort_at: datetime  # never in the future, never changed later
    article_url: str | None  # canonical URL of the page to fetch, None: the feed's text is enough
    filtered: str | None = None  # digest of the filters that drop it: it joins no story
    listed: bool = True  # it stands in the feed, not only in its archives


@dataclass(frozen=True, slots=True)
class ChangedEntry:
    """A known entry that shows something else."""

    id: int
    entry: Entry
    article_url: str | None
    filtered: str | None = None  # digest of the filters that drop it still
    listed: bool = True  # it stands in the feed, not only in its archives


@dataclass(frozen=True, slots=True)
class RereadEntry:
    """A known entry that shows what it showed: other bytes of it, or another release's reading.

    ``refresh``: its feed says that it was updated later, so its page may show something else.
    """

    id: int
    entry: Entry
    refresh: bool = False


@dataclass(frozen=True, slots=True)
class EntryDelta:
    """Differences between a feed and what is stored. ``unlisted``/``relisted`` are entry ids.

    ``rewritten`` are the ids of entries that say the same in other bytes, with the new digest; ``unjudged``
    are filters and rules that could not be evaluated for some entry, with the reason.
    """

    new: tuple[NewEntry, ...] = ()
    changed: tuple[ChangedEntry, ...] = ()
    unlisted: tuple[int, ...] = ()
    relisted: tuple[int, ...] = ()
    rewritten: tuple[tuple[int, str], ...] = ()
    reread: tuple[RereadEntry, ...] = ()
    renamed: tuple[RenamedEntry, ...] = ()
    unjudged: tuple[tuple[str, str], ...] = ()

    @property
    def dropped(self) -> int:
        """Count of the new entries that filters drop."""
        return sum(one.filtered is not None for one in self.new)


@dataclass(frozen=True, slots=True)
class Labels:
    """Names that rules gave an entry, and what they add to the rank of its feed."""

    categories: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    rank: int = 0

    def __bool__(self) -> bool:
        return bool(self.categories or self.tags or self.rank)


@dataclass(frozen=True, slots=True)
class JudgedEntry:
    """A stored entry with what filters and rules read of it.

    ``filtered`` is the digest of those that dropped it; empty for one that was let in. ``story`` is the
    number of the story that it belongs to, ``labels`` are those that rules gave it.
    """

    id: int
    feed_key: str
    feed_title: str  # the feed's own
    entry: Entry
    first_seen: datetime
    filtered: str = ""
    text: str = ""  # as it is settled with
    language: str = ""  # of that, as far as it is declared
    story: int | None = None
    labels: Labels = Labels()


@dataclass(frozen=True, slots=True)
class TextJudgement:
    """The judgement of rules on an entry with its text; ``filtered`` is the digest of those that drop it."""

    filtered: str | None = None
    labels: Labels = Labels()


@dataclass(frozen=True, slots=True)
class Rejudged:
    """A new judgement on a :class:`JudgedEntry`: ``filtered`` None lets it in, with the page to fetch.

    ``former`` is the digest by which it was dropped before, empty where it was let in; ``labels`` None
    leaves those that it has.
    """

    id: int
    former: str
    filtered: str | None
    article_url: str | None = None
    labels: Labels | None = None


@dataclass(frozen=True, slots=True)
class RejudgedCounts:
    """Counts of entries that new judgements let in, and that they dropped."""

    let_in: int = 0
    dropped: int = 0

    def __add__(self, other: RejudgedCounts) -> RejudgedCounts:
        return RejudgedCounts(self.let_in + other.let_in, self.dropped + other.dropped)


class PollResult(StrEnum):
    """Result of a poll."""

    NOT_MODIFIED = "not_modified"  # 304
    UNCHANGED = "unchanged"  # 200, same bytes or same entries
    UPDATED = "updated"
    PUSHED = "pushed"  # not asked: a hub delivered it
    ARCHIVE = "archive"  # a page of the feed's archives was read, or not to be had: no poll
    FAILED = "failed"
    GONE = "gone"  # 410: polling stops
    POSTPONED = "postponed"  # a host in cooldown, or no worker to be had: nothing was learnt
    OFFLINE = "offline"  # no host answers: our own network's fault, not counted against the feed


class HealthKind(StrEnum):
    """Kind of a health event."""

    BROKE = "broke"
    BACK = "back"
    MOVED = "moved"
    SUMMARY = "summary"  # of a day: of all that no summary before has told


@dataclass(frozen=True, slots=True)
class PollOutcome:
    """All that one poll changes: written in one transaction, or not at all."""

    feed_id: int
    result: PollResult
    polled_at: datetime
    next_poll: datetime
    validators: Validators | None = None
    body_hash: str | None = None
    parsed: ParsedFeed | None = None  # feed-level facts; its entries are in ``delta``
    delta: EntryDelta = EntryDelta()
    error: str | None = None
    failures: int = 0
    address: Address | None = None  # None: as it was
    whole: bool = False  # the whole document came, or was asked for in vain: no 304, no delta
    health: tuple[HealthKind, ...] = ()  # states of the feed to be told, where they are news
    trail: ArchiveTrail | None = None  # archives still to be read; None: as it was
    inside: bool = False  # the document came from a network that the operator opened
