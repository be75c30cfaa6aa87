"""A database whose addresses were keyed by other rules: what arrives later finds what is there."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from aggregator.store.db.migrations import migrate
from aggregator.store.db.tables import entries, page_keys, stories, story_keys
from aggregator.urls.lookup_keys import address_key
from tests.support.storage import Stored, article, new

A, B, C = (f"https://{name}.example/feed" for name in "abc")
PAPER = "https://arxiv.org/abs/2401.12345"
AS_PDF = "https://arxiv.org/pdf/2401.12345v2"
FORMER = {"url:arxiv.org/abs/2401.12345": "url:arxiv.org/pdf/2401.12345v2"}
POST = "https://social.example/users/ana/statuses/113000000000000001"
FORMER_GUID = "guid:social.example/users/ana/statuses/113000000000000001"


def as_before(stored: Stored) -> None:
    """Give the keys the form that they had when a PDF was another page than its abstract."""
    engine = stored.database.engine
    migrate(engine, "0016")
    with engine.begin() as connection:
        for now, then in FORMER.items():
            moved = update(story_keys).where(story_keys.c.key == now).values(key=then)
            assert connection.execute(moved).rowcount == 1
        connection.execute(
            update(story_keys)
            .where(story_keys.c.key == "guid:social.example/@ana/113000000000000001")
            .values(key=FORMER_GUID)
        )
        connection.execute(update(entries).values(url_key=7))
        connection.execute(page_keys.delete())


@pytest.fixture
async def upgraded(stored: Stored) -> Stored:
    await stored.subscribe(A, B, C)
    await stored.poll(A, new("one", AS_PDF), new("post", guid=POST))
    (task,) = await stored.pages()
    await stored.store.commit_article(task, article(), "https://github.com/Ana/Paper", b"digests.")
    await stored.settle()
    before = [stored.rows(stories), [row.story_id for row in stored.rows(entries)]]
    as_before(stored)
    migrate(stored.database.engine)
    assert [stored.rows(stories), [row.story_id for row in stored.rows(entries)]] == before
    return stored


async def test_other_forms_join_and_nothing_is_shown_anew(upgraded: Stored) -> None:
    shown = {item.id for item in await upgraded.items()}
    await upgraded.poll(B, new("two", url=PAPER))
    await upgraded.poll(C, new("again", guid="https://social.example/@ana/113000000000000001"))
    await upgraded.settle()
    assert upgraded.count(stories) == 2
    assert {item.id for item in await upgraded.items()} == shown


async def test_the_keys_of_before_stay(upgraded: Stored) -> None:
    keys = {row.key for row in upgraded.rows(story_keys)}
    assert keys >= {*FORMER, *FORMER.values(), FORMER_GUID}


async def test_operators_find_them_by_any_form(upgraded: Stored) -> None:
    with upgraded.database.engine.connect() as connection:
        keys = set(connection.execute(select(entries.c.url_key)).scalars())
        pages = set(connection.execute(select(page_keys.c.key)).scalars())
    assert address_key(PAPER) in keys
    assert address_key("https://github.com/ana/paper") in pages


async def test_up_again_adds_nothing(upgraded: Stored) -> None:
    engine = upgraded.database.engine
    before = upgraded.rows(story_keys)
    migrate(engine, "0016")
    migrate(engine)
    assert upgraded.rows(story_keys) == before
