"""Leases of what this process works on: renewed, and what lost its lease is worked on no more."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime

import structlog

from aggregator.engine.repeated import RepeatedErrors
from aggregator.errors import StoreError
from aggregator.flow.pipeline import Pipeline
from aggregator.model import ArticleTask, ClaimedFeed

log = structlog.get_logger("aggregator")

_LOOK_S = 1.0  # between two looks at whether leases ran out

_Key = tuple[int, int]  # of a row and its token
Drop = Callable[[Sequence[ClaimedFeed], Sequence[ArticleTask]], None]


class LeaseKeeper:
    """Leases are short, so that a killed process's work is soon redone; those of ours are renewed.

    ``drop`` is called with work whose leases ran out all the same: this process stood still, or
    could not reach the database. Others may have it by now. None: there are no others.
    """

    def __init__(
        self,
        pipeline: Callable[[], Pipeline],
        feeds: Callable[[], Sequence[ClaimedFeed]],
        pages: Callable[[], Sequence[ArticleTask]],
        drop: Drop | None = None,
    ) -> None:
        self._pipeline, self._feeds, self._pages = pipeline, feeds, pages
        self._drop = drop
        self._feeds_until: Mapping[_Key, datetime] = {}  # of what was renewed
        self._pages_until: Mapping[_Key, datetime] = {}
        self._renewing = RepeatedErrors("leases not renewed")

    @asynccontextmanager
    async def keeping(self) -> AsyncIterator[None]:
        """Renew them for as long as the block runs."""
        tasks = [asyncio.create_task(self._renew_forever())]
        if self._drop is not None:
            tasks.append(asyncio.create_task(self._drop_forever(self._drop)))
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            for task in tasks:
                with suppress(asyncio.CancelledError):
                    await task

    async def _renew_forever(self) -> None:
        while True:
            pipeline = self._pipeline()
            store, lease = pipeline.store, pipeline.config.settings.schedule.lease
            await asyncio.sleep(lease.total_seconds() / 3)
            until = pipeline.clock.now() + lease
            feeds, pages = self._feeds(), self._pages()
            try:
                await store.renew(feeds, until)
                self._feeds_until = {_of_feed(one): until for one in feeds}
                await store.renew_articles(pages, until)
                self._pages_until = {_of_page(one): until for one in pages}
                self._renewing.worked()
            except StoreError as error:
                self._renewing.failed(error)

    async def _drop_forever(self, drop: Drop) -> None:
        # After a pause this timer is the first of all that are due: before any of that work goes on.
        while True:
            await asyncio.sleep(_LOOK_S)
            now = self._pipeline().clock.now()
            feeds = [
                one
                for one in self._feeds()
                if self._feeds_until.get(_of_feed(one), one.lease.until) <= now
            ]
            pages = [
                one
                for one in self._pages()
                if self._pages_until.get(_of_page(one), one.lease.until) <= now
            ]
            if feeds or pages:
                log.warning(
                    "leases ran out",
                    feeds=len(feeds),
                    pages=len(pages),
                    hint="this process stood still, or the database was away; others do that work",
                )
                drop(feeds, pages)


def _of_feed(claimed: ClaimedFeed) -> _Key:
    return claimed.feed.id, claimed.lease.token


def _of_page(task: ArticleTask) -> _Key:
    return task.article_id, task.lease.token
