"""What one output shows once and another several times: modes, windows, scopes; ids and order."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import insert, update

from aggregator.model import DedupeMode, Item, OutputFeed, Related, Selection
from aggregator.privacy.public import PublicUrl
from aggregator.publish.groups import Group, category_id
from aggregator.publish.render import render
from aggregator.store.db.tables import entries, stories
from aggregator.store.outputs.groups import newest_groups
from aggregator.store.reports.explain import explain
from tests.support.storage import DAY, HOUR, NOW, WINDOW, Stored, changed, new

A, B, C = "https://lists.example/feed", "https://b.example/feed", "https://c.example/feed"
PAGE = "https://a.example/news/1"
ALL = Selection(100)


async def story_of_three(stored: Stored) -> dict[str, str]:
    """One story: a and b are exact copies, c came two days later and is near. Names → public ids."""
    await stored.subscribe(A, B, C)
    one = new("a", url=PAGE, at=NOW - HOUR, content_html="<p>a text to be read</p>")
    two = new("b", url=PAGE, at=NOW - 2 * HOUR)
    three = new("c", url=PAGE, at=NOW + DAY)
    alone = new("d", at=NOW - 3 * HOUR)
    await stored.poll(A, one, alone)
    await stored.settle()
    await stored.poll(B, two)
    await stored.settle()
    stored.clock.advance(2 * DAY)
    await stored.poll(C, three)
    await stored.settle()
    assert stored.count(stories) == 2
    for name, exact in (("a", one), ("b", one), ("c", three), ("d", alone)):
        write(stored, name, exact_id=exact.public_id)
    return {n.entry.identity: n.public_id for n in (one, two, three, alone)}


def write(stored: Stored, name: str, **values: object) -> None:
    with stored.database.engine.begin() as connection:
        connection.execute(update(entries).where(entries.c.identity == name).values(**values))


async def shown(stored: Stored, selection: Selection = ALL, **fields: object) -> list[Item]:
    return await stored.store.load_items(replace(selection, **fields))  # type: ignore[arg-type]


def told(feed: str, link: str | None = None) -> Related:
    return Related(f"Feed {feed}", link, PublicUrl(feed))


def names(items: list[Item]) -> list[str]:
    return [item.title.removeprefix("Title ") for item in items]


async def test_each_mode_shows_what_is_one_for_it(stored: Stored) -> None:
    ids = await story_of_three(stored)
    off, exact, near = [await shown(stored, dedupe=mode) for mode in DedupeMode]
    assert names(near) == ["a", "d"]
    assert names(exact) == ["c", "a", "d"]
    assert names(off) == ["c", "a", "b", "d"]
    assert [item.id for item in near] == [ids["a"], ids["d"]]
    assert [item.id for item in exact] == [ids["c"], ids["a"], ids["d"]]
    assert [item.id for item in off] == [ids[name] for name in ("c", "a", "b", "d")]
    assert near[0].related == (told(B), told(C))  # all have a's page
    assert near[1].related == ()
    assert [item.url for item in off] == [PAGE, PAGE, PAGE, None]


async def test_an_item_names_the_sources_of_its_own_group_only(stored: Stored) -> None:
    await story_of_three(stored)
    for name in "bc":
        write(stored, name, url=f"https://{name}.example/1")
    (story, _), (late, exact, _) = [
        await shown(stored, dedupe=mode) for mode in (DedupeMode.NEAR, DedupeMode.EXACT)
    ]
    b, c = told(B, "https://b.example/1"), told(C, "https://c.example/1")
    assert story.related == (b, c)
    assert (exact.related, late.related) == ((b,), ())


async def test_the_limit_counts_items_whatever_they_are(stored: Stored) -> None:
    await story_of_three(stored)
    for mode in DedupeMode:
        everything = await shown(stored, dedupe=mode)
        for limit in range(1, len(everything) + 1):
            assert await shown(stored, dedupe=mode, limit=limit) == everything[:limit]


@pytest.mark.parametrize("mode", DedupeMode)
async def test_only_chosen_feeds_are_shown_and_the_ids_stay(
    stored: Stored, mode: DedupeMode
) -> None:
    ids = await story_of_three(stored)
    found = await shown(stored, dedupe=mode, keys=frozenset({B}))
    assert names(found) == ["b"]
    assert found[0].id == (ids["b"] if mode == DedupeMode.OFF else ids["a"])
    assert await shown(stored, dedupe=mode, keys=frozenset()) == []
    await stored.subscribe(B, C)
    assert "a" not in names(await shown(stored, dedupe=mode))


async def test_a_window_parts_what_came_late(stored: Stored) -> None:
    ids = await story_of_three(stored)
    assert names(await shown(stored, window=2 * DAY)) == ["a", "d"]
    parted = await shown(stored, window=DAY)
    assert [(item.id, name) for item, name in zip(parted, names(parted), strict=True)] == [
        (ids["c"], "c"),
        (ids["a"], "a"),
        (ids["d"], "d"),
    ]


async def test_a_story_is_shown_once_in_each_category(stored: Stored) -> None:
    ids = await story_of_three(stored)
    found = await shown(stored, categories={A: ["News"], B: ["News"], C: ["Tech"]})
    assert names(found) == ["c", "a", "d"]
    assert [item.id for item in found] == [
        category_id(ids["a"], "Tech"),
        category_id(ids["a"], "News"),
        category_id(ids["d"], "News"),
    ]
    (only,) = await shown(stored, categories={C: ["Tech"]}, keys=frozenset({C}))
    assert only.id == category_id(ids["a"], "Tech")


async def test_an_entry_of_two_categories_is_an_item_in_each(stored: Stored) -> None:
    ids = await story_of_three(stored)
    both = Selection(100, categories={A: ["News", "Tech"], B: ["News"], C: ["Tech"]})
    found = await shown(stored, both)
    # Those of one entry have one place: any order will do that is always the same.
    assert [item.id for item in found] == [
        item_id
        for name in "ad"
        for item_id in sorted((category_id(ids[name], c) for c in ("News", "Tech")), reverse=True)
    ]
    for limit in range(1, 5):
        assert await shown(stored, both, limit=limit) == found[:limit]
    with stored.database.engine.connect() as connection:
        (told,) = explain(connection, "d", {"all": both})
    assert {(one.shown, one.item_id) for one in told.outputs} == {
        (True, item.id) for item in found[2:]
    }


async def test_the_rank_decides_between_copies_that_are_equally_complete(stored: Stored) -> None:
    await story_of_three(stored)
    some = frozenset({B, C})
    for name in "abc":
        write(stored, name, text_length=100)
    assert names(await shown(stored, keys=some)) == ["b"]
    assert names(await shown(stored, keys=some, ranks={B: 2, C: 1})) == ["c"]


async def test_the_rank_decides_in_the_whole_story_and_changes_no_id(stored: Stored) -> None:
    await story_of_three(stored)
    for name in "abc":
        write(stored, name, text_length=100)
    plain = await shown(stored)
    ranked = await shown(stored, ranks={B: -1})
    assert (names(plain), names(ranked)) == (["a", "d"], ["b", "d"])
    assert [item.id for item in plain] == [item.id for item in ranked]
    write(stored, "c", text_length=200)  # completeness goes before rank
    assert names(await shown(stored, ranks={B: -1})) == ["c", "d"]
    with stored.database.engine.connect() as connection:
        (found,) = explain(connection, plain[1].id, {"all": replace(ALL, ranks={B: -1})})
        (story,) = explain(connection, "c", {"all": replace(ALL, ranks={B: -1})})
    assert [one.represents for one in found.members] == [True]
    assert [one.represents for one in story.members] == [False, False, True]


@pytest.mark.parametrize("mode", DedupeMode)
@pytest.mark.parametrize("kind", ["atom", "rss", "json"])
async def test_an_unchanged_item_keeps_its_bytes(
    stored: Stored, mode: DedupeMode, kind: str
) -> None:
    async def each() -> dict[str, bytes]:
        return {
            item.id: render(
                OutputFeed("all", "All", "", "https://me.example", (item,), NOW, (kind,)), kind
            )
            for item in await shown(stored, dedupe=mode)
        }

    await story_of_three(stored)
    before = await each()
    stored.clock.advance(DAY)
    (row,) = stored.rows(entries, entries.c.identity == "d")
    await stored.poll(A, new("e", at=NOW + 3 * DAY), changed=[changed(row.id, "d", title="New")])
    await stored.settle()
    after = await each()
    assert set(after) - set(before) == {item for item in after if b"Title e" in after[item]}
    different = {item for item in before if before[item] != after[item]}
    assert different == {row.public_id}


@pytest.mark.parametrize("mode", [DedupeMode.EXACT, DedupeMode.OFF])
async def test_items_are_found_however_many_copies_stand_before_them(
    stored: Stored, mode: DedupeMode
) -> None:
    """A story of a thousand newer copies: the scan goes on behind them, and nothing comes twice."""
    await story_of_three(stored)
    (row,) = stored.rows(entries, entries.c.identity == "b")
    many = 1200
    with stored.database.engine.begin() as connection:
        connection.execute(
            insert(entries),
            [
                {
                    **row._mapping,
                    "id": row.id + 100 + i,
                    "identity": f"b{i}",
                    "public_id": f"urn:{i}",
                    "sort_at": NOW + timedelta(seconds=i // 7),
                }
                for i in range(many)
            ],
        )
    found = [group.id for group in await groups(stored, Selection(2000, dedupe=mode))]
    assert len(found) == len(set(found)) == (many + 4 if mode == DedupeMode.OFF else 3)
    newest = await groups(stored, Selection(3, dedupe=mode))
    assert [group.id for group in newest] == found[:3]


async def groups(stored: Stored, selection: Selection) -> list[Group]:
    return await stored.database.read(newest_groups, selection)


async def test_what_any_mode_shows_is_kept(stored: Stored) -> None:
    ids = await story_of_three(stored)
    everything = [row.id for row in stored.rows(entries)]
    await stored.poll(A, unlisted=everything)
    stored.clock.advance(WINDOW)
    for mode in DedupeMode:
        limited = Selection(2, dedupe=mode)
        kept = {one.id for one in await shown(stored, limited)}
        await stored.store.drop_old(stored.clock.now(), DAY, 1, [limited])
        assert kept <= {item.id for item in await shown(stored, dedupe=mode)} <= set(ids.values())
