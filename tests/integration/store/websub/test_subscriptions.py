"""Subscriptions in both databases: wanted, asked for, confirmed, denied, ended."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from aggregator.model import ParsedFeed, PollResult, Subscription, SubscriptionState
from aggregator.store.db.tables import feeds, subscriptions
from aggregator.store.feeds.feeds import WantedFeed
from aggregator.store.websub.store import SqlSubscriptions
from tests.support.storage import DAY, HOUR, LEASE, MINUTE, NOW, Stored, new

A, B = "https://a.example/feed", "https://b.example/feed"
HUB = "https://hub.example/"
BASE = "https://me.example"


@pytest.fixture
def push(stored: Stored) -> SqlSubscriptions:
    return SqlSubscriptions(stored.database)


def later(failures: int) -> datetime:
    return NOW + failures * HOUR


async def names_hub(
    stored: Stored, key: str, hub: str | None = HUB, topic: str | None = ""
) -> None:
    """A poll of ``key`` finds this hub and topic."""
    parsed = ParsedFeed("F", hub_url=hub, self_url=key if topic == "" else topic)
    await stored.poll(key, parsed=parsed)


async def asked(stored: Stored, push: SqlSubscriptions, key: str = A) -> Subscription:
    """The feed ``key`` with a subscription that was asked for."""
    await stored.subscribe(key)
    await names_hub(stored, key)
    await push.reconcile(BASE, NOW)
    (one,) = await push.claim_requests(NOW, 10, later)
    return one


async def active(stored: Stored, push: SqlSubscriptions) -> Subscription:
    one = await asked(stored, push)
    await push.confirm(one, NOW, NOW + 10 * DAY, NOW + 8 * DAY)
    again = await push.by_token(one.token)
    assert again is not None
    return again


def feed(stored: Stored, key: str = A) -> Any:
    return stored.row(feeds, feeds.c.key == key)


async def test_feeds_that_name_hub_and_topic_get_one(
    stored: Stored, push: SqlSubscriptions
) -> None:
    keys = [A, B, "https://c.example/", "https://d.example/"]
    await stored.subscribe(*keys)
    await names_hub(stored, A)
    await names_hub(stored, B)
    await names_hub(stored, keys[2], hub=None)
    await names_hub(stored, keys[3], topic=None)
    assert await push.reconcile(None, NOW) == (0, 0)
    assert await push.reconcile(BASE, NOW) == (2, 0)
    assert await push.reconcile(BASE, NOW) == (0, 0)
    rows = stored.rows(subscriptions)
    assert [(row.hub, row.topic, row.base, row.state) for row in rows] == [
        (HUB, A, BASE, "pending"),
        (HUB, B, BASE, "pending"),
    ]
    unguessable = [row.token for row in rows] + [row.secret for row in rows]
    assert len(set(unguessable)) == 4
    assert all(40 < len(text) < 200 for text in unguessable)


async def test_a_claim_counts_as_asked_until_it_is_confirmed(
    stored: Stored, push: SqlSubscriptions
) -> None:
    one = await asked(stored, push)
    assert (one.state, one.failures, one.requested_at) == (SubscriptionState.PENDING, 1, NOW)
    assert await push.claim_requests(NOW + 59 * MINUTE, 10, later) == []
    (again,) = await push.claim_requests(NOW + HOUR, 10, later)
    assert (again.id, again.failures) == (one.id, 2)
    await push.request_failed(one, "late news of the first")
    assert "late news" not in stored.row(subscriptions).error
    await push.request_failed(again, "refused")
    assert stored.row(subscriptions).error == "refused"

    await push.confirm(again, NOW + HOUR, NOW + 10 * DAY, NOW + 8 * DAY)
    row = stored.row(subscriptions)
    assert (row.state, row.failures, row.error, row.next_at) == ("active", 0, None, NOW + 8 * DAY)
    await push.request_failed(again, "the answer to a request that was confirmed before")
    assert stored.row(subscriptions).error is None


async def test_a_confirmed_feed_is_due_once_then_pushed(
    stored: Stored, push: SqlSubscriptions
) -> None:
    one = await asked(stored, push)
    assert feed(stored).next_poll_at == NOW + HOUR
    await push.confirm(one, NOW, NOW + 10 * DAY, NOW + 8 * DAY)
    assert (feed(stored).next_poll_at, feed(stored).pushed_until) == (NOW, NOW + 10 * DAY)
    (claimed,) = await stored.claim()
    assert claimed.feed.pushed_until == NOW + 10 * DAY

    await stored.store.release(claimed.feed.id, claimed.lease)
    await stored.poll(A)
    (renewal,) = await push.claim_requests(NOW + 8 * DAY, 10, later)
    assert renewal.state is SubscriptionState.ACTIVE
    await push.confirm(renewal, NOW + 8 * DAY, NOW + 18 * DAY, NOW + 16 * DAY)
    assert (feed(stored).next_poll_at, feed(stored).pushed_until) == (NOW + HOUR, NOW + 18 * DAY)


async def test_a_denial_takes_the_feed_back_to_polls(
    stored: Stored, push: SqlSubscriptions
) -> None:
    one = await active(stored, push)
    await stored.poll(A, next_poll=NOW + DAY)
    await push.deny(one, "closed", NOW + 7 * DAY, NOW + MINUTE)
    assert (feed(stored).pushed_until, feed(stored).next_poll_at) == (None, NOW + MINUTE)
    row = stored.row(subscriptions)
    assert (row.state, row.lease_until) == ("denied", None)
    assert row.error == "denied by the hub: closed"
    assert await push.claim_requests(NOW + 6 * DAY, 10, later) == []
    (again,) = await push.claim_requests(NOW + 7 * DAY, 10, later)
    assert again.state is SubscriptionState.PENDING


@pytest.mark.parametrize("change", ["feed left", "hub", "topic", "no hub", "base", "off", "gone"])
async def test_what_is_no_longer_wanted_ends(
    stored: Stored, push: SqlSubscriptions, change: str
) -> None:
    before = await active(stored, push)
    await stored.poll(A, parsed=None, next_poll=NOW + DAY)
    base: str | None = BASE
    if change == "feed left":
        await stored.subscribe(B)
    elif change == "gone":
        await stored.poll(A, result=PollResult.GONE, parsed=None, next_poll=NOW + DAY)
    elif change in {"base", "off"}:
        base = "https://new.example" if change == "base" else None
    else:
        hub = {"hub": "https://other.example/", "no hub": None}.get(change, HUB)
        topic = A + "?new" if change == "topic" else A
        parsed = ParsedFeed("F", hub_url=hub, self_url=topic)
        await stored.poll(A, parsed=parsed, next_poll=NOW + DAY)
    renewed = change in {"hub", "topic", "base"}
    assert await push.reconcile(base, NOW) == (int(renewed), 1)
    assert await push.reconcile(base, NOW) == (0, 0)
    assert (feed(stored).pushed_until, feed(stored).next_poll_at) == (None, NOW)
    ending, *others = await push.claim_requests(NOW, 10, later)
    assert (ending.token, ending.state) == (before.token, SubscriptionState.ENDING)
    assert [one.state for one in others] == [SubscriptionState.PENDING] * renewed
    assert before.token not in {one.token for one in others}
    await push.drop(ending)
    assert await push.by_token(before.token) is None


async def test_hubs_deliver_nothing_of_a_paused_feed(
    stored: Stored, push: SqlSubscriptions
) -> None:
    one = await active(stored, push)
    await stored.store.sync_feeds([WantedFeed(A, A, NOW, paused=True)])
    assert await push.reconcile(BASE, NOW) == (0, 1)
    assert stored.row(subscriptions).state == SubscriptionState.ENDING
    assert await stored.store.claim_feed(one.feed_id, NOW, LEASE) is None
    await stored.store.sync_feeds([WantedFeed(A, A, NOW)])
    assert (await push.reconcile(BASE, NOW))[0] == 1


async def test_what_was_never_asked_for_just_goes(stored: Stored, push: SqlSubscriptions) -> None:
    await stored.subscribe(A)
    await names_hub(stored, A)
    await push.reconcile(BASE, NOW)
    assert await push.reconcile(None, NOW) == (0, 1)
    assert stored.rows(subscriptions) == []


async def test_what_was_to_end_is_wanted_again(stored: Stored, push: SqlSubscriptions) -> None:
    one = await active(stored, push)
    await push.reconcile(None, NOW)
    await push.confirm(one, NOW, NOW + DAY, NOW + HOUR)  # the hub's answer to what is over
    assert feed(stored).pushed_until is None
    assert await push.reconcile(BASE, NOW) == (1, 0)
    await push.drop(one)  # an answer to the request to end it, that came late
    (again,) = await push.claim_requests(NOW, 10, later)
    assert (again.token, again.state) == (one.token, SubscriptionState.PENDING)


async def test_a_stopped_feeds_subscription_goes_with_it(
    stored: Stored, push: SqlSubscriptions
) -> None:
    await active(stored, push)
    with stored.database.engine.begin() as connection:
        connection.execute(feeds.delete())
    assert stored.rows(subscriptions) == []


async def test_polls_are_brought_forward_never_put_off(
    stored: Stored, push: SqlSubscriptions
) -> None:
    one = await active(stored, push)
    await stored.poll(A, next_poll=NOW + DAY)
    assert await push.poll_by(one.feed_id, NOW + HOUR) == NOW + DAY
    assert await push.poll_by(one.feed_id, NOW + 2 * HOUR) == NOW + HOUR
    assert feed(stored).next_poll_at == NOW + HOUR
    assert await push.poll_by(10_000, NOW) == NOW


async def test_after_a_pause_pushed_feeds_are_polled_spread_out(
    stored: Stored, push: SqlSubscriptions
) -> None:
    await active(stored, push)
    await stored.poll(A, next_poll=NOW + DAY)
    await stored.subscribe(A, B)
    await stored.poll(B, next_poll=NOW + DAY)
    assert await push.catch_up(NOW, timedelta()) == 1
    assert feed(stored).next_poll_at == NOW
    assert feed(stored, B).next_poll_at == NOW + DAY
    assert await push.catch_up(NOW + 20 * DAY, timedelta()) == 0  # the lease is over


# ── a claimed feed, and what a push writes ───────────────────────────────────────────────────


async def test_a_feed_is_claimed_by_one_at_a_time(stored: Stored) -> None:
    await stored.subscribe(A)
    await stored.poll(A, next_poll=NOW + DAY)
    feed_id = feed(stored).id
    mine = await stored.store.claim_feed(feed_id, NOW, LEASE)
    assert mine is not None
    assert mine.lease.until == NOW + LEASE
    assert await stored.store.claim_feed(feed_id, NOW, LEASE) is None
    await stored.store.release(feed_id, mine.lease)
    again = await stored.store.claim_feed(feed_id, NOW, LEASE)
    assert again is not None
    assert again.lease.token > mine.lease.token
    await stored.subscribe()
    assert await stored.store.claim_feed(feed_id, NOW + 2 * LEASE, LEASE) is None


async def test_a_push_adds_entries_and_leaves_the_rest_as_polls_left_it(stored: Stored) -> None:
    await stored.subscribe(A)
    await stored.poll(A, new("one"), body_hash="h")
    await stored.poll(
        A,
        result=PollResult.FAILED,
        error="HTTP status 500",
        failures=3,
        parsed=None,
        validators=None,
    )
    before = feed(stored)
    stored.clock.advance(HOUR)
    claimed = await stored.claim_one(A)
    outcome = stored.outcome(
        claimed, new("two"), result=PollResult.PUSHED, parsed=None, validators=None,
        next_poll=NOW + DAY,
    )  # fmt: skip
    (added,) = await stored.store.commit_poll(outcome, claimed.lease)
    after = feed(stored)
    kept = ("failures", "last_error", "etag", "body_hash", "polls", "last_poll_at", "last_result")
    assert [getattr(after, name) for name in kept] == [getattr(before, name) for name in kept]
    assert (after.next_poll_at, after.last_success_at) == (NOW + DAY, NOW + HOUR)
    assert after.lease_until is None
    known = await stored.store.known_entries(after.id, ["one", "two"])
    assert {(one.identity, one.listed) for one in known} == {("one", True), ("two", True)}
    assert added
