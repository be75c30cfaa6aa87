"""Ticks by the clock that nobody can set: a time of day that jumps neither stops nor hurries them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from aggregator.engine.repeated import RepeatedErrors


async def repeat(
    name: str,
    seconds: float,
    work: Callable[[], Awaitable[None]],
    *,
    at_once: bool = False,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    steady: Callable[[], float] | None = None,
) -> None:
    """Do ``work`` every ``seconds``, for ever; one at a time, and none is made up for.
    ``at_once``: the first time is now.

    Work that fails is logged as ``name`` and done again at its next time. ``steady`` is the loop's
    clock, unless given.
    """
    clock = steady or asyncio.get_running_loop().time
    errors = RepeatedErrors("unexpected failure", kind=name)
    due = clock() + (0 if at_once else seconds)
    while True:
        await sleep(max(due - clock(), 0))
        try:
            await work()
        except Exception as error:  # noqa: BLE001 - logged with where it came from
            # A tick that fails must not be the last one.
            errors.failed(error, unexpected=True)
        else:
            errors.worked()
        due = max(due + seconds, clock())
