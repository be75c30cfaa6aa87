"""The store of article pages: claims, texts and failures in SQL."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from aggregator.model import Article, ArticleTask
from aggregator.ports import ArticleStore, Clock
from aggregator.store.db import leasing, tables
from aggregator.store.db.database import Database
from aggregator.store.db.group_commit import GroupCommit
from aggregator.store.pages import articles, claims


class SqlArticles(ArticleStore):
    """Article pages over a :class:`Database`; each method is one transaction.

    Every method raises :class:`~aggregator.errors.StoreError` when the database is down.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._articles = GroupCommit(database, articles.commit_articles)

    async def claim_articles(
        self, now: datetime, lease_for: timedelta, limit: int, busy_hosts: Collection[str]
    ) -> list[ArticleTask]:
        """Lease up to ``limit`` pages to fetch, newest first, none of ``busy_hosts``."""
        return await self._database.write(claims.claim_articles, now, lease_for, limit, busy_hosts)

    async def claim_article(
        self, article_id: int, now: datetime, lease_for: timedelta
    ) -> ArticleTask | None:
        """Lease one page, due or not; None while someone else holds it."""
        return await self._database.write(claims.claim_article, article_id, now, lease_for)

    async def release_article(self, task: ArticleTask) -> None:
        """Give a claimed page back untried."""
        await self._database.write(leasing.release, tables.articles, task.article_id, task.lease)

    async def renew_articles(self, held: Sequence[ArticleTask], until: datetime) -> None:
        """Extend these pages' leases to ``until``; lost ones stay lost."""
        leases = [(task.article_id, task.lease) for task in held]
        await self._database.write(leasing.renew, tables.articles, leases, until)

    async def commit_article(
        self, task: ArticleTask, article: Article, final_url: str, blocks: bytes = b""
    ) -> None:
        """Store a page's text and the digests of its blocks; its entries become ready.

        Raises :class:`~aggregator.errors.LeaseLost` when the lease was taken over.
        """
        await self._articles.submit((task, article, final_url, self._clock.now(), blocks))

    async def postpone_article(self, task: ArticleTask, until: datetime) -> None:
        """Give a claimed page back, not to be claimed before ``until``; counts as no attempt."""
        await self._database.write(articles.postpone_article, task, until)

    async def fail_article(
        self, task: ArticleTask, error: str, retry_at: datetime | None, blocks: bytes = b""
    ) -> None:
        """Note a page's failure; ``retry_at`` None gives up."""
        await self._database.write(
            articles.fail_article, task, error, retry_at, self._clock.now(), blocks
        )
