"""Turns of roads: in order, once, the same again after a failure, given up after days."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from aggregator.app.road_sync import sync_roads
from aggregator.config import choices
from aggregator.config.config import Config
from aggregator.config.load import load_with
from aggregator.deliver.plans import Outgoing, Plan, Waiting, plan_all, plan_batch, plan_one
from aggregator.engine.road_engine import RoadsEngine
from aggregator.model import EventKind, RoadStatus, SendOutcome, WantedEvents
from aggregator.ports import Clock
from aggregator.store.feeds.feeds import WantedFeed
from tests.support.patience import patience, turns, until
from tests.support.storage import DAY, HOUR, MINUTE, Stored, new

FEED = "https://a.example/feed"
TEXT = f"""
[[feeds]]
url = "{FEED}"
[[webhooks]]
name = "ops"
url = "https://hooks.example/x"
secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
output = "all"
"""
DOWN = SendOutcome("answered 500")
NOBODY = SendOutcome("no answer within 20 s", was_answered=False)


@dataclass
class End:
    """An end that takes messages as it is told to, and remembers which it was offered."""

    most: int = 1
    whole: bool = False
    items: int = 100
    outcomes: list[SendOutcome] = field(default_factory=list)
    offered: list[tuple[int, list[int]]] = field(default_factory=list)
    on_send: Callable[[], None] = lambda: None

    @property
    def wanted(self) -> WantedEvents:
        return WantedEvents(frozenset({EventKind.ENTER}), self.items, 100)

    def plan(self, waiting: Waiting) -> Plan:
        if self.whole:
            return plan_all(waiting)
        return plan_one(waiting) if self.most == 1 else plan_batch(waiting, self.most)

    async def send(self, message: Outgoing) -> SendOutcome:
        self.offered.append((message.plan.upto, [one.seq for one in message.plan.events]))
        self.on_send()
        return self.outcomes.pop(0) if self.outcomes else SendOutcome()

    @property
    def upto(self) -> list[int]:
        return [upto for upto, _ in self.offered]


@dataclass
class Delivering:
    """A store with a road, and an engine that delivers on it."""

    stored: Stored
    config: Config
    end: End
    engine: RoadsEngine

    async def news(self, *names: str) -> None:
        await self.stored.poll(FEED, *(new(name) for name in names))
        await self.stored.settle(outputs=choices.selections(self.config).values())

    async def work(self) -> RoadStatus:
        await self.engine.run_once()
        (road,) = await self.stored.store.roads()
        return road

    def again(self) -> RoadsEngine:
        """The engine of a process that comes after this one."""
        self.engine = engine(self.stored, self.config, self.end, self.stored.clock)
        return self.engine


def engine(stored: Stored, config: Config, end: End, clock: Clock) -> RoadsEngine:
    senders: Any = None
    return RoadsEngine(stored.store, clock, lambda: config, senders, make_end=lambda *_: end)


async def delivering(stored: Stored, **fields: Any) -> Delivering:
    config = load_with(Path("a.toml"), {}, lambda _: TEXT.encode())
    now = stored.clock.now()
    facts = choices.feed_facts(config)
    wanted = [WantedFeed(one.key, one.url, now, facts=facts[one.key]) for one in config.feeds]
    await stored.store.sync_feeds(wanted, choices.facts(config))
    selections = choices.selections(config).values()
    await stored.store.sync_logs([one.basis for one in selections if one.basis is not None])
    await stored.store.catch_up(selections)
    await sync_roads(config, stored.store, now)
    end = End(**fields)
    return Delivering(stored, config, end, engine(stored, config, end, stored.clock))


async def test_each_event_is_told_once_and_in_order(stored: Stored) -> None:
    one = await delivering(stored)
    await one.news("a", "b", "c")
    road = await one.work()
    assert one.end.upto == [1, 2, 3]
    assert (road.sent, road.waiting) == (3, 0)
    await one.work()
    assert len(one.end.offered) == 3


async def test_a_failure_holds_what_follows_and_is_tried_again_first(stored: Stored) -> None:
    one = await delivering(stored, outcomes=[SendOutcome(), DOWN])
    await one.news("a", "b", "c")
    road = await one.work()
    assert one.end.upto == [1, 2]
    assert (road.failures, road.error, road.waiting) == (1, "answered 500", 2)
    await one.work()
    assert one.end.upto == [1, 2]  # not yet
    stored.clock.advance(MINUTE)
    road = await one.work()
    assert one.end.upto == [1, 2, 2, 3]
    assert (road.failures, road.error) == (0, None)


async def test_a_batch_is_the_same_when_it_is_sent_again(stored: Stored) -> None:
    one = await delivering(stored, most=10, outcomes=[NOBODY])
    await one.news("a", "b")
    await one.work()
    await one.news("c", "d")
    stored.clock.advance(MINUTE)
    await one.work()
    await one.work()
    assert one.end.offered == [(2, [1, 2]), (2, [1, 2]), (4, [3, 4])]


async def test_killed_between_sending_and_storing_it_is_sent_again_the_same(stored: Stored) -> None:
    one = await delivering(stored, most=10)
    await one.news("a", "b")

    def kill() -> None:
        raise SystemError("killed")

    one.end.on_send = kill
    await one.engine.run_once()
    assert one.end.upto == [2]
    one.end.on_send = lambda: None
    await one.news("c")
    await stored.store.free_leases()
    one.again()
    await one.work()
    await one.work()
    assert one.end.offered == [(2, [1, 2]), (2, [1, 2]), (3, [3])]


async def test_after_days_one_message_is_given_up_and_others_have_their_turn(
    stored: Stored,
) -> None:
    one = await delivering(stored, outcomes=[DOWN, DOWN, DOWN])
    await one.news("a", "b", "c")
    await one.work()
    stored.clock.advance(6 * DAY)
    road = await one.work()
    assert (road.dead_letters, road.waiting) == (1, 2)
    stored.clock.advance(7 * HOUR)
    road = await one.work()
    assert (road.dead_letters, road.waiting) == (2, 1)
    stored.clock.advance(7 * HOUR)
    road = await one.work()  # it works again
    assert (road.dead_letters, road.waiting, road.failures) == (2, 0, 0)
    assert one.end.upto == [1, 1, 2, 3]
    await stored.store.retry("ops", stored.clock.now())
    road = await one.work()
    assert (road.dead_letters, one.end.upto[4:]) == (0, [1, 2])


async def test_dead_letters_wait_again_where_nobody_answers(stored: Stored) -> None:
    one = await delivering(stored, outcomes=[DOWN, DOWN, DOWN])
    await one.news("a", "b")
    for _ in range(3):
        await one.work()
        stored.clock.advance(6 * DAY)
    (first, second) = await stored.store.letters()
    await stored.store.retry("ops", stored.clock.now())
    one.end.outcomes = [NOBODY]
    one.end.offered.clear()
    road = await one.work()
    assert (road.dead_letters, one.end.upto) == (2, [first.upto])
    assert not any(letter.is_wanted for letter in await stored.store.letters())
    assert second.upto == 2


async def test_410_stops_it_until_the_operator_says_so(stored: Stored) -> None:
    one = await delivering(stored, outcomes=[SendOutcome("answered 410", is_gone=True)])
    await one.news("a")
    road = await one.work()
    assert road.disabled == "answered 410"
    stored.clock.advance(9 * DAY)
    await one.work()
    assert one.end.upto == [1]
    await stored.store.retry("ops", stored.clock.now())
    road = await one.work()
    assert (one.end.upto, road.disabled, road.sent) == ([1, 1], None, 1)


async def test_many_at_once_come_in_one_and_are_counted(stored: Stored) -> None:
    one = await delivering(stored, whole=True, items=3)
    await one.news(*(f"n{number}" for number in range(50)))
    road = await one.work()
    assert one.end.offered == [(50, [1, 2, 3])]
    assert (road.sent, road.waiting) == (1, 0)


async def test_what_waits_is_looked_at_when_it_is_time(stored: Stored) -> None:
    one = await delivering(stored)
    later = stored.clock.now() + HOUR
    plan = one.end.plan

    def wait(waiting: Waiting) -> Plan:
        return plan(waiting) if waiting.now >= later else Plan(wait_until=later)

    one.end.plan = wait  # type: ignore[method-assign]
    await one.news("a")
    road = await one.work()
    assert (one.end.offered, road.next_at, road.failures) == ([], later, 0)
    stored.clock.advance(HOUR + timedelta(seconds=1))
    await one.work()
    assert one.end.upto == [1]


async def test_a_slow_receiver_holds_up_no_other(stored: Stored) -> None:
    one = await delivering(stored)
    text = TEXT + TEXT.partition("[[webhooks]]")[1] + TEXT.partition("[[webhooks]]")[2]
    two = text[::-1].replace('"spo"', '"wols"', 1)[::-1]
    config = load_with(Path("a.toml"), {}, lambda _: two.encode())
    await sync_roads(config, stored.store, stored.clock.now())
    ended, slow, quick = asyncio.Event(), End(), End()

    async def hang(message: Outgoing) -> SendOutcome:
        await ended.wait()
        return NOBODY

    slow.send = hang  # type: ignore[method-assign]
    ends = {"ops": quick, "slow": slow}
    senders: Any = None
    engine = RoadsEngine(
        stored.store,
        stored.clock,
        lambda: config,
        senders,
        make_end=lambda _, road, __: ends[road.wanted.key.name],
    )
    await one.news("a", "b", "c")
    working = asyncio.create_task(engine.serve())
    await engine.tick()
    await until(lambda: quick.upto == [1, 2, 3], "the quick one")
    await one.news("d")
    await until_told(engine, quick, 4)
    ended.set()
    await engine.stop()
    await working


async def until_told(engine: RoadsEngine, end: End, upto: int) -> None:
    """Ticks until ``end`` was told the line ``upto``."""
    async with patience():
        while upto not in end.upto:
            await engine.tick()
            await turns()
