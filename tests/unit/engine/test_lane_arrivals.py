"""Pieces that arrive are worked on, and whoever brought them learns when all are over."""

from __future__ import annotations

import asyncio

from aggregator.engine.lane_arrivals import Arrivals


async def test_who_brings_pieces_waits_until_each_is_over() -> None:
    arrivals, woken = Arrivals[str](lambda one: one), list[bool]()
    bringing = asyncio.create_task(
        arrivals.work_through(["a", "b", "c"], lambda: woken.append(True))
    )
    await asyncio.sleep(0)
    assert woken == [True]
    assert await arrivals.claim(2) == ["a", "b"]
    assert arrivals.waiting == ("c",)
    arrivals.over("a")
    arrivals.over("b")
    await asyncio.sleep(0)
    assert not bringing.done()
    assert await arrivals.claim(5) == ["c"]
    arrivals.over("c")
    await bringing


async def test_nothing_that_arrives_is_over_at_once() -> None:
    await Arrivals[str](lambda one: one).work_through([], lambda: None)


async def test_the_end_of_what_never_arrived_is_nothing() -> None:
    Arrivals[str](lambda one: one).over("unknown")


async def test_what_is_dropped_does_not_wait_and_is_over() -> None:
    arrivals, pieces = Arrivals[str](lambda one: one), ["piece a", "piece b"]
    bringing = asyncio.create_task(arrivals.work_through(pieces, lambda: None))
    await asyncio.sleep(0)
    arrivals.drop([pieces[0], "unknown"])
    assert arrivals.waiting == ("piece b",)
    arrivals.drop(pieces[1:])
    await bringing
