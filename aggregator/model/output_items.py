"""Items of the outputs, and cursors on their logs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from aggregator.model.parsed_entries import NO_DETAILS, Details, Enclosure
from aggregator.privacy.public import PublicUrl


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
