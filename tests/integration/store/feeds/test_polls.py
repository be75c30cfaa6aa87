"""A poll is one transaction: what it writes, and that a failure in its middle writes nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Table, update

from aggregator.errors import StoreError
from aggregator.model import AskedPoll, ParsedFeed, PollResult, UpdateHints, Validators
from aggregator.store.db.tables import articles, entries, entry_texts, feeds
from aggregator.store.feeds import entries as entry_rows
from aggregator.store.feeds.feeds import WantedFeed, all_feeds
from aggregator.store.feeds.packed_times import RECENT_TIMES
from tests.support.storage import DAY, HOUR, LEASE, MINUTE, NOW, Stored, new, wanted

A, B = "https://a.example/feed", "https://b.example/feed"
TABLES: tuple[Table, ...] = (feeds, entries, entry_texts, articles)


async def test_everything_that_a_poll_learnt_is_there_at_the_next_claim(stored: Stored) -> None:
    await stored.subscribe(A)
    hints = UpdateHints(timedelta(minutes=90), frozenset({0, 23}), frozenset({5, 6}))
    parsed = ParsedFeed(title="Über", site_url="https://a.example/", language="de", hints=hints)
    validators = Validators(A, 'W/"é"', "Mon, 02 Nov 2026 11:00:00 GMT")
    published = datetime(2026, 11, 1, 8, 30, tzinfo=UTC)
    await stored.poll(
        A,
        new("undated"),
        new("dated", published=published),
        parsed=parsed,
        validators=validators,
        body_hash="abc",
    )
    claimed = await stored.claim_one(A)
    feed = claimed.feed
    assert (feed.title, feed.site_url, feed.hints) == ("Über", "https://a.example/", hints)
    assert (feed.validators, feed.body_hash, feed.next_poll) == (validators, "abc", NOW + HOUR)
    assert claimed.recent == (NOW.timestamp(), published.timestamp())


async def test_a_poll_without_news_keeps_what_it_does_not_mention(stored: Stored) -> None:
    await stored.subscribe(A)
    await stored.poll(A, body_hash="abc")
    before = (await stored.claim_one(A)).feed
    await stored.store.free_leases()
    nothing: dict[str, Any] = {"parsed": None, "validators": None, "body_hash": None}
    await stored.poll(A, result=PollResult.NOT_MODIFIED, **nothing)
    after = (await stored.claim_one(A)).feed
    assert (after.title, after.validators, after.body_hash) == (
        before.title,
        before.validators,
        "abc",
    )
    assert after.polls == 2


async def test_a_failed_poll_is_no_success_and_a_gone_feed_is_not_due(stored: Stored) -> None:
    await stored.subscribe(A)
    await stored.poll(A)
    stored.clock.advance(HOUR)
    nothing: dict[str, Any] = {"parsed": None, "validators": None}
    await stored.poll(A, result=PollResult.FAILED, failures=1, error="no route", **nothing)
    feed = (await stored.claim_one(A)).feed
    assert (feed.failures, feed.last_error, feed.last_success) == (1, "no route", NOW)
    assert feed.validators is not None
    await stored.store.free_leases()
    await stored.poll(A, result=PollResult.GONE, failures=2, error="410", **nothing)
    stored.clock.advance(365 * DAY)
    assert await stored.claim() == []
    await stored.store.make_due(stored.clock.now())
    await stored.poll(A)  # asked for by hand, it answers again
    stored.clock.advance(HOUR)
    assert [one.feed.failures for one in await stored.claim()] == [0]


async def test_only_the_newest_publication_times_are_kept(stored: Stored) -> None:
    await stored.subscribe(A)
    times = [NOW + HOUR - i * MINUTE for i in range(RECENT_TIMES + 10)]
    await stored.poll(A, *(new(str(i), published=t) for i, t in enumerate(times[60:])))
    stored.clock.advance(HOUR)
    await stored.poll(A, *(new(f"late {i}", published=t) for i, t in enumerate(times[:60])))
    assert (await stored.claim_one(A)).recent == tuple(
        when.timestamp() for when in times[:RECENT_TIMES]
    )


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_a_failure_in_the_middle_leaves_everything_untouched(
    stored: Stored, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    await stored.subscribe(A)
    await stored.poll(A, new("old", "https://a.example/0"))
    stored.clock.advance(HOUR)
    (claimed,) = await stored.claim()
    before = [stored.rows(table) for table in TABLES]
    original = entry_rows.apply_delta

    def failing(*args: Any) -> list[int]:
        if moment == "after":
            original(*args)
        raise RuntimeError("pulled the plug")

    monkeypatch.setattr(entry_rows, "apply_delta", failing)
    outcome = stored.outcome(claimed, new("new", "https://a.example/1"), body_hash="new")
    with pytest.raises(RuntimeError, match="plug"):
        await stored.store.commit_poll(outcome, claimed.lease)
    assert [stored.rows(table) for table in TABLES] == before
    monkeypatch.undo()
    assert len(await stored.store.commit_poll(outcome, claimed.lease)) == 1


async def test_a_refused_entry_takes_the_whole_poll_with_it(stored: Stored) -> None:
    await stored.subscribe(A)
    await stored.poll(A, new("one"))
    before = [stored.rows(table) for table in TABLES]
    with pytest.raises(StoreError, match="refused") as caught:
        await stored.poll(A, new("two"), new("one"), body_hash="new")  # known: violates a key
    assert "\n" not in str(caught.value)
    await stored.store.free_leases()
    assert [stored.rows(table) for table in TABLES[1:]] == before[1:]
    (feed,) = (await stored.claim_one(A),)
    assert (feed.feed.polls, feed.feed.body_hash) == (1, None)


async def test_a_paused_feed_is_not_polled_and_keeps_all_it_has(stored: Stored) -> None:
    now = stored.clock.now()
    paused = [WantedFeed(A, A, now, paused=True), WantedFeed(B, B, now)]
    await stored.subscribe(A, B)
    await stored.poll(A, new("one"), result=PollResult.FAILED, failures=3, error="HTTP status 500")
    changes = await stored.store.sync_feeds(paused)
    assert (changes.paused, changes.continued, changes.stopped) == ((A,), (), ())
    asked = await stored.store.ask_for_polls([A, B, "https://no/"], now, timedelta(hours=1))
    assert asked == {
        A: AskedPoll.PAUSED,
        B: AskedPoll.SOON,
        "https://no/": AskedPoll.UNKNOWN,
    }
    stored.clock.advance(2 * DAY)
    await stored.store.make_due(stored.clock.now())
    assert [one.feed.key for one in await stored.claim()] == [B]
    asked = await stored.store.ask_for_polls([B], stored.clock.now(), timedelta(0))
    assert asked == {B: AskedPoll.UNDER_WAY}
    (row,) = (row for row in stored.rows(feeds) if row.key == A)
    assert await stored.store.claim_feed(row.id, stored.clock.now(), LEASE) is None
    assert await stored.store.claim_probe(stored.clock.now(), LEASE) == []
    status = await stored.store.status({}, {})
    assert (status.paused, status.in_trouble, status.total) == (1, 0, 2)
    (shown,) = (one for one in status.feeds if one.key == A)
    assert (shown.paused, shown.next_poll, shown.entries) == (True, None, 1)

    changes = await stored.store.sync_feeds(wanted({A: stored.clock.now(), B: now}))
    assert (changes.paused, changes.continued) == ((), (A,))
    assert [one.feed.key for one in await stored.claim()] == [A]


async def test_an_asked_poll_comes_before_all_that_are_due(stored: Stored) -> None:
    keys = [f"https://{n}.example/" for n in range(5)]
    await stored.subscribe(*keys)
    await stored.store.ask_for_polls([keys[3]], stored.clock.now(), timedelta(hours=1))
    (first,) = await stored.store.claim_due(stored.clock.now(), LEASE, 1)
    assert first.feed.key == keys[3]


async def test_a_changed_configuration_says_what_it_changed(stored: Stored) -> None:
    first = await stored.store.sync_feeds(wanted({A: NOW, B: NOW}))
    assert (first.added, first.resumed, first.stopped) == ((A, B), (), ())
    again = await stored.store.sync_feeds(wanted({A: NOW, B: NOW}))
    assert (again.added, again.resumed, again.stopped) == ((), (), ())
    fewer = await stored.store.sync_feeds(wanted({B: NOW}))
    assert fewer.stopped == (A,)
    assert [one.feed.key for one in await stored.claim()] == [B]
    with stored.database.engine.connect() as connection:
        assert [feed.key for feed in all_feeds(connection)] == [B]
        assert [feed.key for feed in all_feeds(connection, [A])] == []


async def test_a_feed_that_comes_back_keeps_what_is_known_and_is_due(stored: Stored) -> None:
    await stored.subscribe(A)
    await stored.poll(A, new("one"), result=PollResult.GONE, next_poll=NOW + 7 * DAY)
    await stored.subscribe()
    assert (await stored.store.sync_feeds(wanted({A: NOW + MINUTE}))).resumed == (A,)
    stored.clock.advance(MINUTE)
    (back,) = await stored.claim()
    assert back.feed.validators is not None
    assert [k.identity for k in await stored.store.known_entries(back.feed.id, [])] == ["one"]


async def test_rescheduling_only_brings_polls_forward(stored: Stored) -> None:
    await stored.store.sync_feeds(wanted({A: NOW + HOUR, B: NOW + MINUTE}))
    await stored.store.reschedule({A: NOW + MINUTE, B: NOW + HOUR, "https://unknown.example/": NOW})
    assert [row.next_poll_at for row in stored.rows(feeds)] == [NOW + MINUTE, NOW + MINUTE]


async def test_the_version_moves_when_a_shown_feed_is_renamed(stored: Stored) -> None:
    await stored.subscribe(A)
    version = await stored.store.version()

    async def poll(title: str) -> int:
        nonlocal version
        await stored.poll(A, parsed=ParsedFeed(title=title))
        before, version = version, await stored.store.version()
        return version - before

    assert await poll("First") == 0  # nothing of it was shown yet
    assert await poll("First") == 0
    assert await poll("Second") == 1
    with stored.database.engine.begin() as connection:
        connection.execute(update(feeds).values(last_success_at=None))
    assert await poll("Third") == 0
