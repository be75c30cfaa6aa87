"""Keys that former rules made: with others they are made anew bit by bit, and nothing is shown as new."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, delete, insert, select, update

from aggregator import __version__
from aggregator.store.db.counters import Counter, note_counters, read_counters
from aggregator.store.db.tables import (
    REVISION,
    entries,
    page_keys,
    processes,
    stories,
    story_keys,
)
from aggregator.store.stories import key_backlog
from aggregator.urls.lookup_keys import address_key
from aggregator.urls.story import RULES
from tests.support.storage import DAY, WINDOW, Stored, article, long_text, new

A, B, C = (f"https://{name}.example/feed" for name in "abc")
HASH = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
LONG, SHORT = (f"https://apnews.com/article/{slug}{HASH}" for slug in ("tunnel-opens-", ""))
GUID = "https://www.heise.de/-10123456"
# What the rules before made of them.
FORMER = {
    f"url:apnews.com/article/{HASH}": f"url:apnews.com/article/tunnel-opens-{HASH}",
    "guid:heise.de/-10123456": "guid:heise.de/news/A-Tunnel-10123456.html",
}
DONE = 2 * RULES + 1


def as_before(stored: Stored, forms: Mapping[str, str] = FORMER, by: int = DONE - 2) -> None:
    """Give keys the form that they had, and hashed ones another, as former rules would have."""
    with stored.database.engine.begin() as connection:
        for now, then in forms.items():
            moved = update(story_keys).where(story_keys.c.key == now).values(key=then)
            assert connection.execute(moved).rowcount == 1
        hashed = select(story_keys.c.key).where(story_keys.c.key.startswith("url:sha256:"))
        for key in connection.execute(hashed).scalars().all():
            other = update(story_keys).where(story_keys.c.key == key).values(key=key + "-before")
            connection.execute(other)
        connection.execute(update(entries).values(url_key=7))
        connection.execute(page_keys.delete())
        note_counters(connection, {Counter.KEYED_BY: by, Counter.KEYED_BELOW: 0})


def counted(stored: Stored) -> dict[Counter, int]:
    with stored.database.engine.connect() as connection:
        return read_counters(connection)


def keys(stored: Stored) -> set[str]:
    return {row.key for row in stored.rows(story_keys)}


def started(connection: Connection, release: str) -> None:
    now = datetime.now(UTC)
    row: dict[str, Any] = {"id": release, "kind": "run", "release": release, "revision": REVISION}
    there = {"host": "b.example", "pid": 7, "started_at": now, "seen_at": now}
    connection.execute(insert(processes).values(**row, **there))


@pytest.fixture
async def former(stored: Stored) -> Stored:
    """A store of two stories, keyed as before."""
    await stored.subscribe(A, B, C)
    await stored.poll(A, new("Tunnel", LONG), new("Bridge", guid=GUID))
    (task,) = await stored.pages()
    await stored.store.commit_article(task, article(), "https://github.com/Ana/Paper", b"digests.")
    await stored.settle()
    as_before(stored)
    return stored


async def test_other_forms_join_and_nothing_is_shown_anew(former: Stored) -> None:
    shown = {item.id for item in await former.items()}
    told = [(row.id, row.story_id) for row in former.rows(entries)]
    await former.settle()
    assert [(row.id, row.story_id) for row in former.rows(entries)] == told
    await former.poll(B, new("two", url=SHORT))
    await former.poll(C, new("again", guid="https://www.heise.de/news/Bridge-10123456.html"))
    await former.settle()
    assert former.count(stories) == 2
    assert {item.id for item in await former.items()} == shown


@pytest.mark.parametrize("anew", [True, False])
async def test_a_feed_that_publishes_it_again_joins(stored: Stored, *, anew: bool) -> None:
    """Within a feed the title counts, too: that key is hashed, and made of the entry."""
    said: dict[str, Any] = {
        "title": "A tunnel opens",
        "summary_html": f"<p>{long_text('word', 20)}</p>",
    }
    await stored.subscribe(A)
    await stored.poll(A, new("one", url=LONG, **said))
    await stored.settle()
    as_before(stored, {key: then for key, then in FORMER.items() if key.startswith("url:")})
    if anew:
        await stored.settle()
    await stored.poll(A, new("two", url=SHORT, **said))
    await stored.settle()
    assert stored.count(stories) == (1 if anew else 2)


async def test_the_keys_of_before_stay_for_the_release_before(former: Stored) -> None:
    before = keys(former)
    await former.settle()
    assert keys(former) >= before | set(FORMER)


async def test_operators_find_them_by_any_form(former: Stored) -> None:
    await former.settle()
    assert address_key(SHORT) in {row.url_key for row in former.rows(entries)}
    assert address_key("https://github.com/ana/paper") in {r.key for r in former.rows(page_keys)}


async def test_it_is_done_once(former: Stored) -> None:
    await former.settle()
    assert counted(former)[Counter.KEYED_BY] == DONE
    assert counted(former)[Counter.KEYED_BELOW] == 0
    with former.database.engine.begin() as connection:
        connection.execute(delete(story_keys).where(story_keys.c.key.in_(FORMER)))
    before = keys(former)
    await former.settle()
    assert keys(former) == before


async def test_it_goes_on_where_it_was(former: Stored, monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest first; a slice that is broken off is as if it had not begun."""
    monkeypatch.setattr(key_backlog, "_SLICE", 1)
    monkeypatch.setattr(key_backlog, "_LATEST", key_backlog._LATEST.limit(1))
    former_keys = keys(former)
    note = note_counters

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(key_backlog, "note_counters", killed)
    with pytest.raises(KeyboardInterrupt):
        await former.settle()
    assert keys(former) == former_keys
    monkeypatch.setattr(key_backlog, "note_counters", note)
    await former.settle()
    _, newest = former.rows(entries)
    assert counted(former)[Counter.KEYED_BELOW] == newest.id
    first = keys(former)
    assert len(first & set(FORMER)) == 1
    monkeypatch.setattr(key_backlog, "note_counters", killed)
    with pytest.raises(KeyboardInterrupt):
        await former.settle()
    assert keys(former) == first
    monkeypatch.setattr(key_backlog, "note_counters", note)
    await former.settle()
    await former.settle()
    assert keys(former) >= set(FORMER)
    assert counted(former)[Counter.KEYED_BELOW] == 0


async def test_beside_another_release_it_is_done_twice(former: Stored) -> None:
    """What the other settles meanwhile has the keys of before, until it has gone."""
    with former.database.engine.begin() as connection:
        started(connection, "0.0.before")
        started(connection, __version__)
    await former.settle()
    assert keys(former) >= set(FORMER)
    assert counted(former)[Counter.KEYED_BY] == DONE - 1
    with former.database.engine.begin() as connection:  # as the other settles: no new keys
        connection.execute(delete(story_keys).where(story_keys.c.key.in_(FORMER)))
    before = keys(former)
    await former.settle()
    assert keys(former) == before
    with former.database.engine.begin() as connection:
        connection.execute(delete(processes).where(processes.c.release == "0.0.before"))
    await former.settle()
    assert keys(former) >= set(FORMER)
    assert counted(former)[Counter.KEYED_BY] == DONE


async def test_rules_of_a_later_release_are_left_alone(former: Stored) -> None:
    with former.database.engine.begin() as connection:
        note_counters(connection, {Counter.KEYED_BY: DONE + 1, Counter.KEYED_BELOW: 100})
    before = keys(former)
    await former.settle()
    assert keys(former) == before
    assert counted(former)[Counter.KEYED_BELOW] == 100


async def test_what_finds_nothing_any_more_is_not_keyed(former: Stored) -> None:
    former.clock.advance(WINDOW + DAY)
    before = keys(former)
    await former.settle()
    assert keys(former) == before
    assert address_key(SHORT) in {row.url_key for row in former.rows(entries)}


async def test_a_new_key_that_leads_somewhere_keeps_leading_there(stored: Stored) -> None:
    """The operator took one out: the key's story stays the other's."""
    await stored.subscribe(A, B)
    (one,) = await stored.poll(A, new("one", url=SHORT))
    (two,) = await stored.poll(B, new("two", url=SHORT))
    await stored.settle()
    await stored.store.split(two)
    key = f"url:apnews.com/article/{HASH}"
    holder = stored.row(story_keys, story_keys.c.key == key).story_id
    as_before(stored, {key: FORMER[key]})
    await stored.settle()
    assert stored.row(story_keys, story_keys.c.key == key).story_id == holder
    assert holder in {row.story_id for row in stored.rows(entries) if row.id in {one, two}}
