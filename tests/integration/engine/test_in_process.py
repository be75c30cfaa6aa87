"""The engine of one process over a real store: it ends when it should, and only then."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from aggregator.engine import finishing
from aggregator.engine.in_process import InProcessEngine
from aggregator.errors import PublishError
from aggregator.flow.pipeline import Pipeline
from aggregator.model import ClaimedFeed, SettleOrder, SettleStats
from tests.support.flow import Flow
from tests.support.patience import PATIENCE_S, turns, until
from tests.support.storage import DAY, HOUR, LEASE, MINUTE, new, stored_at

FEEDS = [f"https://{i}.example/feed" for i in range(6)]


@asynccontextmanager
async def engine_over(
    tmp_path: Path, pause: timedelta = timedelta(0)
) -> AsyncIterator[tuple[InProcessEngine, Flow]]:
    with stored_at(f"sqlite:///{tmp_path}/x.db") as stored:
        await stored.subscribe(*FEEDS)
        flow = Flow(stored, pause)
        yield InProcessEngine(cast("Pipeline", flow)), flow


async def test_once_polls_what_is_due_publishes_and_ends(tmp_path: Path) -> None:
    async with engine_over(tmp_path) as (engine, flow):
        await engine.run_once(all_feeds=False)
        assert sorted(flow.polled) == FEEDS
        assert flow.published == [6]
        assert (engine.stats.polled, engine.stats.new_entries, engine.stats.published) == (6, 6, 6)
        again = InProcessEngine(cast("Pipeline", flow))
        await again.run_once(all_feeds=False)
        assert len(flow.polled) == 6
        await again.run_once(all_feeds=True)
        assert len(flow.polled) == 12


async def test_once_ends_although_its_feeds_fall_due_meanwhile(tmp_path: Path) -> None:
    async with engine_over(tmp_path) as (engine, flow):
        flow.next_poll = timedelta(0)
        await asyncio.wait_for(engine.run_once(all_feeds=True), PATIENCE_S)
        assert sorted(flow.polled) == FEEDS


async def test_nothing_is_looked_for_unasked(tmp_path: Path) -> None:
    async with engine_over(tmp_path) as (engine, flow):
        serving = asyncio.create_task(engine.serve())
        await until(lambda: engine.polls.done == 6)  # what was due at the start
        asked, claim = list[int](), engine.polls._claim

        async def noted(free: int) -> list[ClaimedFeed]:
            asked.append(free)
            return await claim(free)

        engine.polls._claim = noted
        flow.clock.advance(2 * HOUR)
        rendered = len(flow.published)
        engine.publish_anew()
        await until(lambda: len(flow.published) > rendered)  # it did what it was asked for,
        assert asked == []  # and nothing else
        engine.tick()
        await until(lambda: len(flow.polled) == 12)
        assert engine.last_tick is not None
        await engine.stop()
        await serving


async def test_stopping_publishes_what_the_last_polls_stored(tmp_path: Path) -> None:
    async with engine_over(tmp_path) as (engine, flow):
        flow.hold = asyncio.Event()
        serving = asyncio.create_task(engine.serve())
        engine.tick()
        await until(lambda: len(flow.polled) == 4)
        await until(lambda: flow.published == [0])
        stopping = asyncio.create_task(engine.stop())
        engine.tick()
        await turns()
        flow.hold.set()
        await stopping
        await serving
        assert flow.published == [0, 4]  # once: a rendering may take seconds
        assert len(flow.polled) == 4


async def test_stopping_does_not_wait_for_the_pause_between_renderings(tmp_path: Path) -> None:
    async with engine_over(tmp_path, pause=timedelta(days=1)) as (engine, flow):
        serving = asyncio.create_task(engine.serve())
        engine.tick()
        await until(lambda: flow.published)
        await engine.stop()
        await asyncio.wait_for(serving, PATIENCE_S)


async def test_a_rendering_that_fails_ends_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finishing, "_AGAIN_S", 0)
    async with engine_over(tmp_path) as (engine, flow):
        failures = iter([RuntimeError("a stranger's entry"), ValueError("another")])

        def fail() -> None:
            for error in failures:
                raise error

        flow.on_publish = fail
        serving = asyncio.create_task(engine.serve())

        def published() -> bool:
            engine.tick()
            return bool(flow.published)

        await until(published)
        assert not serving.done()
        await engine.stop()
        await serving


async def test_what_fails_to_settle_keeps_no_output_back(tmp_path: Path) -> None:
    async with engine_over(tmp_path) as (engine, flow):
        tried = list[None]()

        async def fail(order: SettleOrder = SettleOrder.FIRST_COME) -> SettleStats:
            tried.append(None)
            raise RuntimeError("a stranger's entry")

        flow.settle = fail  # type: ignore[method-assign]
        serving = asyncio.create_task(engine.serve())
        engine.publish_anew()
        await until(lambda: flow.published)
        assert tried
        assert not serving.done()
        await engine.stop()
        await serving


async def test_outputs_are_not_made_over_and_over_for_one_that_fails(tmp_path: Path) -> None:
    async with engine_over(tmp_path) as (engine, flow):
        await engine.run_once(all_feeds=False)
        tried, looked, version = list[None](), list[None](), flow.store.version

        def fail() -> None:
            tried.append(None)
            raise PublishError("its folder cannot be written")

        async def noted() -> int:
            looked.append(None)
            return await version()

        flow.on_publish = fail
        flow.store.version = noted  # type: ignore[method-assign]
        serving = asyncio.create_task(engine.serve())
        engine.publish_anew()

        def often() -> bool:
            engine.tick()
            return len(looked) > 5

        await until(often)
        assert len(tried) == 1
        engine.publish_anew()  # what is asked for is tried
        await until(lambda: len(tried) == 2)
        flow.on_publish = lambda: None
        await engine.stop()
        await serving


async def test_nothing_is_rendered_unless_something_changed_or_it_is_asked_for(
    tmp_path: Path,
) -> None:
    async with engine_over(tmp_path) as (engine, flow):
        await engine.run_once(all_feeds=False)
        await engine.run_once(all_feeds=False)
        assert len(flow.published) == 1
        serving = asyncio.create_task(engine.serve())
        engine.publish_anew()
        await until(lambda: len(flow.published) == 2)
        await engine.stop()
        await serving
        assert len(flow.published) == 2


async def test_a_long_poll_keeps_its_lease(tmp_path: Path) -> None:
    async with engine_over(tmp_path) as (engine, flow):
        flow.config.settings.schedule.lease = timedelta(seconds=0.03)
        flow.hold = asyncio.Event()
        serving = asyncio.create_task(engine.serve())
        await until(lambda: len(flow.polled) == 4)
        renewed, renew = 0, flow.store.renew

        async def counted(*given: Any) -> None:
            nonlocal renewed
            await renew(*given)
            renewed += 1

        flow.store.renew = counted  # type: ignore[assignment, method-assign]
        for number in range(1, 21):
            flow.clock.advance(timedelta(seconds=0.01))
            await until(lambda: renewed > number)  # noqa: B023 - awaited here
        taken = {one.feed.key for one in await flow.stored.claim()}
        assert taken == set(FEEDS) - set(flow.polled)
        flow.hold.set()
        await engine.stop()
        await serving


async def test_a_poll_whose_renewal_is_late_is_not_taken_by_its_own_process(
    tmp_path: Path,
) -> None:
    async with engine_over(tmp_path) as (engine, flow):
        flow.hold = asyncio.Event()
        serving = asyncio.create_task(engine.serve())
        await until(lambda: len(flow.polled) == 4)
        flow.clock.advance(2 * LEASE)
        engine._places = 100
        taken = await engine._claim_feeds(10)
        assert sorted(one.feed.key for one in taken) == sorted(set(FEEDS) - set(flow.polled))
        for one in taken:
            await flow.store.release(one.feed.id, one.lease)
        busy = engine.polls.running[0].feed.id
        assert engine._in_hand() >= {busy}
        flow.hold.set()
        await engine.stop()
        await serving


async def backlog(flow: Flow, count: int) -> None:
    """Have ``count`` entries wait for their stories, and no feed be due."""
    await flow.stored.poll(FEEDS[0], *(new(f"entry {n}") for n in range(count)))
    for key in FEEDS[1:]:
        await flow.stored.poll(key)
    flow.batch = 1


async def test_of_a_backlog_subscribers_see_every_batch_the_newest_first(tmp_path: Path) -> None:
    async with engine_over(tmp_path) as (engine, flow):
        await backlog(flow, 9)
        serving = asyncio.create_task(engine.serve())
        engine.tick()
        await until(lambda: flow.published and flow.published[-1] == 9)
        assert flow.published == list(range(1, 10))
        assert flow.settled == [*[SettleOrder.NEWEST] * 3, SettleOrder.FIRST_COME] * 2 + [
            SettleOrder.NEWEST
        ]
        await engine.stop()
        await serving


async def test_a_backlog_is_settled_in_the_pause_between_renderings(tmp_path: Path) -> None:
    async with engine_over(tmp_path, pause=timedelta(days=1)) as (engine, flow):
        await backlog(flow, 9)
        serving = asyncio.create_task(engine.serve())
        engine.tick()
        await until(lambda: len(flow.settled) == 9)
        assert flow.published == [1]
        await engine.stop()
        await serving
        assert flow.published == [1, 9]


async def test_what_filters_dropped_is_judged_anew_in_the_pause_between_renderings(
    tmp_path: Path,
) -> None:
    async with engine_over(tmp_path, pause=HOUR) as (engine, flow):
        flow.to_judge = 9
        serving = asyncio.create_task(engine.serve())
        await until(lambda: flow.to_judge == 0 and flow.published != [])
        await engine.stop()
        await serving
        flow.to_judge = 5
        await InProcessEngine(cast("Pipeline", flow)).run_once(all_feeds=False)
        assert flow.to_judge == 0


async def test_polls_slow_down_while_entries_wait_and_speed_up_again(tmp_path: Path) -> None:
    async with engine_over(tmp_path) as (engine, flow):
        await backlog(flow, 9)
        hold, settle = asyncio.Event(), flow.settle

        async def held(order: SettleOrder = SettleOrder.NEWEST) -> SettleStats:
            if not hold.is_set() and flow.settled:
                await hold.wait()
            return await settle(order)

        flow.settle = held  # type: ignore[method-assign]
        serving = asyncio.create_task(engine.serve())
        engine.tick()
        flow.clock.advance(2 * MINUTE)
        engine.tick()
        await until(lambda: engine.stats.backlog_age == 2 * MINUTE)
        flow.hold = asyncio.Event()
        flow.clock.advance(HOUR)
        engine.tick()
        await until(lambda: flow.polled)
        assert await engine._claim_feeds(3) == []  # one of four places
        hold.set()
        await until(lambda: engine.stats.backlog_age == timedelta(0))
        engine.tick()
        await until(lambda: len(flow.polled) == 4)
        flow.hold.set()
        await engine.stop()
        await serving


async def test_stopping_settles_no_backlog_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finishing, "_SETTLE_S", 0.0)
    async with engine_over(tmp_path, pause=timedelta(days=1)) as (engine, flow):
        await backlog(flow, 9)
        settle, stopping = flow.settle, list[asyncio.Task[None]]()

        async def stopped_at_the_third(order: SettleOrder = SettleOrder.NEWEST) -> SettleStats:
            if len(flow.settled) == 2:
                stopping.append(asyncio.create_task(engine.stop()))
                await until(engine.finishing._drained.is_set)
            return await settle(order)

        flow.settle = stopped_at_the_third  # type: ignore[method-assign]
        serving = asyncio.create_task(engine.serve())
        engine.tick()
        await asyncio.wait_for(serving, PATIENCE_S)
        await stopping[0]
        assert flow.published == [1, 4]  # the third batch, and one more


async def test_a_clock_that_is_set_back_makes_no_edition_late(tmp_path: Path) -> None:
    async with engine_over(tmp_path) as (engine, flow):
        flow.edition_at = flow.clock.now() + 400 * DAY
        await engine.run_once(all_feeds=False)
        serving = asyncio.create_task(engine.serve())
        rendered = len(flow.published)
        flow.clock.time -= DAY
        flow.edition_at = flow.clock.now() + HOUR
        await engine.finishing.publish_changes()
        flow.clock.advance(HOUR)
        engine.tick()
        await until(lambda: len(flow.published) > rendered)
        await engine.stop()
        await serving


async def test_an_edition_is_published_at_its_time_though_nothing_changed(tmp_path: Path) -> None:
    async with engine_over(tmp_path) as (engine, flow):
        flow.edition_at = flow.clock.now() + HOUR
        await engine.run_once(all_feeds=False)
        serving = asyncio.create_task(engine.serve())
        rendered = len(flow.published)
        flow.clock.advance(HOUR)
        engine.tick()
        await until(lambda: len(flow.published) > rendered)
        await engine.stop()
        await serving
