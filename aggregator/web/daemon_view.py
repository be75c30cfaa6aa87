"""The daemon as the web pages see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from aggregator.model import (
    Absence,
    Cursor,
    DroppedOutput,
    FeedPlace,
    FoundItems,
    ItemPlace,
    NamedItem,
    NewItems,
    OutputFeed,
    PageNumber,
    Rendered,
    StandingItems,
    Status,
    StoredPage,
)
from aggregator.privacy.public import Disclosure
from aggregator.publish.formats import FORMATS
from aggregator.select.search_query import SearchQuery


@dataclass(frozen=True, slots=True)
class OutputInfo:
    """One configured output: what the page says about it."""

    name: str
    title: str
    description: str = ""
    formats: tuple[str, ...] = field(default_factory=lambda: tuple(FORMATS))
    tokens: tuple[str, ...] = field(default=(), repr=False)  # who knows one may read it; none: all
    aliases: tuple[str, ...] = ()  # names that it had before


def named_output(outputs: Sequence[OutputInfo], name: str) -> OutputInfo | None:
    """The one of ``outputs`` that is called ``name``, or was."""
    return next((one for one in outputs if name == one.name or name in one.aliases), None)


class Site(Protocol):
    """Read anew for every request, so that a reload of the configuration shows at once."""

    @property
    def title(self) -> str:
        """Title of the whole."""
        ...

    @property
    def base_url(self) -> str:
        """Address under which subscribers reach the server, without a slash at its end; empty: not
        configured.
        """
        ...

    @property
    def index(self) -> bool:
        """True when search engines may list the pages."""
        ...

    @property
    def revision(self) -> int:
        """Another number with each reload: no page of the configuration before is shown then."""
        ...

    def outputs(self) -> Sequence[OutputInfo]:
        """The configured outputs, those with tokens too, in the configuration's order."""
        ...

    def dropped(self) -> Sequence[DroppedOutput]:
        """Outputs that were dropped of late."""
        ...

    async def status(self, limit: int, after: FeedPlace | None = None) -> Status:
        """The state of up to ``limit`` feeds beyond ``after``, and of the whole.

        No feed that must not be told of is listed or counted. May raise
        :class:`~aggregator.errors.AggregatorError`.
        """
        ...

    async def sources(self, name: str) -> bytes:
        """OPML of what the output ``name`` is made of, as far as its readers may know it.

        May raise :class:`~aggregator.errors.AggregatorError`.
        """
        ...

    def told(self, key: str) -> Disclosure | None:
        """Facts that may be told to whoever asks of the feed ``key``; None: nothing at all."""
        ...

    @property
    def holds_back(self) -> bool:
        """True where there are feeds that must not be told of: totals would count them."""
        ...

    def healthy(self) -> tuple[bool, Mapping[str, object]]:
        """True while the daemon ticks, and facts for ``/health`` that JSON can hold.

        Must not wait for anything: it is asked every few seconds by whatever restarts us.
        """
        ...


class History(Protocol):
    """The logs of the outputs: archive pages, and what is new since a place in them.

    Every method may raise :class:`~aggregator.errors.AggregatorError`. ``name`` is an output's; ``token``
    stands in the addresses of what is made for who knows it.
    """

    @property
    def configured(self) -> str:
        """Another text with each reload that changes what an output might show."""

    async def version(self) -> str:
        """Another text with every change that an output might show, and with each reload."""
        ...

    async def find_page(self, name: str, page: PageNumber, kind: str) -> StoredPage | Absence:
        """A closed archive page, or the reason why there is none to be had."""
        ...

    def address_version(self, name: str) -> str:
        """Another text when an output's bytes must say other addresses."""
        ...

    async def page(self, name: str, page: PageNumber, kind: str, token: str) -> Rendered | None:
        """The bytes of a closed archive page; None where it has just gone."""
        ...

    async def cursor(self, name: str) -> Cursor | None:
        """The place of the latest line; None where there is no log with an archive."""
        ...

    async def open_page(self, name: str, kind: str, token: str) -> Rendered | None:
        """The page with the latest lines, which is closed one day; None where there is none."""
        ...

    async def new_items(
        self, name: str, kind: str, token: str, since: Cursor | datetime | None, limit: int
    ) -> tuple[Rendered, NewItems] | None:
        """Items that entered or changed after ``since`` as a feed; None: it is of no log that stands.

        ``since`` None: the newest of the window. At most ``limit``: the first in the log's order.
        """
        ...


class Stories(Protocol):
    """The stories of the outputs, to be read on pages."""

    async def stories(self, name: str, below: ItemPlace | None = None) -> StandingItems | None:
        """A page of what stands in the output ``name``, the latest first; None: that is not known yet.

        May raise :class:`~aggregator.errors.AggregatorError`.
        """
        ...

    async def story(self, name: str, item_id: str) -> NamedItem | None:
        """The item of the output ``name`` with this id, or what became of it; None: not known yet.

        May raise :class:`~aggregator.errors.AggregatorError`.
        """
        ...


class Searcher(Protocol):
    """The stories of the outputs, to be looked through."""

    @property
    def feed_base(self) -> str:
        """Address of the server as feeds say it: the configured one, else of host and port."""
        ...

    @property
    def id_base(self) -> str:
        """Address that ids of feeds are made of: it stays when host or port change."""
        ...

    async def search(
        self, name: str, query: SearchQuery, limit: int, below: int | None = None
    ) -> FoundItems:
        """Up to ``limit`` items of the output ``name`` that ``query`` finds, the latest first.

        May raise :class:`~aggregator.errors.AggregatorError`.
        """
        ...


class HealthReporter(Protocol):
    """The health feed: what happened to the feeds."""

    @property
    def has_health_feed(self) -> bool:
        """True where there is a feed about the feeds."""
        ...

    async def health_feed(self) -> OutputFeed:
        """The feed about the feeds, with nothing in it that the page must not tell.

        May raise :class:`~aggregator.errors.AggregatorError`.
        """
        ...
