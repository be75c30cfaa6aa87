"""Slots at hosts, on a clock that the test moves."""

from __future__ import annotations

import asyncio
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.fetch.politeness.host_limiter import PATIENCE, CooldownActive, HostLimiter
from tests.support.fake_time import FakeTime
from tests.support.patience import turns


class Visitor:
    """Takes turns at hosts and notes when it got them."""

    def __init__(self, *, gap: float = 1.0, concurrency: int = 10) -> None:
        self.time = FakeTime()
        self.limiter = HostLimiter(gap=gap, concurrency=concurrency, timer=self.time)
        self.log: list[tuple[str, float]] = []
        self.under_way: list[str] = []
        self.most = 0

    async def _visit(self, name: str, host: str, takes: float) -> None:
        async with self.limiter.slot(host, page=name.startswith("page")):
            self.log.append((name, round(self.time.now - 1000.0, 6)))
            self.under_way.append(host)
            self.most = max(self.most, len(self.under_way))
            done = asyncio.get_running_loop().create_future()
            self.time.call_at(self.time.now + takes, done.set_result, None)
            try:
                await done
            finally:
                self.under_way.remove(host)

    async def start(self, name: str, host: str, takes: float = 0.5) -> asyncio.Task[None]:
        task = asyncio.create_task(self._visit(name, host, takes))
        await turns()
        return task


async def test_one_at_a_time_in_order_with_a_gap_after_the_end() -> None:
    visitor = Visitor(gap=1.0)
    for name in "abc":
        await visitor.start(name, "h", takes=0.5)
    await visitor.time.pass_by(10)
    assert visitor.log == [("a", 0.0), ("b", 1.5), ("c", 3.0)]
    assert visitor.most == 1


async def test_pages_and_feeds_of_a_host_take_turns() -> None:
    visitor = Visitor(gap=1.0)
    for name in ("a", "b", "c", "d", "page 1", "page 2"):
        await visitor.start(name, "h", takes=0.0)
    await visitor.time.pass_by(1.5)
    for name in ("page 3", "page 4"):
        await visitor.start(name, "h", takes=0.0)
    await visitor.time.pass_by(20)
    names = ["a", "page 1", "b", "page 2", "c", "page 3", "d", "page 4"]
    assert visitor.log == [(name, float(place)) for place, name in enumerate(names)]


async def test_the_gap_holds_for_who_comes_later() -> None:
    visitor = Visitor(gap=1.0)
    await visitor.start("a", "h", takes=0.5)
    await visitor.time.pass_by(0.9)
    await visitor.start("b", "h")
    await visitor.time.pass_by(5)
    await visitor.start("c", "h")
    await visitor.time.pass_by(5)
    assert visitor.log == [("a", 0.0), ("b", 1.5), ("c", 5.9)]


async def test_hosts_do_not_wait_for_each_other() -> None:
    visitor = Visitor(gap=1.0)
    for host in "abcd":
        await visitor.start(host, host)
    assert [at for _, at in visitor.log] == [0.0] * 4


async def test_the_global_bound_holds_and_waiting_for_a_host_takes_no_slot() -> None:
    visitor = Visitor(gap=0.0, concurrency=2)
    for name in ("h1", "h2", "h3", "h4"):
        await visitor.start(name, "h", takes=1.0)
    await visitor.start("other", "o", takes=1.0)
    assert [name for name, _ in visitor.log] == ["h1", "other"]
    await visitor.start("third", "t", takes=1.0)
    await visitor.time.pass_by(10)
    assert visitor.most == 2
    assert len(visitor.log) == 6


async def test_who_gives_up_waiting_holds_nobody_up() -> None:
    visitor = Visitor(gap=1.0)
    await visitor.start("a", "h")
    lost = await visitor.start("b", "h")
    await visitor.start("c", "h")
    lost.cancel()
    await visitor.time.pass_by(10)
    assert visitor.log == [("a", 0.0), ("c", 1.5)]


async def test_a_turn_given_to_who_just_gave_up_goes_to_the_next() -> None:
    visitor = Visitor(gap=0.0)
    first = await visitor.start("a", "h", takes=100)
    second = await visitor.start("b", "h")
    await visitor.start("c", "h")
    first.cancel()
    await asyncio.sleep(0)  # the turn of "a" has been handed on, "b" has not yet run
    second.cancel()
    await visitor.time.pass_by(5)
    assert [name for name, _ in visitor.log][-1] == "c"


async def test_giving_up_while_waiting_for_a_slot_frees_the_host() -> None:
    visitor = Visitor(gap=5.0, concurrency=1)
    await visitor.start("busy", "o", takes=3)
    waiting = await visitor.start("a", "h")
    waiting.cancel()
    await turns()
    await visitor.start("b", "h")
    await visitor.time.pass_by(3.1)
    assert visitor.log[-1] == ("b", 3.0)


async def test_a_failure_inside_a_turn_ends_it() -> None:
    visitor = Visitor(gap=1.0)
    with pytest.raises(ValueError, match="x"):
        async with visitor.limiter.slot("h"):
            raise ValueError("x")
    await visitor.start("a", "h")
    await visitor.time.pass_by(3)
    assert visitor.log == [("a", 1.0)]


async def test_a_short_rest_is_waited_for() -> None:
    visitor = Visitor(gap=1.0)
    visitor.limiter.cool_down("h", PATIENCE / 2)
    await visitor.start("a", "h")
    await visitor.start("b", "other")
    await visitor.time.pass_by(PATIENCE)
    assert visitor.log == [("b", 0.0), ("a", PATIENCE / 2)]


async def test_a_long_rest_sends_everybody_away_until_it_is_over() -> None:
    visitor = Visitor(gap=1.0)
    await visitor.start("a", "h", takes=1.0)
    queued = await visitor.start("b", "h")
    visitor.limiter.cool_down("h", 3600)
    with pytest.raises(CooldownActive) as caught:
        await queued
    assert caught.value.seconds == pytest.approx(3600)
    late = await visitor.start("c", "h")
    with pytest.raises(CooldownActive):
        await late
    await visitor.time.pass_by(3600)
    await visitor.start("d", "h")
    assert visitor.log == [("a", 0.0), ("d", 3600.0)]


async def test_a_rest_is_never_shortened() -> None:
    visitor = Visitor()
    visitor.limiter.cool_down("h", 3600)
    visitor.limiter.cool_down("h", 10)
    with pytest.raises(CooldownActive):
        await (await visitor.start("a", "h"))


async def test_a_rest_that_grows_holds_those_who_wait_already() -> None:
    visitor = Visitor()
    visitor.limiter.cool_down("h", 5)
    await visitor.start("a", "h")
    visitor.limiter.cool_down("h", 20)
    await visitor.time.pass_by(30)
    assert visitor.log == [("a", 20.0)]


async def test_idle_hosts_are_forgotten_and_resting_ones_are_not() -> None:
    visitor = Visitor(gap=1.0, concurrency=1000)
    visitor.limiter.cool_down("resting", 30)
    for number in range(500):
        await visitor.start(f"v{number}", f"host{number}", takes=0.1)
    await visitor.time.pass_by(0.2)
    assert len(visitor.limiter) == 501
    await visitor.time.pass_by(5)
    await visitor.start("last", "last")
    assert len(visitor.limiter) == 2
    await visitor.time.pass_by(40)
    await visitor.start("last", "last")
    assert len(visitor.limiter) == 1


async def test_without_a_gap_nothing_is_remembered() -> None:
    visitor = Visitor(gap=0.0)
    await visitor.start("a", "h")
    await visitor.time.pass_by(1)
    assert len(visitor.limiter) == 0


_VISITS = st.lists(
    st.tuples(
        st.sampled_from("abc"),  # host
        st.floats(0, 3),  # when it comes, after the one before
        st.floats(0, 3),  # how long it takes
        st.none() | st.floats(0, 3),  # when it is cancelled, after it came
    ),
    max_size=15,
)


@given(_VISITS, st.integers(1, 3), st.sampled_from([0.0, 1.0]))
def test_whatever_happens_the_rules_hold_and_nobody_waits_for_ever(
    visits: list[tuple[str, float, float, float | None]], concurrency: int, gap: float
) -> None:
    async def scenario() -> None:
        visitor = Visitor(gap=gap, concurrency=concurrency)
        spans: list[tuple[str, float, float]] = []

        async def visit(host: str, takes: float) -> None:
            async with visitor.limiter.slot(host):
                start = visitor.time.now
                done = asyncio.get_running_loop().create_future()
                call = visitor.time.call_at(start + takes, done.set_result, None)
                visitor.under_way.append(host)
                visitor.most = max(visitor.most, len(visitor.under_way))
                try:
                    await done
                finally:
                    call.cancel()
                    visitor.under_way.remove(host)
                    spans.append((host, start, visitor.time.now))

        tasks = []
        for host, pause, takes, cancelled in visits:
            await visitor.time.pass_by(pause)
            tasks.append(task := asyncio.create_task(visit(host, takes)))
            if cancelled is not None:
                visitor.time.call_at(visitor.time.now + cancelled, task.cancel)
        await visitor.time.pass_by(200)
        assert all(task.done() for task in tasks)
        assert visitor.most <= concurrency
        for host in "abc":
            own = sorted(span[1:] for span in spans if span[0] == host)
            for (_, end), (start, _) in itertools.pairwise(own):
                assert start >= end + gap - 1e-6
        async with visitor.limiter.slot("another"):
            pass
        await visitor.time.pass_by(2)
        async with visitor.limiter.slot("last"):
            assert len(visitor.limiter) == 1

    asyncio.run(scenario())
