"""What is remembered of a site's pages, and what the next pages' tasks are given of it."""

from __future__ import annotations

import asyncio

import pytest

from aggregator.model import Article, ArticleTask
from aggregator.store.db.tables import articles, site_pages
from aggregator.store.pages.site_pages import PLACES, place_of
from tests.support.storage import LEASE, Stored, article, changed, long_text, new

A = "https://a.example/feed"
HOST = "https://a.example"


async def pages(stored: Stored, *urls: str) -> dict[str, ArticleTask]:
    """New entries that wait for these pages, and the pages' leases."""
    await stored.subscribe(A)
    await stored.poll(A, *(new(url, url) for url in urls))
    return {task.url: task for task in await stored.pages(1000)}


async def read(
    stored: Stored, task: ArticleTask, blocks: bytes, said: Article | None = None, url: str = ""
) -> None:
    await stored.store.commit_article(task, said or article(task.url), url or task.url, blocks)


def held(task: ArticleTask) -> set[bytes]:
    digests = task.hints.siblings
    return {digests[i : i + 8] for i in range(0, len(digests), 8)}


async def test_a_task_knows_the_blocks_of_its_hosts_other_pages(stored: Stored) -> None:
    tasks = await pages(stored, f"{HOST}/1", f"{HOST}/2", "https://b.example/1")
    assert {task.hints.siblings for task in tasks.values()} == {b""}
    await read(stored, tasks[f"{HOST}/1"], b"of one..shared..")
    await read(stored, tasks[f"{HOST}/2"], b"of two..shared..")
    await read(stored, tasks["https://b.example/1"], b"of b....")
    tasks = await pages(stored, f"{HOST}/3", "https://b.example/2", "https://c.example/1")
    one, other = tasks[f"{HOST}/3"], tasks["https://b.example/2"]
    assert held(one) == {b"of one..", b"of two..", b"shared.."}
    assert one.hints.siblings.count(b"shared..") == 2
    assert one.hints.title == f"Title {HOST}/3"
    assert other.hints.siblings == b"of b...."
    assert tasks["https://c.example/1"].hints.siblings == b""


async def test_a_page_is_no_other_page_of_itself(stored: Stored) -> None:
    (entry,) = await _entry(stored, f"{HOST}/1")
    tasks = await pages(stored, f"{HOST}/2")
    await read(stored, tasks[f"{HOST}/2"], b"of two..")
    await stored.poll(A, changed=[changed(entry, f"{HOST}/1", f"{HOST}/1", summary_html="x")])
    (again,) = await stored.pages()
    assert again.url == f"{HOST}/1"
    assert again.hints.siblings == b"of two.."
    await read(stored, again, b"of one2.")
    assert sorted(row.digests for row in stored.rows(site_pages)) == [b"of one2.", b"of two.."]


async def _entry(stored: Stored, url: str) -> list[int]:
    await stored.subscribe(A)
    ids = await stored.poll(A, new(url, url))
    (task,) = await stored.pages()
    await read(stored, task, b"of one..")
    return ids


async def test_another_copy_of_an_article_is_no_other_page(stored: Stored) -> None:
    tasks = await pages(stored, f"{HOST}/amp/story-1", f"{HOST}/moved", f"{HOST}/2")
    canonical = article("One.", canonical_url=f"{HOST}/long-story-1")
    await read(stored, tasks[f"{HOST}/amp/story-1"], b"of amp..", canonical)
    await read(stored, tasks[f"{HOST}/moved"], b"moved...", url=f"{HOST}/long-story-1?utm_source=x")
    await read(stored, tasks[f"{HOST}/2"], b"of two..")
    tasks = await pages(stored, f"{HOST}/long-story-1")
    assert tasks[f"{HOST}/long-story-1"].hints.siblings == b"of two.."


async def test_only_a_few_pages_of_a_host_are_remembered(stored: Stored) -> None:
    urls = [f"{HOST}/{i}" for i in range(60)]
    tasks: dict[str, ArticleTask] = {}
    await stored.subscribe(A)
    await stored.poll(A, *(new(url, url) for url in urls))
    while claimed := await stored.pages(1000):
        tasks |= {task.url: task for task in claimed}
    await asyncio.gather(
        *(read(stored, task, f"page{n:04}".encode()) for n, task in enumerate(tasks.values()))
    )
    rows = stored.rows(site_pages)
    assert len(rows) == PLACES
    assert {row.place for row in rows} == set(range(PLACES))
    newest = f"{HOST}/60"
    (later,) = (await pages(stored, newest)).values()
    assert len(held(later)) == PLACES
    await read(stored, later, b"latest..")
    assert stored.count(site_pages) == PLACES
    assert (
        stored.row(site_pages, site_pages.c.article_id == later.article_id).digests == b"latest.."
    )


@pytest.mark.parametrize("step", [1, 2, 3, 5, 8, 10, 16, 20, 50, 64, 100, 1000])
def test_pages_found_in_turn_with_others_have_many_places(step: int) -> None:
    places = {place_of(77 + step * n) for n in range(40)}
    assert places <= set(range(PLACES))
    assert len(places) >= PLACES - 2


async def test_what_is_not_stored_or_has_no_blocks_is_not_remembered(stored: Stored) -> None:
    tasks = await pages(stored, f"{HOST}/1", f"{HOST}/2")
    await stored.store.commit_article(tasks[f"{HOST}/1"], article(), f"{HOST}/1")
    late = tasks[f"{HOST}/2"]
    stored.clock.advance(LEASE)
    (task,) = await stored.pages()
    with pytest.raises(Exception, match="lease"):
        await read(stored, late, b"too late")
    assert stored.count(site_pages) == 0
    await read(stored, task, b"of two..", article(long_text("w"), confidence=0.9))
    assert stored.row(site_pages).digests == b"of two.."


async def test_a_text_that_is_refused_leaves_what_was_remembered(stored: Stored) -> None:
    await stored.subscribe(A)
    (entry,) = await stored.poll(A, new("one", f"{HOST}/1"))
    (task,) = await stored.pages()
    await read(stored, task, b"article.", article(long_text("w"), confidence=0.9))
    await stored.poll(A, changed=[changed(entry, "one", f"{HOST}/1", summary_html="x")])
    (again,) = await stored.pages()
    await read(stored, again, b"the wall", article("Log in.", confidence=0.2))
    assert stored.row(articles).html == f"<p>{long_text('w')}</p>"
    assert stored.row(site_pages).digests == b"article."
