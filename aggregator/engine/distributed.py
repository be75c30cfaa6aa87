"""The engine of many machines: lanes that a job queue feeds, and one scheduler that hands out."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta

from aggregator.engine.in_process import DRAIN_S, InProcessEngine
from aggregator.engine.lane_arrivals import Arrivals
from aggregator.engine.planning import Planner
from aggregator.flow.pipeline import Pipeline
from aggregator.model import JOB_SIZE, ArticleTask, ClaimedFeed, Handed, JobKind, Role
from aggregator.ports import NO_METRICS, JobHandler, JobQueue, JobStore, Metrics


class DistributedEngine(InProcessEngine):
    """Implements :class:`aggregator.ports.Engine` with jobs of a :class:`~aggregator.ports.JobQueue`.

    The lanes of one process are the same; their work arrives in jobs, whose leases this process
    takes over. Leases and fences stay the truth, so that a job lost or repeated does no harm.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        jobs: JobStore,
        queue: JobQueue,
        roles: Collection[Role],
        *,
        metrics: Metrics = NO_METRICS,
    ) -> None:
        self._jobs, self._queue, self._roles = jobs, queue, frozenset(roles)
        self._feeds = Arrivals[ClaimedFeed](lambda one: one.feed.id)
        self._pages = Arrivals[ArticleTask](lambda one: one.article_id)
        self._ending = asyncio.Event()
        super().__init__(pipeline, settles=False, shared=True, metrics=metrics)

    async def serve(self) -> None:
        """Work until :meth:`stop`."""
        async with self._leases.keeping(), asyncio.TaskGroup() as group:
            group.create_task(self.polls.serve())
            group.create_task(self.pages.serve())
            # Whoever serves renders: what others rendered it had to load all the same.
            if Role.SERVE in self._roles:
                group.create_task(self.finishing.serve())
            group.create_task(self._serve_queue())

    async def _serve_queue(self) -> None:
        planner = Planner(self._jobs)

        async def plan() -> None:
            await planner.plan(self.pipeline)

        most = max(self._places // JOB_SIZE, 2)
        await self._queue.serve(
            self._handlers(), plan if Role.SCHEDULE in self._roles else None, most
        )

    @property
    def trouble(self) -> str:
        """See :meth:`aggregator.ports.Engine.trouble`."""
        return self._queue.trouble

    def _handlers(self) -> Mapping[JobKind, JobHandler]:
        handlers = {
            Role.POLL: (JobKind.POLL, self._poll_all),
            Role.EXTRACT: (JobKind.EXTRACT, self._extract_all),
            Role.PUBLISH: (JobKind.FINISH, self._finish),
        }
        return dict(what for role, what in handlers.items() if role in self._roles)

    async def stop(self) -> None:
        """Drain: finish what runs, release what does not end in time, publish what is settled."""
        self._queue.stop()
        self._ending.set()
        self.finishing.stopping()
        await asyncio.gather(self._give_back(), self.polls.stop(DRAIN_S), self.pages.stop(DRAIN_S))
        self.finishing.drained()

    async def _give_back(self) -> None:
        """End the leases of what no slot was free for yet."""
        for claimed in await self._feeds.claim(len(self._feeds.waiting)):
            await self._release_feed(claimed)
        for task in await self._pages.claim(len(self._pages.waiting)):
            await self._release_page(task)

    async def forget(self) -> int:
        """See :meth:`aggregator.ports.Engine.forget`; of the queue, too."""
        await self._queue.forget()
        return await super().forget()

    # what jobs ask for

    async def _poll_all(self, handed: Sequence[Handed]) -> None:
        taken = await self._take_feeds(handed)
        if self._ending.is_set():  # meanwhile: no lane works on them any more
            for one in taken:
                await self._release_feed(one)
            return
        await self._feeds.work_through(taken, self.polls.wake)

    async def _take_feeds(self, handed: Sequence[Handed]) -> list[ClaimedFeed]:
        network, now = self.pipeline.network, self.pipeline.clock.now()
        await self._look_at_the_network()
        if not network.may_probe(now):
            await self._hold()
            return []
        if network.down or network.names.may_probe(now):
            return await self._claim_probe()
        return await self._jobs.take_feeds(handed, now, self._lease)

    async def _extract_all(self, handed: Sequence[Handed]) -> None:
        if self.pipeline.network.down:
            await self._hold()
            return
        now = self.pipeline.clock.now()
        taken = await self._jobs.take_pages(handed, now, self._lease)
        if self._ending.is_set():
            for one in taken:
                await self._release_page(one)
            return
        await self._pages.work_through(taken, self.pages.wake)

    async def _finish(self, _: Sequence[Handed]) -> None:
        await self.finishing.settle_some()

    @property
    def _lease(self) -> timedelta:
        return self.pipeline.config.settings.schedule.lease

    async def _hold(self) -> None:
        """Keep a job that this machine has no network for: else it took all of them, one by one.

        The leases in it end meanwhile, and what they held is handed out again.
        """
        try:
            await asyncio.wait_for(self._ending.wait(), self._lease.total_seconds())
        except TimeoutError:
            return

    # what the lanes claim and do

    async def _claim_feeds(self, free: int) -> list[ClaimedFeed]:
        return await self._feeds.claim(free)

    async def _claim_pages(self, free: int) -> list[ArticleTask]:
        return await self._pages.claim(free)

    def _held_feeds(self) -> list[ClaimedFeed]:
        return [*self.polls.running, *self._feeds.waiting]

    def _held_pages(self) -> list[ArticleTask]:
        return [*self.pages.running, *self._pages.waiting]

    def _drop(self, feeds: Sequence[ClaimedFeed], pages: Sequence[ArticleTask]) -> None:
        super()._drop(feeds, pages)
        self._feeds.drop(feeds)
        self._pages.drop(pages)

    async def _poll(self, claimed: ClaimedFeed) -> None:
        try:
            await super()._poll(claimed)
        finally:
            self._feeds.over(claimed)

    async def _extract(self, task: ArticleTask) -> None:
        try:
            await super()._extract(task)
        finally:
            self._pages.over(task)

    async def _release_feed(self, claimed: ClaimedFeed) -> None:
        self._feeds.over(claimed)
        await super()._release_feed(claimed)

    async def _release_page(self, task: ArticleTask) -> None:
        self._pages.over(task)
        await super()._release_page(task)
