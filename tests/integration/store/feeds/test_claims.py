"""Leases on feeds: one worker at a time, and what a lost lease means."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from aggregator.errors import LeaseLost
from aggregator.model import ClaimedFeed, Lease, PollResult
from aggregator.store.db.database import open_engine
from aggregator.store.db.tables import articles, entries, entry_texts, feeds
from aggregator.store.feeds import claims as claim_rows
from tests.support.storage import HOUR, LEASE, MINUTE, NOW, Stored, new, stored_at, wanted

A, B = "https://a.example/feed", "https://b.example/feed"
SECOND = timedelta(seconds=1)


def keys(claimed: list[ClaimedFeed]) -> list[str]:
    return [one.feed.key for one in claimed]


async def test_due_feeds_come_longest_overdue_first_and_once(stored: Stored) -> None:
    due = {f"https://{i}.example/": NOW - i * MINUTE for i in range(1, 6)}
    await stored.store.sync_feeds(wanted({**due, "https://later.example/": NOW + SECOND}))
    first = await stored.claim(limit=3)
    assert keys(first) == ["https://5.example/", "https://4.example/", "https://3.example/"]
    assert keys(await stored.claim()) == ["https://2.example/", "https://1.example/"]
    assert await stored.claim() == []


async def test_a_lease_says_until_when_and_grows_its_token(stored: Stored) -> None:
    await stored.subscribe(A)
    (first,) = await stored.claim()
    assert first.lease.until == NOW + LEASE
    stored.clock.advance(LEASE - timedelta(microseconds=1))
    assert await stored.claim() == []
    stored.clock.advance(timedelta(microseconds=1))
    (second,) = await stored.claim()
    assert second.lease.token > first.lease.token


@pytest.mark.parametrize("per_host", [None, 1])
async def test_nobody_takes_from_itself_what_it_still_works_on(
    stored: Stored, per_host: int | None
) -> None:
    await stored.subscribe(A, B)
    in_hand = [one.feed.id for one in await stored.claim() if one.feed.key == A]
    later = stored.clock.advance(2 * LEASE)  # the renewal was late
    taken = await stored.store.claim_due(later, LEASE, 10, (), per_host, in_hand)
    assert keys(taken) == [B]


async def test_a_result_under_a_lost_lease_writes_nothing(stored: Stored) -> None:
    await stored.subscribe(A)
    (late,) = await stored.claim()
    stored.clock.advance(LEASE)
    (current,) = await stored.claim()
    before = stored.rows(feeds)
    outcome = stored.outcome(late, new("one", "https://a.example/1"))
    with pytest.raises(LeaseLost):
        await stored.store.commit_poll(outcome, late.lease)
    assert stored.rows(feeds) == before
    assert [stored.count(table) for table in (entries, entry_texts, articles)] == [0, 0, 0]
    assert await stored.store.commit_poll(outcome, current.lease) != []


async def test_a_slow_result_counts_while_nobody_took_the_work_over(stored: Stored) -> None:
    await stored.subscribe(A)
    (slow,) = await stored.claim()
    stored.clock.advance(2 * LEASE)
    assert len(await stored.store.commit_poll(stored.outcome(slow, new("one")), slow.lease)) == 1


async def test_a_commit_ends_the_lease_and_sets_the_next_poll(stored: Stored) -> None:
    await stored.subscribe(A)
    await stored.poll(A)
    assert await stored.claim() == []
    stored.clock.advance(HOUR)
    (again,) = await stored.claim()
    assert (again.feed.polls, again.feed.last_poll, again.feed.last_success) == (1, NOW, NOW)


async def test_a_released_feed_is_due_at_once_but_not_by_an_old_token(stored: Stored) -> None:
    await stored.subscribe(A)
    (first,) = await stored.claim()
    await stored.store.release(first.feed.id, Lease(first.lease.token - 1, first.lease.until))
    assert await stored.claim() == []
    await stored.store.release(first.feed.id, first.lease)
    (second,) = await stored.claim()
    await stored.store.release(first.feed.id, first.lease)  # lost: ignored
    assert await stored.claim() == []
    assert second.feed == first.feed


async def test_every_active_feed_can_be_made_due(stored: Stored) -> None:
    stopped = "https://stopped.example/feed"
    await stored.subscribe(A, B, stopped)
    await stored.poll(A)
    await stored.poll(B, result=PollResult.GONE)
    await stored.subscribe(A, B)
    assert await stored.claim() == []
    await stored.store.make_due(NOW)
    assert sorted(keys(await stored.claim())) == [A, B]


async def test_a_renewed_lease_lasts_unless_it_is_lost(stored: Stored) -> None:
    await stored.subscribe(A, B)
    await stored.poll(A, new("one", "https://a.example/1"))
    feed, pages = await stored.claim(), await stored.pages()
    until = stored.clock.advance(LEASE) + LEASE
    await stored.store.renew(feed, until)
    await stored.store.renew_articles(pages, until)
    assert (await stored.claim(), await stored.pages()) == ([], [])
    stored.clock.advance(LEASE)
    again, pages_again = await stored.claim(), await stored.pages()
    await stored.store.renew(feed, stored.clock.now() + HOUR)
    await stored.store.renew_articles(pages, stored.clock.now() + HOUR)
    stored.clock.advance(LEASE)
    assert len(await stored.pages()) == len(pages_again) == 1
    (taken,) = await stored.claim()
    await stored.store.release(taken.feed.id, taken.lease)
    await stored.store.renew([taken], stored.clock.now() + HOUR)  # given back: stays free
    assert len(await stored.claim()) == len(again) == 1


async def test_a_postponed_poll_counts_as_none(stored: Stored) -> None:
    await stored.subscribe(A)
    before = stored.row(feeds)
    (claimed,) = await stored.claim()
    nothing = {"parsed": None, "validators": None, "result": PollResult.POSTPONED}
    outcome = stored.outcome(claimed, **nothing)
    await stored.store.commit_poll(outcome, claimed.lease)
    changed = {"lease_token", "lease_until", "next_poll_at"}
    after = stored.row(feeds)
    for name in set(before._fields) - changed:
        assert getattr(after, name) == getattr(before, name), name
    assert (after.next_poll_at, after.lease_until) == (NOW + HOUR, None)


async def test_freeing_leases_is_for_feeds_and_pages(stored: Stored) -> None:
    await stored.subscribe(A, B)
    await stored.poll(A, new("one", "https://a.example/1"))
    assert len(await stored.claim()) == len(await stored.pages()) == 1
    assert (await stored.claim(), await stored.pages()) == ([], [])
    await stored.store.free_leases()
    assert len(await stored.claim()) == len(await stored.pages()) == 1


async def test_concurrent_claims_in_threads_never_share_a_feed(
    stored: Stored, database_url: str
) -> None:
    names = [f"https://{i}.example/" for i in range(60)]
    await stored.subscribe(*names)

    def claim_some() -> list[str]:
        engine = open_engine(database_url)  # one each, like processes
        got: list[str] = []
        try:
            for _ in range(4):
                with engine.execution_options(writes=True).begin() as connection:
                    got += keys(claim_rows.claim_due(connection, NOW, LEASE, 5))
        finally:
            engine.dispose()
        return got

    with ThreadPoolExecutor(4) as pool:
        loop = asyncio.get_running_loop()
        claims = await asyncio.gather(*(loop.run_in_executor(pool, claim_some) for _ in range(4)))
    claimed = [key for one in claims for key in one]
    assert len(claimed) == len(set(claimed))
    claimed += keys(await stored.claim())  # what skipped locks left
    assert sorted(claimed) == sorted(names)


_CLAIMING = """
import json, sys
from datetime import datetime
from aggregator.store.db.database import open_engine
from aggregator.store.feeds.claims import claim_due
from tests.support.storage import LEASE
engine = open_engine(sys.argv[1])
sys.stdin.readline()
got = []
for _ in range(10):
    with engine.execution_options(writes=True).begin() as connection:
        got += claim_due(connection, datetime.fromisoformat(sys.argv[2]), LEASE, 3)
print(json.dumps([one.feed.key for one in got]))
"""


async def test_concurrent_claims_in_processes_never_share_a_feed(postgres_url: str) -> None:
    names = [f"https://{i}.example/" for i in range(40)]
    with stored_at(postgres_url) as stored:
        await stored.subscribe(*names)
        claimed = await asyncio.to_thread(claim_in_processes, postgres_url)
        assert len(claimed) == len(set(claimed))
        claimed += keys(await stored.claim())
        assert sorted(claimed) == sorted(names)


def claim_in_processes(database_url: str) -> list[str]:
    claimers = [
        subprocess.Popen(
            [sys.executable, "-c", _CLAIMING, database_url, NOW.isoformat()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for claimer in claimers:
        assert claimer.stdin is not None
        claimer.stdin.write("\n")
        claimer.stdin.flush()
    claims = [json.loads(claimer.communicate()[0]) for claimer in claimers]
    return [key for one in claims for key in one]
