"""The event loop's lag: by how much a timer is late, which all others are then, too."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

EVERY_S = 0.5


async def watch_lag(record: Callable[[float], None], every: float = EVERY_S) -> None:
    """Give ``record`` the lag in seconds, now and then, for ever."""
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + every
        await asyncio.sleep(every)
        record(max(loop.time() - due, 0.0))
