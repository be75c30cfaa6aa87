"""Selection of an output's items: filter, quota, order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

from aggregator.model.joins import Basis, DedupeMode
from aggregator.model.stored_feeds import FeedLabels
from aggregator.privacy.public import Disclosure

_OPEN = Disclosure()  # of a feed without secrets


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
