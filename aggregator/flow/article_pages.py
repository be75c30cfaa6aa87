"""The pages of one article: fetch one, read it, fetch the next, join them; when to try again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from aggregator.config import choices
from aggregator.config.config import Config
from aggregator.errors import (
    AddressRefused,
    AggregatorError,
    HttpStatus,
    InvalidUrl,
    NoArticle,
    RobotsRefused,
    StoreError,
    TooLarge,
    WorkerMemory,
    WorkerTimeout,
)
from aggregator.extract.article import read_page
from aggregator.extract.judging.alternates import may_be_view, of_view, tells_the_same
from aggregator.extract.page.paging import joined
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
from aggregator.urls import same_site

log = structlog.get_logger("aggregator")

_RETRY_FIRST = timedelta(minutes=5)
# 4xx that can pass: time-outs, throttling, and walls that go away.
_PASSING = frozenset({401, 403, 408, 421, 425, 429, 451})


@dataclass(frozen=True, slots=True)
class ReadArticle:
    """An article with all its pages, and of the first of them the final URL and its blocks' digests."""

    article: Article
    url: str
    blocks: bytes


@dataclass(frozen=True, slots=True)
class ArticleReader:
    """Reads articles off their pages, through the one door and in workers."""

    config: Config
    fetcher: Fetcher
    workers: Workers
    network: NetworkWatch

    async def read(self, url: str, hints: ArticleHints, *, inside: bool = False) -> ReadArticle:
        """The article at ``url``, all its pages.

        The first may stand ``inside`` the networks that the operator opened; another only where the page does
        that names it.
        Raises what fetching and reading the first page raise; what goes wrong with another page ends the
        article there, which its ``reason`` says. Of a page that was read badly another view is asked for;
        where the page holds no article and the view cannot be had for now, what fetching the view raised.
        """
        return await self.read_from(await self._fetched(url, inside=inside), url, hints)

    async def read_from(self, page: Response, url: str, hints: ArticleHints) -> ReadArticle:
        """The article at ``url`` whose first ``page`` is here already, as :meth:`read` gives it."""
        rule = _rule(self.config, url, hints.feed_key)
        page, first = await self._arrived(page, url, hints, rule)
        if first.view is not None:
            viewed = await self._other_view(first, first.view, page, hints, rule)
            if viewed is not None:
                article = await self._viewed_pages(viewed, first, page.url, hints, rule)
                blocks = viewed.blocks if isinstance(first, NoArticle) else first.blocks
                return ReadArticle(article, page.url, blocks)
        if isinstance(first, NoArticle):
            raise first
        if first.whole_url:
            whole = await self._other_page(first.whole_url, hints, rule, None, inside=page.inside)
            if whole is not None and len(whole.article.text) >= len(first.article.text):
                return ReadArticle(whole.article, page.url, first.blocks)
        article = await self._all_pages(first, page.url, hints, rule)
        return ReadArticle(article, page.url, first.blocks)

    async def _arrived(
        self, page: Response, url: str, hints: ArticleHints, rule: SiteRule | None
    ) -> tuple[Response, PageReading | NoArticle]:
        """The ``page`` at ``url``, or the one to which it sends its readers on, and its reading.

        To another site only where that page tells what the feed tells. Within the cap on redirects.
        """
        first = await self._tried(page, hints, rule)
        start, asked = page.url, {url, page.url}
        for _ in range(self.config.settings.fetch.max_redirects):
            target = first.leads_to if isinstance(first, NoArticle) else ""
            if not target or target in asked:
                break
            asked.add(target)
            there = await self._fetched(target, inside=page.inside)
            found = await self._tried(there, hints, rule)
            if isinstance(found, PageReading) and not (
                same_site(there.url, start) or tells_the_same(found.article, hints, url)
            ):
                return page, NoArticle(
                    "the page leads on to one of another site, about something else"
                )
            page, first = there, found
        return page, first

    async def _tried(
        self, page: Response, hints: ArticleHints, rule: SiteRule | None
    ) -> PageReading | NoArticle:
        """The reading of ``page``, or why it gave nothing; both may name another view of it."""
        try:
            return await self._read(page, hints, rule, None)
        except NoArticle as error:
            return error

    async def _other_view(
        self,
        first: PageReading | NoArticle,
        view: tuple[str, str],
        of: Response,
        hints: ArticleHints,
        rule: SiteRule | None,
    ) -> PageReading | None:
        """The reading of another view of the page ``of`` when it is better than ``first``, else None.

        One request; no view of a view is asked for. Raises a passing failure where there is no ``first``.
        """
        (kind, target), url = view, of.url
        try:
            page = await self._fetched(target, inside=of.inside)
            # Whoever gave up a view sends us back, or to the front page.
            if not may_be_view(page.url, url):
                return None
            reading = await self._read(page, hints, rule, None)
        except StoreError:
            raise
        except AggregatorError as error:
            if isinstance(first, NoArticle) and is_passing(error):
                raise
            log.info("no other view", url=masked(target), kind=kind, error=str(error))
            return None
        if page.url != target and not tells_the_same(reading.article, hints, url):
            log.info(
                "no other view", url=masked(target), kind=kind, error="it leads to another page"
            )
            return None
        if isinstance(first, NoArticle):
            article = of_view(None, reading.article, kind, first.message)
        else:
            article = of_view(first.article, reading.article, kind, "")
        return None if article is None else replace(reading, article=article)

    async def _viewed_pages(
        self,
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
            return await self._all_pages(viewed, url, hints, rule)
        on = replace(viewed, next_url=first.next_url, inside=first.inside)
        return await self._all_pages(on, url, hints, rule, may_be_whole=True)

    async def _all_pages(
        self,
        first: PageReading,
        url: str,
        hints: ArticleHints,
        rule: SiteRule | None,
        *,
        may_be_whole: bool = False,
    ) -> Article:
        article, following, asked = first.article, first.next_url, {url}
        inside, pages = first.inside, 1
        while (
            following and following not in asked and pages < self.config.settings.extract.max_pages
        ):
            asked.add(following)
            page = await self._other_page(following, hints, rule, article, inside=inside)
            if page is None and may_be_whole and pages == 1:
                return article
            if page is None:
                return joined(article, None, pages)
            article, following = joined(article, page.article, pages := pages + 1), page.next_url
            inside = page.inside
        return article

    async def _other_page(
        self,
        url: str,
        hints: ArticleHints,
        rule: SiteRule | None,
        earlier: Article | None,
        *,
        inside: bool,
    ) -> PageReading | None:
        """A page beside the first, None when it cannot be had or holds nothing of the article."""
        try:
            page = await self._fetched(url, inside=inside)
            return await self._read(page, hints, rule, earlier)
        except StoreError:
            raise
        except AggregatorError as error:
            log.info("no further page", url=masked(url), error=str(error))
            return None

    async def _fetched(self, url: str, *, inside: bool) -> Response:
        page = await self.fetcher.fetch(Request(url, RequestKind.PAGE, inside=inside))
        self.network.answered()
        return page

    async def _read(
        self,
        page: Response,
        hints: ArticleHints,
        rule: SiteRule | None,
        earlier: Article | None,
    ) -> PageReading:
        reading: PageReading = await self.workers.run(
            read_page,
            page.body,
            url=page.url,
            content_type=page.content_type,
            hints=hints,
            rule=rule,
            earlier=earlier,
            use_model=self.config.settings.extract.model,
            limits=choices.extract_limits(self.config.settings),
        )
        return replace(reading, inside=True) if page.inside else reading


def _rule(config: Config, url: str, feed_key: str) -> SiteRule | None:
    read = choices.site_rule(config, url, feed_key)
    for note in config.rules.news() if config.rules is not None else ():
        log.warning("site rule", note=note)
    return read.rule if read is not None else None


def article_retry(
    error: Exception, attempts: int, allowed: int, now: datetime, chance: float
) -> datetime | None:
    """The time to try a page again after ``error``, its ``attempts``-th failure; None: never.

    What cannot change by waiting (no such page, no article on it, an address we may not ask) is
    not tried again; the rest up to ``allowed`` times, with exponential backoff and jitter.
    """
    if attempts >= allowed or not is_passing(error):
        return None
    wait: timedelta = _RETRY_FIRST * 6 ** min(attempts - 1, 6) * (1 + chance)
    return now + wait


def is_passing(error: Exception) -> bool:
    """True when asking for a page again may help after ``error``."""
    hopeless = (
        NoArticle,
        InvalidUrl,
        AddressRefused,
        RobotsRefused,
        TooLarge,
        WorkerTimeout,
        WorkerMemory,
    )
    if isinstance(error, hopeless):
        return False
    refused = isinstance(error, HttpStatus) and 400 <= error.status < 500
    return not refused or (isinstance(error, HttpStatus) and error.status in _PASSING)
