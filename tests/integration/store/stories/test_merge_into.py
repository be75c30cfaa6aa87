"""Two stories that turn out to be one: pages that came late, changed texts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from aggregator.model import DedupeMode, Selection
from aggregator.store.db.tables import EntryState, entries, stories, story_keys
from aggregator.store.reports.explain import explain
from aggregator.store.stories.operator import merge, split
from tests.support.dedupe_texts import paragraphs, prose
from tests.support.storage import MINUTE, NOW, Stored, article, changed, new

A, B, C, D = (f"https://{name}.example/feed" for name in "abcd")
ARTICLE = paragraphs("harbour", 30, 70, 60, 80, 50)
CUT = "\n".join(ARTICLE.split("\n")[:3])
EXACT = Selection(100, dedupe=DedupeMode.EXACT)


def teaser(name: str, at: datetime = NOW, **fields: Any) -> Any:
    """An entry of which the feed says little, and whose page is waited for."""
    return new(name, page=f"https://{name}.example/news/1", at=at, **fields)


def html(text: str) -> str:
    return "".join(f"<p>{line}</p>" for line in text.split("\n"))


async def settle_without_pages(stored: Stored) -> None:
    await stored.store.release_overdue(stored.clock.now(), 0 * MINUTE)
    await stored.settle()


async def pages_come(stored: Stored, texts: dict[str, str]) -> None:
    """The pages whose host begins with these names are fetched; the texts are settled."""
    for task in await stored.pages():
        name = task.url.removeprefix("https://").split(".")[0]
        if name in texts:
            await stored.store.commit_article(task, article(texts[name]), task.url)
        else:
            await stored.store.release_article(task)
    await stored.settle()


async def two_stories(stored: Stored) -> tuple[Any, Any]:
    """Two feeds' copies, each settled as a story of its own before its page came."""
    await stored.subscribe(A, B)
    await stored.poll(A, teaser("one"))
    await stored.poll(B, teaser("two", at=NOW + MINUTE))
    await settle_without_pages(stored)
    first, second = stored.rows(stories)
    return first, second


async def test_copies_whose_pages_came_late_become_one_story(stored: Stored) -> None:
    first, _ = await two_stories(stored)
    await pages_come(stored, {"one": ARTICLE, "two": ARTICLE})
    story = stored.row(stories)
    assert (story.public_id, story.sort_at) == (first.public_id, first.sort_at)
    one, two = stored.rows(entries)
    assert one.story_id == two.story_id == story.id
    assert (two.join_rule, two.joined_to) == ("text", one.id)
    assert one.exact_id == two.exact_id == one.public_id
    assert [item.id for item in await stored.items()] == [first.public_id]
    assert [item.id for item in await stored.store.load_items(EXACT)] == [first.public_id]


@pytest.mark.parametrize("text", [ARTICLE, CUT])
async def test_the_older_id_is_kept_whoever_is_settled_last(stored: Stored, text: str) -> None:
    first, second = await two_stories(stored)
    await pages_come(stored, {"two": ARTICLE})
    assert stored.count(stories) == 2
    await pages_come(stored, {"one": text})
    story = stored.row(stories)
    assert (story.public_id, story.sort_at) == (first.public_id, first.sort_at)
    assert [item.id for item in await stored.items()] == [first.public_id]
    one, two = stored.rows(entries)
    exact = [item.id for item in await stored.store.load_items(EXACT)]
    if text == ARTICLE:
        assert (one.join_rule, one.joined_to) == ("text", two.id)
        assert one.exact_id == two.exact_id == first.public_id
        assert exact == [first.public_id]
    else:
        assert (one.join_rule, one.joined_to) == ("near", two.id)
        assert set(exact) == {first.public_id, second.public_id}


async def test_every_key_of_the_story_that_ended_leads_on(stored: Stored) -> None:
    await two_stories(stored)
    await pages_come(stored, {"one": ARTICLE, "two": ARTICLE})
    story = stored.row(stories)
    assert {row.story_id for row in stored.rows(story_keys)} == {story.id}
    await stored.subscribe(A, B, C, D)
    await stored.poll(C, new("three", url="https://one.example/news/1?utm_source=x"))
    await stored.poll(D, new("four", url="https://two.example/news/1"))
    await stored.settle()
    assert {row.story_id for row in stored.rows(entries)} == {story.id}


async def test_it_is_explained(stored: Stored) -> None:
    _, second = await two_stories(stored)
    await pages_come(stored, {"one": ARTICLE, "two": ARTICLE})
    with stored.database.engine.connect() as connection:
        (found,) = explain(connection, second.public_id, {"all": Selection(100)})
    one, two = stored.rows(entries)
    assert found.entry_id == two.id
    assert found.joined is not None
    assert (found.joined.rule, found.joined.copy) == ("text", one.id)
    assert found.story == one.public_id
    assert [verdict.shown for verdict in found.outputs] == [False]


async def test_one_that_is_alone_joins_a_story_of_several_under_its_id(stored: Stored) -> None:
    first, second = await two_stories(stored)
    await pages_come(stored, {"two": ARTICLE})
    await stored.subscribe(A, B, C)
    await stored.poll(C, new("three", content_html=html(CUT)))
    await stored.settle()
    await pages_come(stored, {"one": ARTICLE})
    story = stored.row(stories)
    assert (story.id, story.public_id) == (second.id, second.public_id)
    assert [item.id for item in await stored.items()] == [second.public_id] != [first.public_id]


async def test_it_may_leave_again_under_the_id_that_it_had(stored: Stored) -> None:
    await two_stories(stored)
    await pages_come(stored, {"one": ARTICLE, "two": CUT})
    one, two = stored.rows(entries)
    assert one.story_id == two.story_id
    other = html(prose("quite another event", 300))
    await stored.poll(B, changed=[changed(two.id, "two", content_html=other)])
    await stored.settle()
    one, two = stored.rows(entries)
    assert [row.public_id for row in stored.rows(stories)] == [one.public_id, two.public_id]
    assert one.story_id != two.story_id
    assert (one.exact_id, two.exact_id) == (one.public_id, two.public_id)


async def test_what_is_still_waited_for_stays_waited_for(stored: Stored) -> None:
    """Only what is settled again moves; the story that it joins keeps its member's state."""
    await two_stories(stored)
    one, two = stored.rows(entries)
    await pages_come(stored, {"two": ARTICLE})
    again = changed(two.id, "two", page="https://two.example/news/1", title="Corrected")
    await stored.poll(B, changed=[again])
    await pages_come(stored, {"one": ARTICLE})
    one, two = stored.rows(entries)
    assert one.story_id == two.story_id
    assert (one.state, two.state) == (EntryState.SETTLED, EntryState.WAITING)


async def test_what_the_operator_placed_does_not_move(stored: Stored) -> None:
    await stored.subscribe(A, B)
    await stored.poll(A, teaser("one"))
    await stored.poll(B, teaser("two"))
    await settle_without_pages(stored)
    one, two = stored.rows(entries)
    with stored.database.engine.begin() as connection:
        merge(connection, one.id, two.id)
        split(connection, two.id)
    await pages_come(stored, {"one": ARTICLE, "two": ARTICLE})
    assert stored.count(stories) == 2


async def test_two_stories_of_several_stay_two(stored: Stored) -> None:
    """Never a chain: only who is alone moves."""
    await stored.subscribe(A, B, C, D)
    texts = [paragraphs(name, 60, 90, 70) for name in ("x", "y")]
    (first,) = await stored.poll(A, new("one", content_html=html(texts[0])))
    await stored.poll(B, new("two", content_html=html(texts[0])))
    await stored.poll(C, new("three", content_html=html(texts[1])))
    await stored.poll(D, new("four", content_html=html(texts[1])))
    await stored.settle()
    both = html("\n".join(texts))
    await stored.poll(A, changed=[changed(first, "one", content_html=both)])
    await stored.settle()
    assert stored.count(stories) == 2
