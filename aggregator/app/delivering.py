"""Roads looked at and turned on again by the operator, whether or not a daemon runs.

A running daemon looks at its roads every second, so that nothing needs to be asked of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from aggregator.app.stored import open_database
from aggregator.config.config import Config
from aggregator.config.roads import roads_of
from aggregator.errors import StoreError
from aggregator.model import DeadLetter, RoadStatus
from aggregator.store.deliveries.store import SqlDeliveries


async def read_roads(config: Config) -> Sequence[RoadStatus]:
    """States of the roads."""
    with open_database(config) as database:
        return await SqlDeliveries(database).roads()


async def read_letters(config: Config) -> Sequence[DeadLetter]:
    """The latest messages that were given up."""
    with open_database(config) as database:
        return await SqlDeliveries(database).letters()


async def retry_road(config: Config, name: str) -> int:
    """Try again what was given up on the roads called ``name``; how many messages are they?

    Raises :class:`StoreError` where there is no such road.
    """
    with open_database(config) as database:
        roads, messages = await SqlDeliveries(database).retry(name, datetime.now(UTC))
    if not roads:
        known = ", ".join(sorted({key.name for key in roads_of(config)})) or "none"
        raise StoreError(
            "no webhook, notification or mail of this name is known",
            hint=f"the configuration has: {known}; a new one is known when a daemon has read it",
        )
    return messages
