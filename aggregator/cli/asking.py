"""Asking a URL what it is, through the same door and workers as the daemon. Stores nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aggregator.config import choices
from aggregator.config.config import Config
from aggregator.engine.workers import ProcessWorkers
from aggregator.extract.article import extract_article
from aggregator.fetch.client import HttpFetcher
from aggregator.model import Article, ArticleHints, ParsedFeed, Request
from aggregator.parse.feed import parse_feed
from aggregator.ports import Fetcher, Workers


@dataclass(frozen=True, slots=True)
class FoundFeed:
    """A feed as it answered: ``url`` after redirects."""

    url: str
    parsed: ParsedFeed


@asynccontextmanager
async def _tools(config: Config) -> AsyncIterator[tuple[Fetcher, Workers]]:
    settings = config.settings
    async with (
        HttpFetcher(settings.fetch, base_url=settings.base_url) as fetcher,
        ProcessWorkers(1, settings.extract.memory, settings.urls.tracking_parameters) as workers,
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
    """The article at ``url``. Raises ``FetchError`` or ``ExtractError``."""
    async with _tools(config) as (fetcher, workers):
        page = await fetcher.fetch(Request(url, "page"))
        limit = config.settings.extract.timeout
        return await workers.run(
            extract_article,
            page.body,
            url=page.url,
            content_type=page.content_type,
            hints=hints,
            limit=limit,
        )
