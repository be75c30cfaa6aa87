"""Reading an article off its pages: fetch one, read it, fetch the next, join them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

import structlog

from aggregator.config import choices
from aggregator.config.config import Config
from aggregator.errors import AggregatorError, NoArticle, StoreError
from aggregator.extract.article import read_page
from aggregator.extract.judging.alternates import may_be_view, of_view, tells_the_same
from aggregator.extract.page.paging import joined
from aggregator.flow.changes import is_passing
from aggregator.flow.network_watch import NetworkWatch
from aggregator.model import (
    Article,
    ArticleHints,
    PageReading,
    Request,
    RequestKind,
    Response,
    SiteRule,
)
from aggregator.ports import Fetcher, Workers
from aggregator.privacy.masking import masked

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
    article there, which its ``reason`` says. Of a page that was read badly another view is asked for;
    where the page holds no article and the view cannot be had for now, what fetching the view raised.
    """
    rule = _rule(reader.config, url, hints.feed_key)
    page = await _fetched(reader, url)
    first = await _tried(reader, page, hints, rule)
    if first.view is not None:
        viewed = await _other_view(reader, first, first.view, page.url, hints, rule)
        if viewed is not None:
            article = await _viewed_pages(reader, viewed, first, page.url, hints, rule)
            blocks = viewed.blocks if isinstance(first, NoArticle) else first.blocks
            return ReadArticle(article, page.url, blocks)
    if isinstance(first, NoArticle):
        raise first
    if first.whole_url:
        whole = await _other_page(reader, first.whole_url, hints, rule, None)
        if whole is not None and len(whole.article.text) >= len(first.article.text):
            return ReadArticle(whole.article, page.url, first.blocks)
    article = await _all_pages(reader, first, page.url, hints, rule)
    return ReadArticle(article, page.url, first.blocks)


async def _tried(
    reader: Reader, page: Response, hints: ArticleHints, rule: SiteRule | None
) -> PageReading | NoArticle:
    """What ``page`` gave, or why it gave nothing; both may name another view of it."""
    try:
        return await _read(reader, page, hints, rule, None)
    except NoArticle as error:
        return error


async def _other_view(
    reader: Reader,
    first: PageReading | NoArticle,
    view: tuple[str, str],
    url: str,
    hints: ArticleHints,
    rule: SiteRule | None,
) -> PageReading | None:
    """What another view of the page ``url`` gives when that is better than ``first``, else None.

    One request; no view of a view is asked for. Raises a passing failure where there is no ``first``.
    """
    kind, target = view
    try:
        page = await _fetched(reader, target)
        # Whoever gave up a view sends us back, or to the front page.
        if not may_be_view(page.url, url):
            return None
        reading = await _read(reader, page, hints, rule, None)
    except StoreError:
        raise
    except AggregatorError as error:
        if isinstance(first, NoArticle) and is_passing(error):
            raise
        log.info("no other view", url=masked(target), kind=kind, error=str(error))
        return None
    if page.url != target and not tells_the_same(reading.article, hints, url):
        log.info("no other view", url=masked(target), kind=kind, error="it leads to another page")
        return None
    if isinstance(first, NoArticle):
        article = of_view(None, reading.article, kind, first.message)
    else:
        article = of_view(first.article, reading.article, kind, "")
    return None if article is None else replace(reading, article=article)


async def _viewed_pages(
    reader: Reader,
    viewed: PageReading,
    first: PageReading | NoArticle,
    url: str,
    hints: ArticleHints,
    rule: SiteRule | None,
) -> Article:
    """The article ``viewed`` with its further pages, or with those of the page ``first`` itself.

    A view without further pages may well hold what stands on those of ``first``: that is no gap.
    """
    if viewed.next_url or isinstance(first, NoArticle) or not viewed.article.text:
        return await _all_pages(reader, viewed, url, hints, rule)
    on = replace(viewed, next_url=first.next_url)
    return await _all_pages(reader, on, url, hints, rule, may_be_whole=True)


async def _all_pages(
    reader: Reader,
    first: PageReading,
    url: str,
    hints: ArticleHints,
    rule: SiteRule | None,
    *,
    may_be_whole: bool = False,
) -> Article:
    article, following, asked = first.article, first.next_url, {url}
    pages = 1
    while following and following not in asked and pages < reader.config.settings.extract.max_pages:
        asked.add(following)
        page = await _other_page(reader, following, hints, rule, article)
        if page is None and may_be_whole and pages == 1:
            return article
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
        return await _read(reader, await _fetched(reader, url), hints, rule, earlier)
    except StoreError:
        raise
    except AggregatorError as error:
        log.info("no further page", url=masked(url), error=str(error))
        return None


async def _fetched(reader: Reader, url: str) -> Response:
    page = await reader.fetcher.fetch(Request(url, RequestKind.PAGE))
    if not reader.network.down:
        reader.network.heard()
    return page


async def _read(
    reader: Reader,
    page: Response,
    hints: ArticleHints,
    rule: SiteRule | None,
    earlier: Article | None,
) -> PageReading:
    reading: PageReading = await reader.workers.run(
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
    return reading


def _rule(config: Config, url: str, feed_key: str) -> SiteRule | None:
    read = choices.site_rule(config, url, feed_key)
    for note in config.rules.news() if config.rules is not None else ():
        log.warning("site rule", note=note)
    return read.rule if read is not None else None
