"""Retention: what is forgotten, and everything that must not be."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, update

from aggregator.model import Selection
from aggregator.store.db.tables import (
    articles,
    entries,
    entry_texts,
    forgotten,
    site_pages,
    stories,
    story_keys,
)
from aggregator.store.outputs import retention
from tests.support.storage import (
    DAY,
    HOUR,
    NOW,
    Stored,
    article,
    changed,
    long_text,
    new,
)

A, B = "https://a.example/feed", "https://b.example/feed"
PAGE = "https://a.example/news/1"
NEVER = timedelta(0)


async def drop(
    stored: Stored,
    max_age: timedelta = NEVER,
    max_entries: int = 0,
    shown: Collection[Selection] = (),
) -> int:
    return await stored.store.drop_old(stored.clock.now(), max_age, max_entries, shown)


def left(stored: Stored) -> list[str]:
    return [row.identity for row in stored.rows(entries)]


async def unlisted_feed(stored: Stored, key: str, *names: str) -> list[int]:
    """A feed with settled entries that it lists no more, an hour older each."""
    ids = await stored.poll(key, *(new(n, at=NOW - i * HOUR) for i, n in enumerate(names)))
    await stored.settle()
    await stored.poll(key, unlisted=ids)
    return ids


async def test_by_age_since_first_seen(stored: Stored) -> None:
    await stored.subscribe(A)
    await unlisted_feed(stored, A, "old")
    stored.clock.advance(DAY)
    await unlisted_feed(stored, A, "young")
    assert await drop(stored, max_age=DAY) == 0
    stored.clock.advance(timedelta(seconds=1))
    assert await drop(stored, max_age=DAY) == 1
    assert left(stored) == ["young"]
    assert await drop(stored, max_age=DAY) == 0


async def test_by_count_of_each_feed(stored: Stored) -> None:
    await stored.subscribe(A, B)
    await unlisted_feed(stored, A, "a newest", "a middle", "a oldest")
    await unlisted_feed(stored, B, "b")
    assert await drop(stored, max_entries=2) == 1
    assert left(stored) == ["a newest", "a middle", "b"]


async def test_what_filters_dropped_is_counted_by_itself(stored: Stored) -> None:
    await stored.subscribe(A)
    names = [f"{kind} {number}" for number in range(3) for kind in ("ad", "news")]
    await unlisted_feed(stored, A, *names)
    with stored.database.engine.begin() as connection:
        ads = entries.c.identity.startswith("ad")
        connection.execute(update(entries).where(ads).values(filtered="a digest"))
    assert await drop(stored, max_entries=2) == 2
    assert set(left(stored)) == {"ad 0", "ad 1", "news 0", "news 1"}


async def test_of_entries_of_one_moment_the_later_ones_stay(stored: Stored) -> None:
    await stored.subscribe(A)
    ids = await stored.poll(A, *(new(str(i)) for i in range(4)))
    await stored.settle()
    await stored.poll(A, unlisted=ids)
    assert await drop(stored, max_entries=2) == 2
    assert left(stored) == ["2", "3"]


async def test_without_bounds_everything_stays(stored: Stored) -> None:
    await stored.subscribe(A)
    await unlisted_feed(stored, A, "one", "two")
    stored.clock.advance(10_000 * DAY)
    assert await drop(stored) == 0


async def test_what_is_listed_unsettled_or_shown_stays(stored: Stored) -> None:
    await stored.subscribe(A, B)
    ids = await stored.poll(A, new("listed"), new("shown"), new("free", at=NOW - DAY))
    await stored.settle()
    (waiting,) = await stored.poll(A, new("waiting", PAGE))
    await stored.poll(A, unlisted=[ids[1], ids[2], waiting])
    stored.clock.advance(100 * DAY)
    assert await drop(stored, DAY, 1, [Selection(2, frozenset({A}))]) == 1
    assert left(stored) == ["listed", "shown", "waiting"]


async def test_every_copy_of_a_shown_story_stays(stored: Stored) -> None:
    await stored.subscribe(A, B)
    for key in (A, B):
        ids = await stored.poll(key, new(key, url=PAGE))
        await stored.settle()
        await stored.poll(key, unlisted=ids)
    stored.clock.advance(100 * DAY)
    assert await drop(stored, DAY, 1, [Selection(1, frozenset({A}))]) == 0
    assert await drop(stored, DAY, 1) == 2


async def test_what_was_dropped_is_never_new_again(stored: Stored) -> None:
    await stored.subscribe(A, B)
    await unlisted_feed(stored, A, "one")
    stored.clock.advance(2 * DAY)
    assert await drop(stored, DAY) == 1
    feed_a, feed_b = (await stored.claim_one(A)).feed, (await stored.claim_one(B)).feed
    many = ["one", *(f"n{i}" for i in range(1200))]
    assert await stored.store.forgotten(feed_a.id, many) == {"one"}
    assert await stored.store.forgotten(feed_b.id, many) == set()
    stored.clock.advance(731 * DAY)
    await drop(stored, DAY)
    assert stored.count(forgotten) == 0


async def test_nothing_is_left_of_what_was_dropped(stored: Stored) -> None:
    await stored.subscribe(A)
    ids = await stored.poll(A, new("one", PAGE))
    (task,) = await stored.pages()
    await stored.store.commit_article(task, article(long_text("w")), PAGE, b"digests.")
    await stored.settle()
    await stored.poll(A, unlisted=ids)
    stored.clock.advance(2 * DAY)
    assert await drop(stored, DAY) == 1
    tables = (entries, entry_texts, articles, site_pages, stories, story_keys)
    assert [stored.count(table) for table in tables] == [0] * 6


async def test_a_page_and_a_story_stay_while_another_entry_has_them(stored: Stored) -> None:
    await stored.subscribe(A, B)
    ids = await stored.poll(A, new("a", PAGE))
    await stored.poll(B, new("b", PAGE))
    (task,) = await stored.pages()
    await stored.store.commit_article(task, article(), PAGE)
    await stored.settle()
    assert stored.row(stories).representative_id == ids[0]
    await stored.poll(A, unlisted=ids)
    stored.clock.advance(2 * DAY)
    assert await drop(stored, DAY) == 1
    remaining = stored.row(entries)
    assert stored.row(stories).representative_id == remaining.id
    assert stored.count(articles) == 1
    (item,) = await stored.items()
    assert item.content_html == "<p>The whole text.</p>"


async def test_the_best_copy_that_is_left_represents_the_story(stored: Stored) -> None:
    names = [f"https://{i}.example/feed" for i in range(3)]
    await stored.subscribe(*names)
    for name, words in zip(names, (60, 5, 40), strict=True):
        ids = await stored.poll(name, new(name, url=PAGE, content_html=long_text("w", words)))
        await stored.settle()
        if name == names[0]:
            await stored.poll(name, unlisted=ids)
    stored.clock.advance(2 * DAY)
    assert await drop(stored, DAY) == 1
    (item,) = await stored.items()
    assert item.source.feed_url == names[2]


async def test_a_page_that_no_entry_links_to_any_more_goes(stored: Stored) -> None:
    await stored.subscribe(A)
    (one,) = await stored.poll(A, new("one", PAGE))
    await stored.poll(A, changed=[changed(one, "one", "https://a.example/moved")])
    await drop(stored, DAY)
    assert stored.count(articles) == 2  # young: a poll may just be about to link to it
    stored.clock.advance(DAY + timedelta(seconds=1))
    await drop(stored, DAY)
    assert [row.url for row in stored.rows(articles)] == ["https://a.example/moved"]


@pytest.mark.parametrize("bounds", [{"max_age": DAY}, {"max_entries": 1}])
async def test_drops_in_slices_between_which_others_write(
    stored: Stored, bounds: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "SLICE", 2)
    monkeypatch.setattr(retention, "_LOOKED_AT", 3)
    monkeypatch.setattr(retention, "_FEEDS_LOOKED_AT", 1)
    slices: list[int] = []
    whole = retention.drop

    def sliced(connection: Connection, ids: list[int], now: datetime) -> int:
        slices.append(whole(connection, ids, now))
        return slices[-1]

    await stored.subscribe(A, B)
    await unlisted_feed(stored, A, *(f"a{i}" for i in range(6)))
    await unlisted_feed(stored, B, *(f"b{i}" for i in range(4)))
    stored.clock.advance(2 * DAY)
    monkeypatch.setattr(retention, "drop", sliced)
    kept = 2 if "max_entries" in bounds else 0
    assert await drop(stored, **bounds) == sum(slices) == 10 - kept
    assert max(slices) <= 2
    assert len(left(stored)) == kept
    assert await drop(stored, **bounds) == 0


async def test_what_is_listed_again_between_look_and_drop_stays(stored: Stored) -> None:
    await stored.subscribe(A)
    ids = await unlisted_feed(stored, A, "back", "gone")
    await stored.poll(A, relisted=ids[:1])
    assert await stored.database.write(retention.drop, ids, stored.clock.now()) == 1
    assert left(stored) == ["back"]


async def test_pages_are_swept_in_turn(stored: Stored, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "_PAGES_LOOKED_AT", 2)
    await stored.subscribe(A)
    ids = await stored.poll(A, *(new(str(i), f"{PAGE}{i}") for i in range(5)))
    await stored.poll(A, changed=[changed(i, str(n)) for n, i in enumerate(ids)])
    stored.clock.advance(2 * DAY)
    assert [len(stored.rows(articles)) for _ in range(4) if await drop(stored) == 0] == [3, 1, 0, 0]


async def test_entries_of_a_feed_that_left_the_configuration_age_out(stored: Stored) -> None:
    await stored.subscribe(A, B)
    await stored.poll(A, new("a"))
    await stored.poll(B, new("b"))
    await stored.settle()
    await stored.subscribe(B)
    assert await drop(stored, DAY) == 0
    stored.clock.advance(DAY + timedelta(seconds=1))
    assert await drop(stored, DAY) == 1
    assert left(stored) == ["b"]
