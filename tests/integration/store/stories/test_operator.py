"""Splitting and merging by hand: what moves, whose ids stay, and that it sticks."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from aggregator.errors import StoreError
from aggregator.model import DedupeMode, Item, OperatorEdit, Selection
from aggregator.store.db.tables import entries, stories
from aggregator.store.stories import operator
from tests.support.storage import DAY, Stored, changed, long_text, new

A, B, C, D = (f"https://{name}.example/feed" for name in "abcd")
PAGE = "https://a.example/news/1"
MODES = DedupeMode


async def three(stored: Stored, best: str = "a") -> dict[str, int]:
    """One story of the exact copies a, b and c; ``best`` has the text. Names → entry ids."""
    await stored.subscribe(A, B, C)
    for feed, name in ((A, "a"), (B, "b"), (C, "c")):
        text = f"<p>{long_text(name)}</p>" if name == best else ""
        await stored.poll(feed, new(name, url=PAGE, content_html=text))
        await stored.settle()
    assert stored.count(stories) == 1
    rows = stored.rows(entries)
    with stored.database.engine.begin() as connection:
        connection.execute(update(entries).values(exact_id=rows[0].public_id))
    return {row.identity: row.id for row in rows}


def public(stored: Stored) -> dict[str, str]:
    return {row.identity: row.public_id for row in stored.rows(entries)}


async def split(stored: Stored, one: int, other: int | None = None) -> OperatorEdit:
    return await stored.database.write(operator.split, one, other)


async def merge(stored: Stored, one: int, other: int) -> OperatorEdit:
    return await stored.database.write(operator.merge, one, other)


async def shown(stored: Stored, mode: DedupeMode = DedupeMode.NEAR) -> dict[str, str]:
    """Titles → ids of what an output shows; no id twice."""
    items: list[Item] = await stored.store.load_items(Selection(100, dedupe=mode))
    assert len({item.id for item in items}) == len(items)
    return {item.title.removeprefix("Title "): item.id for item in items}


def together(stored: Stored) -> list[str]:
    found: dict[int, str] = {}
    for row in stored.rows(entries):
        found[row.story_id] = found.get(row.story_id, "") + row.identity
    return sorted(found.values())


@pytest.mark.parametrize("name", ["a", "b", "c"])
@pytest.mark.parametrize("best", ["a", "b", "c"])
async def test_an_entry_that_is_split_off_is_shown_by_itself(
    stored: Stored, name: str, best: str
) -> None:
    ids = await three(stored, best)
    before = {mode: await shown(stored, mode) for mode in MODES}
    version = await stored.store.version()
    await split(stored, ids[name])
    assert await stored.store.version() > version
    for settled in (False, True):
        if settled:
            await stored.settle()
        assert together(stored) == sorted([name, "abc".replace(name, "")])
        for mode in MODES:
            after = await shown(stored, mode)
            assert set(before[mode].items()) <= set(after.items()), "what was seen is emitted anew"
            assert len(after) == (3 if mode == DedupeMode.OFF else 2)


async def test_it_sticks_over_updates_and_new_copies_join_either(stored: Stored) -> None:
    ids = await three(stored)
    await split(stored, ids["b"])
    await stored.settle()
    before = await shown(stored)
    stored.clock.advance(DAY)
    one = changed(ids["b"], "b", url=PAGE, content_html=f"<p>{long_text('a')}</p>")
    await stored.poll(B, changed=[one])
    await stored.poll(A, changed=[changed(ids["a"], "a", url=PAGE, title="Title z")])
    await stored.settle()
    assert together(stored) == ["ac", "b"]
    assert set((await shown(stored)).values()) == set(before.values())
    (row,) = stored.rows(entries, entries.c.id == ids["b"])
    assert (row.held, row.join_rule) == (True, "hand")


async def test_two_that_are_named_are_apart(stored: Stored) -> None:
    ids = await three(stored)
    done = await split(stored, ids["c"], ids["b"])
    assert done.moved == (ids["c"],)
    assert (done.kept, done.other) == (public(stored)["a"], public(stored)["c"])
    assert all(row.held for row in stored.rows(entries))
    with pytest.raises(StoreError, match="two stories already"):
        await split(stored, ids["c"], ids["b"])
    with pytest.raises(StoreError, match="alone"):
        await split(stored, ids["c"])
    with pytest.raises(StoreError, match="alone"):
        await split(stored, ids["a"], ids["a"])


async def test_merging_makes_two_one_and_keeps_the_first_id(stored: Stored) -> None:
    await stored.subscribe(A, B, C)
    await stored.poll(A, new("a", content_html=f"<p>{long_text('a')}</p>"))
    await stored.poll(B, new("b", url=PAGE), new("d"))
    await stored.poll(C, new("c", url=PAGE))
    await stored.settle()
    ids = {row.identity: row.id for row in stored.rows(entries)}
    story = public(stored)
    before = await shown(stored)
    done = await merge(stored, ids["c"], ids["a"])
    assert (done.kept, done.other) == (story["a"], story["b"])
    for settled in (False, True):
        if settled:
            await stored.settle()
        assert together(stored) == ["abc", "d"]
        assert await shown(stored) == {"a": before["a"], "d": before["d"]}
    one = changed(ids["b"], "b", content_html=f"<p>{long_text('other')}</p>")
    await stored.poll(B, changed=[one])
    await stored.settle()
    assert together(stored) == ["abc", "d"]
    # What the ended story was found by finds the one that is left.
    await stored.subscribe(A, B, C, D)
    await stored.poll(D, new("e", url=PAGE))
    await stored.settle()
    assert together(stored) == ["abce", "d"]
    with pytest.raises(StoreError, match="one story already"):
        await merge(stored, ids["a"], ids["b"])


@pytest.mark.parametrize("best", ["a", "b"])
async def test_splitting_merging_and_splitting_again_gives_the_same_ids(
    stored: Stored, best: str
) -> None:
    ids = await three(stored, best)
    before = {mode: await shown(stored, mode) for mode in MODES}
    seen = []
    for _ in range(2):
        await split(stored, ids["a"])
        await stored.settle()
        seen.append({mode: await shown(stored, mode) for mode in MODES})
        await merge(stored, ids["a"], ids["c"])
        await stored.settle()
        assert {mode: await shown(stored, mode) for mode in MODES} == before
    assert seen[0] == seen[1]


async def test_what_is_not_there_is_said(stored: Stored) -> None:
    await stored.subscribe(A)
    (one, other) = await stored.poll(A, new("a", PAGE), new("b"))
    await stored.settle()
    with pytest.raises(StoreError, match="no entry 99"):
        await split(stored, 99)
    with pytest.raises(StoreError, match="no story yet"):
        await merge(stored, one, other)
