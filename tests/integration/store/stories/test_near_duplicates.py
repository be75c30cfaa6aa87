"""Near duplicates on real databases: found, explained, judged again, and by several at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from aggregator.dedupe.assign import assign
from aggregator.dedupe.keys import story_keys as keys_of
from aggregator.dedupe.seekers import Assignment
from aggregator.model import NewEntry
from aggregator.store.db.tables import (
    EntryState,
    entries,
    feed_lines,
    fingerprint_keys,
    fingerprints,
    stories,
)
from aggregator.store.stories import settle as story_rows
from aggregator.store.stories.recalls import Looks
from aggregator.store.stories.text_cache import TextCache
from tests.support.dedupe_texts import paragraphs, prose
from tests.support.storage import (
    DAY,
    NOW,
    WINDOW,
    Stored,
    changed,
    long_text,
    new,
    settled_by_three,
    stored_at,
)

A, B, C = "https://a.example/feed", "https://b.example/feed", "https://c.example/feed"
ARTICLE = paragraphs("harbour", 30, 70, 60, 80, 50)
CUT = "\n".join(ARTICLE.split("\n")[:3])


def said(text: str) -> str:
    """``text`` as a feed gives it."""
    return "".join(f"<p>{line}</p>" for line in text.split("\n"))


def telling(name: str, text: str, title: str = "") -> NewEntry:
    """A new entry that says ``text``."""
    return new(name, title=title or f"Harbour, says {name}", content_html=said(text))


def stories_of(stored: Stored) -> dict[str, int]:
    return {row.identity: row.story_id for row in stored.rows(entries)}


@pytest.mark.parametrize("limit", [1, 500])
async def test_copies_join_and_say_why(stored: Stored, limit: int) -> None:
    await stored.subscribe(A, B, C)
    (first,) = await stored.poll(A, telling("one", ARTICLE))
    (second,) = await stored.poll(B, telling("two", f"{CUT}\n{prose('house', 20)}"))
    await stored.poll(C, telling("three", prose("something else", 250)))
    while (await stored.settle(limit)).entries:
        pass
    found = stories_of(stored)
    assert found["one"] == found["two"] != found["three"]
    one, two, _ = stored.rows(entries)
    assert (one.join_rule, one.joined_to, one.exact_id) == ("new", None, one.public_id)
    assert (two.join_rule, two.joined_to, two.exact_id) == ("near", first, two.public_id)
    assert 0.7 < two.overlap < 1
    assert two.join_note == "the longer text has most of the shorter"
    assert second == two.id


async def test_exact_copies_share_their_exact_id(stored: Stored) -> None:
    await stored.subscribe(A, B)
    await stored.poll(A, telling("one", ARTICLE))
    await stored.poll(B, telling("two", ARTICLE))
    await stored.settle()
    one, two = stored.rows(entries)
    assert (two.join_rule, two.joined_to, two.exact_id) == ("text", one.id, one.public_id)


async def test_what_was_refused_is_said(stored: Stored) -> None:
    notes = prose("notes", 90)
    await stored.subscribe(A)
    (first,) = await stored.poll(A, telling("1", notes, "Quokka v1.2.3"))
    await stored.settle()
    await stored.poll(A, telling("2", notes, "Quokka v1.2.4"))
    await stored.settle()
    _, second = stored.rows(entries)
    assert stored.count(stories) == 2
    assert (second.join_rule, second.joined_to) == ("new", first)
    assert second.join_note == "versions in the titles differ"


@pytest.mark.parametrize("batches", [1, 4])
async def test_a_feeds_standing_lines_are_nobodys_text(stored: Stored, batches: int) -> None:
    """A wall before every article makes no story of them, from the third on."""
    wall = prose("subscribe", 120)
    await stored.subscribe(A)
    news = [telling(str(n), f"{wall}\n{prose(f'lead {n}', 40)}") for n in range(4)]
    for start in range(0, 4, 4 // batches):
        await stored.poll(A, *news[start : start + 4 // batches])
        await stored.settle()
    found = stories_of(stored)
    assert found["2"] != found["3"]
    assert not {found["2"], found["3"]} & {found["0"], found["1"]}
    wide = [row for row in stored.rows(feed_lines) if row.title_3 is not None]
    assert len(wide) == 1


async def test_copies_are_found_only_within_the_window(stored: Stored) -> None:
    await stored.subscribe(A, B)
    await stored.poll(A, telling("one", ARTICLE))
    await stored.settle()
    stored.clock.advance(WINDOW + timedelta(seconds=1))
    await stored.poll(B, telling("two", CUT))
    await stored.settle()
    assert stored.count(stories) == 2
    assert [row.seen_at for row in stored.rows(fingerprints)] == [stored.clock.now()]
    assert {row.entry_id for row in stored.rows(fingerprint_keys)} == {stored.rows(entries)[1].id}


async def test_lines_that_never_came_again_are_forgotten(stored: Stored) -> None:
    await stored.subscribe(A)
    await stored.poll(A, telling("one", ARTICLE))
    await stored.settle()
    assert stored.count(feed_lines) == 5
    stored.clock.advance(8 * DAY)
    await stored.poll(A, telling("two", prose("later", 80)))
    await stored.settle()
    assert stored.count(feed_lines) == 1


async def test_a_copy_that_becomes_another_text_leaves(stored: Stored) -> None:
    await stored.subscribe(A, B, C)
    await stored.poll(A, telling("one", ARTICLE))
    (second,) = await stored.poll(B, telling("two", CUT))
    await stored.settle()
    known = stored.row(stories)
    other = prose("quite another event", 200)
    await stored.poll(B, changed=[changed(second, "two", content_html=said(other))])
    assert (await stored.settle()).new_stories == 1
    found = stories_of(stored)
    assert found["one"] == known.id != found["two"]
    two = stored.row(entries, entries.c.id == second)
    assert (two.join_rule, two.join_note) == ("new", "it changed: too little in common")
    await stored.poll(C, telling("three", f"{other}\n{prose('house', 15)}"))
    await stored.settle()
    assert stories_of(stored)["three"] == found["two"]


async def test_a_founder_that_leaves_takes_no_id_away(stored: Stored) -> None:
    await stored.subscribe(A, B)
    (first,) = await stored.poll(A, telling("one", ARTICLE))
    (second,) = await stored.poll(B, telling("two", CUT))
    await stored.settle()
    known = stored.row(stories)
    other = prose("quite another event", 200)
    await stored.poll(A, changed=[changed(first, "one", content_html=said(other))])
    await stored.settle()
    kept, fresh = stored.rows(stories)
    assert (kept.public_id, kept.representative_id) == (known.public_id, second)
    assert (fresh.representative_id, fresh.public_id != known.public_id) == (first, True)
    assert stored.row(entries, entries.c.id == first).exact_id == fresh.public_id


PAGE = "https://a.example/news/1"


@pytest.mark.parametrize("rule", ["guid", "url"])
async def test_a_founder_whose_key_brought_a_fellow_stays(stored: Stored, rule: str) -> None:
    """Their texts are no copies; the page, or the id, is what makes them one story."""
    same: dict[str, Any] = {"guid": {"guid": "tag:a.example,2026:1"}, "url": {"url": PAGE}}[rule]
    await stored.subscribe(A, B)
    (first,) = await stored.poll(A, new("one", **same, content_html=said(ARTICLE)))
    await stored.settle()
    await stored.poll(B, new("two", **same))
    await stored.settle()
    longer = said(f"{ARTICLE}\n{prose('later', 20)}")
    update = changed(first, "one", title="Title one, corrected", **same, content_html=longer)
    await stored.poll(A, changed=[update])
    await stored.settle()
    one, two = stored.rows(entries)
    assert (two.join_rule, two.joined_to) == (rule, first)
    assert (one.story_id, one.join_rule) == (two.story_id, "new")


async def test_a_founder_that_moves_to_another_page_leaves_whom_the_old_one_brought(
    stored: Stored,
) -> None:
    await stored.subscribe(A, B)
    (first,) = await stored.poll(A, new("one", url=PAGE, content_html=said(ARTICLE)))
    await stored.settle()
    await stored.poll(B, new("two", url=PAGE))
    await stored.settle()
    other = said(prose("quite another event", 200))
    moved = changed(first, "one", title="New", url=f"{PAGE}2", content_html=other)
    await stored.poll(A, changed=[moved])
    await stored.settle()
    assert stored.count(stories) == 2


async def test_a_longer_version_of_a_copy_stays_and_may_stand_for_the_story(
    stored: Stored,
) -> None:
    await stored.subscribe(A, B)
    await stored.poll(A, telling("one", CUT))
    (second,) = await stored.poll(B, telling("two", CUT + f"\n{prose('x', 5)}"))
    await stored.settle()
    known = stored.row(stories)
    await stored.poll(B, changed=[changed(second, "two", content_html=said(ARTICLE))])
    assert (await stored.settle()).new_stories == 0
    now = stored.row(stories)
    assert (now.id, now.public_id) == (known.id, known.public_id)
    assert now.representative_id == second


@pytest.mark.parametrize("order", ["one two both", "one both two", "both one two"])
async def test_a_text_that_tells_two_stories_is_of_neither(stored: Stored, order: str) -> None:
    one, two = paragraphs("one", 60, 90, 70), paragraphs("two", 60, 80, 60)
    texts = {
        "one": telling("one", one, "Ships in the harbour"),
        "two": telling("two", two, "Trains on the bridge"),
        "both": telling("both", f"{one}\n{two}", "Morning briefing"),
    }
    feeds = dict(zip(texts, (A, B, C), strict=True))
    await stored.subscribe(A, B, C)
    for name in order.split():
        await stored.poll(feeds[name], texts[name])
        await stored.settle()
    while (await stored.settle()).entries:
        pass
    assert len(set(stories_of(stored).values())) == 3


async def test_two_stories_become_one_when_a_copy_of_both_comes(stored: Stored) -> None:
    """Whatever came first: the one that was there first keeps its id."""
    lead, middle, end = (
        paragraphs("one", 90, 80),
        paragraphs("two", 80),
        paragraphs("three", 90, 80),
    )
    await stored.subscribe(A, B, C)
    await stored.poll(A, telling("head", f"{lead}\n{middle}"))
    await stored.settle()
    await stored.poll(B, telling("rest", f"{middle}\n{end}"))
    await stored.settle()
    before = {row.id: row.public_id for row in stored.rows(stories)}
    assert len(before) == 2
    await stored.poll(C, telling("whole", f"{lead}\n{middle}\n{end}"))
    await stored.settle()
    (story,) = stored.rows(stories)
    assert story.public_id == before[min(before)]
    assert set(stories_of(stored).values()) == {story.id}


async def test_the_first_of_a_series_are_looked_at_again_once_their_lines_are_known(
    stored: Stored,
) -> None:
    standing = paragraphs("subscribe to us", 60, 60)
    await stored.subscribe(A, B)
    for n in range(3):
        await stored.poll(A, telling(f"a{n}", f"{prose(f'a{n}', 30)}\n{standing}", f"Day {n}: {n}"))
        await stored.settle()
    while (await stored.settle()).entries:
        pass
    lines = {row.entry_id for row in stored.rows(fingerprints)}
    await stored.poll(B, telling("copy", prose("a0", 30), "Day 0: 0"))
    await stored.settle()
    found = stories_of(stored)
    assert len(lines) == 3
    assert found["copy"] == found["a0"]


@pytest.mark.parametrize("batches", [1, 2])
async def test_one_text_of_two_regions_is_two_stories(stored: Stored, batches: int) -> None:
    await stored.subscribe(A, B)
    await stored.poll(A, telling("north", ARTICLE, "Flood alert: Upper Weirdale"))
    if batches == 2:
        await stored.settle()
    await stored.poll(B, telling("south", ARTICLE, "Flood alert: Millford and Barton"))
    await stored.settle()
    assert stored.count(stories) == 2


async def test_without_near_only_exact_copies_join(stored: Stored) -> None:
    await stored.subscribe(A, B)
    await stored.poll(A, telling("one", ARTICLE))
    await stored.poll(B, telling("two", CUT))
    await stored.store.settle(500, NOW, WINDOW, keys_of, near=False)
    assert stored.count(stories) == 2
    assert stored.count(fingerprints) == 0


async def test_several_processes_miss_no_copy_of_each_others(postgres_url: str) -> None:
    with stored_at(postgres_url) as stored:
        names = [f"https://{i}.example/feed" for i in range(4)]
        texts = [paragraphs(str(n), 30, 60, 50) for n in range(12)]
        await stored.subscribe(*names)
        for name in names:
            await stored.poll(
                name,
                *(
                    telling(f"{name} {n}", f"{t}\n{prose(name, 9)}", f"Harbour {n}")
                    for n, t in enumerate(texts)
                ),
            )

        stats = await settled_by_three(postgres_url, 5, keys_of)
        assert stats.new_stories == 12
        assert stats.entries >= 48  # some are looked at again, once the house lines are known
        assert stored.count(stories) == 12


async def test_texts_kept_in_memory_are_those_that_other_processes_store(
    database_url: str,
) -> None:
    """What one process took apart is not believed once another has settled a new text of it."""
    with stored_at(database_url) as here, stored_at(database_url) as there:
        await here.subscribe(A, B, C)
        (first,) = await here.poll(A, telling("one", ARTICLE))
        await here.settle()
        other = paragraphs("another event", 80, 90, 70)
        await there.poll(A, changed=[changed(first, "one", content_html=said(other))])
        await there.settle()
        await here.poll(B, telling("two", f"{other}\n{prose('house', 20)}"))
        await here.poll(C, telling("three", CUT))
        await here.settle()
        found = stories_of(here)
        assert found["one"] == found["two"] != found["three"]


async def test_furniture_that_another_process_saw_is_left_out_of_kept_texts(
    database_url: str,
) -> None:
    wall = prose("subscribe", 120)
    with stored_at(database_url) as here, stored_at(database_url) as there:
        await here.subscribe(A, B)
        await here.poll(A, telling("one", f"{wall}\n{prose('lead', 40)}"))
        await here.settle()
        for n in range(2):
            await there.poll(A, telling(f"other {n}", f"{wall}\n{prose(f'lead {n}', 40)}"))
            await there.settle()
        await here.poll(B, telling("wall", wall))
        await here.settle()
        found = stories_of(here)
        assert found["wall"] != found["one"]


async def test_texts_that_call_each_other_come_to_rest(
    stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However often two would have each other looked at again; an hour later they may."""

    def restless(*given: Any, **named: Any) -> list[Assignment]:
        return [replace(one, recalls=(1, 2)) for one in assign(*given, **named)]

    monkeypatch.setattr(story_rows, "assign", restless)
    await stored.subscribe(A, B)
    (first,) = await stored.poll(A, telling("one", ARTICLE))
    await stored.poll(B, telling("two", prose("another", 200)))

    async def rounds() -> int:
        for number in range(100):
            if not (await stored.settle()).entries:
                return number
        return 100

    assert 2 <= await rounds() <= 6
    stored.clock.advance(timedelta(hours=2))
    await stored.poll(A, changed=[changed(first, "one", content_html=said(CUT))])
    assert 2 <= await rounds() <= 6


def test_looks_are_forgotten_in_the_end() -> None:
    looks = Looks()
    for entry_id in range(30_000):
        assert looks.allowed([entry_id], NOW) == {entry_id}
    assert len(looks._looks) <= 20_000
    assert [looks.allowed([29_999], NOW) for _ in range(5)] == [{29_999}] * 3 + [set()] * 2


async def test_few_texts_are_kept(stored: Stored) -> None:
    taken = TextCache(most_words=300)
    await stored.subscribe(A)
    for n in range(4):
        await stored.poll(A, telling(str(n), prose(f"text {n}", 140)))
        with stored.database.engine.begin() as connection:
            story_rows.settle(connection, 5, NOW, WINDOW, keys_of, cache=taken)
    assert taken.kept == (3, 4)


async def test_what_one_address_ties_does_not_come_and_go(stored: Stored) -> None:
    """A whole text and two beginnings of it, of one address: none of them is a copy in words."""
    names = [f"https://{i}.example/feed" for i in range(3)]
    await stored.subscribe(*names)
    for name, words in zip(names, (60, 5, 40), strict=True):
        said = f"<p>{long_text('w', words)}</p>"
        await stored.poll(name, new(name, url="https://a.example/news/1", content_html=said))
        for _ in range(3):  # again, whoever is to be looked at again
            await stored.settle()
            assert stored.count(stories) == 1
            assert {row.state for row in stored.rows(entries)} == {EntryState.SETTLED}
