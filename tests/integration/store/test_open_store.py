"""Operator edits and reports through the open store, while a daemon holds the database."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Sequence

import pytest

from aggregator.app import explaining
from aggregator.config.load import load
from aggregator.dedupe.keys import story_keys
from aggregator.errors import StoreError
from aggregator.model import HostCount, Selection, StoryCandidate, StoryKey
from aggregator.ports import OperatorEdits, Reports
from aggregator.store.db.database import sqlite_path
from aggregator.store.db.lock import instance_lock
from aggregator.store.db.tables import entries, stories
from aggregator.store.hosts.counts import SqlHosts
from tests.support.patience import PATIENCE_S
from tests.support.storage import HOUR, NOW, Stored, new, stored_at

A, B = "https://a.example/feed", "https://b.example/feed"
PAGE = "https://a.example/news/1"
OUTPUTS = {"all": Selection(10)}


@pytest.fixture
async def running(database_url: str) -> AsyncIterator[Stored]:
    """A store as a daemon has it: open, the instance lock held; two copies in one story."""
    with instance_lock(sqlite_path(database_url)), stored_at(database_url) as stored:
        await stored.subscribe(A, B)
        for feed, name in ((A, "a"), (B, "b")):
            await stored.poll(feed, new(name, url=PAGE))
            await stored.settle()
        assert stored.count(stories) == 1
        yield stored


def ids(stored: Stored) -> tuple[int, ...]:
    return tuple(row.id for row in stored.rows(entries))


async def test_edits_and_reports_through_the_open_store(running: Stored) -> None:
    edits: OperatorEdits = running.store
    reports: Reports = running.store
    first, second = await reports.find_entries(PAGE)
    assert (first, second) == ids(running)
    done = await edits.split(second, first)
    assert done.moved == (second,)
    (one,) = await reports.explain(str(second), OUTPUTS)
    assert one.story == done.other
    assert one.outputs[0].shown
    assert (await reports.status({}, {})).stories == 2
    assert (await edits.merge(first, second)).moved == (second,)
    (one,) = await reports.explain(str(second), OUTPUTS)
    assert (one.story, len(one.members)) == (done.kept, 2)
    shown = (await reports.status({A: "Mine"}, {})).feeds
    assert "Mine" in {feed.title for feed in shown}


async def test_hosts_through_the_open_store(running: Stored) -> None:
    await SqlHosts(running.database).note(
        [HostCount("a.example", feeds=3)], {"b.example": NOW + HOUR}, NOW
    )
    asked, cooling = await running.store.hosts(NOW)
    assert (asked.host, asked.hour) == ("a.example", 3)
    assert (cooling.host, cooling.resting_until) == ("b.example", NOW + HOUR)


async def test_an_edit_waits_for_a_settling_in_the_same_process(running: Stored) -> None:
    _, second = ids(running)
    await running.poll(A, new("c", url=PAGE))
    begun, go_on = threading.Event(), threading.Event()

    def slow_keys(one: StoryCandidate) -> Sequence[StoryKey]:
        begun.set()
        assert go_on.wait(PATIENCE_S)
        return story_keys(one)

    settling = asyncio.create_task(running.settle(keys_of=slow_keys))
    assert await asyncio.to_thread(begun.wait, PATIENCE_S)
    splitting = asyncio.create_task(running.store.split(second))
    assert (await running.store.status({}, {})).stories == 1  # readers wait for neither
    assert not splitting.done()
    go_on.set()
    assert (await settling).entries == 1
    assert (await splitting).moved == (second,)
    (one,) = await running.store.explain(str(second), OUTPUTS)
    assert [member.entry_id for member in one.members] == [second]


async def test_a_command_beside_the_daemon_is_seen_by_its_store(
    running: Stored, database_url: str
) -> None:
    configured = load(None, {"AGGREGATOR_DATABASE__URL": database_url})
    version = await running.store.version()
    done = await explaining.split_story(configured, f"{ids(running)[1]}")
    assert await running.store.version() > version
    (one,) = await running.store.explain(str(ids(running)[1]), OUTPUTS)
    assert one.story == done.other
    (same,) = await explaining.explain_entries(configured, str(ids(running)[1]))
    assert same.story == done.other
    with pytest.raises(StoreError, match="names 2 entries"):
        await explaining.merge_stories(configured, PAGE, "1")
