"""Pages of what stands in an output, and single items: who turns the pages meets each item once."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from aggregator.model import ItemPlace, LineReason, Selection
from aggregator.publish.groups import category_id
from aggregator.store.db.tables import entries, output_items, stories
from tests.support.outputs import FEEDS, Configured, log_of
from tests.support.storage import DAY, HOUR, NOW, Stored, long_text, new

A, B, C, D = FEEDS
NOWHERE = "urn:uuid:00000000-0000-4000-8000-000000000000"


async def started(stored: Stored, **fields: object) -> Configured:
    config = Configured(**fields)  # type: ignore[arg-type]
    await config.tell(stored)
    await stored.store.catch_up(config.selections().values())
    return config


async def turned(stored: Stored, selection: Selection, at_once: int) -> list[list[str]]:
    """The titles on each page, from the first to the last."""
    pages: list[list[str]] = []
    below: ItemPlace | None = None
    while True:
        page = await stored.store.standing_items(replace(selection, limit=at_once), below)
        assert page is not None
        pages.append([one.title for one in page.items])
        below = page.below
        if below is None:
            return pages


@pytest.mark.parametrize("name", ["near", "off", "exact", "parted", "tech", "by-category"])
async def test_whoever_turns_the_pages_meets_each_item_once_in_its_order(
    stored: Stored, name: str
) -> None:
    config = await started(stored, categories={A: "Tech+News", B: "Tech"})
    chance = random.Random(name)
    for round_ in range(6):
        for feed in FEEDS:
            at = NOW - chance.choice([0, 1, 1, 2]) * HOUR  # many of the same time
            news = (new(f"{feed} {round_} {n}", at=at) for n in range(3))
            await stored.poll(feed, *news)
        await stored.settle(outputs=config.selections().values())
    selection = replace(config.selections()[name], limit=1000)
    whole = [one.title for one in await stored.store.load_items(selection)]
    assert len(whole) > 30
    for at_once in (1, 7, 100):
        pages = await turned(stored, selection, at_once)
        assert [title for page in pages for title in page] == whole
        assert max(map(len, pages)) <= at_once


async def test_before_the_log_is_filled_nothing_is_known(stored: Stored) -> None:
    await stored.subscribe(*FEEDS)
    await stored.poll(A, new("one"))
    await stored.settle()
    config = Configured()
    near = config.selections()["near"]
    assert await stored.store.standing_items(near) is None
    await config.tell(stored)
    assert await stored.store.standing_items(near) is None
    assert await stored.store.named_item(near, NOWHERE) is None
    await stored.store.catch_up([near])
    page = await stored.store.standing_items(near)
    assert page is not None
    assert [one.title for one in page.items] == ["Title one"]
    assert await stored.store.standing_items(replace(near, basis=None)) is None


async def test_an_item_is_found_by_its_id_and_by_that_of_one_that_it_took_in(
    stored: Stored,
) -> None:
    config = await started(stored)
    near = config.selections()["near"]
    text = f"<p>{long_text('w')}</p>"
    first, second = new("one", content_html=text), new("two", url="https://pages.example/2")
    (one_id,) = await stored.poll(A, first)
    (two_id,) = await stored.poll(B, second)
    await stored.settle(outputs=[near])
    found = await stored.store.named_item(near, second.public_id)
    assert found is not None
    assert found.item is not None
    assert found.item.title == "Title two"
    await stored.store.merge(one_id, two_id)
    await stored.store.catch_up([near])
    merged = [await stored.store.named_item(near, one.public_id) for one in (first, second)]
    stands = [one for one in merged if one is not None and one.item is not None]
    taken_in = [one for one in merged if one is not None and one.item is None]
    assert len(stands) == len(taken_in) == 1
    assert stands[0].item is not None
    assert taken_in[0].holder == stands[0].item.id
    assert taken_in[0].is_withdrawn


async def test_a_withdrawn_item_is_gone_and_what_never_stood_is_not_told_of(
    stored: Stored,
) -> None:
    config = await started(stored, hidden={B})
    near = config.selections()["near"]
    mine, hidden = new("mine"), new("hidden")
    await stored.poll(A, mine)
    await stored.poll(B, hidden)
    await stored.settle(outputs=[near])
    for never in (hidden.public_id, NOWHERE, "nonsense"):
        found = await stored.store.named_item(near, never)
        assert found is not None
        assert (found.item, found.holder, found.is_withdrawn) == (None, "", False)
    config.feeds.remove(A)
    await config.tell(stored)
    near = config.selections()["near"]
    await stored.store.catch_up([near])
    assert LineReason.STOPPED in {
        row.reason
        for row in stored.rows(output_items, output_items.c.log_id == log_of(stored, "near"))
    }
    found = await stored.store.named_item(near, mine.public_id)
    assert found is not None
    assert (found.item, found.holder, found.is_withdrawn) == (None, "", True)


async def test_what_became_hidden_a_moment_ago_is_on_no_page(stored: Stored) -> None:
    config = await started(stored)
    mine = new("mine", at=NOW - DAY)
    await stored.poll(A, new("other"))
    await stored.poll(B, mine)
    await stored.settle(outputs=config.selections().values())
    near = replace(config.selections()["near"], hidden=frozenset({B}))  # its log does not know yet
    page = await stored.store.standing_items(near)
    assert page is not None
    assert [one.title for one in page.items] == ["Title other"]
    found = await stored.store.named_item(near, mine.public_id)
    assert found is not None
    assert found.item is None
    assert not found.holder


@pytest.mark.parametrize("name", ["near", "exact", "parted", "tech", "by-category"])
@pytest.mark.parametrize("is_split", [False, True])
async def test_an_item_that_a_merge_ends_leads_to_the_one_that_took_it_in(
    stored: Stored, name: str, is_split: bool
) -> None:
    """In each mode, in its own category, and before the log knows; also what a split gave an id of its own."""
    config = await started(stored, categories={A: "News+Tech", B: "Tech+News"})
    selection = config.selections()[name]
    (one,), (two,) = await stored.poll(A, new("one")), await stored.poll(B, new("two"))
    await stored.settle(outputs=config.selections().values())
    if is_split:
        await stored.store.merge(one, two)
        await stored.store.catch_up(config.selections().values())
        await stored.store.split(two)
        await stored.store.catch_up(config.selections().values())
    before = await standing_ids(stored, selection)
    await stored.store.merge(one, two)
    for is_known in (False, True):
        if is_known:
            await stored.store.catch_up(config.selections().values())
        after = await standing_ids(stored, selection)
        ended = before.keys() - after.keys()
        assert len(ended) == len(after) == (2 if name == "by-category" else 1)
        for item_id in ended:
            found = await stored.store.named_item(selection, item_id)
            assert found is not None
            assert after[found.holder] == before[item_id]


async def standing_ids(stored: Stored, selection: Selection) -> dict[str, str]:
    """Ids of what stands → its category, if items are one for each."""
    found = await stored.store.standing_items(replace(selection, limit=100))
    assert found is not None
    names = {name for several in (selection.categories or {}).values() for name in several}
    bases = [one for row in stored.rows(entries) for one in (row.public_id, row.exact_id)]
    bases += [row.public_id for row in stored.rows(stories)]
    of = {category_id(base, name): name for base in bases for name in names}
    return {one.id: of.get(one.id, "") for one in found.items}
