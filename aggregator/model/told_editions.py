"""Editions: entries that tell the stories since the one before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from aggregator.model.output_items import Cursor, Item


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
class EditionsAfter:
    """Editions after a place, the first ones first, without those of which nothing is left."""

    editions: tuple[Edition, ...]
    upto: int  # number to go on from
    more: bool = False
