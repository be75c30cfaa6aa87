"""Renewal of the leases on what this process works on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress

from aggregator.engine.repeated import RepeatedErrors
from aggregator.errors import StoreError
from aggregator.flow.pipeline import Pipeline
from aggregator.model import ArticleTask, ClaimedFeed


class LeaseKeeper:
    """Leases are short, so that a killed process's work is soon redone; those of ours are renewed."""

    def __init__(
        self,
        pipeline: Callable[[], Pipeline],
        feeds: Callable[[], Sequence[ClaimedFeed]],
        pages: Callable[[], Sequence[ArticleTask]],
    ) -> None:
        self._pipeline, self._feeds, self._pages = pipeline, feeds, pages
        self._renewing = RepeatedErrors("leases not renewed")

    @asynccontextmanager
    async def keeping(self) -> AsyncIterator[None]:
        """Renew them for as long as the block runs."""
        renewing = asyncio.create_task(self._renew_forever())
        try:
            yield
        finally:
            renewing.cancel()
            with suppress(asyncio.CancelledError):
                await renewing

    async def _renew_forever(self) -> None:
        while True:
            pipeline = self._pipeline()
            store, lease = pipeline.store, pipeline.config.settings.schedule.lease
            await asyncio.sleep(lease.total_seconds() / 3)
            until = pipeline.clock.now() + lease
            try:
                await store.renew(self._feeds(), until)
                await store.renew_articles(self._pages(), until)
                self._renewing.worked()
            except StoreError as error:
                self._renewing.failed(error)
