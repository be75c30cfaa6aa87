"""Outputs that are configured no more."""

from __future__ import annotations

from datetime import timedelta

from aggregator.model import DroppedOutput
from aggregator.store.outputs.dropped import KEPT
from tests.support.storage import DAY, NOW, Stored

ALL, OLD, MINE = ("all", "atom"), ("old", "atom"), ("mine", "rss")


async def test_what_is_dropped_is_told_for_a_while(stored: Stored) -> None:
    sync, dropped = stored.store.sync_outputs, stored.store.dropped_outputs
    await sync({ALL: [], OLD: [], MINE: ["digest"]}, NOW)
    assert await dropped() == []
    await sync({ALL: []}, NOW + DAY)
    await sync({ALL: []}, NOW + 2 * DAY)  # as at every start: that is no news
    until = NOW + DAY + KEPT
    assert sorted(await dropped(), key=lambda one: one.name) == [
        DroppedOutput("mine", "rss", ("digest",), until),
        DroppedOutput("old", "atom", (), until),
    ]
    await sync({ALL: [], OLD: ["other"]}, NOW + 3 * DAY)  # it is back
    assert [one.name for one in await dropped()] == ["mine"]
    await sync({ALL: [], OLD: ["other"]}, until + timedelta(seconds=1))
    assert await dropped() == []
