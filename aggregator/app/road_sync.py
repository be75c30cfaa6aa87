"""Roads of the configuration compared with those that are stored; new ones begin where their source ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from aggregator.config.config import Config
from aggregator.config.roads import roads_of
from aggregator.engine.road_reader import RoadReader
from aggregator.model import WantedEvents
from aggregator.ports import DeliveryStore

_NONE = WantedEvents(frozenset(), 0, 0)


async def sync_roads(config: Config, store: DeliveryStore, now: datetime) -> None:
    """Let the stored roads be those of ``config``.

    One that is new begins with what happens from now on; where its log cannot be read yet, later.
    """
    wanted = []
    for road in roads_of(config).values():
        ends = await RoadReader(store, config, road, _NONE).end()
        wanted.append(replace(road.wanted, begins=ends))
    await store.sync_roads(wanted, now)
