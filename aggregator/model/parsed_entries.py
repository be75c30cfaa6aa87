"""A feed's document as it was read: entries, and what the feed says of itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum


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


NO_HINTS = UpdateHints()


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
    previous_is_archive: bool = False  # that is a page that no longer changes (prev-archive)
    deleted: tuple[str, ...] = ()  # ids of entries that are no more (RFC 6721)
    notes: tuple[str, ...] = ()  # what had to be mended, in words for an operator
    partial: bool = False  # it breaks off: what it does not list may well still be in the feed
    cut: str | None = None  # identity, so far as it was read, of the entry in which it breaks off


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
