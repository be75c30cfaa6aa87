"""Article pages: which are fetched next, and what becomes of those who wait for them."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from aggregator.errors import LeaseLost
from aggregator.model import ArticleTask
from aggregator.store.db.database import open_engine
from aggregator.store.db.tables import ArticleState, EntryState, articles, entries
from aggregator.store.pages import claims as page_claims
from tests.support.storage import HOUR, LEASE, MINUTE, NOW, Stored, article, changed, new

A, B = "https://a.example/feed", "https://b.example/feed"
PAGE = "https://a.example/1"


def urls(tasks: list[ArticleTask]) -> list[str]:
    return [task.url for task in tasks]


async def page_of(stored: Stored, **fields: Any) -> ArticleTask:
    """One entry that waits for ``PAGE``, and the page's lease."""
    await stored.subscribe(A)
    await stored.poll(A, new("one", PAGE, **fields))
    (task,) = await stored.pages()
    return task


async def test_newest_pages_first_and_a_few_of_each_host(stored: Stored) -> None:
    await stored.subscribe(A)
    hosts = ["a", "a", "a", "a", "a", "a", "b", "c"]
    pages = [f"https://{host}.example/{i}" for i, host in enumerate(hosts)]
    for page in pages:
        await stored.poll(A, new(page, page))
    first = await stored.pages(limit=3)
    assert urls(first) == [pages[7], pages[6], pages[5]]  # one of each host before a second
    rest = await stored.pages()
    assert urls(rest) == [pages[4], pages[3], pages[2], pages[1]]
    assert urls(await stored.pages()) == [pages[0]]
    assert {task.host for task in (*first, *rest)} == {f"{h}.example" for h in "abc"}


async def test_pages_of_busy_hosts_wait(stored: Stored) -> None:
    await stored.subscribe(A)
    await stored.poll(A, new("one", PAGE), new("two", "https://b.example/2"))
    assert urls(await stored.pages(busy=["a.example", "z.example"])) == ["https://b.example/2"]
    assert await stored.pages(busy=["a.example"]) == []
    assert urls(await stored.pages()) == [PAGE]


async def test_a_task_knows_what_the_feed_said(stored: Stored) -> None:
    task = await page_of(stored, summary_html="<p>Said &amp; done</p>", language="de")
    assert (task.hints.title, task.hints.summary_text) == ("Title one", "Said & done")
    assert (task.hints.language, task.attempts, task.host) == ("de", 0, "a.example")


async def test_a_released_or_expired_page_is_claimed_again(stored: Stored) -> None:
    task = await page_of(stored)
    assert await stored.pages() == []
    await stored.store.release_article(task)
    (again,) = await stored.pages()
    await stored.store.release_article(task)  # lost: ignored
    assert await stored.pages() == []
    stored.clock.advance(LEASE)
    (third,) = await stored.pages()
    assert task.lease.token < again.lease.token < third.lease.token
    assert third.attempts == 0


async def test_one_page_is_claimed_by_its_id_due_or_not(stored: Stored) -> None:
    task = await page_of(stored, title="T", language="de")
    number, claim = task.article_id, stored.store.claim_article
    assert await claim(number, stored.clock.now(), LEASE) is None  # someone else holds it
    await stored.store.postpone_article(task, NOW + HOUR)
    again = await claim(number, stored.clock.now(), LEASE)
    assert again is not None
    assert (again.url, again.host, again.hints) == (task.url, task.host, task.hints)
    assert again.lease.token > task.lease.token
    assert again.lease.until == stored.clock.now() + LEASE
    with pytest.raises(LeaseLost):
        await stored.store.commit_article(task, article(), PAGE)
    await stored.store.commit_article(again, article(), PAGE)
    await stored.settle()
    assert await stored.pages() == []  # it is done, and still to be had by its id
    assert await claim(number, stored.clock.now(), LEASE) is not None
    assert await claim(number + 1, stored.clock.now(), LEASE) is None


async def test_a_postponed_page_waits_without_counting_as_tried(stored: Stored) -> None:
    task = await page_of(stored)
    await stored.store.postpone_article(task, NOW + HOUR)
    stored.clock.advance(HOUR - MINUTE)
    assert await stored.pages() == []
    stored.clock.advance(MINUTE)
    (again,) = await stored.pages()
    assert again.attempts == 0
    await stored.store.postpone_article(task, NOW)  # lost: ignored
    assert await stored.pages() == []


async def test_a_result_under_a_lost_lease_writes_nothing(stored: Stored) -> None:
    late = await page_of(stored)
    stored.clock.advance(LEASE)
    await stored.pages()
    before = stored.rows(articles), stored.rows(entries)
    with pytest.raises(LeaseLost):
        await stored.store.commit_article(late, article(), PAGE)
    with pytest.raises(LeaseLost):
        await stored.store.fail_article(late, "too late", None)
    assert (stored.rows(articles), stored.rows(entries)) == before


async def test_the_text_readies_everyone_who_waits_for_it(stored: Stored) -> None:
    await stored.subscribe(A, B)
    await stored.poll(A, new("a", PAGE), new("elsewhere", "https://a.example/2"))
    await stored.poll(B, new("b", PAGE))
    task = next(task for task in await stored.pages() if task.url == PAGE)
    one = article("Text.", authors=("X",), canonical_url=PAGE, published=NOW, confidence=0.5)
    await stored.store.commit_article(task, one, "https://a.example/final")
    states = {row.identity: row.state for row in stored.rows(entries)}
    assert states == {"a": EntryState.READY, "b": EntryState.READY, "elsewhere": EntryState.WAITING}
    row = stored.row(articles, articles.c.url == PAGE)
    assert (row.state, row.html, row.text) == (ArticleState.DONE, "<p>Text.</p>", "Text.")
    assert (row.final_url, row.authors, row.published_at) == ("https://a.example/final", ["X"], NOW)
    assert (row.lease_until, row.fetched_at, row.confidence) == (None, NOW, 0.5)


async def test_a_failure_lets_entries_go_on_and_is_tried_again_later(stored: Stored) -> None:
    task = await page_of(stored)
    await stored.store.fail_article(task, "503", NOW + HOUR)
    row = stored.row(articles)
    assert (row.state, row.attempts, row.error) == (ArticleState.WAITING, 1, "503")
    assert (await stored.settle()).entries == 1
    (item,) = await stored.items()
    assert item.content_html == "<p>Title one</p>"
    assert await stored.pages() == []
    stored.clock.advance(HOUR)
    (again,) = await stored.pages()
    assert again.attempts == 1


async def test_a_late_text_replaces_what_the_feed_gave_and_says_so(stored: Stored) -> None:
    task = await page_of(stored)
    await stored.store.fail_article(task, "503", NOW + HOUR)
    await stored.settle()
    shown, version = await stored.items(), await stored.store.version()
    stored.clock.advance(HOUR)
    (task,) = await stored.pages()
    await stored.store.commit_article(task, article("At last."), PAGE)
    assert (await stored.settle()).new_stories == 0
    assert await stored.store.version() > version
    (before,), (after,) = shown, await stored.items()
    assert after.content_html == "<p>At last.</p>"
    assert (after.id, after.published) == (before.id, before.published)
    assert (before.updated, after.updated) == (NOW, NOW + HOUR)


async def test_a_page_given_up_is_not_asked_for_again(stored: Stored) -> None:
    task = await page_of(stored)
    await stored.store.fail_article(task, "404", None)
    stored.clock.advance(1000 * HOUR)
    assert await stored.pages() == []
    assert stored.row(articles).state == ArticleState.FAILED
    await stored.subscribe(A, B)
    await stored.poll(B, new("late", PAGE))
    assert {row.state for row in stored.rows(entries)} == {EntryState.READY}


async def test_giving_up_a_refresh_keeps_the_earlier_text(stored: Stored) -> None:
    task = await page_of(stored)
    await stored.store.commit_article(task, article("First."), PAGE)
    await stored.settle()
    one = stored.row(entries).id
    await stored.poll(A, changed=[changed(one, "one", PAGE, title="New")])
    (task,) = await stored.pages()
    await stored.store.fail_article(task, "gone", None)
    row = stored.row(articles)
    assert (row.state, row.html, row.error) == (ArticleState.DONE, "<p>First.</p>", "gone")
    assert stored.row(entries).state == EntryState.READY


async def test_the_same_text_again_disturbs_nobody(stored: Stored) -> None:
    await stored.subscribe(A, B)
    (one,) = await stored.poll(A, new("a", PAGE))
    await stored.poll(B, new("b", PAGE))
    (task,) = await stored.pages()
    await stored.store.commit_article(task, article(), PAGE)
    await stored.settle()
    stored.clock.advance(HOUR)
    await stored.poll(A, changed=[changed(one, "a", PAGE, title="New")])
    (task,) = await stored.pages()
    stored.clock.advance(MINUTE)
    await stored.store.commit_article(task, article(), PAGE)
    rows = {row.identity: row for row in stored.rows(entries)}
    assert (rows["a"].state, rows["a"].changed_at) == (EntryState.READY, NOW + HOUR)
    assert (rows["b"].state, rows["b"].changed_at) == (EntryState.SETTLED, None)


async def test_another_text_reaches_every_settled_entry(stored: Stored) -> None:
    await stored.subscribe(A, B)
    (one,) = await stored.poll(A, new("a", PAGE))
    await stored.poll(B, new("b", PAGE))
    (task,) = await stored.pages()
    await stored.store.commit_article(task, article("First."), PAGE)
    await stored.settle()
    await stored.poll(A, changed=[changed(one, "a", PAGE, title="New")])
    (task,) = await stored.pages()
    stored.clock.advance(HOUR)
    await stored.store.commit_article(task, article("Second."), PAGE)
    rows = {row.identity: row for row in stored.rows(entries)}
    assert (rows["b"].state, rows["b"].changed_at) == (EntryState.READY, NOW + HOUR)


async def test_entries_do_not_wait_for_ever(stored: Stored) -> None:
    await page_of(stored)
    stored.clock.advance(10 * MINUTE)
    assert await stored.store.release_overdue(NOW, MINUTE) == 0
    assert await stored.store.release_overdue(stored.clock.now(), 10 * MINUTE) == 1
    assert await stored.store.release_overdue(stored.clock.now(), 10 * MINUTE) == 0
    assert (await stored.settle()).new_stories == 1


async def test_concurrent_claims_never_share_a_page(stored: Stored, database_url: str) -> None:
    await stored.subscribe(A)
    pages = [f"https://{i % 20}.example/{i}" for i in range(60)]
    await stored.poll(A, *(new(page, page) for page in pages))

    def claim_some() -> list[str]:
        engine = open_engine(database_url)
        got: list[str] = []
        try:
            for _ in range(3):
                with engine.execution_options(writes=True).begin() as connection:
                    got += urls(page_claims.claim_articles(connection, NOW, LEASE, 7, []))
        finally:
            engine.dispose()
        return got

    with ThreadPoolExecutor(3) as pool:
        loop = asyncio.get_running_loop()
        claims = await asyncio.gather(*(loop.run_in_executor(pool, claim_some) for _ in range(3)))
    claimed = [url for one in claims for url in one]
    while more := await stored.pages():
        claimed += urls(more)
    assert sorted(claimed) == sorted(pages)


LONG = "The bridge across the river opened on Monday in the rain. " * 20


async def test_a_much_shorter_text_does_not_replace_a_better_one(stored: Stored) -> None:
    task = await page_of(stored)
    await stored.store.commit_article(task, article(LONG, confidence=0.9), PAGE)
    await stored.settle()
    (known,) = stored.rows(entries)
    await stored.poll(A, changed=[changed(known.id, "one", PAGE, title="New")])
    (again,) = await stored.pages()
    stub = article("Subscribe to read on. The bridge opened.", confidence=0.95)
    await stored.store.commit_article(again, stub, PAGE)
    (page,) = stored.rows(articles)
    assert page.text == LONG
    assert "are kept" in page.error
    assert page.state == ArticleState.DONE
    assert page.lease_until is None
    (entry,) = stored.rows(entries)
    assert entry.state == EntryState.READY


async def test_a_feeds_habit_is_read_from_its_articles(stored: Stored) -> None:
    await stored.subscribe(A)
    pages = [f"https://a.example/{i}" for i in range(4)]
    await stored.poll(A, *(new(page, page) for page in pages))
    tasks = await stored.pages()
    # The third page asks to log in below the feed's text: that tells nothing.
    gave = (("feed", 0.9), ("page:blocks", 0.4), ("feed", 0.4))
    for task, (source, sure) in zip(tasks, gave, strict=False):
        await stored.store.commit_article(task, article(source=source, confidence=sure), task.url)
    feed_id = stored.rows(entries)[0].feed_id
    assert sorted(await stored.store.text_sources(feed_id)) == ["feed", "page:blocks"]
    assert tasks[0].hints.feed_key == A
