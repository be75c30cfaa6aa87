"""Stories: what finds what, what stays for ever, and that two processes may settle at once."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event, text

from aggregator.dedupe.keys import no_keys
from aggregator.dedupe.readings import read_all
from aggregator.model import JoinRule, SettleOrder, SettleStats, StoryCandidate, StoryKey
from aggregator.select.search_query import parse_query
from aggregator.store.db.search_index import found_entries
from aggregator.store.db.tables import EntryState, entries, stories, story_keys
from aggregator.text.segments import Indexed
from tests.support.storage import (
    DAY,
    HOUR,
    MINUTE,
    NOW,
    WINDOW,
    Stored,
    article,
    changed,
    long_text,
    new,
    settled_by_three,
    stored_at,
)

A, B, C = "https://a.example/feed", "https://b.example/feed", "https://c.example/feed"
PAGE = "https://a.example/news/1"


def by_title(candidate: StoryCandidate) -> Sequence[StoryKey]:
    """Keys that a title spells out: ``"x y"`` has the keys x and y."""
    return [StoryKey(JoinRule.TEXT, word) for word in candidate.title.split()]


def stories_of(stored: Stored) -> dict[str, int]:
    return {row.identity: row.story_id for row in stored.rows(entries)}


@pytest.mark.parametrize("batches", [1, 2])
@pytest.mark.parametrize("rule", ["guid", "url", "text"])
async def test_two_feeds_join_by_any_rule(stored: Stored, rule: str, batches: int) -> None:
    said = f"<p>{long_text('w')}</p>"
    guid = "tag:a.example,2026:1"
    one, two = {
        "guid": (new("a", guid=guid), new("b", guid=guid)),
        "url": (new("a", url=PAGE), new("b", url=PAGE + "?utm_source=rss")),
        "text": (new("a", content_html=said), new("b", content_html=said)),
    }[rule]
    await stored.subscribe(A, B)
    await stored.poll(A, one)
    if batches == 2:
        assert await stored.settle() == SettleStats(1, 1)
    await stored.poll(B, two)
    assert (await stored.settle()).entries == 3 - batches
    assert stored.count(stories) == 1
    assert {key.key.split(":")[0] for key in stored.rows(story_keys)} >= {rule}


@pytest.mark.parametrize("batches", [1, 2])
async def test_one_feeds_entries_for_one_page_stay_two_stories(
    stored: Stored, batches: int
) -> None:
    await stored.subscribe(A, B)
    await stored.poll(A, new("morning", url=PAGE))
    if batches == 2:
        await stored.settle()
    await stored.poll(A, new("evening", url=PAGE))
    await stored.settle()
    assert stored.count(stories) == 2
    await stored.poll(B, new("copy", url=PAGE))
    await stored.settle()
    found = stories_of(stored)
    assert found["copy"] == found["morning"] != found["evening"]


@pytest.mark.parametrize("limit", [1, 2, 500])
async def test_stories_do_not_depend_on_where_batches_end(stored: Stored, limit: int) -> None:
    """All keys of an entry lead to its story, also for the next entry of the same batch."""
    await stored.subscribe(A, B, C)
    await stored.poll(A, new("1", title="x"))
    await stored.settle(keys_of=by_title)
    await stored.poll(B, new("2", title="x y"))
    await stored.poll(C, new("3", title="y"))
    while (await stored.settle(limit, by_title)).entries:
        pass
    assert stored.count(stories) == 1


@pytest.mark.parametrize("limit", [1, 500])
async def test_an_entry_that_touches_two_stories_does_not_merge_them(
    stored: Stored, limit: int
) -> None:
    await stored.subscribe(A)
    await stored.poll(A, new("1", title="x"), new("2", title="y"), new("3", title="y x"))
    await stored.poll(A, new("4", title="x"))
    while (await stored.settle(limit, by_title)).entries:
        pass
    found = stories_of(stored)
    assert found["1"] == found["4"] != found["2"] == found["3"]


async def test_a_story_gains_copies_only_within_the_window(stored: Stored) -> None:
    await stored.subscribe(A, B, C)
    await stored.poll(A, new("1", title="x"))
    await stored.settle(keys_of=by_title)
    stored.clock.advance(WINDOW + timedelta(seconds=1))
    await stored.poll(B, new("2", title="x"))
    assert (await stored.settle(keys_of=by_title)).new_stories == 1
    stored.clock.advance(WINDOW)
    await stored.poll(C, new("3", title="x"))
    await stored.settle(keys_of=by_title)
    found = stories_of(stored)
    assert found["1"] != found["2"] == found["3"]


async def test_a_changed_entry_keeps_its_story_and_teaches_it_new_keys(stored: Stored) -> None:
    await stored.subscribe(A, B)
    one, _ = await stored.poll(A, new("1", title="x"), new("2", title="y"))
    await stored.settle(keys_of=by_title)
    before = stored.rows(stories)
    await stored.poll(A, changed=[changed(one, "1", title="w z")])
    assert await stored.settle(keys_of=by_title) == SettleStats(1, 0)
    assert [(s.id, s.public_id, s.sort_at) for s in stored.rows(stories)] == [
        (s.id, s.public_id, s.sort_at) for s in before
    ]
    await stored.poll(B, new("3", title="z"), new("4", title="y"))
    await stored.settle(keys_of=by_title)
    found = stories_of(stored)
    assert found["1"] == found["3"]
    assert found["2"] == found["4"] != found["1"]


async def test_a_fuller_copy_represents_the_story_under_the_same_id(stored: Stored) -> None:
    await stored.subscribe(A, B)
    teaser = new("a", url="https://paper.example/news/1", at=NOW - HOUR)
    (first,) = await stored.poll(A, teaser)
    await stored.settle()
    assert stored.row(stories).representative_id == first
    stored.clock.advance(HOUR)
    (second,) = await stored.poll(
        B,
        new(
            "b",
            url="https://paper.example/news/1",
            content_html=f"<p>{long_text('full')}</p>",
            at=NOW,
        ),
    )
    await stored.settle()
    story = stored.row(stories)
    assert (story.representative_id, story.seen_at) == (second, NOW)
    assert (story.public_id, story.sort_at) == (teaser.public_id, NOW - HOUR)
    (item,) = await stored.items()
    assert (item.id, item.source.feed_url) == (teaser.public_id, B)


async def test_settling_with_nothing_ready_changes_nothing(stored: Stored) -> None:
    await stored.subscribe(A)
    await stored.poll(A, new("1"), new("waits", PAGE))
    assert await stored.settle() == SettleStats(1, 1)
    everything = [stored.rows(t) for t in (entries, stories, story_keys)]
    version = await stored.store.version()
    stored.clock.advance(DAY)
    assert await stored.settle() == SettleStats()
    assert [stored.rows(t) for t in (entries, stories, story_keys)] == everything
    assert await stored.store.version() == version


async def test_batches_are_bounded_and_oldest_first(stored: Stored) -> None:
    await stored.subscribe(A)
    ids = await stored.poll(A, *(new(str(i)) for i in range(5)))
    assert await stored.settle(limit=2) == SettleStats(2, 2)
    settled = [row.id for row in stored.rows(entries, entries.c.state == EntryState.SETTLED)]
    assert settled == ids[:2]


async def test_without_keys_every_entry_is_its_own_story(stored: Stored) -> None:
    await stored.subscribe(A, B)
    await stored.poll(A, new("a", url=PAGE))
    await stored.poll(B, new("b", url=PAGE))
    assert await stored.settle(keys_of=lambda _: ()) == SettleStats(2, 2)


async def test_the_candidate_knows_all_addresses_and_the_articles_text(stored: Stored) -> None:
    await stored.subscribe(A)
    await stored.poll(A, new("a", PAGE))
    (task,) = await stored.pages()
    said = article("The page.", canonical_url="https://a.example/canonical")
    await stored.store.commit_article(task, said, "https://a.example/final")
    seen: list[StoryCandidate] = []

    def keys_of(candidate: StoryCandidate) -> Sequence[StoryKey]:
        seen.append(candidate)
        return ()

    await stored.settle(keys_of=keys_of)
    (one,) = seen
    assert one.urls == (PAGE, "https://a.example/final", "https://a.example/canonical")
    assert (one.text, one.guid, one.first_seen) == ("The page.", "a", NOW)
    assert stored.row(entries).text_length == len("The page.")


async def test_a_change_during_settling_is_settled_again(postgres_url: str) -> None:
    """A poll's change is never marked as settled by a process that saw the text before it."""
    with stored_at(postgres_url) as stored:
        await stored.subscribe(A)
        (one,) = await stored.poll(A, new("1", title="x"))
        claimed = await stored.claim_one(A)
        change = stored.outcome(claimed, changed=[changed(one, "1", title="y")])
        loop, polls = asyncio.get_running_loop(), []

        def keys_of(candidate: StoryCandidate) -> Sequence[StoryKey]:
            poll = stored.store.commit_poll(change, claimed.lease)
            polls.append(asyncio.run_coroutine_threadsafe(poll, loop))
            with stored.database.engine.connect() as connection:
                waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
                while not polls[0].done() and not connection.scalar(waiting):
                    connection.rollback()
            return by_title(candidate)

        await stored.settle(keys_of=keys_of)
        await asyncio.wrap_future(polls[0])
        assert stored.row(entries).state == EntryState.READY


async def test_two_processes_settle_at_once(postgres_url: str) -> None:
    with stored_at(postgres_url) as stored:
        names = [f"https://{i}.example/feed" for i in range(4)]
        await stored.subscribe(*names)
        for name in names:
            await stored.poll(name, *(new(f"{name} {i}", title=f"t{i}") for i in range(25)))

        assert await settled_by_three(postgres_url, 7, by_title) == SettleStats(100, 25)
        assert stored.count(stories) == 25
        assert None not in stories_of(stored).values()


async def test_a_batch_is_of_the_oldest_the_newest_or_the_first_that_came(stored: Stored) -> None:
    await stored.subscribe(A, B)
    await stored.poll(A, *(new(str(n), at=NOW - n * HOUR) for n in (5, 3, 1)))
    await stored.poll(B, *(new(str(n), at=NOW - n * HOUR) for n in (6, 4, 2, 0)))
    seen = list[str]()

    def noted(candidate: StoryCandidate) -> Sequence[StoryKey]:
        seen.append(candidate.title.removeprefix("Title "))
        return ()

    for order in (SettleOrder.NEWEST, SettleOrder.OLDEST, SettleOrder.FIRST_COME):
        assert (await stored.settle(2, noted, order=order)).entries == 2
    assert seen == ["1", "0", "6", "5", "4", "3"]


async def test_a_backlog_has_the_same_ids_whichever_feed_was_polled_first(
    stored: Stored,
) -> None:
    await stored.subscribe(A, B)
    copies = [
        [
            new(f"{feed} {n}", title=f"t{n}", at=NOW - n * HOUR - k * MINUTE)
            for k, feed in enumerate((A, B))
        ]
        for n in range(6)
    ]
    for one, _ in copies:
        await stored.poll(A, one)
    for _, other in copies:
        await stored.poll(B, other)
    for _ in range(4):
        await stored.settle(3, by_title, order=SettleOrder.OLDEST)
    shown = {row.public_id for row in stored.rows(stories)}
    assert shown == {other.public_id for _, other in copies}


async def test_a_reading_counts_while_the_entry_says_the_same(stored: Stored) -> None:
    await stored.subscribe(A)
    await stored.poll(
        A, new("same", content_html="<p>One.</p>"), new("other", content_html="<p>Two.</p>")
    )
    sources = await stored.store.ready_sources(9, SettleOrder.FIRST_COME)
    made = read_all(sources, no_keys, near=True, searchable=True)
    marked = [replace(one, indexed=Indexed("read", "before")) for one in made]
    other = stored.row(entries, entries.c.identity == "other")
    await stored.poll(A, changed=[changed(other.id, "other", content_html="<p>Three.</p>")])
    await stored.store.settle(
        9,
        NOW,
        WINDOW,
        no_keys,
        readings=dict(zip(sources, marked, strict=True)),
    )
    with stored.database.engine.connect() as connection:
        found = [
            connection.execute(found_entries(connection, parse_query(word), None)).scalars().all()
            for word in ("before", "one", "two", "three")
        ]
    assert found == [[other.id - 1], [], [], [other.id]]


async def test_what_feeds_repeat_is_loaded_for_a_batch_at_once(stored: Stored) -> None:
    await stored.subscribe(A, B)
    for feed, count in ((A, 3), (B, 2)):
        host = f"https://elsewhere-{count}.example"
        said = [
            new(f"{count} {n}", url=f"{host}/{n}", content_html=f"<p>See {n}.</p>")
            for n in range(count)
        ]
        await stored.poll(feed, *said)
    await stored.poll(A, new("home", url=f"{A}/home", content_html="<p>Ours.</p>"))
    made: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        made.append(statement)

    event.listen(stored.database.engine, "before_cursor_execute", note)
    try:
        sources = await stored.store.ready_sources(9, SettleOrder.FIRST_COME)
    finally:
        event.remove(stored.database.engine, "before_cursor_execute", note)
    assert len([one for one in made if "FROM entries" in one]) == 2
    assert {one.title: len(one.latest or ()) for one in sources} == {
        **{f"Title 3 {n}": 4 for n in range(3)},
        **{f"Title 2 {n}": 2 for n in range(2)},
        "Title home": 0,
    }


async def test_since_when_the_longest_ready_entry_waits(stored: Stored) -> None:
    assert await stored.store.ready_since() is None
    await stored.subscribe(A)
    await stored.poll(A, new("first"), new("second"))
    stored.clock.advance(HOUR)
    await stored.poll(A, new("third"))
    assert await stored.store.ready_since() == NOW
    await stored.settle(1)
    assert await stored.store.ready_since() == NOW
    await stored.settle(1)
    assert await stored.store.ready_since() == NOW + HOUR
    await stored.settle(1, order=SettleOrder.NEWEST)
    assert await stored.store.ready_since() is None
