"""Asking a URL what it is, through the same door and workers as the daemon. Stores nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aggregator.config import choices
from aggregator.config.config import Config
from aggregator.engine.workers import ProcessWorkers
from aggregator.errors import ExtractError, FeedOffer, NotAFeed, RobotsRefused, TooLarge
from aggregator.fetch.client import HttpFetcher
from aggregator.flow.article_pages import ArticleReader
from aggregator.flow.feed_document import read_document
from aggregator.flow.network_watch import NetworkWatch
from aggregator.model import (
    Article,
    ArticleHints,
    Document,
    ParsedFeed,
    Request,
    RequestKind,
    Response,
)
from aggregator.ports import Fetcher, Workers


@dataclass(frozen=True, slots=True)
class FoundFeed:
    """A feed as it answered: ``url`` after redirects."""

    url: str
    parsed: ParsedFeed
    inside: bool = False  # it came from a network that the operator opened


@dataclass(frozen=True, slots=True)
class FoundPage:
    """A page as it answered, the feeds that it links to, and its article or why it holds none."""

    url: str
    offers: tuple[FeedOffer, ...]
    article: Article | ExtractError


class Asking:
    """Asks one address after the other, each host's gap kept; made by :func:`asking`."""

    def __init__(self, config: Config, fetcher: Fetcher, workers: Workers) -> None:
        self._config = config
        self._fetcher = fetcher
        self._workers = workers

    async def feed(self, url: str, *, inside: bool = True) -> FoundFeed:
        """The feed at ``url``; one that the operator gave may be ``inside`` the networks that are open.

        Raises ``FetchError``, ``NotAFeed`` (with offers), ``ParseError``.
        """
        rules = choices.feed_rules(self._config, choices.key_at(self._config, url), url)
        options = choices.fetch_options_at(self._config, url)
        answer = await self._fetcher.fetch(Request(url, options=options, inside=inside))
        document = Document(
            answer.body, answer.url, answer.content_type, language=answer.content_language
        )
        parsed = await read_document(self._workers, rules, document)
        return FoundFeed(answer.url, parsed, answer.inside)

    async def anything(self, url: str) -> FoundFeed | FoundPage:
        """The feed or the page at ``url``, which is fetched once, and as a page where robots.txt allows that.

        Raises ``FetchError`` and ``ParseError``; where robots.txt forbids the page, that, unless it is a feed.
        """
        forbidden: RobotsRefused | None = None
        try:
            answer = await self._fetched(url, RequestKind.PAGE)
        except (
            RobotsRefused
        ) as error:  # feeds are for readers of feeds, whatever it says of crawlers
            forbidden = error
            answer = await self._fetched(url, RequestKind.FEED)
        except TooLarge:
            answer = await self._fetched(url, RequestKind.FEED)
        rules = choices.feed_rules(self._config, choices.key_at(self._config, url), url)
        document = Document(answer.body, answer.url, answer.content_type)
        try:
            parsed = await read_document(self._workers, rules, document)
            return FoundFeed(answer.url, parsed, answer.inside)
        except NotAFeed as page:
            if forbidden is not None:
                raise forbidden from page
            try:
                read = await self._reader().read_from(answer, url, ArticleHints())
            except ExtractError as error:
                return FoundPage(answer.url, page.offers, error)
            return FoundPage(answer.url, page.offers, read.article)

    async def _fetched(self, url: str, kind: RequestKind) -> Response:
        options = choices.fetch_options_at(self._config, url)
        return await self._fetcher.fetch(Request(url, kind, options=options, inside=True))

    def _reader(self) -> ArticleReader:
        return ArticleReader(self._config, self._fetcher, self._workers, NetworkWatch())

    async def article(self, url: str, hints: ArticleHints, *, inside: bool) -> Article:
        """The article at ``url``, which a feed ``inside`` links to or not, all its pages.

        Raises ``FetchError`` or ``ExtractError``.
        """
        return (await self._reader().read(url, hints, inside=inside)).article


@asynccontextmanager
async def asking(config: Config) -> AsyncIterator[Asking]:
    """The daemon's fetcher, guard and workers for as long as some questions take."""
    settings = config.settings
    async with (
        HttpFetcher(settings.fetch, base_url=settings.base_url) as fetcher,
        ProcessWorkers(1, settings.urls.tracking_parameters, settings.fetch.allowed()) as workers,
    ):
        yield Asking(config, fetcher, workers)


async def ask(config: Config, url: str) -> FoundFeed:
    """The feed at ``url``, as :meth:`Asking.feed` gives it."""
    async with asking(config) as one:
        return await one.feed(url)
