"""Feeds listed a page at a time, and totals that nobody has to count."""

from __future__ import annotations

from typing import Any

import pytest

from aggregator.model import FeedPlace, FeedStatus, PollResult, Status
from aggregator.store.db.tables import feeds
from aggregator.store.reports.status import read_status
from tests.support.counted import miscounted
from tests.support.storage import DAY, Stored, article, new

KEYS = tuple(f"https://{letter}.example/feed" for letter in "abcdefg")
A, B, C, D, *_ = KEYS


async def status(stored: Stored, **asked: Any) -> Status:
    return await stored.store.status({A: "Mine"}, {B: ["News"]}, **asked)


async def troubled(stored: Stored) -> None:
    """b failed twice, d once, c is gone, e found no network; the others are well or never polled."""
    await stored.subscribe(*KEYS)
    for key, failures in ((B, 2), (D, 1)):
        await stored.poll(key, result=PollResult.FAILED, failures=failures, error="HTTP status 500")
    await stored.poll(C, result=PollResult.GONE, error="HTTP status 410")
    await stored.poll(KEYS[4], result=PollResult.OFFLINE)
    await stored.poll(A, new("one", "https://a.example/1"), new("two"))


ORDER = [KEYS[n] for n in (1, 3, 4, 2, 6, 5, 0)]


async def test_those_in_trouble_come_first_then_the_latest_added(stored: Stored) -> None:
    await troubled(stored)
    now = await status(stored)
    assert [feed.key for feed in now.feeds] == ORDER
    assert (now.total, now.in_trouble, now.unpolled, now.next) == (7, 4, 2, None)
    shown = {feed.key: feed for feed in now.feeds}
    assert (shown[A].title, shown[A].entries, shown[B].category) == ("Mine", 2, "News")
    assert shown[C].next_poll is None
    assert [feed.key for feed in (await status(stored, failing=True)).feeds] == ORDER[:2]


@pytest.mark.parametrize("size", [1, 2, 3, 4, 6, 7])
async def test_pages_hold_every_feed_once(stored: Stored, size: int) -> None:
    await troubled(stored)
    seen: list[FeedStatus] = []
    after = None
    for _ in range(len(KEYS) + 1):
        now = await status(stored, limit=size, after=after)
        seen += now.feeds
        if now.next is None:
            break
        assert len(now.feeds) == size
        after = FeedPlace.read(now.next)
        assert after is not None
        assert str(after) == now.next
    assert [feed.key for feed in seen] == ORDER


async def test_hidden_feeds_are_neither_listed_nor_counted(stored: Stored) -> None:
    await troubled(stored)
    now = await status(stored, hidden={B, KEYS[6]})
    assert [feed.key for feed in now.feeds] == [key for key in ORDER if key not in {B, KEYS[6]}]
    assert (now.total, now.in_trouble, now.unpolled) == (5, 3, 1)


async def test_totals(stored: Stored) -> None:
    await stored.subscribe(A)
    pages = [f"https://a.example/{n}" for n in range(3)]
    ids = await stored.poll(A, *(new(page, page) for page in pages), new("bare"))
    done, given_up, _ = await stored.pages()
    await stored.store.commit_article(done, article(), done.url)
    await stored.store.fail_article(given_up, "HTTP status 500", None)
    now = await status(stored)
    assert (now.entries, now.unsettled, now.stories) == (4, 4, 0)
    assert (now.articles, now.articles_failed, now.articles_waiting) == (1, 1, 1)
    await stored.settle()
    await stored.poll(A, unlisted=ids)
    assert ((await status(stored)).stories, (await status(stored)).unsettled) == (3, 1)
    stored.clock.advance(2 * DAY)
    assert await stored.store.drop_old(stored.clock.now(), DAY, 0, ()) == 3
    now = await status(stored)
    assert (now.entries, now.stories, now.articles, now.articles_failed) == (1, 0, 0, 0)
    with stored.database.engine.connect() as connection:
        assert miscounted(connection) == {}


async def test_an_outage_is_since_the_first_of_those_that_found_no_network(stored: Stored) -> None:
    await stored.subscribe(*KEYS)
    await stored.poll(A)
    start = stored.clock.advance(DAY)
    await stored.poll(B, result=PollResult.OFFLINE)
    stored.clock.advance(DAY)
    await stored.poll(C, result=PollResult.OFFLINE)
    assert (await status(stored)).outage_since == start
    stored.clock.advance(DAY)
    await stored.poll(A)
    assert (await status(stored)).outage_since is None


def test_any_text_is_read_as_a_place_or_as_none() -> None:
    assert FeedPlace.read("17") == FeedPlace(17)
    assert FeedPlace.read("3.17") == FeedPlace(17, 3)
    for text in ("", "-1", "1.", ".1", "a", "1.2.3", "²", "9" * 19, " 1", "1\n"):
        assert FeedPlace.read(text) is None


async def test_feeds_that_come_and_go_are_counted(stored: Stored) -> None:
    for keys in ((A, B, C), (B,), (A, B), ()):
        await stored.subscribe(*keys)
        with stored.database.engine.connect() as connection:
            now = read_status(connection, {}, {})
        assert now.total == len(now.feeds) == len(keys)
    assert stored.count(feeds) == 3
