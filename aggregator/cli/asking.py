"""Asking a URL what it is, through the same door and workers as the daemon. Stores nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aggregator.config import choices
from aggregator.config.config import Config
from aggregator.engine.workers import ProcessWorkers
from aggregator.fetch.client import HttpFetcher
from aggregator.model import Article, ArticleHints, ParsedFeed, Request
from aggregator.network import NetworkWatch
from aggregator.parse.feed import parse_feed
from aggregator.ports import Fetcher, Workers
from aggregator.reading import read_article


@dataclass(frozen=True, slots=True)
class FoundFeed:
    """A feed as it answered: ``url`` after redirects."""

    url: str
    parsed: ParsedFeed


@dataclass(frozen=True, slots=True)
class _Reader:
    """What :func:`~aggregator.reading.read_article` needs."""

    config: Config
    fetcher: Fetcher
    workers: Workers
    network: NetworkWatch = field(default_factory=NetworkWatch)


@asynccontextmanager
async def _tools(config: Config) -> AsyncIterator[tuple[Fetcher, Workers]]:
    settings = config.settings
    async with (
        HttpFetcher(settings.fetch, base_url=settings.base_url) as fetcher,
        ProcessWorkers(1, settings.extract.memory) as workers,
    ):
        yield fetcher, workers


async def ask(config: Config, url: str) -> FoundFeed:
    """The feed at ``url``. Raises ``FetchError``, ``NotAFeed`` (with offers) or ``ParseError``."""
    async with _tools(config) as (fetcher, workers):
        options = choices.fetch_options(config, url) if config.feed(url) else None
        answer = await fetcher.fetch(Request(url, options=options))
        limit = config.settings.extract.timeout
        parsed = await workers.run(
            parse_feed, answer.body, url=answer.url, content_type=answer.content_type, limit=limit
        )
        return FoundFeed(answer.url, parsed)


async def ask_article(config: Config, url: str, hints: ArticleHints) -> Article:
    """The article at ``url``, all its pages. Raises ``FetchError`` or ``ExtractError``."""
    async with _tools(config) as (fetcher, workers):
        return (await read_article(_Reader(config, fetcher, workers), url, hints))[0]
