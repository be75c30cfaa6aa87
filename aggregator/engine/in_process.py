"""The engine of one process: lanes for polls and pages, and a loop that settles and publishes."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import datetime
from functools import partial
from math import inf

import structlog

from aggregator.config.choices import failure_of
from aggregator.config.config import Config
from aggregator.engine.ingest import claim_when_free
from aggregator.engine.lane import Lane
from aggregator.engine.repeated import RepeatedErrors
from aggregator.engine.stats import StatsCounter
from aggregator.errors import AggregatorError, StoreError
from aggregator.flow.pipeline import Pipeline
from aggregator.model import (
    ArticleTask,
    ClaimedFeed,
    Document,
    EngineStats,
    Feed,
    PollOutcome,
    SettleOrder,
)
from aggregator.schedule.backlog import backlog_age, share_of_polls

log = structlog.get_logger("aggregator")

# Of the 20 s that a stopping daemon may take: for what runs, then for what became ready of it. What is
# left is settled after the next start.
_DRAIN_S, _SETTLE_S = 8.0, 2.0

# Polls under way for each that may be exchanging: the others wait for their host's lease or for a
# worker, which costs nothing, and their claims and results share transactions.
_QUEUED = 4
# One host's part of those, at most, in one claim; more are claimed when half of them are done. A host
# is asked one at a time, so a thousand feeds of one must not hold the places of all others.
_SHARE = 1 / 16
_AGAIN_S = 30.0  # until outputs are tried again of which one failed, unless the store changes
# Of a backlog subscribers see the newest first; every so many batches it is the turn of those that
# wait the longest, whatever their dates are.
_FIRST_COME_EVERY = 4
_AGES_S = 3600.0  # until outputs with an age are made anew, unless the store changes


class InProcessEngine:
    """Implements :class:`aggregator.ports.Engine` in the loops of this process.

    :meth:`tick` makes it look for due work; it never looks unasked.
    """

    def __init__(self, pipeline: Pipeline) -> None:
        self.pipeline = pipeline
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
        self._shown = 0
        self._taken_in: set[int] = set()  # feeds of which a document that came is being taken in
        self.last_tick: datetime | None = None
        self._publishing = RepeatedErrors("cannot publish")
        self._renewing = RepeatedErrors("leases not renewed")
        # One round at a time, so that none by a former configuration ends after one by the present.
        self._rendering = asyncio.Lock()
        self._published_version = -1
        self._again_at = inf  # by the loop's time: where one could not be published, or ages
        self._edition_at: datetime | None = None  # when one may be due, by the clock on the wall
        self._publish_at = 0.0  # at the earliest, by the loop's time
        self._settle_end = inf  # by the loop's time: it is to end
        self._batches = 0  # settled
        self._ready_since: datetime | None = None  # the entry that waits longest for its story
        self._due_by: datetime | None = None
        self._finishing = asyncio.Event()
        self._drained = asyncio.Event()
        self._stopping = False
        self._judges_again = True  # what former filters dropped may be let in by the present ones

    @property
    def stats(self) -> EngineStats:
        """Counts since it started."""
        age = backlog_age(self._ready_since, self.pipeline.clock.now())
        return self._stats.snapshot(published=self._shown, backlog_age=age)

    @property
    def polling(self) -> bool:
        """True while polls are under way."""
        return bool(self.polls.running)

    @property
    def network_down(self) -> bool:
        """True while no host answers, which is no host's fault."""
        return self.pipeline.network.down

    async def reconfigure(self, config: Config) -> None:
        """See :meth:`aggregator.ports.Engine.reconfigure`."""
        # A round that is under way knows the former secrets only: what polls by new ones bring is not for it.
        async with self._rendering:
            self.pipeline = replace(self.pipeline, config=config)
        self._judges_again = True
        self._finishing.set()

    def tick(self) -> None:
        """Look for due feeds, pages to fetch, entries to settle and outputs to publish."""
        self.last_tick = self.pipeline.clock.now()
        self.polls.wake()
        self.pages.wake()
        self._finishing.set()

    async def publish(self, outputs: Collection[str]) -> None:
        """See :meth:`aggregator.ports.Engine.publish`."""
        async with self._rendering:
            await self.pipeline.publish(outputs)

    def publish_anew(self) -> None:
        """Render at the next opportunity, also when the store did not change."""
        self._published_version = -1
        self._finishing.set()

    async def serve(self) -> None:
        """Work until :meth:`stop`."""
        async with self._keeping_leases(), asyncio.TaskGroup() as group:
            group.create_task(self.polls.serve())
            group.create_task(self.pages.serve())
            group.create_task(self._finish_forever())

    async def stop(self) -> None:
        """Drain: finish what runs, release what does not end in time, publish what is stored."""
        self._stopping = True
        await asyncio.gather(self.polls.stop(_DRAIN_S), self.pages.stop(_DRAIN_S))
        self._settle_end = asyncio.get_running_loop().time() + _SETTLE_S
        self._drained.set()
        self._finishing.set()

    async def run_once(self, *, all_feeds: bool) -> None:
        """Poll what is due (or every feed), run every step to the end, publish."""
        # What falls due while this works is for the next time, or there may be no end to it.
        self._due_by = self.pipeline.clock.now()
        self.pipeline.network.single_run = True
        if all_feeds:
            await self.pipeline.store.make_due(self._due_by)
        while await self._judge_again():
            pass
        async with self._keeping_leases():
            await self.polls.drain()
            await self.pages.drain()
        await self._look_at_the_network(all_ended=True)
        await self.pipeline.release_overdue(wait=False)
        while await self._settle_batch(SettleOrder.OLDEST):
            pass
        await self._publish_changes()

    @asynccontextmanager
    async def _keeping_leases(self) -> AsyncIterator[None]:
        renewing = asyncio.create_task(self._renew_forever())
        try:
            yield
        finally:
            renewing.cancel()
            with suppress(asyncio.CancelledError):
                await renewing

    async def _renew_forever(self) -> None:
        """Leases are short, so that a killed process's work is soon redone; ours are renewed."""
        store, lease = self.pipeline.store, self.pipeline.config.settings.schedule.lease
        while True:
            await asyncio.sleep(lease.total_seconds() / 3)
            until = self.pipeline.clock.now() + lease
            try:
                await store.renew(self.polls.running, until)
                await store.renew_articles(self.pages.running, until)
                self._renewing.worked()
            except StoreError as error:
                self._renewing.failed(error)

    async def _finish_forever(self) -> None:
        more = False
        while True:
            await self._finishing.wait()
            self._finishing.clear()
            if self._stopping:  # who drains has the writer for itself
                await self._drained.wait()
            elif not more:  # a backlog is settled during the pause between two renderings, too
                await self._pause()
            last = self._drained.is_set()
            more = False
            try:
                judging = not self._stopping and await self._judge_until(self._publish_at)
                more = await self._settle_until(self._settle_end if last else self._publish_at)
                more = more or judging
                self._ready_since = await self.pipeline.store.ready_since()
                # While stopping the last round publishes.
                early = not last and (self._stopping or (not more and self._pause_left() > 0))
                if more or early:
                    self._finishing.set()
                if not early:
                    await self._publish_changes()
                if self._again_at == inf:
                    self._publishing.worked()
            except AggregatorError as error:
                self._publishing.failed(error)
            except Exception as error:  # noqa: BLE001 - logged with where it came from
                # What a stranger's entry does to one rendering must not end the polling.
                self._publishing.failed(error, unexpected=True)
            if last:
                return

    async def _judge_until(self, when: float) -> bool:
        """Judge what former filters dropped until none is left, or it is ``when`` by the loop's time; is there more?"""
        while await self._judge_again():
            if asyncio.get_running_loop().time() >= when:
                return True
        return False

    async def _judge_again(self) -> bool:
        """Judge some of what former filters dropped; False when none is left."""
        if self._judges_again:
            self._judges_again = await self.pipeline.judge_again()
            self.pages.wake()
        return self._judges_again

    def _pause_left(self) -> float:
        """Seconds until outputs may be rendered again."""
        return max(self._publish_at - asyncio.get_running_loop().time(), 0)

    async def _pause(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._drained.wait(), self._pause_left())

    async def _settle_until(self, when: float) -> bool:
        """Settle batches until nothing is ready, or it is ``when`` by the loop's time; is there more?

        At least one, since more may become ready than is settled, and subscribers wait for it. When
        it is time to end, there is but little time left.
        """
        clock = asyncio.get_running_loop().time
        await self.pipeline.release_overdue()
        while await self._settle_batch(self._order_of_next()):
            if clock() >= min(when, self._settle_end):
                return True
        return False

    def _order_of_next(self) -> SettleOrder:
        last = self._batches % _FIRST_COME_EVERY == _FIRST_COME_EVERY - 1
        return SettleOrder.FIRST_COME if last else SettleOrder.NEWEST

    async def _settle_batch(self, order: SettleOrder) -> bool:
        """Settle one batch; False when nothing was ready."""
        settled = await self.pipeline.settle(order)
        self._batches += 1
        self._stats.add(settled=settled.entries, new_stories=settled.new_stories)
        return bool(settled.entries)

    async def _publish_changes(self) -> None:
        clock = asyncio.get_running_loop().time
        version = await self.pipeline.store.version()
        now = self.pipeline.clock.now()
        is_due = self._edition_at is not None and self._edition_at <= now
        if version == self._published_version and clock() < self._again_at and not is_due:
            return
        try:
            async with self._rendering:
                shown = await self.pipeline.publish()
        except StoreError:
            raise
        except Exception:
            # All that can be made has been made: it is not made again and again for the rest.
            self._published_version, self._again_at = version, clock() + _AGAIN_S
            self._edition_at = self.pipeline.next_edition(now)
            raise
        finally:
            pause = self.pipeline.config.settings.publish.min_interval.total_seconds()
            self._publish_at = clock() + pause
        ages = any(one.max_age for one in self.pipeline.config.settings.outputs)
        self._published_version = version
        self._again_at = clock() + _AGES_S if ages else inf
        self._edition_at = self.pipeline.next_edition(now)
        self._shown = shown
        log.info("published", stories=shown, version=version)

    # what the lanes claim and do

    async def _claim_feeds(self, free: int) -> list[ClaimedFeed]:
        network = self.pipeline.network
        await self._look_at_the_network()
        if not network.may_probe(self.pipeline.clock.now()):
            return []
        if network.down and not network.single_run:  # to find out whether it is over
            return await self._claim_probe()
        age = backlog_age(self._ready_since, self.pipeline.clock.now())
        allowed = max(int(self._places * share_of_polls(age)), 1)
        if (free := min(free, allowed - len(self.polls.running))) <= 0:
            return []
        if not network.single_run and network.names.may_probe(self.pipeline.clock.now()):
            return await self._claim_probe()
        in_hand = Counter(claimed.host for claimed in self.polls.running)
        return await self.pipeline.store.claim_due(
            self._due_by or self.pipeline.clock.now(),
            self.pipeline.config.settings.schedule.lease,
            free,
            busy_hosts=[host for host, count in in_hand.items() if count >= self._per_host // 2],
            per_host=self._per_host,
            in_hand=self._in_hand(),
        )

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

    def _in_hand(self) -> set[int]:
        """Feeds that this process works on, by their ids."""
        return {claimed.feed.id for claimed in self.polls.running} | self._taken_in

    async def _poll(self, claimed: ClaimedFeed) -> None:
        outcome = await self.pipeline.poll(claimed)
        if outcome is not None:
            self._note(claimed.feed, outcome)

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
        return True

    async def forget(self) -> int:
        """See :meth:`aggregator.ports.Engine.forget`."""
        self._judges_again = (
            True  # a process that reloaded later may have dropped some by what was before
        )
        return await self.pipeline.forget()

    def _note(self, feed: Feed, outcome: PollOutcome) -> None:
        """Count what a poll or a document brought, and set what follows from it going."""
        self._stats.count_poll(feed.key, outcome, partial(failure_of, self.pipeline.config, feed))
        if outcome.delta.new or outcome.delta.changed:
            self.pages.wake()
            self._finishing.set()

    async def _extract(self, task: ArticleTask) -> None:
        done = await self.pipeline.extract(task)
        self._stats.add(**{"articles" if done else "articles_failed": 1})
        self._finishing.set()

    async def _release_feed(self, claimed: ClaimedFeed) -> None:
        await self.pipeline.store.release(claimed.feed.id, claimed.lease)

    async def _release_page(self, task: ArticleTask) -> None:
        await self.pipeline.store.release_article(task)
