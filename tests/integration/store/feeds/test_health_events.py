"""Health events: with the poll or not at all, once for each change, summed up and dropped."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import delete

from aggregator.errors import LeaseLost
from aggregator.model import Address, HealthEvent, HealthKind, PollResult
from aggregator.store.db.tables import feeds, health_events
from tests.support.storage import DAY, HOUR, Stored

A, B = "https://a.example/feed", "https://b.example/feed"
BROKE, BACK, MOVED = HealthKind.BROKE, HealthKind.BACK, HealthKind.MOVED
DOWN: dict[str, Any] = {
    "result": PollResult.FAILED, "health": (BROKE,), "error": "https://u:p@a.example/feed: down",
    "failures": 3, "parsed": None, "validators": None,
}  # fmt: skip


async def events(stored: Stored) -> list[HealthEvent]:
    return await stored.store.health({A: "The A"}, 100)


async def test_a_change_is_written_once_with_its_poll(stored: Stored) -> None:
    await stored.subscribe(A)
    for _ in range(3):
        await stored.poll(A, **DOWN)
        stored.clock.advance(HOUR)
    for _ in range(2):
        await stored.poll(A, health=(BACK,))
    back, broke = await events(stored)
    assert (broke.kind, broke.failures, broke.error) == (
        BROKE,
        3,
        "https://***@a.example/feed: down",
    )
    assert back.kind is BACK
    assert back.feed is not None
    assert (back.feed.key, back.feed.title) == (A, "The A")
    assert back.uid != broke.uid
    assert not [row for row in stored.rows(health_events) if row.broken]


async def test_a_lost_lease_writes_nothing(stored: Stored) -> None:
    await stored.subscribe(A)
    claimed = await stored.claim_one(A)
    stored.clock.advance(DAY)
    await stored.claim_one(A)
    with pytest.raises(LeaseLost):
        await stored.store.commit_poll(stored.outcome(claimed, **DOWN), claimed.lease)
    assert await events(stored) == []


async def test_a_move_names_both_addresses_without_secrets(stored: Stored) -> None:
    await stored.subscribe("https://a.example/feed?token=0123456789abcdef0123456789abcdef")
    there = "https://u:secret@c.example/feed"
    await stored.poll(stored.row(feeds).key, address=Address(there), health=(MOVED,))
    (moved,) = await events(stored)
    assert "0123456789abcdef" not in moved.former_url
    assert moved.former_url.startswith("https://a.example/feed")
    assert moved.url == "https://***@c.example/feed"


async def test_of_very_many_most_are_left_to_the_summary(stored: Stored) -> None:
    urls = [f"https://{number}.example/feed" for number in range(25)]
    await stored.subscribe(*urls)
    for claimed in await stored.claim():
        await stored.store.commit_poll(stored.outcome(claimed, **DOWN), claimed.lease)
    assert len(await events(stored)) == 20
    stored.clock.advance(DAY)
    now = stored.clock.now()
    assert await stored.store.sum_up_health(now, lambda *_: date(2026, 11, 3))
    summary = (await events(stored))[0]
    assert (summary.kind, summary.day, summary.at) == (HealthKind.SUMMARY, "2026-11-03", now)
    assert len(summary.covers) == len(summary.broken) == 25
    for key in urls:
        await stored.poll(key, health=(BACK,))
    assert len(await events(stored)) == 41  # what was not told to be broken does not come back


async def test_events_are_summed_up_once(stored: Stored) -> None:
    await stored.subscribe(A, B)
    asked: list[tuple[object, str]] = []

    def day_of(first: object, last: str) -> date | None:
        asked.append((first, last))
        return None if first is None else date(2026, 11, 2) + timedelta(days=len(asked))

    assert not await stored.store.sum_up_health(stored.clock.now(), day_of)
    began = stored.clock.now()
    await stored.poll(A, **DOWN)
    assert await stored.store.sum_up_health(stored.clock.now(), day_of)
    assert not await stored.store.sum_up_health(stored.clock.now(), day_of)
    stored.clock.advance(HOUR)
    await stored.poll(A, health=(BACK,))
    assert await stored.store.sum_up_health(stored.clock.now(), day_of)
    assert asked == [(None, ""), (began, ""), (None, "2026-11-04"), (began + HOUR, "2026-11-04")]
    second, back, first, broke = await events(stored)
    assert [one.uid for one in first.covers] == [broke.uid]
    assert [one.uid for one in second.covers] == [back.uid]
    assert [one.key for one in first.broken] == [A]
    assert second.broken == ()


async def test_old_events_go_but_not_that_which_says_what_is_broken(stored: Stored) -> None:
    await stored.subscribe(A, B)
    await stored.poll(A, **DOWN)
    await stored.poll(B, **DOWN)
    await stored.poll(B, health=(BACK,))
    stored.clock.advance(100 * DAY)
    await stored.store.drop_health(stored.clock.now(), timedelta(0))
    assert len(await events(stored)) == 3
    await stored.store.drop_health(stored.clock.now(), 90 * DAY)
    (left,) = await events(stored)
    assert (left.kind, left.feed.key if left.feed else "") == (BROKE, A)
    await stored.poll(A, **{**DOWN, "failures": 9})  # it is broken still, and does not break anew
    assert len(await events(stored)) == 1


async def test_what_is_found_out_to_be_secret_is_masked(stored: Stored) -> None:
    await stored.subscribe(A)
    await stored.poll(A, **{**DOWN, "error": "the word is swordfish"})
    await stored.store.mask_errors(lambda text: text.replace("swordfish", "***"))
    assert [one.error for one in await events(stored)] == ["the word is ***"]


async def test_events_go_with_their_feed(stored: Stored) -> None:
    await stored.subscribe(A)
    await stored.poll(A, **DOWN)
    await stored.store.sum_up_health(stored.clock.now(), lambda *_: date(2026, 11, 3))
    with stored.database.engine.execution_options(writes=True).begin() as connection:
        connection.execute(delete(feeds))
    (summary,) = await events(stored)
    assert (summary.covers, summary.broken) == ((), ())
