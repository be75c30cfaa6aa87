"""The daemon of a clock that is set back: it goes on, and says so where it does not."""

from __future__ import annotations

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from aggregator.app.daemon import Daemon
from aggregator.config.config import Config
from aggregator.config.settings import Settings
from aggregator.errors import StoreError
from aggregator.model import EngineStats
from tests.support.storage import DAY, NOW, FakeClock

SECOND = timedelta(seconds=1)


class House:
    """A daemon with both clocks in hand."""

    def __init__(self) -> None:
        self.clock, self.steady = FakeClock(), 0.0
        self.pulled: list[tuple[datetime, timedelta | None]] = []
        self.broken = False
        self.engine = SimpleNamespace(last_tick=None, tick=self._ticked, stats=EngineStats())
        self.daemon = Daemon(
            Config(Settings(), None, ()), clock=self.clock, steady=lambda: self.steady
        )
        parts: Any = SimpleNamespace(store=self, engine=self.engine)
        self.daemon.site.parts = parts

    def _ticked(self) -> None:
        self.engine.last_tick = self.clock.now()

    async def pull_back(self, now: datetime, by: timedelta | None = None) -> int:
        if self.broken:
            raise StoreError("the database is away")
        self.pulled.append((now, by))
        return 0

    async def second(self, wall: timedelta = SECOND) -> None:
        """Let a second pass, in which the time of day goes on by ``wall``; tick."""
        self.clock.advance(wall)
        self.steady += 1
        await self.daemon._tick()


async def test_plans_are_brought_back_once() -> None:
    house = House()
    await house.second()
    assert house.pulled == []
    await house.second(SECOND - DAY)
    await house.second()
    assert house.pulled == [(NOW + 2 * SECOND - DAY, DAY)]


async def test_plans_that_could_not_be_brought_back_are_at_the_next_tick() -> None:
    house = House()
    house.broken = True
    await house.second(SECOND - DAY)
    assert house.engine.last_tick == house.clock.now()  # it ticks all the same
    house.broken = False
    await house.second()
    await house.second()
    assert house.pulled == [(NOW + 2 * SECOND - DAY, DAY)]


async def test_health_fails_where_the_last_tick_is_old_or_in_the_future() -> None:
    house = House()
    assert not house.daemon.site.healthy()[0]
    await house.second()
    assert house.daemon.site.healthy()[0]
    house.clock.advance(timedelta(seconds=59))
    assert house.daemon.site.healthy()[0]
    house.clock.advance(SECOND)
    assert not house.daemon.site.healthy()[0]
    house.clock.advance(-DAY)
    assert not house.daemon.site.healthy()[0]
    await house.second()
    assert house.daemon.site.healthy()[0]
