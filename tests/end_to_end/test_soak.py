"""Hostile feeds among good ones, the short form of ``python -m bench soak``: no good one suffers."""

from __future__ import annotations

import asyncio

from bench.hostile import KINDS, hostile_farm
from bench.soak import soak_apart
from tests.support.patience import PATIENCE_S

# All processes together, pages they share counted in each: 515 MB where this was written.
_MOST_MEMORY_MB = 900


async def test_every_good_feed_is_polled_and_every_hostile_one_is_refused() -> None:
    kinds = [kind for kind in KINDS if kind != "dns"]  # tests ask no name server
    with hostile_farm() as port:
        soaking = asyncio.to_thread(
            soak_apart, port, good=120, hostile=2 * len(kinds), seconds=2, kinds=kinds
        )
        soaked = await asyncio.wait_for(soaking, 4 * PATIENCE_S)
    assert (soaked.polled, soaked.failed) == (120, 0)
    assert soaked.hostile_answered == 2 * len(kinds)
    assert soaked.memory < _MOST_MEMORY_MB
