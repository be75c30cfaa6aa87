"""State of feeds, engine and health, as the operator is told it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from aggregator.model.poll_outcomes import HealthKind


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
