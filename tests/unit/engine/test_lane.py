"""A lane: bounded, unimpressed by failures, woken when there is room, and leaving nothing leased."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from aggregator.engine.lane import Lane
from aggregator.errors import StoreError
from tests.support.patience import PATIENCE_S, turns


class Work:
    """Pieces of work, numbered; each ends when it is told to."""

    def __init__(self, count: int, slots: int) -> None:
        self.waiting = list(range(count))
        self.claims: list[int] = []  # how many were asked for
        self.begun: dict[int, asyncio.Future[None]] = {}
        self.given_back: list[int] = []
        self.most = 0
        self.claimed: Callable[[], None] = lambda: None
        self.lane: Lane[int] = Lane("test", slots, self.claim, self.work, self.give_back)

    async def claim(self, free: int) -> list[int]:
        self.claims.append(free)
        await asyncio.sleep(0)
        self.claimed()
        taken, self.waiting = self.waiting[:free], self.waiting[free:]
        return taken

    async def work(self, piece: int) -> None:
        self.begun[piece] = asyncio.get_running_loop().create_future()
        self.most = max(self.most, len(self.lane.running))
        await self.begun[piece]

    async def give_back(self, piece: int) -> None:
        self.given_back.append(piece)

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self.lane.serve())
        await turns()
        yield
        if not task.done():
            await self.lane.stop(0)
        await task


async def test_no_more_than_its_slots_at_once_and_refilled_when_a_quarter_is_free() -> None:
    work = Work(20, slots=8)
    async with work.serving():
        assert sorted(work.begun) == list(range(8))
        work.begun[0].set_result(None)
        await turns()
        assert len(work.begun) == 8  # one free slot is not worth a transaction
        work.begun[1].set_result(None)
        await turns()
        assert (len(work.begun), work.most) == (10, 8)
    assert work.claims == [8, 2]


async def test_a_failing_piece_ends_nothing() -> None:
    work = Work(4, slots=2)
    async with work.serving():
        work.begun[0].set_exception(RuntimeError("ours"))
        work.begun[1].set_exception(StoreError("disk full"))
        await turns()
        assert sorted(work.begun) == [0, 1, 2, 3]
        work.begun[2].set_result(None)
        work.begun[3].set_result(None)
        await turns()
    assert (work.lane.done, work.given_back) == (4, [])


async def test_a_claim_that_fails_is_made_again_when_woken() -> None:
    work = Work(1, slots=2)

    def fail() -> None:
        work.claimed = lambda: None
        raise StoreError("database is locked")

    work.claimed = fail
    async with work.serving():
        assert work.begun == {}
        work.lane.wake()
        await turns()
        assert list(work.begun) == [0]


async def test_being_woken_during_a_claim_is_not_forgotten() -> None:
    work = Work(0, slots=1)
    async with work.serving():

        def comes_too_late() -> None:
            work.claimed = lambda: None
            asyncio.get_running_loop().call_soon(lambda: work.waiting.append(7))
            work.lane.wake()

        work.claimed = comes_too_late
        work.lane.wake()
        await turns()
        assert list(work.begun) == [7]


async def test_stopping_waits_for_what_runs_and_starts_nothing() -> None:
    work = Work(5, slots=2)
    async with work.serving():
        stopping = asyncio.create_task(work.lane.stop(60))
        await turns()
        assert not stopping.done()
        work.begun[0].set_result(None)
        work.begun[1].set_result(None)
        await stopping
    assert (sorted(work.begun), work.given_back, len(work.waiting)) == ([0, 1], [], 3)


async def test_stopping_gives_back_what_does_not_end_in_time() -> None:
    work = Work(3, slots=3)
    async with work.serving():
        work.begun[1].set_result(None)
        await turns()
        await work.lane.stop(0)
        assert sorted(work.given_back) == [0, 2]
        assert work.lane.running == []


async def test_stopping_during_a_claim_gives_back_what_it_gave() -> None:
    work = Work(3, slots=3)
    stops: list[asyncio.Task[None]] = []
    work.claimed = lambda: stops.append(asyncio.create_task(work.lane.stop(0)))

    async def claim_slowly(free: int) -> list[int]:
        pieces = await work.claim(free)
        await turns(5)
        return pieces

    work.lane._claim = claim_slowly
    async with work.serving():
        await turns()
    await asyncio.gather(*stops)
    assert (work.begun, sorted(work.given_back)) == ({}, [0, 1, 2])


async def test_a_lease_that_cannot_be_given_back_does_not_stop_the_stopping() -> None:
    work = Work(2, slots=2)

    async def fail(piece: int) -> None:
        work.given_back.append(piece)
        raise StoreError("gone")

    work.lane._release = fail
    async with work.serving():
        await work.lane.stop(0)
    assert sorted(work.given_back) == [0, 1]


async def test_exhausting_ends_when_nothing_is_left() -> None:
    work = Work(7, slots=3)

    async def at_once(piece: int) -> None:
        work.begun[piece] = asyncio.get_running_loop().create_future()
        await asyncio.sleep(0)

    work.lane._work = at_once
    await asyncio.wait_for(work.lane.drain(), PATIENCE_S)
    assert (sorted(work.begun), work.lane.running, work.lane.done) == (list(range(7)), [], 7)


async def test_exhausting_does_not_ask_again_and_again_while_one_piece_is_slow() -> None:
    work = Work(1, slots=8)
    task = asyncio.create_task(work.lane.drain())
    await turns(200)
    assert len(work.claims) <= 2
    work.begun[0].set_result(None)
    await task


async def test_exhausting_sees_what_a_piece_freed_by_ending_during_a_claim() -> None:
    """A page frees its host: a claim already under way still held its next page for busy."""
    work = Work(2, slots=8)

    async def claim(free: int) -> list[int]:
        taken, work.waiting = work.waiting, []
        if 1 in work.begun and not work.begun[1].done():
            work.begun[1].set_result(None)
            await turns()
            work.waiting = [2]
        return taken

    work.lane._claim = claim
    task = asyncio.create_task(work.lane.drain())
    await turns()
    work.begun[0].set_result(None)
    await turns(60)
    assert 2 in work.begun
    work.begun[2].set_result(None)
    await asyncio.wait_for(task, PATIENCE_S)


async def test_what_is_left_is_given_back_at_once_and_not_one_by_one() -> None:
    work = Work(8, slots=8)
    asked, answer = 0, asyncio.Event()

    async def slowly(_piece: int) -> None:
        nonlocal asked
        asked += 1
        await answer.wait()

    work.lane._release = slowly
    serving = asyncio.create_task(work.lane.serve())
    await turns()
    stopping = asyncio.create_task(work.lane.stop(0))
    await turns()
    assert asked == 8
    answer.set()
    await asyncio.wait_for(stopping, PATIENCE_S)
    await serving


async def test_what_is_dropped_is_worked_on_no_more_and_not_given_back() -> None:
    work = Work(4, slots=3)
    pieces = []
    async with work.serving():
        pieces = work.lane.running
        work.lane.drop(pieces[:2])
        await turns()
        assert [work.begun[one].cancelled() for one in (0, 1, 2)] == [True, True, False]
        assert work.lane.running == [2, 3]  # and its slots are free
    assert work.given_back == [2, 3]
