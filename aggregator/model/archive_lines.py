"""Archive pages of an output (RFC 5005)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from aggregator.model.output_items import Item, Withdrawn


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
