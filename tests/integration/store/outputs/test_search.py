"""Search: the same entries on both databases, and only those that an output may show."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, text

from aggregator.config.feed_id import feed_key
from aggregator.errors import StoreError
from aggregator.model import Selection
from aggregator.select.search_query import BadQuery, parse_query
from aggregator.store.db.counters import Counter, read_counters, set_counter
from aggregator.store.db.search_index import at_most, found_entries, index_texts
from aggregator.store.db.tables import search_texts
from aggregator.store.outputs import search_items
from tests.support.storage import HOUR, NOW, Stored, changed, new

A, B = "https://a.example/feed", "https://b.example/feed"
TEXTS = {
    "Rust 1.90 released": "The compiler of the language is faster. New York.",
    "東京都知事が発表": "新しい計画を発表した。株価は上がる",
    "Café Münster": "don't miss the dätä, York is new",
    "York New": "nothing but rusty data",
}


async def found(stored: Stored, said: str, **asked: object) -> list[str]:
    selection = Selection(**{"limit": 10, **asked})  # type: ignore[arg-type]
    return [
        item.title for item in (await stored.store.search_items(selection, parse_query(said))).items
    ]


async def filled(stored: Stored) -> None:
    await stored.subscribe(A, B)
    for place, (title, said) in enumerate(TEXTS.items()):
        feed = (A, B)[place % 2]
        await stored.poll(
            feed, new(f"{place}", title=title, content_html=f"<p>{said}</p>", at=NOW - HOUR)
        )
    await stored.settle()


@pytest.mark.parametrize(
    ("said", "places"),
    [
        ("rust", [0]),
        ("rust*", [3, 0]),
        ("new york", [3, 2, 0]),
        ('"new york"', [0]),
        ("title:york", [3]),
        ("york -rusty", [2, 0]),
        ("cafe OR compiler", [2, 0]),
        ("munster data", [2]),
        ("東京", [1]),
        ("京都知", [1]),
        ("発表した", [1]),
        ("る", [1]),
        ("東知", []),
        ('"released the"', []),
        ("don't", [2]),
    ],
)
async def test_what_is_found(stored: Stored, said: str, places: list[int]) -> None:
    await filled(stored)
    titles = list(TEXTS)
    assert await found(stored, said) == [titles[place] for place in places]


@pytest.mark.parametrize("first", [1, 2, 500])
async def test_only_what_an_output_may_show_is_found(
    stored: Stored, first: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_items, "_FIRST", first)
    await filled(stored)
    assert await found(stored, "york", keys=frozenset({feed_key(A)})) == [
        "Café Münster",
        "Rust 1.90 released",
    ]
    assert await found(stored, "york", hidden=frozenset({feed_key(A)})) == ["York New"]
    await stored.subscribe(B)
    assert await found(stored, "york") == ["York New"]


@pytest.mark.parametrize("at_first", [1, 2, 500])
async def test_an_answer_goes_on_where_the_last_one_ended(
    stored: Stored, at_first: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_items, "_FIRST", at_first)
    await filled(stored)
    first = await stored.store.search_items(Selection(2), parse_query("york"))
    second = await stored.store.search_items(Selection(2), parse_query("york"), first.below)
    assert [one.title for one in (*first.items, *second.items)] == [
        "York New",
        "Café Münster",
        "Rust 1.90 released",
    ]
    assert first.below is not None
    assert second.below is None


async def test_a_changed_entry_is_found_by_its_new_words_and_a_dropped_one_not(
    stored: Stored,
) -> None:
    await stored.subscribe(A)
    ids = await stored.poll(A, new("x", title="Before", content_html="<p>old words</p>"))
    await stored.settle()
    await stored.poll(A, changed=[changed(ids[0], "x", title="After", content_html="<p>fresh</p>")])
    await stored.settle()
    assert await found(stored, "old OR before") == []
    assert await found(stored, "after fresh") == ["After"]
    await stored.poll(A, unlisted=ids)
    stored.clock.advance(100 * 24 * HOUR)
    await stored.store.drop_old(stored.clock.now(), 24 * HOUR, 0, [])
    assert await found(stored, "fresh") == []
    assert stored.count(search_texts) == 0


async def test_what_was_stored_before_is_indexed_while_nothing_is_to_be_settled(
    stored: Stored,
) -> None:
    await filled(stored)
    with stored.database.engine.begin() as connection:
        connection.execute(search_texts.delete())
        set_counter(connection, Counter.SEARCH_BELOW, 1000)
    assert await found(stored, "york") == []
    await stored.settle()
    assert len(await found(stored, "york")) == 3
    with stored.database.engine.begin() as connection:
        assert read_counters(connection)[Counter.SEARCH_BELOW] == 0


async def test_what_came_while_search_was_off_is_found_when_it_is_on_again(stored: Stored) -> None:
    await filled(stored)
    await stored.poll(A, new("later", title="York at night"))
    await stored.settle(searchable=False)
    assert "York at night" not in await found(stored, "york")
    await stored.settle(searchable=False)
    assert stored.count(search_texts) == len(TEXTS)
    await stored.settle()
    assert (await found(stored, "york"))[0] == "York at night"


async def test_a_query_that_takes_too_long_is_ended(
    stored: Stored,
) -> None:
    forever = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"

    def look(connection: Connection) -> None:
        with at_most(connection, 0.05):
            connection.execute(text(forever))

    with pytest.raises(StoreError):
        await stored.database.read(look)
    assert await stored.database.read(lambda one: one.execute(text("SELECT 1")).scalar_one()) == 1


_ANY = st.text(max_size=30) | st.text('ab東都" -*:é\u0301', max_size=30)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=_ANY, title=_ANY, body=_ANY)
async def test_whatever_is_stored_and_asked_has_an_answer(
    stored: Stored, said: str, title: str, body: str
) -> None:
    """Each row of words that stands in the text is found, whatever characters it is made of."""
    if stored.count(search_texts) == 0:
        await stored.subscribe(A)
        await stored.poll(A, new("x"))
        await stored.settle()
    (row,) = stored.rows(search_texts)
    with stored.database.engine.begin() as connection:
        index_texts(connection, [(row.entry_id, title, body)])
        for asked in (said, title, body):
            with suppress(BadQuery):
                query = parse_query(asked.replace("-", " ").replace("OR", " "))
                ids = connection.execute(found_entries(connection, query, None)).scalars().all()
                assert ids == [row.entry_id] or asked is said
