"""Reading an article off its pages: fetch one, read it, fetch the next, join them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import structlog

from aggregator.config import choices
from aggregator.config.config import Config
from aggregator.errors import AggregatorError, StoreError, masked
from aggregator.extract.article import read_page
from aggregator.extract.paging import joined
from aggregator.model import Article, ArticleHints, PageReading, Request, SiteRule
from aggregator.network import NetworkWatch
from aggregator.ports import Fetcher, Workers

log = structlog.get_logger("aggregator")


class Reader(Protocol):
    """What reading needs: the pipeline has it."""

    @property
    def config(self) -> Config:
        """What the operator asked for."""
        ...

    @property
    def fetcher(self) -> Fetcher:
        """The one door."""
        ...

    @property
    def workers(self) -> Workers:
        """Processes for strangers' bytes."""
        ...

    @property
    def network(self) -> NetworkWatch:
        """Is it them or is it us?"""
        ...


@dataclass(frozen=True, slots=True)
class ReadArticle:
    """An article with all its pages, and of the first of them the final URL and its blocks' digests."""

    article: Article
    url: str
    blocks: bytes


async def read_article(reader: Reader, url: str, hints: ArticleHints) -> ReadArticle:
    """The article at ``url``, all its pages.

    Raises what fetching and reading the first page raise; what goes wrong with another page ends the
    article there, which its ``reason`` says.
    """
    rule = _rule(reader.config, url, hints.feed_key)
    first, final_url = await _page(reader, url, hints, rule, None)
    if first.whole_url:
        whole = await _other_page(reader, first.whole_url, hints, rule, None)
        if whole is not None and len(whole.article.text) >= len(first.article.text):
            return ReadArticle(whole.article, final_url, first.blocks)
    article = await _all_pages(reader, first, final_url, hints, rule)
    return ReadArticle(article, final_url, first.blocks)


async def _all_pages(
    reader: Reader, first: PageReading, url: str, hints: ArticleHints, rule: SiteRule | None
) -> Article:
    article, following, asked = first.article, first.next_url, {url}
    pages = 1
    while following and following not in asked and pages < reader.config.settings.extract.max_pages:
        asked.add(following)
        page = await _other_page(reader, following, hints, rule, article)
        if page is None:
            return joined(article, None, pages)
        article, following = joined(article, page.article, pages := pages + 1), page.next_url
    return article


async def _other_page(
    reader: Reader,
    url: str,
    hints: ArticleHints,
    rule: SiteRule | None,
    earlier: Article | None,
) -> PageReading | None:
    """A page beside the first, None when it cannot be had or holds nothing of the article."""
    try:
        return (await _page(reader, url, hints, rule, earlier))[0]
    except StoreError:
        raise
    except AggregatorError as error:
        log.info("no further page", url=masked(url), error=str(error))
        return None


async def _page(
    reader: Reader,
    url: str,
    hints: ArticleHints,
    rule: SiteRule | None,
    earlier: Article | None,
) -> tuple[PageReading, str]:
    page = await reader.fetcher.fetch(Request(url, "page"))
    if not reader.network.down:
        reader.network.heard()
    reading = await reader.workers.run(
        read_page,
        page.body,
        url=page.url,
        content_type=page.content_type,
        hints=hints,
        rule=rule,
        earlier=earlier,
        use_model=reader.config.settings.extract.model,
        limits=choices.extract_limits(reader.config.settings),
    )
    return reading, page.url


def _rule(config: Config, url: str, feed_key: str) -> SiteRule | None:
    read = choices.site_rule(config, url, feed_key)
    for note in config.rules.news() if config.rules is not None else ():
        log.warning("site rule", note=note)
    return read.rule if read is not None else None
