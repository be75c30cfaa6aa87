"""Asking a URL what it is, through the same door and workers as the daemon. Stores nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aggregator.config import choices
from aggregator.config.config import Config
from aggregator.engine.workers import ProcessWorkers
from aggregator.fetch.client import HttpFetcher
from aggregator.flow.article_pages import ArticleReader
from aggregator.flow.feed_document import read_document
from aggregator.flow.network_watch import NetworkWatch
from aggregator.model import Article, ArticleHints, Document, ParsedFeed, Request
from aggregator.ports import Fetcher, Workers


@dataclass(frozen=True, slots=True)
class FoundFeed:
    """A feed as it answered: ``url`` after redirects."""

    url: str
    parsed: ParsedFeed


class Asking:
    """Asks one address after the other, each host's gap kept; made by :func:`asking`."""

    def __init__(self, config: Config, fetcher: Fetcher, workers: Workers) -> None:
        self._config = config
        self._fetcher = fetcher
        self._workers = workers

    async def feed(self, url: str) -> FoundFeed:
        """The feed at ``url``. Raises ``FetchError``, ``NotAFeed`` (with offers), ``ParseError``."""
        rules = choices.feed_rules(self._config, choices.key_at(self._config, url), url)
        options = choices.fetch_options_at(self._config, url)
        answer = await self._fetcher.fetch(Request(url, options=options))
        document = Document(answer.body, answer.url, answer.content_type)
        parsed = await read_document(self._workers, rules, document)
        return FoundFeed(answer.url, parsed)

    async def article(self, url: str, hints: ArticleHints) -> Article:
        """The article at ``url``, all its pages. Raises ``FetchError`` or ``ExtractError``."""
        reader = ArticleReader(self._config, self._fetcher, self._workers, NetworkWatch())
        return (await reader.read(url, hints)).article


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


async def ask_article(config: Config, url: str, hints: ArticleHints) -> Article:
    """The article at ``url``, as :meth:`Asking.article` gives it."""
    async with asking(config) as one:
        return await one.article(url, hints)
