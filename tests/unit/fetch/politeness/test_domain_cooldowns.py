"""Rests of domains, gaps of single hosts, and what is counted, on a clock that the test moves."""

from __future__ import annotations

import asyncio

import pytest

from aggregator.fetch.politeness.cooldown_scope import CooldownGroups
from aggregator.fetch.politeness.host_limiter import CooldownActive, HostLimiter
from aggregator.fetch.politeness.request_counts import RequestCounts
from aggregator.model import CooldownScope, HostCount
from tests.support.fake_time import FakeTime
from tests.support.patience import turns

A, B, OTHER = "a.example.com", "b.example.com", "example.org"


class Gated:
    """A gate that makes whole domains rest, on a clock."""

    def __init__(self, gap: float = 1.0) -> None:
        self.time = FakeTime()
        self.request_counts = RequestCounts()
        self.limiter = HostLimiter(
            gap=gap,
            concurrency=10,
            timer=self.time,
            scope=CooldownGroups(CooldownScope.DOMAIN),
            request_counts=self.request_counts,
        )
        self.entered: list[tuple[str, float]] = []

    async def _visit(self, host: str) -> None:
        async with self.limiter.slot(host):
            self.entered.append((host, round(self.time.now - 1000.0, 6)))

    async def visit(self, host: str) -> asyncio.Task[None]:
        task = asyncio.create_task(self._visit(host))
        await turns()
        return task


async def test_a_domain_rests_as_a_whole_and_others_go_on() -> None:
    one = Gated()
    one.limiter.cool_down(A, 3600)
    for host in (A, B, "example.com", "new.example.com"):
        with pytest.raises(CooldownActive) as caught:
            await (await one.visit(host))
        assert caught.value.seconds == 3600
    await (await one.visit(OTHER))
    await one.time.pass_by(3600)
    await (await one.visit(B))
    assert one.entered == [(OTHER, 0.0), (B, 3600.0)]


async def test_who_waits_at_another_host_of_the_domain_is_sent_away() -> None:
    one = Gated()
    await (await one.visit(B))
    waiting = await one.visit(B)
    one.limiter.cool_down(A, 3600)
    with pytest.raises(CooldownActive):
        await waiting


async def test_a_short_rest_is_waited_for_in_the_whole_domain() -> None:
    one = Gated()
    one.limiter.cool_down(A, 20)
    waiting = await one.visit(B)
    await one.time.pass_by(30)
    await waiting
    assert one.entered == [(B, 20.0)]


async def test_a_rest_that_is_taken_up_again_holds_and_is_not_written_down_again() -> None:
    one = Gated()
    one.limiter.set_cooldown("example.com", 100)
    with pytest.raises(CooldownActive):
        await (await one.visit(A))
    assert one.request_counts.take() == ([], {})


async def test_rests_and_hosts_that_are_over_are_forgotten() -> None:
    one = Gated()
    for number in range(50):
        one.limiter.cool_down(f"www.h{number}.example", 100)
        one.limiter.cool_down(f"www.h{number}.com", 100 + number)
    assert len(one.limiter) == 100
    await one.time.pass_by(200)
    await (await one.visit(OTHER))
    assert len(one.limiter) == 1


async def test_a_slow_host_has_a_gap_of_its_own() -> None:
    one = Gated(gap=1.0)
    one.limiter.slow(A, 10.0)
    for host in (A, A, B, B):
        await one.visit(host)
    await one.time.pass_by(30)
    assert sorted(one.entered) == [(A, 0.0), (A, 10.0), (B, 0.0), (B, 1.0)]
    one.limiter.slow(A, 0.5)
    assert one.limiter.gap(A) == 1.0


async def test_slots_that_are_waited_for_are_counted_and_cooldowns_noted() -> None:
    one = Gated()
    for host in (A, A, A, OTHER):
        await one.visit(host)
    one.limiter.cool_down(OTHER, 30)
    one.limiter.cool_down(OTHER, 10)
    assert one.request_counts.cooldown_begun.is_set()
    assert one.request_counts.take() == ([HostCount(A, waited=2)], {OTHER: 30})
    assert one.request_counts.take() == ([], {})
    await one.time.pass_by(10)
