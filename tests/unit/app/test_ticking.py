"""Ticks come by a clock of their own, and a tick that fails is not the last."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from aggregator.app.ticking import repeat


class Steady:
    """A clock that moves while it is slept by, and when work takes time."""

    def __init__(self, sleeps: int) -> None:
        self.now, self.left = 100.0, sleeps
        self.woke: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.left -= 1
        if self.left < 0:
            raise asyncio.CancelledError
        self.now += seconds
        self.woke.append(self.now)


async def repeated(clock: Steady, work: Callable[[], Awaitable[None]]) -> None:
    with pytest.raises(asyncio.CancelledError):
        await repeat("tick", 10, work, sleep=clock.sleep, steady=lambda: clock.now)


async def test_a_tick_that_takes_time_moves_no_other() -> None:
    clock = Steady(4)

    async def work() -> None:
        clock.now += 3

    await repeated(clock, work)
    assert clock.woke == [110, 120, 130, 140]


async def test_missed_ticks_are_not_made_up_for() -> None:
    clock = Steady(4)
    took = iter([35.0, 0.0, 0.0, 0.0])

    async def work() -> None:
        clock.now += next(took)

    await repeated(clock, work)
    assert clock.woke == [110, 145, 155, 165]


async def test_a_tick_that_fails_is_not_the_last() -> None:
    clock = Steady(3)

    async def work() -> None:
        raise RuntimeError("a fault of ours")

    await repeated(clock, work)
    assert len(clock.woke) == 3
