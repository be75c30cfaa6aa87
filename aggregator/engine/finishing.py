"""Finishing what polls and pages brought: entries settled, then outputs published, in rounds."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from math import inf

import structlog

from aggregator.config.config import Config
from aggregator.engine.repeated import RepeatedErrors
from aggregator.engine.stats import StatsCounter
from aggregator.errors import AggregatorError, StoreError
from aggregator.flow.pipeline import Pipeline
from aggregator.model import SettleOrder
from aggregator.ports import NO_METRICS, Metrics

log = structlog.get_logger("aggregator")

_SETTLE_S = 2.0  # for what became ready of what ran when it was told to stop
_AGAIN_S = 30.0  # until outputs are tried again of which one failed, unless the store changes
# Of a backlog subscribers see the newest first; every so many batches it is the turn of those that
# wait the longest, whatever their dates are.
_FIRST_COME_EVERY = 4
_AGES_S = 3600.0  # until outputs with an age are made anew, unless the store changes


class Finishing:
    """Settles and publishes when woken, at most once in ``publish.min_interval``.

    ``page_wanted`` is called after entries were let in whose pages are to be fetched. With
    ``settles`` False its rounds publish only, and :meth:`settle_some` settles when told to.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        stats: StatsCounter,
        page_wanted: Callable[[], None],
        *,
        settles: bool = True,
        metrics: Metrics = NO_METRICS,
    ) -> None:
        self.pipeline = pipeline
        self._metrics = metrics
        self._settles = settles
        self._stats = stats
        self._page_wanted = page_wanted
        self.shown = 0
        self.ready_since: datetime | None = None  # the entry that waits longest for its story
        self.judges_again = True  # what former filters dropped may be let in by the present ones
        self._failing = RepeatedErrors("cannot publish")
        # One round at a time, so that none by a former configuration ends after one by the present.
        self._rendering = asyncio.Lock()
        self._published_version = -1
        self._again_at = inf  # by the loop's time: where one could not be published, or ages
        self._edition_at: datetime | None = None  # when one may be due, by the clock on the wall
        self._planned_at: datetime | None = None  # when that was found out
        self._publish_at = 0.0  # at the earliest, by the loop's time
        self._settle_end = inf  # by the loop's time: it is to end
        self._batches = 0  # settled
        self._woken = asyncio.Event()
        self._drained = asyncio.Event()
        self._stopping = False

    def wake(self) -> None:
        """Look for entries to settle and outputs to publish."""
        self._woken.set()

    def stopping(self) -> None:
        """Begin nothing more until :meth:`drained`: who drains has the writer for itself."""
        self._stopping = True

    def drained(self) -> None:
        """Nothing runs any more: settle what became ready of it, publish, and end."""
        self._settle_end = asyncio.get_running_loop().time() + _SETTLE_S
        self._drained.set()
        self.wake()

    async def reconfigure(self, config: Config) -> None:
        """Work by ``config``; no rendering by the one before goes on when this returns."""
        # A round that is under way knows the former secrets only: what polls by new ones bring is not for it.
        async with self._rendering:
            self.pipeline = replace(self.pipeline, config=config)
        self.judges_again = True
        self.wake()

    async def publish(self, outputs: Collection[str]) -> None:
        """Render these outputs now, from what is stored."""
        async with self._rendering:
            await self.pipeline.publish(outputs)

    def publish_anew(self) -> None:
        """Render at the next opportunity, also when the store did not change."""
        self._published_version = -1
        self.wake()

    async def serve(self) -> None:
        """Work in rounds until :meth:`drained`."""
        more = False
        while True:
            await self._woken.wait()
            self._woken.clear()
            if self._stopping:
                await self._drained.wait()
            elif not more:  # a backlog is settled during the pause between two renderings, too
                await self._pause()
            last = self._drained.is_set()
            more = False
            try:
                more = await self._round(last=last)
                if self._again_at == inf:
                    self._failing.worked()
            except AggregatorError as error:
                self._failing.failed(error)
            except Exception as error:  # noqa: BLE001 - logged with where it came from
                # What a stranger's entry does to one rendering must not end the polling.
                self._failing.failed(error, unexpected=True)
            if last:
                return

    async def _round(self, *, last: bool) -> bool:
        """Judge, settle and publish; True while there is more to settle.

        What fails to settle is raised after what is settled has been published: an entry that no story can be
        found for must not keep back the others, nor an output's age, edition or new settings.
        """
        more, failed = False, None
        if self._settles:
            try:
                more = await self._settle_round(last=last)
            except StoreError:
                raise
            except Exception as error:  # noqa: BLE001 - raised below
                failed = error
        # While stopping the last round publishes.
        early = not last and (self._stopping or (not more and self._pause_left() > 0))
        if more or early:
            self.wake()
        if not early:
            await self.publish_changes()
        if failed is not None:
            raise failed
        return more

    async def _settle_round(self, *, last: bool) -> bool:
        """Judge and settle until it is time to publish; is there more?"""
        judging = not self._stopping and await self._judge_until(self._publish_at)
        more = await self._settle_until(self._settle_end if last else self._publish_at)
        self.ready_since = await self.pipeline.store.ready_since()
        return more or judging

    async def settle_some(self) -> None:
        """Judge and settle for a few seconds, and have the next round publish it."""
        until = asyncio.get_running_loop().time() + _SETTLE_S
        await self._judge_until(until)
        await self._settle_until(until)
        self.ready_since = await self.pipeline.store.ready_since()
        self.wake()

    async def all_at_once(self) -> None:
        """Settle all that is ready, in the order in which it came, and publish."""
        while await self._settle_batch(SettleOrder.OLDEST):
            pass
        await self.publish_changes()

    async def _judge_until(self, when: float) -> bool:
        """Judge what former filters dropped until none is left, or it is ``when`` by the loop's time; is there more?"""
        while await self.judge_again():
            if asyncio.get_running_loop().time() >= when:
                return True
        return False

    async def judge_again(self) -> bool:
        """Judge some of what former filters dropped; False when none is left."""
        if self.judges_again:
            self.judges_again = await self.pipeline.judge_again()
            self._page_wanted()
        return self.judges_again

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
        self._metrics.settled(settled)
        return bool(settled.entries)

    async def publish_changes(self) -> None:
        """Publish where the store changed since the last time, an edition is due, or outputs age."""
        clock = asyncio.get_running_loop().time
        version = await self.pipeline.store.version()
        now = self.pipeline.clock.now()
        if self._planned_at is not None and now < self._planned_at:  # the clock was set back
            self._plan_edition(now)
        is_due = self._edition_at is not None and self._edition_at <= now
        if version == self._published_version and clock() < self._again_at and not is_due:
            return
        began, worked = clock(), False
        try:
            async with self._rendering:
                began = clock()
                shown = await self.pipeline.publish()
            worked = True
        except StoreError:
            raise
        except Exception:
            # All that can be made has been made: it is not made again and again for the rest.
            self._published_version, self._again_at = version, clock() + _AGAIN_S
            self._plan_edition(now)
            raise
        finally:
            self._metrics.published(clock() - began, worked=worked)
            pause = self.pipeline.config.settings.publish.min_interval.total_seconds()
            self._publish_at = clock() + pause
        ages = any(one.max_age for one in self.pipeline.config.settings.outputs)
        self._published_version = version
        self._again_at = clock() + _AGES_S if ages else inf
        self._plan_edition(now)
        self.shown = shown
        log.info("published", stories=shown, version=version)

    def _plan_edition(self, now: datetime) -> None:
        self._planned_at, self._edition_at = now, self.pipeline.next_edition(now)
