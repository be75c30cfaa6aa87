"""Several engines on one PostgreSQL share the work of its job queue."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any, cast

import pytest

from aggregator.engine import lease_keeper
from aggregator.engine.distributed import DistributedEngine
from aggregator.engine.job_queue import PgQueuerJobs, enqueue, queued_jobs
from aggregator.flow.network_watch import NetworkWatch
from aggregator.flow.pipeline import Pipeline
from aggregator.model import JobKind, Role
from aggregator.store.jobs.store import SqlJobs
from tests.support.flow import Flow
from tests.support.patience import patience, turns, until
from tests.support.storage import Stored, stored_at

FEEDS = [f"https://{i}.example/feed" for i in range(12)]


async def made(stored: Stored, url: str, roles: frozenset[Role]) -> tuple[DistributedEngine, Flow]:
    """An engine of its own, which does not work yet."""
    flow, queue = Flow(stored), PgQueuerJobs(url)
    await queue.install()
    jobs = SqlJobs(stored.database, enqueue, queued_jobs)
    return DistributedEngine(cast("Pipeline", flow), jobs, queue, roles), flow


@asynccontextmanager
async def working(
    stored: Stored, url: str, roles: frozenset[Role] = frozenset(Role)
) -> AsyncIterator[tuple[DistributedEngine, Flow]]:
    """An engine of its own, at work until the block ends."""
    engine, flow = await made(stored, url, roles)
    serving = asyncio.create_task(engine.serve())
    try:
        yield engine, flow
    finally:
        await engine.stop()
        await serving


@pytest.fixture
async def shared(postgres_url: str) -> AsyncIterator[Stored]:
    with stored_at(postgres_url) as stored:
        await stored.subscribe(*FEEDS)
        yield stored


async def test_all_that_is_due_is_polled_once_whoever_does_it(
    shared: Stored, postgres_url: str
) -> None:
    async with working(shared, postgres_url) as (_, one), working(shared, postgres_url) as (_, two):
        await until(lambda: len(one.polled) + len(two.polled) >= len(FEEDS), "the polls")
        await until(lambda: max([*one.published, *two.published, 0]) == len(FEEDS), "the output")
    assert sorted(one.polled + two.polled) == sorted(FEEDS)


async def test_a_worker_without_a_role_leaves_that_work_to_others(
    shared: Stored, postgres_url: str
) -> None:
    scheduler = frozenset((Role.SCHEDULE, Role.PUBLISH))
    async with (
        working(shared, postgres_url, scheduler) as (_, one),
        working(shared, postgres_url, frozenset((Role.POLL,))) as (_, two),
        working(shared, postgres_url, frozenset((Role.SERVE,))) as (server, three),
    ):
        await until(lambda: len(two.polled) == len(FEEDS), "the polls")
        await until(lambda: bool(one.settled), "the stories")
        server.tick()
        await until(lambda: bool(three.published), "the output")
    assert not [*one.polled, *three.polled, *two.settled, *three.settled]
    assert not [*one.published, *two.published]  # nobody reads it there


async def test_stopping_gives_back_what_is_not_done(shared: Stored, postgres_url: str) -> None:
    jobs = SqlJobs(
        shared.database, enqueue, queued_jobs
    )  # no scheduler, which would hand out again
    async with working(shared, postgres_url, frozenset((Role.POLL,))) as (engine, flow):
        flow.hold = asyncio.Event()  # for ever
        lease = flow.config.settings.schedule.lease
        await jobs.hand_out_feeds(shared.clock.now(), lease, 50, 50)
        await until(lambda: len(flow.polled) >= 4, "polls under way")
        # What waits for a slot, and what is under way.
        assert len(engine._held_feeds()) == len(FEEDS)
        engine.polls.stop = _at_once(engine)  # type: ignore[method-assign]
    free = await shared.store.claim_due(shared.clock.now(), lease, 50)
    assert len(free) == len(FEEDS)


async def test_what_a_job_takes_while_its_worker_stops_is_given_back(
    shared: Stored, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = SqlJobs(shared.database, enqueue, queued_jobs)
    taking, go_on = asyncio.Event(), asyncio.Event()
    take = SqlJobs.take_feeds

    async def slowly(*arguments: Any) -> Any:
        taken = await take(*arguments)
        taking.set()
        await go_on.wait()
        return taken

    monkeypatch.setattr(SqlJobs, "take_feeds", slowly)
    engine, flow = await made(shared, postgres_url, frozenset((Role.POLL,)))
    serving = asyncio.create_task(engine.serve())
    lease = flow.config.settings.schedule.lease
    await jobs.hand_out_feeds(shared.clock.now(), lease, 50, 50)
    await taking.wait()
    await engine.stop()
    go_on.set()
    async with patience():
        await serving
    assert not flow.polled
    assert len(await shared.store.claim_due(shared.clock.now(), lease, 50)) == len(FEEDS)


def _at_once(engine: DistributedEngine):  # type: ignore[no-untyped-def]
    stop = engine.polls.stop

    async def stopped(_: float) -> None:
        await stop(0.0)

    return stopped


async def test_a_machine_without_network_holds_a_job_and_does_not_take_the_next(
    shared: Stored, postgres_url: str
) -> None:
    async def look(*_: object, **__: object) -> None:
        """Nothing is to be said of names."""

    async with working(shared, postgres_url, frozenset((Role.POLL,))) as (_, flow):
        names = SimpleNamespace(look=look, may_probe=lambda _: False)
        down = SimpleNamespace(down=True, may_probe=lambda _: False, names=names)
        flow.network = cast("NetworkWatch", down)
        jobs = SqlJobs(shared.database, enqueue, queued_jobs)
        now, lease = flow.clock.now(), flow.config.settings.schedule.lease
        await jobs.hand_out_feeds(now, lease, 50, 50)

        async def held() -> bool:
            return (await jobs.jobs())[JobKind.POLL].running == 1

        while not await held():
            await turns()
    assert not flow.polled


async def test_what_lost_its_lease_is_worked_on_no_more_and_done_by_another(
    shared: Stored, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease_keeper, "_LOOK_S", 0.01)
    jobs = SqlJobs(shared.database, enqueue, queued_jobs)
    async with working(shared, postgres_url, frozenset((Role.POLL,))) as (paused, flow):
        flow.hold = asyncio.Event()  # as if it stood still
        lease = flow.config.settings.schedule.lease
        await jobs.hand_out_feeds(shared.clock.now(), lease, 50, 50)
        await until(lambda: len(paused.polls.running) == 4, "polls under way")
        assert len(paused._held_feeds()) == len(FEEDS)
        shared.clock.advance(lease)
        await until(lambda: not paused._held_feeds(), "work dropped")
        again = len(flow.polled)
        flow.hold.set()
        async with working(shared, postgres_url) as (_, other):
            await until(lambda: len(flow.polled) + len(other.polled) >= again + len(FEEDS))
    assert again == 4
    assert sorted(flow.polled[again:] + other.polled) == sorted(FEEDS)
