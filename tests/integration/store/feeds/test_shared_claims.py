"""Feeds of one host do not hold the places of the others."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import cast

import pytest

from aggregator.engine.in_process import InProcessEngine
from aggregator.flow.pipeline import Pipeline
from aggregator.model import ClaimedFeed, PollOutcome
from aggregator.store.db.migrations import migrate
from aggregator.store.db.tables import feeds
from tests.support.flow import Flow
from tests.support.patience import until
from tests.support.storage import LEASE, MINUTE, NOW, Stored, wanted

BIG = [f"https://big.example/{number}" for number in range(120)]
SMALL = [f"https://s{number}.example/feed" for number in range(6)]


@pytest.fixture
async def stored(stored: Stored) -> Stored:
    first = dict.fromkeys(BIG, NOW - MINUTE) | dict.fromkeys(SMALL, NOW)
    await stored.store.sync_feeds(wanted(first))
    return stored


async def test_a_claim_takes_a_few_of_each_host_longest_overdue_first(stored: Stored) -> None:
    got = await stored.store.claim_due(NOW, LEASE, 40, (), 4)
    assert Counter(one.host for one in got) == Counter(
        {"big.example": 4} | {f"s{number}.example": 1 for number in range(6)}
    )
    assert [one.host for one in got[:4]] == ["big.example"] * 4


async def test_hosts_with_enough_in_hand_are_passed_over(stored: Stored) -> None:
    got = await stored.store.claim_due(NOW, LEASE, 3, ["big.example", "s0.example"], 4)
    assert {one.host for one in got} <= {f"s{number}.example" for number in range(1, 6)}
    assert len(got) == 3


async def test_nothing_is_claimed_twice_and_everything_in_the_end(stored: Stored) -> None:
    claimed: list[int] = []
    while got := await stored.store.claim_due(NOW, LEASE, 50, (), 7):
        assert max(Counter(one.host for one in got).values()) <= 7
        claimed += [one.feed.id for one in got]
    assert len(claimed) == len(set(claimed)) == len(BIG) + len(SMALL)


async def test_without_a_share_the_longest_overdue_are_claimed(stored: Stored) -> None:
    got = await stored.store.claim_due(NOW, LEASE, 50)
    assert {one.host for one in got} == {"big.example"}


async def test_every_feed_has_its_host(stored: Stored) -> None:
    assert {row.host for row in stored.rows(feeds)} == {
        "big.example",
        *(f"s{number}.example" for number in range(6)),
    }


async def test_feeds_of_an_older_database_get_their_hosts(stored: Stored) -> None:
    before = stored.rows(feeds)
    assert migrate(stored.database.engine, "0002")[1] == "0002"
    migrate(stored.database.engine)
    assert [row.host for row in stored.rows(feeds)] == [row.host for row in before]


async def test_a_host_that_does_not_answer_holds_few_places_of_the_engine(stored: Stored) -> None:
    flow = Flow(stored)
    answered = flow.poll

    async def poll(claimed: ClaimedFeed) -> PollOutcome:
        if claimed.host == "big.example":
            flow.polled.append(claimed.feed.key)
            await asyncio.Event().wait()
        return await answered(claimed)

    flow.poll = poll  # type: ignore[method-assign]
    engine = InProcessEngine(cast("Pipeline", flow))
    serving = asyncio.create_task(engine.serve())

    def small_ones_done() -> bool:
        engine.tick()
        return set(SMALL) <= set(flow.polled)

    await until(small_ones_done, "the polls of the others")
    answers, claim = 0, engine.polls._claim

    async def counted(free: int) -> list[ClaimedFeed]:
        nonlocal answers
        got = await claim(free)
        answers += 1
        return got

    engine.polls._claim = counted
    for number in range(1, 6):
        engine.tick()
        await until(lambda: answers >= number, "another claim")  # noqa: B023 - awaited here
    assert len([one for one in engine.polls.running if one.host == "big.example"]) <= 3
    for task in engine.polls._running:
        task.cancel()
    await engine.stop()
    await serving


@pytest.mark.parametrize(("concurrency", "of_one_host"), [(64, 16), (8, 2)])
async def test_one_host_holds_a_sixteenth_of_the_places(
    stored: Stored, concurrency: int, of_one_host: int
) -> None:
    flow = Flow(stored)
    flow.config.settings.fetch.concurrency = concurrency
    flow.hold = asyncio.Event()
    engine = InProcessEngine(cast("Pipeline", flow))

    assert await engine.polls.claim() == of_one_host + len(SMALL)
    in_hand = Counter(one.host for one in engine.polls.running)
    assert in_hand["big.example"] == of_one_host
    assert await engine.polls.claim() == 0  # although feeds of that host are due and places free

    flow.hold.set()
    await engine.polls.stop(60)
