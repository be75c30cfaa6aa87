"""Values that the stages pass to each other: frozen, nothing else.

Every time is an aware UTC ``datetime``; every URL is absolute; every ``*_html`` string has been
through :mod:`aggregator.sanitize`; every other string is plain text without markup.
The order of the classes is the order in which a story flows through the stages.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum, StrEnum
from typing import Any, Protocol

from aggregator.privacy.public import Disclosure, PublicUrl

_OPEN = Disclosure()  # of a feed without secrets

# ── the work of one stage ────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class TaskLimits:
    """Limits of one task in a worker; ``section`` is that of the settings that set them.

    ``memory`` is in bytes of address space, beyond what the worker holds when the task begins.
    """

    section: str  # its ``timeout`` and ``memory``
    memory: int
    wall: timedelta
    cpu: timedelta | None = None  # None: as ``wall``


# ── fetch ────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Validators:
    """Validators of a response (RFC 9110 §8.8), byte for byte as received.

    They belong to ``url`` and are never sent to another one.
    """

    url: str
    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class FetchOptions:
    """Fetch options of one feed. No secret in it is shown by ``repr``.

    ``headers`` (credentials and cookies among them) are sent to the origin of ``home`` only, and
    ``insecure`` and ``ca_file`` count at its host only; the rest holds for every hop.
    """

    home: str  # the feed's origin as a URL, without user info; empty: the request's own
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    user_agent: str = ""
    proxy: str = field(default="", repr=False)  # http(s)://[user:password@]host:port
    insecure: bool = False  # accept any certificate
    ca_file: str = ""  # certificates to trust beside the system's
    timeout: timedelta | None = None


class CooldownScope(StrEnum):
    """Scope of a cooldown that a host asked for."""

    HOST = "host"  # that host
    DOMAIN = "domain"  # its whole registrable domain


class RequestKind(StrEnum):
    """Purpose of a request."""

    FEED = "feed"
    PAGE = "page"
    ROBOTS = "robots"  # a robots.txt
    HUB = "hub"  # a WebSub hub is asked for something


@dataclass(frozen=True, slots=True)
class Request:
    """One GET to make. ``kind`` decides the Accept header and the size cap."""

    url: str
    kind: RequestKind = RequestKind.FEED
    validators: Validators | None = None
    delta: bool = False  # a 226 with only the changes (RFC 3229) would be understood
    form: Mapping[str, str] | None = None  # POST these fields; only a status comes back
    options: FetchOptions | None = None


@dataclass(frozen=True, slots=True)
class Hop:
    """One redirect that was followed: the URL that answered, its status, where it pointed."""

    url: str
    status: int
    location: str
    headers: Mapping[str, str] = field(default_factory=dict)  # of the redirect; lower-case names


@dataclass(frozen=True, slots=True)
class Response:
    """An answer with status 200, 226 or 304 (everything else is raised as a ``FetchError``).

    ``headers`` has lower-case names; a repeated header is joined with ``", "``.
    ``body`` is decoded (no content coding left) and empty for a 304.
    """

    url: str  # the final URL, after redirects
    status: int
    headers: Mapping[str, str]
    body: bytes
    received_bytes: int
    elapsed: timedelta
    hops: tuple[Hop, ...] = ()

    @property
    def content_type(self) -> str:
        """The Content-Type header as sent, or ``""``."""
        return self.headers.get("content-type", "")

    @property
    def content_language(self) -> str:
        """The Content-Language header as sent, or ``""``."""
        return self.headers.get("content-language", "")

    @property
    def validators(self) -> Validators:
        """The validators to store for the URL that answered."""
        return Validators(self.url, self.headers.get("etag"), self.headers.get("last-modified"))


# ── parse ────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file that belongs to an entry (podcast episode, picture, …). ``length`` is in bytes."""

    url: str
    media_type: str = ""
    length: int | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who wrote an entry, or contributed to it, as far as the feed says who that is."""

    name: str
    email: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Topic:
    """A category with what is said of it; ``term`` is what it is called where it comes from."""

    name: str  # for people: one of the entry's categories
    term: str = ""
    scheme: str = ""  # whose term it is


class Relation(StrEnum):
    """Relation of a further link's target to the entry."""

    RELATED = "related"  # what it speaks of
    VIA = "via"  # where its author found that
    REPLIES = "replies"  # the discussion of it
    IN_REPLY_TO = "in-reply-to"  # what it answers
    CHAPTERS = "chapters"  # of an episode, in a file
    TRANSCRIPT = "transcript"  # of an episode


@dataclass(frozen=True, slots=True)
class FurtherLink:
    """A link of an entry beside the one to its page; ``ref`` is the id of what it answers."""

    relation: Relation
    url: str
    title: str = ""
    media_type: str = ""
    language: str = ""
    ref: str = ""


@dataclass(frozen=True, slots=True)
class Origin:
    """The feed that a planet copied an entry from, as the planet says."""

    title: str = ""
    id: str = ""
    feed_url: str = ""
    site_url: str = ""


@dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter of an episode; ``start`` in seconds."""

    start: float
    title: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Episode:
    """Facts of one episode of a podcast, beside its file."""

    duration: int | None = None  # seconds
    season: int | None = None
    number: str = ""  # a decimal number, "7" or "7.5"
    kind: str = ""  # "full", "trailer", "bonus"
    chapters: tuple[Chapter, ...] = ()


@dataclass(frozen=True, slots=True)
class Details:
    """Further facts of an entry, beside what every reader shows: passed on where a format has a place."""

    people: tuple[Person, ...] = ()  # authors of whom more than the name is known
    contributors: tuple[Person, ...] = ()
    topics: tuple[Topic, ...] = ()  # categories of which more than the name is known
    links: tuple[FurtherLink, ...] = ()
    rights: str = ""
    origin: Origin | None = None
    places: tuple[tuple[str, str], ...] = ()  # GeoRSS simple: "point" and "45.2 -71.9", …
    episode: Episode | None = None


NO_DETAILS = Details()


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as its feed states it."""

    identity: str  # stable within its feed: guid, else canonical link, else a hash of what it says
    title: str = ""
    url: str | None = None  # the article's page, http(s)
    guid: str | None = None
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    summary_html: str = ""
    content_html: str = ""
    enclosures: tuple[Enclosure, ...] = ()
    image: str | None = None
    language: str | None = None
    published: datetime | None = None
    updated: datetime | None = None
    details: Details = NO_DETAILS
    content_hash: str = (
        ""  # equal hash, equal entry: :func:`aggregator.parse.identity.content_hash`
    )
    source_digest: str = ""  # of what it was read from: equal digest, equal entry; "" tells nothing
    # Of ``url``, :mod:`aggregator.urls.lookup_keys`; None: not made yet. It follows from the others.
    url_key: int | None = field(default=None, compare=False, repr=False)

    @property
    def html(self) -> str:
        """The fullest text that the feed itself gave."""
        return self.content_html or self.summary_html


@dataclass(frozen=True, slots=True)
class UpdateHints:
    """Update hints of a publisher; ``skip_hours`` in GMT, ``skip_days`` Monday = 0."""

    min_interval: timedelta | None = None  # ttl, sy:updatePeriod/updateFrequency
    skip_hours: frozenset[int] = frozenset()
    skip_days: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """A whole feed document, understood. ``entries`` are in the document's order."""

    title: str
    site_url: str | None = None
    description: str = ""
    language: str | None = None
    entries: tuple[Entry, ...] = ()
    unchanged: tuple[str, ...] = ()  # identities of listed entries that were not read again
    hints: UpdateHints = UpdateHints()
    format: str = ""  # "rss20", "atom10", "rss10", "json11", …
    self_url: str | None = None
    hub_url: str | None = None
    complete: bool = False  # RFC 5005 §2: it lists all that there is
    archive: bool = False  # RFC 5005 §4: it is a document of old entries, which no longer changes
    previous_url: str | None = None  # where older entries are: RFC 5005's prev-archive or next
    notes: tuple[str, ...] = ()  # what had to be mended, in words for an operator
    partial: bool = False  # it breaks off: what it does not list may well still be in the feed
    cut: str | None = None  # identity, so far as it was read, of the entry in which it breaks off


# ── store ────────────────────────────────────────────────────────────────────────────────────


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
    hints: UpdateHints = UpdateHints()
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


@dataclass(frozen=True, slots=True)
class ClaimedFeed:
    """A due feed, leased to this worker, with what the poll's decisions need to know."""

    feed: Feed
    lease: Lease
    recent: tuple[int, ...] = ()  # when its latest entries appeared, Unix seconds
    host: str = ""  # of the URL it is fetched at: whose slot the poll waits for


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


@dataclass(frozen=True, slots=True)
class ChangedEntry:
    """A known entry that shows something else."""

    id: int
    entry: Entry
    article_url: str | None
    filtered: str | None = None  # digest of the filters that drop it still


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
class JudgedEntry:
    """A stored entry with what filters and rules read of it.

    ``filtered`` is the digest of those that dropped it; empty for one that was let in.
    """

    id: int
    feed_key: str
    feed_title: str  # the feed's own
    entry: Entry
    first_seen: datetime
    filtered: str = ""
    text: str = ""  # as it is settled with
    language: str = ""  # of that, as far as it is declared


@dataclass(frozen=True, slots=True)
class Labels:
    """Names that rules gave an entry."""

    categories: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.categories or self.tags)


@dataclass(frozen=True, slots=True)
class TextJudgement:
    """The judgement of rules on an entry with its text; ``filtered`` is the digest of those that drop it."""

    filtered: str | None = None
    labels: Labels = Labels()


@dataclass(frozen=True, slots=True)
class Rejudged:
    """A new judgement on a dropped :class:`JudgedEntry`: ``filtered`` None lets it in, with the page to fetch."""

    id: int
    former: str  # the digest by which it was dropped
    filtered: str | None
    article_url: str | None = None


class SourceKind(StrEnum):
    """The way by which a feed's document came in."""

    POLL = "poll"
    HUB = "hub"  # a WebSub hub delivered it


@dataclass(frozen=True, slots=True)
class Document:
    """A feed's document as it came in, not parsed yet; ``url`` is what its addresses stand against.

    One that was not polled may hold a part of the feed only.
    """

    body: bytes
    url: str
    content_type: str = ""
    source: SourceKind = SourceKind.POLL
    language: str = ""  # as its answer's Content-Language says


class PollResult(StrEnum):
    """Result of a poll."""

    NOT_MODIFIED = "not_modified"  # 304
    UNCHANGED = "unchanged"  # 200, same bytes or same entries
    UPDATED = "updated"
    PUSHED = "pushed"  # not asked: a hub delivered it
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


@dataclass(frozen=True, slots=True)
class DroppedOutput:
    """An output, in one format, that is configured no more."""

    name: str
    format: str
    readers: tuple[str, ...]  # SHA-256 of each of its tokens, in hexadecimal; (): everybody
    told_until: datetime


# ── the engine ───────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class EngineStats:
    """Counts of what an engine did since it started."""

    unchanged: int = 0
    updated: int = 0
    failed: int = 0
    postponed: int = 0  # not asked: the host is on cooldown
    new_entries: int = 0
    changed_entries: int = 0
    articles: int = 0
    articles_failed: int = 0
    settled: int = 0
    new_stories: int = 0
    published: int = 0
    backlog_age: timedelta = timedelta(0)  # of the entry that has waited longest for its story
    failures: Mapping[str, str] = field(default_factory=dict)  # feed key → what went wrong with it

    @property
    def polled(self) -> int:
        """Polls that ended."""
        return self.unchanged + self.updated + self.failed


# ── extract ──────────────────────────────────────────────────────────────────────────────────


class ExtractMode(StrEnum):
    """Rule by which the page of an entry is fetched."""

    AUTO = "auto"  # unless the feed gave the whole text
    ALWAYS = "always"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class ArticleHints:
    """Facts of the feed entry about its page: a check on what is extracted from it."""

    title: str = ""
    summary_text: str = ""
    language: str | None = None
    feed_key: str = ""  # the feed that says so
    has_media: bool = False  # its own text has pictures or players
    part: str = ""  # fragment by which its link names a part of the page
    siblings: bytes = (
        b""  # digests of blocks of the site's other pages: aggregator.extract.page.siblings
    )


@dataclass(frozen=True, slots=True)
class SiteRule:
    """Rule for pages of one site. XPaths, which compile, but for the names that say otherwise.

    An empty ``body`` narrows nothing. ``prune`` False: all that ``body`` selects is the article.
    """

    name: str = ""
    title: tuple[str, ...] = ()
    body: tuple[str, ...] = ()
    author: tuple[str, ...] = ()
    date: tuple[str, ...] = ()
    strip: tuple[str, ...] = ()
    strip_id_or_class: tuple[str, ...] = ()  # pieces of ids and classes
    strip_image_src: tuple[str, ...] = ()  # pieces of addresses
    single_page_link: tuple[str, ...] = ()
    next_page_link: tuple[str, ...] = ()
    replacements: tuple[tuple[str, str], ...] = ()  # in the page's source, literally
    prune: bool = True


@dataclass(frozen=True, slots=True)
class Article:
    """The article extracted from a page."""

    html: str
    text: str  # plain text of ``html``, paragraphs separated by newlines
    title: str = ""
    authors: tuple[str, ...] = ()
    published: datetime | None = None
    modified: datetime | None = None  # where the page says so, and later than that
    language: str | None = None
    image: str | None = None
    canonical_url: str | None = None  # rel=canonical, when the page gives one on its own site
    site_name: str = ""
    description: str = ""  # the page's, of itself
    tags: tuple[str, ...] = ()
    # Provenance: "page:model", "page:trafilatura", "page:rule", "page:json-ld", "page:embedded" (JSON for scripts),
    # "page:amp" and "page:print" (other views of a page that was read badly);
    # without a text "feed": the feed's own is as good, or "file:TYPE": the link leads to a file.
    source: str = "page:trafilatura"
    confidence: float = 1.0  # 0 … 1
    reason: str = ""  # why that confidence, in words


@dataclass(frozen=True, slots=True)
class PageReading:
    """Reading of one page: its article, and the address of more of it (``""``: none)."""

    article: Article
    next_url: str = ""  # the page after it
    whole_url: str = ""  # a page that may have all of it
    blocks: bytes = b""  # digests of its blocks: aggregator.extract.page.siblings
    # Of a page that was read badly, another view of it: "amp" or "print", and its URL.
    view: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class ArticleTask:
    """A page to fetch and extract, leased to this worker."""

    article_id: int
    url: str
    host: str
    lease: Lease
    attempts: int  # made so far, without this one
    hints: ArticleHints = ArticleHints()


# ── dedupe ───────────────────────────────────────────────────────────────────────────────────


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


@dataclass(frozen=True, slots=True)
class StoryKey:
    """One key under which a story is found again, by an exact rule.

    One with ``other_feeds_only`` never finds a story that already has an entry of the same feed:
    a publisher that lists two entries for one page means two.
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
    """Counts of the entries that were given a story, and of new stories."""

    entries: int = 0
    new_stories: int = 0

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


# ── publish ──────────────────────────────────────────────────────────────────────────────────


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
    UNFIT = "unfit"  # withdraw: its feed belongs to the output no more, or a filter drops it

    @property
    def quiet(self) -> bool:
        """True where nothing happened that subscribers must be told of."""
        return self in {LineReason.FILLED, LineReason.CONFIGURED, LineReason.TOLD_LESS}


class OutputOrder(StrEnum):
    """Order of an output's items."""

    PUBLISHED = "published"  # by the date of the first entry
    DISCOVERED = "discovered"  # by when it was first seen
    SOURCES = "sources"  # by date, and the more feeds tell it the higher


@dataclass(frozen=True, slots=True)
class Quota:
    """Quota of a feed: at most ``most`` of its items enter an output within any ``span``."""

    most: int
    span: timedelta

    def __str__(self) -> str:
        return f"{self.most} within {self.span}"


@dataclass(frozen=True, slots=True)
class Unfit:
    """Reason why an output does not take an item: the ``rule``, as it is found in the configuration."""

    rule: str
    why: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.why}"


class StoryFilter(Protocol):
    """Filter of an output's items, made of what the operator says."""

    @property
    def names(self) -> frozenset[str]:
        """Names of the fields that it may read."""

    @property
    def digest(self) -> str:
        """Digest of what it was made of, by which a changed filter is known."""

    def accepts(self, told: Any, note: Callable[[str], None]) -> bool:
        """True where all its rules take what is ``told``; ``note`` gets why one could not be asked."""

    def unfit(self, told: Any, note: Callable[[str], None]) -> Unfit | None:
        """The first rule that does not take what is ``told``; None: all do."""


@dataclass(frozen=True, slots=True)
class FeedLabels:
    """Names that the operator gave a feed."""

    categories: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Selection:
    """Selection of an output's items: the newest ``limit`` of the feeds ``keys`` (None: of all).

    Copies that came more than ``window`` after the one before
    are an item of their own (None: never). With ``categories``, those of each are one by themselves.
    """

    limit: int
    keys: frozenset[str] | None = None
    titles: Mapping[str, str] = field(default_factory=dict)  # feed key → the operator's name
    dedupe: DedupeMode = DedupeMode.NEAR
    window: timedelta | None = None
    categories: Mapping[str, Sequence[str]] | None = None  # feed key → its categories
    ranks: Mapping[str, int] = field(default_factory=dict)  # feed key → rank, lower is better
    # Keys of feeds that the output must not show: their entries take part in nothing.
    hidden: frozenset[str] = frozenset()
    disclosures: Mapping[str, Disclosure] = field(
        default_factory=dict
    )  # feed key → what may be told
    private: bool = False  # it is read by those alone who know its token
    basis: Basis | None = None  # None: of no configured output, which has no log
    filter: StoryFilter | None = None
    labels: Mapping[str, FeedLabels] = field(default_factory=dict)  # by feed key, for the filter
    min_sources: int = 1  # feeds that must tell an item
    quota: Quota | None = None  # of each feed
    order: OutputOrder = OutputOrder.PUBLISHED
    max_age: timedelta | None = None  # of what the window shows …
    since: datetime | None = None  # … which at this moment is what has a place from here on

    def at(self, now: datetime) -> Selection:
        """The selection at a moment, in whole hours: then all processes show the same for an hour."""
        if self.max_age is None:
            return self
        since = (now - self.max_age).replace(minute=0, second=0, microsecond=0)
        return replace(self, since=since)

    @property
    def shape(self) -> tuple[object, ...]:
        """A key that selections share which make the same items of stories, for as long as they live."""
        labels = id(self.categories), id(self.ranks) if self.ranks else 0
        taken = self.min_sources, self.order
        return self.keys, self.hidden, self.dedupe, self.window, *labels, *taken

    @property
    def is_plain(self) -> bool:
        """True where every item of the feeds is taken, and has the place of its date."""
        return (
            self.filter is None
            and self.min_sources == 1
            and self.quota is None
            and self.order is OutputOrder.PUBLISHED
        )

    @property
    def by_arrival(self) -> bool:
        """True where items are sorted by when they entered: when enough feeds told them."""
        return self.min_sources > 1 and self.order is not OutputOrder.SOURCES

    @property
    def keeps_arrivals(self) -> bool:
        """True where it matters when an item entered, or that it was not let in."""
        return self.by_arrival or self.quota is not None

    @property
    def by_discovery(self) -> bool:
        """True where places follow from when entries were first seen."""
        return self.by_arrival or self.order is OutputOrder.DISCOVERED

    @property
    def by_story(self) -> bool:
        """True where each story is one item at most, under the date of its first entry.

        Not where it is several, nor where that entry may be one which must not be told of: there
        each item has the date of its first entry that the output shows.
        """
        return (
            self.dedupe is DedupeMode.NEAR
            and self.window is None
            and self.categories is None
            and not self.hidden
        )

    def has(self, key: str) -> bool:
        """True where the feed ``key`` belongs to the output, whether or not it may be shown there."""
        return self.keys is None or key in self.keys

    def disclosure(self, key: str) -> Disclosure:
        """Facts that may be told of the feed ``key``."""
        return self.disclosures.get(key) or _OPEN


@dataclass(frozen=True, slots=True)
class Source:
    """The feed that an item comes from, for attribution."""

    title: str
    feed_url: PublicUrl
    site_url: PublicUrl | None = None
    updated: datetime | None = None


@dataclass(frozen=True, slots=True)
class Related:
    """Another source that carries the same story."""

    title: str  # the other source's name
    url: str | None  # None: it has no link of its own
    feed_url: PublicUrl | None = None
    site_url: PublicUrl | None = None


@dataclass(frozen=True, slots=True)
class Provenance:
    """Origin of an item's text: ``"feed"`` or an :class:`Article`'s source, and how sure that is."""

    source: str
    confidence: float | None = None  # None: the feed's own text


@dataclass(frozen=True, slots=True)
class Item:
    """One story in a merged feed, ready to be rendered in any format."""

    id: str  # for ever
    title: str
    url: str | None
    content_html: str
    summary: str  # plain text
    published: datetime | None  # None: nobody says when
    updated: datetime
    source: Source
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    enclosures: tuple[Enclosure, ...] = ()
    image: str | None = None
    language: str | None = None
    related: tuple[Related, ...] = ()
    provenance: Provenance | None = None
    details: Details = NO_DETAILS


class SourcePlace(StrEnum):
    """Place in which readers see the source of an item, beside the format's own."""

    AUTHOR = "author"
    TITLE = "title"
    LINE = "line"  # the last one of its text
    NONE = "none"


class TextAmount(StrEnum):
    """Amount of an item's text that an output shows."""

    FULL = "full"
    SUMMARY = "summary"
    TITLE = "title"  # none


class PictureChoice(StrEnum):
    """Pictures of items in an output."""

    KEEP = "keep"
    LINK = "link"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Maker:
    """Maker of a rendering: the program's release, and a digest of the configuration."""

    release: str
    config: str


@dataclass(frozen=True, slots=True)
class LastRendering:
    """The latest bytes of an output in one format: their digest, since when, and who made them."""

    digest: str
    modified: datetime
    maker: Maker
    cursor: Cursor | None = None


@dataclass(frozen=True, slots=True, order=True)
class Cursor:
    """A place in an output's log: everything up to line ``seq`` is known."""

    epoch: int
    seq: int

    def __str__(self) -> str:
        return f"{self.epoch}-{self.seq}"


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """An item that left an output, and when."""

    item_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Paging:
    """Links between a merged feed's window and its archive pages (RFC 5005), by format."""

    older: Mapping[str, str] = field(default_factory=dict)  # the page with what came before
    current: Mapping[str, str] = field(default_factory=dict)  # the window; of archive pages alone
    gone: tuple[Withdrawn, ...] = ()  # what a page says of items that are no more

    @property
    def is_archive(self) -> bool:
        """True for archive pages."""
        return bool(self.current)


@dataclass(frozen=True, slots=True)
class PageNumber:
    """Number of an archive page: of which log, and the how manieth; None: the one that is open still."""

    epoch: int
    number: int | None


@dataclass(frozen=True, slots=True)
class PageLines:
    """Lines of a log that make an archive page, as what is to be rendered of them."""

    page: PageNumber
    after: int  # the latest line of the page before
    last: int  # its own latest line
    items: tuple[Item, ...]  # the latest first
    gone: tuple[Withdrawn, ...]
    at: datetime  # of its latest line
    told_of: Mapping[str, tuple[str, ...]]  # item id → marks of the feeds that it tells of
    older: PageNumber | None  # the page before
    older_kinds: frozenset[str] = frozenset()  # formats in which that one is stored
    whole: bool = True  # it has as many lines as a page can hold


@dataclass(frozen=True, slots=True)
class LatestPage:
    """The archive page that follows on a window: the open one, or the one closed last."""

    page: PageNumber
    kinds: frozenset[str] = frozenset()  # formats in which a closed one is stored
    upto: int = 0  # latest line of the open one that the window does not hold


@dataclass(frozen=True, slots=True)
class ArchiveBounds:
    """Bounds of an output's archive: age of its pages, and bytes of all of them."""

    max_age: timedelta  # 0: no pages are kept
    max_bytes: int


@dataclass(frozen=True, slots=True)
class Guards:
    """Facts of feeds that an output keeps back, or tells less of; see :mod:`aggregator.select.guards`."""

    private: bool  # the output is for readers who know a token
    marks: Mapping[str, str]  # mark of a feed → digest of what may be told of it
    digest: str  # of both


@dataclass(frozen=True, slots=True)
class PageBody:
    """An archive page in one format, with ``mark`` in the place of our own addresses."""

    kind: str  # name of an output format
    body: bytes
    mark: str
    digest: str  # of ``body``


@dataclass(frozen=True, slots=True)
class StoredPage:
    """A closed archive page as it is stored, without its bytes."""

    page: PageNumber
    kind: str
    digest: str
    modified: datetime


class Absence(Enum):
    """Reason why there is no such archive page."""

    NEVER = "never"  # there was none
    GONE = "gone"  # it is past the output's archive
    LATER = "later"  # what it tells must be looked through first


@dataclass(frozen=True, slots=True)
class NewItems:
    """Items that stand in an output and entered or changed after a place in its log, the latest first."""

    items: tuple[Item, ...]
    upto: Cursor  # go on from here
    more: bool = False


@dataclass(frozen=True, slots=True)
class FoundItems:
    """An answer to a query: items, the latest first; ``below`` goes on where it ends, None: all are told."""

    items: tuple[Item, ...]
    below: int | None = None


@dataclass(frozen=True, slots=True)
class ItemPlace:
    """Place of an item among those that stand in an output."""

    sort_at: datetime
    tie: int  # decides between two of the same time; of those with the same, the id does
    item_id: str


@dataclass(frozen=True, slots=True)
class StandingItems:
    """Items that stand in an output, the latest first; ``below`` goes on where they end, None: there are no more."""

    items: tuple[Item, ...]
    below: ItemPlace | None = None


@dataclass(frozen=True, slots=True)
class NamedItem:
    """An item looked up by its id: it stands, or another holds its story now, or it was withdrawn, or neither."""

    item: Item | None = None
    holder: str = ""  # id of the item that holds its story now
    is_withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class NewsStory:
    """A story for an edition, with what the edition must remember of it."""

    item: Item
    feed_key: str  # of the entry shown
    categories: tuple[str, ...]  # that rules gave the entry
    told: tuple[str, ...]  # ids of the item and of all entries in it
    marks: tuple[str, ...]  # of the feeds that it tells of


@dataclass(frozen=True, slots=True)
class EditionCut:
    """Place in an output's log up to which editions have told it, and the run that was served last."""

    name: str
    cursor: Cursor
    cut_at: datetime
    due_at: datetime
    day: str  # its local date; empty: none was yet


@dataclass(frozen=True, slots=True)
class EditionNews:
    """News for the next edition: stories in the output's order, between two places of its log."""

    since: EditionCut
    upto: Cursor
    at: datetime  # when it was read
    stories: tuple[NewsStory, ...]


@dataclass(frozen=True, slots=True)
class EditionStory:
    """A story in an edition, as HTML: its line in the contents, and its section, empty for none."""

    item_id: str
    category: str
    title: str
    line: str
    section: str


@dataclass(frozen=True, slots=True)
class DueEdition:
    """A run of the schedule for which an edition is to be made."""

    at: datetime
    day: str  # local date


@dataclass(frozen=True, slots=True)
class Edition:
    """An edition of an output; what was sent never changes, but for what may not be told any more."""

    id: str  # for ever
    day: str
    title: str
    stories: tuple[EditionStory, ...]
    made_at: datetime
    changed_at: datetime
    number: int = 0  # grows from edition to edition; 0: it is not stored yet


@dataclass(frozen=True, slots=True)
class OutputFeed:
    """A merged feed, ready to be rendered. ``items`` are newest first."""

    name: str
    title: str
    description: str
    base_url: str  # no trailing slash
    items: tuple[Item, ...]
    updated: datetime  # of the newest change in it; never "now"
    formats: tuple[str, ...] = ()  # names, see :class:`OutputFormat`
    links: Mapping[str, str] = field(default_factory=dict)  # format → absolute URL
    tokens: tuple[str, ...] = field(default=(), repr=False)  # who knows one may read it; none: all
    folder: str = ""  # of an output with tokens: where its files go; empty: none are written
    owner_only: bool = False  # its files are for our own user alone
    id_base: str = ""  # address that its id is made of; empty: ``base_url``
    paging: Paging | None = None  # None: it has no archive
    page: str = ""  # absolute URL of its page for people; empty: that of the page about all outputs

    @property
    def private(self) -> bool:
        """True when it is for those alone who know a token."""
        return bool(self.tokens)


@dataclass(frozen=True, slots=True)
class OutputFormat:
    """A format of merged feeds; :data:`aggregator.publish.formats.FORMATS` lists them all."""

    name: str  # in settings and in addresses: ``feeds/all.NAME``
    label: str  # for people
    media_type: str
    render: Callable[..., bytes]  # of an OutputFeed; pure: equal outputs give equal bytes
    item_end: bytes = b""  # what stands in its bytes where an item ends
    charset: str = ""  # empty for a media type that has no such parameter
    in_fragments: bool = False  # ``render`` also takes what items were written as before

    @property
    def content_type(self) -> str:
        """The media type as it is sent in ``Content-Type``."""
        return f"{self.media_type}; charset={self.charset}" if self.charset else self.media_type


@dataclass(frozen=True, slots=True)
class Rendered:
    """One output in one format: the bytes that every subscriber gets."""

    name: str
    format: str  # name of an :class:`OutputFormat`
    media_type: str
    body: bytes
    gzip: bytes
    etag: str  # strong, quoted
    modified: datetime  # when these bytes came to be, whole seconds
    # Whose they are: their self link holds it. Empty for an open output, and for a private one's files.
    token: str = field(default="", repr=False)
    cursor: Cursor | None = None  # the place in its log that readers of it have come to


# ── push ──────────────────────────────────────────────────────────────────────────────────────


class SubscriptionState(StrEnum):
    """State of a subscription at a hub."""

    PENDING = "pending"  # wanted; the hub has not verified it yet
    ACTIVE = "active"  # verified
    DENIED = "denied"  # the hub refused; asked again much later
    ENDING = "ending"  # no longer wanted; the hub has not verified that yet


@dataclass(frozen=True, slots=True)
class Subscription:
    """A request of ours to a hub to be told of a feed's news (W3C WebSub)."""

    id: int
    feed_id: int
    hub: str
    topic: str
    base: str  # where hubs reach us, no slash at its end
    token: str  # unguessable
    secret: str  # signs what the hub delivers
    state: SubscriptionState
    lease_until: datetime | None = None
    requested_at: datetime | None = None  # the last request
    failures: int = 0  # requests in a row that the hub did not verify

    @property
    def callback(self) -> str:
        """The address of ours that the hub calls."""
        return f"{self.base}/websub/{self.token}"


@dataclass(frozen=True, slots=True)
class Delivery:
    """A document that a hub delivered, its signature verified."""

    feed_id: int
    topic: str
    content_type: str
    body: bytes
    next_poll: datetime  # when the feed's next poll was planned before the delivery came


# ── politeness ────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class HostCount:
    """Request counts of one host since they were last written down, and slots waited for."""

    host: str
    feeds: int = 0
    pages: int = 0
    robots: int = 0
    waited: int = 0


@dataclass(frozen=True, slots=True)
class HostLeaseAnswer:
    """Answer to a request for a host's lease; if not granted, seconds until it may be asked again.

    ``in_cooldown``: the host or domain whose cooldown of ``wait`` seconds forbids it.
    """

    granted: bool
    wait: float = 0.0
    in_cooldown: str | None = None


@dataclass(frozen=True, slots=True)
class RobotsCopy:
    """The text of a robots.txt as it was at ``checked``; ``""`` where there is none."""

    text: str
    checked: datetime


@dataclass(frozen=True, slots=True)
class HostStatus:
    """Request counts of one host, for people and scripts; ``day`` is the last 24 hours, by kind."""

    host: str
    hour: int = 0  # requests in the last hour
    day: int = 0
    feeds: int = 0
    pages: int = 0
    robots: int = 0
    waited: int = 0  # slots that had to be waited for
    resting_until: datetime | None = None


# ── status ───────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class FeedStatus:
    """Status of one feed, for people and scripts."""

    key: str
    url: str
    title: str
    category: str = ""  # the first of them
    result: str = ""  # a PollResult, "" before the first poll
    error: str | None = None
    failures: int = 0
    last_poll: datetime | None = None
    last_success: datetime | None = None
    next_poll: datetime | None = None
    entries: int = 0
    pushed_until: datetime | None = None  # a hub tells us of its news until then
    categories: tuple[str, ...] = ()
    paused: bool = False  # by the operator


@dataclass(frozen=True, slots=True)
class FeedPlace:
    """Place of a feed in lists of them: those in trouble first, that with most failures at the top.

    After these the others, the latest added first. ``failures`` None: of the others.
    """

    id: int
    failures: int | None = None

    def __str__(self) -> str:
        return str(self.id) if self.failures is None else f"{self.failures}.{self.id}"

    @classmethod
    def read(cls, text: str) -> FeedPlace | None:
        """The place that ``str()`` of one gave; None for everything else."""
        found = _PLACE.fullmatch(text)
        if found is None:
            return None
        failures = found["failures"]
        return cls(int(found["id"]), None if failures is None else int(failures))


_PLACE = re.compile(r"(?:(?P<failures>[0-9]{1,9})\.)?(?P<id>[0-9]{1,18})")


@dataclass(frozen=True, slots=True)
class Status:
    """The whole, at one moment. ``feeds`` are all of them, or a page of the list."""

    feeds: tuple[FeedStatus, ...] = ()
    entries: int = 0
    stories: int = 0
    articles: int = 0  # pages with extracted text
    articles_waiting: int = 0  # pages still to fetch
    articles_failed: int = 0
    unsettled: int = 0  # entries not yet attached to a story
    outage_since: datetime | None = None  # no host answers since then: our own network
    total: int = 0  # feeds; like the next two of those that may be told of
    in_trouble: int = 0  # feeds that fail, are gone, or found no network
    unpolled: int = 0  # feeds not polled yet
    paused: int = 0  # feeds that the operator paused, counted nowhere else
    dropped: int = 0  # entries that filters and rules of feeds dropped
    next: str | None = None  # where the list goes on, a :class:`FeedPlace`; None at its end


# ── the health feed ──────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class FeedName:
    """A feed as health events name it: its key, and what is stored of it."""

    key: str
    url: str
    title: str = ""
    site_url: str | None = None


@dataclass(frozen=True, slots=True)
class HealthEvent:
    """A change of a feed's state that was noted, or a summary of those since the last one."""

    uid: str  # for ever
    kind: HealthKind
    at: datetime
    feed: FeedName | None = None  # None: a summary
    error: str = ""  # of BROKE
    failures: int = 0
    former_url: str = ""  # of MOVED, masked like the next one
    url: str = ""
    day: str = ""  # of a SUMMARY: the local date
    covers: tuple[HealthEvent, ...] = ()  # what it sums up, the earliest first
    broken: tuple[FeedName, ...] = ()  # feeds that were broken then


@dataclass(frozen=True, slots=True)
class LastHealth:
    """The latest event that says of a feed that it broke or came back."""

    kind: HealthKind
    at: datetime
    told: bool
    failures: int = 0  # in a row, as it broke


# ── requests of commands ─────────────────────────────────────────────────────────────────────


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


# ── explanations and operator edits ──────────────────────────────────────────────────────────


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


@dataclass(frozen=True, slots=True)
class OperatorEdit:
    """Outcome of a split or merge: the stories' public ids, and the entries that moved."""

    kept: str  # the story that keeps its id
    other: str  # a split's new story; the one that a merge ended
    moved: tuple[int, ...]  # entry ids
