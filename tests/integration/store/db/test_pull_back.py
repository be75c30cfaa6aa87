"""Plans of a clock that was ahead, on both databases."""

from __future__ import annotations

from aggregator.store.db.tables import articles, entries, feeds
from tests.support.storage import DAY, HOUR, LEASE, MINUTE, NOW, Stored, new

A, B, C = (f"https://{name}.example/feed" for name in "abc")
PAGE = "https://a.example/1"


async def ahead(stored: Stored) -> None:
    """A feed polled at noon, the others by a clock that was a day ahead."""
    await stored.subscribe(A, B)
    await stored.poll(A, next_poll=NOW + 3 * HOUR)
    stored.clock.advance(DAY)
    await stored.poll(B, new("waits", PAGE), next_poll=NOW + DAY + HOUR)
    await stored.subscribe(A, B, C)
    stored.clock.advance(-DAY)


async def test_what_was_planned_by_a_clock_ahead_comes_as_much_earlier(stored: Stored) -> None:
    await ahead(stored)
    assert await stored.store.pull_back(NOW, DAY) == 2
    rows = {row.key: row for row in stored.rows(feeds)}
    assert [rows[key].next_poll_at for key in (A, B, C)] == [NOW + 3 * HOUR, NOW + HOUR, NOW]
    assert rows[B].last_poll_at == rows[B].last_success_at == rows[C].added_at == NOW
    assert stored.row(articles).next_attempt_at == NOW
    assert stored.row(entries).state_since == NOW
    assert [one.feed.key for one in await stored.claim()] == [C]
    assert len(await stored.pages()) == 1


async def test_doing_it_twice_changes_nothing(stored: Stored) -> None:
    await ahead(stored)
    await stored.store.pull_back(NOW, DAY)
    before = stored.rows(feeds)
    assert await stored.store.pull_back(NOW, DAY) == 0
    assert await stored.store.pull_back(NOW) == 0
    assert stored.rows(feeds) == before


async def test_a_start_sees_by_itself_how_far_the_clock_was_ahead(stored: Stored) -> None:
    await stored.subscribe(A)
    await stored.poll(A, next_poll=NOW + HOUR)
    assert await stored.store.pull_back(NOW - MINUTE) == 0  # two machines' clocks
    assert await stored.store.pull_back(NOW - DAY) == 1
    assert stored.row(feeds).next_poll_at == NOW - DAY + HOUR


async def test_a_lease_of_a_dead_process_ends_as_soon_as_it_would_have(stored: Stored) -> None:
    await stored.subscribe(A)
    await stored.claim()
    early = NOW - DAY
    await stored.store.pull_back(early, DAY)
    assert stored.row(feeds).lease_until == early + LEASE
