"""Archives of a feed that are being read, page after page (RFC 5005 §3, §4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class FollowArchives(StrEnum):
    """Mode of following the archives of a feed."""

    GAPS = "gaps"  # after an absence in which more was published than the feed lists
    ALL = "all"  # all of them, once, and what is added
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class TrailBounds:
    """Bounds of one trail: pages, and the age of what is taken from them; 0: no bound on the age."""

    pages: int
    max_age: timedelta


@dataclass(frozen=True, slots=True)
class Stretch:
    """A chain of pages from ``url`` back to what is known.

    ``known_at`` is when the feed was last read before the gap; None: everything is wanted, as far as
    the chain goes.
    """

    url: str
    archived: bool  # led to by `prev-archive`: its bytes stay under its address
    known_at: datetime | None
    evidence: int = 0  # entries met that were known then
    inside: bool = False  # what led to ``url`` came from a network that the operator opened


@dataclass(frozen=True, slots=True)
class ArchiveTrail:
    """Archive pages of a feed: those still to be read, and those that need not be read again.

    Addresses and ids are kept as digests. It is a new value after each page.
    """

    stretches: tuple[Stretch, ...] = ()  # to be read, the first one now
    next_at: datetime | None = None  # when the next page is due; None: nothing is to be read
    whole: bool = False  # all archives were asked for
    read: tuple[str, ...] = ()  # addresses of archive pages, the latest last
    passed: tuple[str, ...] = ()  # addresses of the pages of this stretch
    deleted: tuple[str, ...] = ()  # ids that later pages called deleted
    pages: int = 0  # read since the trail began
    new: int = 0  # entries that they brought
    batch: int = 0  # pages read since the last pause
    failures: int = 0  # in a row, of the page that is due
    ended: str = ""  # why the last one was not read to its end; empty: it was
