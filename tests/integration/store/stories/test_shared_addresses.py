"""Addresses that many pages share are no evidence."""

from __future__ import annotations

import pytest

from aggregator.store.db.tables import articles, entries
from aggregator.store.stories.shared_addresses import shared
from tests.support.storage import Stored, article, new

A, B = "https://a.example/feed", "https://b.example/feed"
WALL, TEMPLATE, OWN = (f"https://a.example/{name}" for name in ("login", "all-articles", "own"))


async def pages(stored: Stored, count: int, final: str | None, canonical: str | None) -> None:
    await stored.subscribe(A)
    names = [f"https://a.example/{len(stored.rows(articles))}-{i}" for i in range(count)]
    await stored.poll(A, *(new(name, name) for name in names))
    for task in await stored.pages():
        said = article(task.url, canonical_url=canonical)
        await stored.store.commit_article(task, said, final or task.url)


async def test_what_more_pages_share_than_one_has_forms(stored: Stored) -> None:
    await pages(stored, 4, OWN, OWN)
    await pages(stored, 4, WALL, None)
    urls = [WALL, TEMPLATE, OWN, "https://b.example/"]
    assert await stored.database.read(shared, urls) == set()
    await pages(stored, 1, WALL, None)
    assert await stored.database.read(shared, urls) == {WALL}
    await pages(stored, 3, None, TEMPLATE)
    await pages(stored, 2, None, TEMPLATE)
    assert await stored.database.read(shared, urls) == {WALL, TEMPLATE}
    assert await stored.database.read(shared, urls * 300) == {WALL, TEMPLATE}
    assert await stored.database.read(shared, []) == set()


@pytest.mark.parametrize(("count", "one_story"), [(5, False), (1, True)])
async def test_entries_that_share_only_a_worn_address_are_not_one_story(
    stored: Stored, count: int, *, one_story: bool
) -> None:
    await stored.subscribe(A, B)
    links = [f"https://a.example/{i}" for i in range(count)]
    await stored.poll(A, *(new(link, link) for link in links))
    await stored.poll(B, new("copy", "https://a.example/copy"))
    while tasks := await stored.pages():  # a few of a host each time
        for task in tasks:
            said = article(f"About {task.url} alone.", canonical_url=TEMPLATE + "-2026")
            await stored.store.commit_article(task, said, task.url)
    await stored.settle()
    found = {row.identity: row.story_id for row in stored.rows(entries)}
    assert (found["copy"] in {found[link] for link in links}) is one_story
    assert len({found[link] for link in links}) == count


async def test_an_address_that_is_too_long_to_index_is_not_kept(stored: Stored) -> None:
    await pages(stored, 1, "https://a.example/" + "x" * 3000, "https://a.example/" + "y" * 3000)
    row = stored.row(articles)
    assert (row.final_url, row.canonical_url) == (None, None)
    assert row.text
