"""Reloads come one after the other, and whoever asks has one that began after that."""

from __future__ import annotations

import asyncio

import pytest

from aggregator.app.reload import Applied
from aggregator.app.reloader import Reloader
from aggregator.app.service_manager import ServiceManager
from aggregator.config.config import Config
from aggregator.config.settings import Settings
from aggregator.control.messages import Reloaded
from aggregator.errors import ConfigError, ConfigFault, StoreError
from tests.support.patience import turns, until

CONFIG = Config(Settings())


class Reloads:
    """A reloader whose reloads end when they are let."""

    def __init__(self) -> None:
        self.begun = 0
        self.failing: Exception | None = None
        self.may_end = asyncio.Event()
        self.reloader = Reloader(self.load, self.apply, "a.toml", ServiceManager({}))

    def load(self) -> Config:
        self.begun += 1
        if self.failing is not None:
            raise self.failing
        return CONFIG

    async def apply(self, fresh: Config) -> Applied:
        await self.may_end.wait()
        return Applied(fresh, {"added": self.begun}, [])


async def test_a_storm_of_requests_makes_two_reloads() -> None:
    reloads = Reloads()
    first = asyncio.create_task(reloads.reloader.reload())
    await until(lambda: reloads.begun == 1)
    storm = [asyncio.create_task(reloads.reloader.reload()) for _ in range(200)]
    await turns()
    assert reloads.begun == 1
    for one in storm[:50]:
        one.cancel()  # those who hang up end nobody's reload
    reloads.may_end.set()
    assert await first == Reloaded("a.toml", {"added": 1})
    assert {str(one) for one in await asyncio.gather(*storm[50:])} == {
        str(Reloaded("a.toml", {"added": 2}))
    }
    assert reloads.begun == 2


async def test_one_that_fails_keeps_none_from_following() -> None:
    reloads = Reloads()
    reloads.may_end.set()
    reloads.failing = ConfigError([ConfigFault("a.toml:1", "wrong")])
    assert (await reloads.reloader.reload()).faults == reloads.failing.faults
    reloads.failing = StoreError("the database refused")
    with pytest.raises(StoreError):
        await reloads.reloader.reload()
    reloads.failing = None
    assert (await reloads.reloader.reload()).faults == ()
