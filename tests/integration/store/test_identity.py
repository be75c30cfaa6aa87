"""A feed whose secret changes stays the feed it was, on both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, Row, Table, inspect, text

from aggregator.config.feed_id import feed_key
from aggregator.model import Address, Move, PollResult
from aggregator.privacy.masking import masked
from aggregator.store.db.database import open_engine
from aggregator.store.db.migrations import migrate
from aggregator.store.db.tables import entries, feeds, forgotten, stories
from aggregator.store.feeds.feeds import WantedFeed
from tests.support.storage import DAY, HOUR, NOW, Stored, new, stored_at

BEFORE, AFTER = "https://me:pass1word@a.example/feed", "https://me:pass2word@a.example/feed"
KEY = "https://***@a.example/feed"


def wanted(url: str, key: str = "") -> WantedFeed:
    own = feed_key(url)
    return WantedFeed(key or own, url, NOW, tuple(one for one in (own, url) if one != (key or own)))


@pytest.fixture
async def stored(database_url: str) -> AsyncIterator[Stored]:
    with stored_at(database_url) as one:
        yield one


async def test_another_password_changes_no_entry_no_id_and_no_time(stored: Stored) -> None:
    await stored.store.sync_feeds([wanted(BEFORE)])
    await stored.poll(KEY, new("one"), new("two"))
    await stored.settle()
    known = stored.row(feeds)
    before = [stored.rows(table) for table in (entries, stories)]
    changes = await stored.store.sync_feeds([wanted(AFTER)])
    assert (changes.added, changes.resumed, changes.stopped) == ((), (), ())
    assert [stored.rows(table) for table in (entries, stories)] == before
    row = stored.row(feeds)
    assert (row.id, row.key, row.etag, row.body_hash) == (
        known.id,
        KEY,
        known.etag,
        known.body_hash,
    )
    assert (row.url, row.configured_url, row.host) == (AFTER, AFTER, "a.example")
    assert row.next_poll_at == NOW


async def test_what_was_seen_at_the_former_address_is_over(stored: Stored) -> None:
    await stored.store.sync_feeds([wanted(BEFORE)])
    await stored.poll(
        KEY,
        result=PollResult.GONE,
        failures=3,
        error="401",
        address=Address(BEFORE, Move("https://b.example/", 2, NOW)),
    )
    await stored.store.sync_feeds([wanted(BEFORE)])
    assert stored.row(feeds).gone
    await stored.store.sync_feeds([wanted(AFTER)])
    row = stored.row(feeds)
    assert (row.gone, row.failures, row.moved_to, row.moved_sightings) == (False, 0, None, 0)


async def test_an_unchanged_address_leaves_an_adopted_one(stored: Stored) -> None:
    await stored.store.sync_feeds([wanted(BEFORE)])
    await stored.poll(KEY, address=Address("https://new.example/feed"))
    await stored.store.sync_feeds([wanted(BEFORE)])
    row = stored.row(feeds)
    assert (row.url, row.configured_url) == ("https://new.example/feed", BEFORE)
    assert row.next_poll_at == NOW + HOUR


async def test_an_id_given_later_names_the_same_feed(stored: Stored) -> None:
    await stored.store.sync_feeds([wanted("https://a.example/feed")])
    await stored.poll("https://a.example/feed", new("one"))
    before = stored.rows(entries)
    changes = await stored.store.sync_feeds([wanted("https://a.example/feed", "mine")])
    assert changes.added == ()
    assert stored.row(feeds).key == "mine"
    assert stored.rows(entries) == before
    moved = await stored.store.sync_feeds([wanted("https://elsewhere.example/", "mine")])
    assert moved.added == ()
    assert stored.row(feeds).url == "https://elsewhere.example/"


async def test_two_feeds_at_one_address_do_not_share_a_row(stored: Stored) -> None:
    url = "https://a.example/feed"
    await stored.store.sync_feeds([wanted(url)])
    changes = await stored.store.sync_feeds([wanted(url, "one"), wanted(url, "two")])
    assert changes.added == ("two",)
    await stored.store.sync_feeds([wanted(url), wanted(url, "one"), wanted(url, "two")])
    assert [row.key for row in stored.rows(feeds)] == ["one", "two", url]


async def test_a_database_of_the_release_before_announces_nothing_anew(database_url: str) -> None:
    with stored_at(database_url) as stored:
        await stored.store.sync_feeds([WantedFeed(BEFORE, BEFORE, NOW)])
        await stored.poll(BEFORE, new("one"), new("old", at=NOW - DAY))
        await stored.settle()
        await stored.poll(BEFORE, unlisted=[2])
        stored.clock.advance(timedelta(days=2))
        await stored.store.drop_old(stored.clock.now(), timedelta(0), 1, [])
        before = [stored.rows(table) for table in (entries, stories, forgotten)]
    engine = open_engine(database_url)
    migrate(engine, "0009")
    known = {table: columns_of(engine, table) for table in (entries, stories, forgotten)}
    with engine.begin() as connection:
        connection.execute(
            text("UPDATE feeds SET last_error = :said"),
            {"said": f"{BEFORE}: redirected to https://b.example/x?auth=abcd1234: HTTP 500"},
        )
    migrate(engine)
    with engine.connect() as connection:
        row = connection.execute(feeds.select()).one()
    assert row.last_error == (
        "https://***@a.example/feed: redirected to https://b.example/x?auth=***: HTTP 500"
    )
    assert (row.key, row.configured_url, row.url) == (BEFORE, BEFORE, BEFORE)
    engine.dispose()
    with stored_at(database_url) as stored:
        changes = await stored.store.sync_feeds([wanted(BEFORE)])
        assert (changes.added, changes.stopped) == ((), ())
        for (table, names), rows in zip(known.items(), before, strict=True):
            assert only(names, stored.rows(table)) == only(names, rows)
        assert stored.row(feeds).key == KEY
        (claimed,) = [await stored.claim_one(KEY)]
        listed = await stored.store.known_entries(claimed.feed.id, ["one"])
        assert [one.identity for one in listed] == ["one"]
        assert claimed.feed.configured_url == BEFORE


def columns_of(engine: Engine, table: Table) -> list[str]:
    """The columns that ``table`` has in the database's present shape."""
    return [column["name"] for column in inspect(engine).get_columns(table.name)]


def only(names: Sequence[str], rows: Sequence[Row[Any]]) -> list[tuple[Any, ...]]:
    """The ``rows`` without the columns that the release before has not."""
    return [tuple(getattr(row, name) for name in names) for row in rows]


async def test_a_downgrade_gives_the_address_back_as_the_key(database_url: str) -> None:
    with stored_at(database_url) as stored:
        await stored.store.sync_feeds([wanted(BEFORE), wanted("https://b.example/", "named")])
    engine = open_engine(database_url)
    migrate(engine, "0009")
    with engine.connect() as connection:
        keys = connection.execute(text("SELECT key FROM feeds ORDER BY id")).scalars().all()
    assert keys == [BEFORE, "https://b.example/"]
    engine.dispose()


async def test_stored_errors_are_masked_again(stored: Stored) -> None:
    await stored.store.sync_feeds([wanted(BEFORE)])
    await stored.poll(KEY, result=PollResult.FAILED, failures=1, error="says hush-hush")
    await stored.store.mask_errors(lambda said: masked(said.replace("hush-hush", "***")))
    assert stored.row(feeds).last_error == "says ***"


@pytest.mark.parametrize(
    ("url", "key"),
    [
        (AFTER, KEY),  # a new password
        (AFTER, "mine"),  # and an id at once
        (AFTER, "https://${env:WHO}@a.example/feed"),  # and put elsewhere at once
        (BEFORE, "https://${env:WHO}@a.example/feed"),
        (BEFORE, "env:ADDRESS"),
        (BEFORE, "mine"),
    ],
)
@pytest.mark.parametrize("before", [BEFORE, KEY, "env:OTHER", "former-id"])
async def test_a_feed_stays_what_it_was_whatever_names_it(
    stored: Stored, before: str, url: str, key: str
) -> None:
    await stored.store.sync_feeds([WantedFeed(before, BEFORE, NOW)])
    await stored.poll(before, new("one"))
    await stored.settle()
    kept = [stored.rows(table) for table in (entries, stories)]
    changes = await stored.store.sync_feeds([wanted(url, key)])
    assert (changes.added, changes.stopped) == ((), ())
    assert [stored.rows(table) for table in (entries, stories)] == kept
    row = stored.row(feeds)
    assert (row.key, row.configured_url) == (key, url)


async def test_where_two_feeds_differ_in_secrets_alone_none_is_taken_for_the_other(
    stored: Stored,
) -> None:
    third = BEFORE.replace("pass1word", "pass3word")
    await stored.store.sync_feeds([WantedFeed(BEFORE, BEFORE, NOW), WantedFeed(AFTER, AFTER, NOW)])
    changes = await stored.store.sync_feeds([wanted(third)])
    assert changes.added == (KEY,)
    changes = await stored.store.sync_feeds([wanted(BEFORE, "one"), wanted(third, "three")])
    assert changes.added == ()
    assert [(row.key, row.configured_url) for row in stored.rows(feeds)] == [
        ("one", BEFORE),
        (AFTER, AFTER),
        ("three", third),
    ]
