"""The engine of one process: lanes for polls and pages, and a loop that settles and publishes."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime
from functools import partial

import structlog

from aggregator.config.choices import failure_of
from aggregator.config.config import Config
from aggregator.engine.finishing import Finishing
from aggregator.engine.ingest import claim_when_free
from aggregator.engine.lane import Lane
from aggregator.engine.lease_keeper import LeaseKeeper
from aggregator.engine.stats import StatsCounter, delays, lateness
from aggregator.flow.pipeline import Pipeline
from aggregator.model import (
    ArticleTask,
    ClaimedFeed,
    Document,
    EngineStats,
    Feed,
    PollOutcome,
)
from aggregator.ports import NO_METRICS, Metrics
from aggregator.schedule.backlog import backlog_age, share_of_polls

log = structlog.get_logger("aggregator")

# Of the 20 s that a stopping daemon may take: for what runs. What is left is redone after the next start.
DRAIN_S = 8.0

# Polls under way for each that may be exchanging: the others wait for their host's lease or for a
# worker, which costs nothing, and their claims and results share transactions.
_QUEUED = 4
# One host's part of those, at most, in one claim; more are claimed when half of them are done. A host
# is asked one at a time, so a thousand feeds of one must not hold the places of all others.
_SHARE = 1 / 16


class InProcessEngine:
    """Implements :class:`aggregator.ports.Engine` in the loops of this process.

    :meth:`tick` makes it look for due work; it never looks unasked. ``shared``: other processes
    work on the same database, and take up what loses its lease.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        *,
        settles: bool = True,
        shared: bool = False,
        metrics: Metrics = NO_METRICS,
    ) -> None:
        slots = pipeline.config.settings.fetch.concurrency
        self._places = slots * _QUEUED
        self.polls: Lane[ClaimedFeed] = Lane(
            "poll", self._places, self._claim_feeds, self._poll, self._release_feed
        )
        self._per_host = max(2, int(self._places * _SHARE))
        self.pages: Lane[ArticleTask] = Lane(
            "page", slots, self._claim_pages, self._extract, self._release_page
        )
        self._stats = StatsCounter()
        self._metrics = metrics
        self.finishing = Finishing(
            pipeline, self._stats, self.pages.wake, settles=settles, metrics=metrics
        )
        self._leases = LeaseKeeper(
            lambda: self.pipeline,
            self._held_feeds,
            self._held_pages,
            self._drop if shared else None,
        )
        self._taken_in: set[int] = set()  # feeds of which a document that came is being taken in
        self.last_tick: datetime | None = None
        self._due_by: datetime | None = None
        self._stopping = False

    @property
    def pipeline(self) -> Pipeline:
        """The flow, by the present configuration."""
        return self.finishing.pipeline

    @pipeline.setter
    def pipeline(self, pipeline: Pipeline) -> None:
        self.finishing.pipeline = pipeline

    @property
    def stats(self) -> EngineStats:
        """Counts since it started."""
        age = backlog_age(self.finishing.ready_since, self.pipeline.clock.now())
        return self._stats.snapshot(published=self.finishing.shown, backlog_age=age)

    @property
    def polling(self) -> bool:
        """True while polls are under way."""
        return bool(self.polls.running)

    @property
    def trouble(self) -> str:
        """See :meth:`aggregator.ports.Engine.trouble`; it gives the work to itself."""
        return ""

    @property
    def network_down(self) -> bool:
        """True while no host answers, which is no host's fault."""
        return self.pipeline.network.down

    async def reconfigure(self, config: Config) -> None:
        """See :meth:`aggregator.ports.Engine.reconfigure`."""
        await self.finishing.reconfigure(config)

    def tick(self) -> None:
        """Look for due feeds, pages to fetch, entries to settle and outputs to publish."""
        self.last_tick = self.pipeline.clock.now()
        self.polls.wake()
        self.pages.wake()
        self.finishing.wake()

    async def publish(self, outputs: Collection[str]) -> None:
        """See :meth:`aggregator.ports.Engine.publish`."""
        await self.finishing.publish(outputs)

    def publish_anew(self) -> None:
        """Render at the next opportunity, also when the store did not change."""
        self.finishing.publish_anew()

    async def serve(self) -> None:
        """Work until :meth:`stop`."""
        async with self._leases.keeping(), asyncio.TaskGroup() as group:
            group.create_task(self.polls.serve())
            group.create_task(self.pages.serve())
            group.create_task(self.finishing.serve())

    async def stop(self) -> None:
        """Drain: finish what runs, release what does not end in time, publish what is stored."""
        self._stopping = True
        self.finishing.stopping()
        await asyncio.gather(self.polls.stop(DRAIN_S), self.pages.stop(DRAIN_S))
        self.finishing.drained()

    async def run_once(self, *, all_feeds: bool) -> None:
        """Poll what is due (or every feed), run every step to the end, publish."""
        # What falls due while this works is for the next time, or there may be no end to it.
        self._due_by = self.pipeline.clock.now()
        self.pipeline.network.single_run = True
        if all_feeds:
            await self.pipeline.store.make_due(self._due_by)
        while await self.finishing.judge_again():
            pass
        async with self._leases.keeping():
            await self.polls.drain()
            await self.pages.drain()
        await self._look_at_the_network(all_ended=True)
        await self.pipeline.release_overdue(wait=False)
        await self.finishing.all_at_once()

    # what the lanes claim and do

    async def _claim_feeds(self, free: int) -> list[ClaimedFeed]:
        network = self.pipeline.network
        await self._look_at_the_network()
        if not network.may_probe(self.pipeline.clock.now()):
            return []
        if network.down and not network.single_run:  # to find out whether it is over
            return await self._claim_probe()
        age = backlog_age(self.finishing.ready_since, self.pipeline.clock.now())
        allowed = max(int(self._places * share_of_polls(age)), 1)
        if (free := min(free, allowed - len(self.polls.running))) <= 0:
            return []
        if not network.single_run and network.names.may_probe(self.pipeline.clock.now()):
            return await self._claim_probe()
        return await self._claim_due(free)

    async def _claim_due(self, free: int) -> list[ClaimedFeed]:
        """Due feeds, then, where places are left, feeds of whose archives a page is due."""
        store, now = self.pipeline.store, self.pipeline.clock.now()
        lease = self.pipeline.config.settings.schedule.lease
        in_hand = Counter(claimed.host for claimed in self.polls.running)
        busy = [host for host, count in in_hand.items() if count >= self._per_host // 2]
        due = await store.claim_due(
            self._due_by or now,
            lease,
            free,
            busy_hosts=busy,
            per_host=self._per_host,
            in_hand=self._in_hand(),
        )
        left = min(free - len(due), self._per_host)
        if left <= 0 or self._stopping:
            return due
        held = self._in_hand().union(claimed.feed.id for claimed in due)
        return due + await store.claim_trails(now, lease, left, busy_hosts=busy, in_hand=held)

    async def _claim_probe(self) -> list[ClaimedFeed]:
        lease = self.pipeline.config.settings.schedule.lease
        return await self.pipeline.store.claim_probe(self.pipeline.clock.now(), lease)

    async def _look_at_the_network(self, *, all_ended: bool = False) -> None:
        """Tell what follows from names that did not resolve, which time alone may show."""
        pipeline, now = self.pipeline, self.pipeline.clock.now()
        await pipeline.network.names.look(pipeline.config, pipeline.store, now, all_ended=all_ended)

    async def _claim_pages(self, free: int) -> list[ArticleTask]:
        if self.pipeline.network.down:
            return []
        busy: Collection[str] = {task.host for task in self.pages.running}
        return await self.pipeline.store.claim_articles(
            self.pipeline.clock.now(), self.pipeline.config.settings.schedule.lease, free, busy
        )

    def _held_feeds(self) -> list[ClaimedFeed]:
        """Feeds under leases of this process's."""
        return self.polls.running

    def _held_pages(self) -> list[ArticleTask]:
        """Pages under leases of this process's."""
        return self.pages.running

    def _in_hand(self) -> set[int]:
        """Feeds that this process works on, by their ids."""
        return {claimed.feed.id for claimed in self._held_feeds()} | self._taken_in

    def _drop(self, feeds: Sequence[ClaimedFeed], pages: Sequence[ArticleTask]) -> None:
        """Work no more on what others may have by now."""
        self.polls.drop(feeds)
        self.pages.drop(pages)

    async def _poll(self, claimed: ClaimedFeed) -> None:
        began = self.pipeline.clock.now()
        outcome = await self.pipeline.poll(claimed)
        if outcome is not None:
            self._note(claimed.feed, outcome)
            late = lateness(claimed, began)
            self._metrics.polled(outcome.result, late, delays(claimed.feed, outcome))

    async def ingest(self, feed_id: int, document: Document, planned: datetime) -> bool:
        """See :meth:`aggregator.ports.Engine.ingest`."""
        pipeline = self.pipeline
        claimed = await claim_when_free(
            pipeline.store, pipeline.clock, feed_id, pipeline.config.settings, self._in_hand
        )
        if claimed is None:
            return False
        self._taken_in.add(feed_id)
        try:
            outcome = await self.pipeline.ingest(claimed, document, planned)
        finally:
            self._taken_in.discard(feed_id)
        if outcome is not None:
            self._note(claimed.feed, outcome)
            self._metrics.polled(outcome.result, -1.0, delays(claimed.feed, outcome))
        return True

    async def forget(self) -> int:
        """See :meth:`aggregator.ports.Engine.forget`."""
        self.finishing.judges_again = (
            True  # a process that reloaded later may have dropped some by what was before
        )
        return await self.pipeline.forget()

    def _note(self, feed: Feed, outcome: PollOutcome) -> None:
        """Count what a poll or a document brought, and set what follows from it going."""
        self._stats.count_poll(feed.key, outcome, partial(failure_of, self.pipeline.config, feed))
        if outcome.delta.new or outcome.delta.changed:
            self.pages.wake()
            self.finishing.wake()

    async def _extract(self, task: ArticleTask) -> None:
        done = await self.pipeline.extract(task)
        self._stats.add(**{"articles" if done else "articles_failed": 1})
        self.finishing.wake()

    async def _release_feed(self, claimed: ClaimedFeed) -> None:
        await self.pipeline.store.release(claimed.feed.id, claimed.lease)

    async def _release_page(self, task: ArticleTask) -> None:
        await self.pipeline.store.release_article(task)
