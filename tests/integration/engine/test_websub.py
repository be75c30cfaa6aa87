"""The engine's side of push: deliveries and polls of one feed keep out of each other's way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from aggregator.config.config import Config
from aggregator.config.settings import Settings
from aggregator.engine import ingest as ingest_module
from aggregator.engine.in_process import InProcessEngine
from aggregator.engine.websub import PushEngine
from aggregator.engine.workers import ProcessWorkers
from aggregator.errors import ConnectFailed
from aggregator.flow.network_watch import NetworkWatch
from aggregator.flow.pipeline import Pipeline
from aggregator.model import Delivery, Document, ParsedFeed, SourceKind
from aggregator.ports import Fetcher, Poster, Publisher
from aggregator.store.db.tables import entries, feeds
from aggregator.store.websub.store import SqlSubscriptions
from aggregator.websub.inbox import Inbox
from aggregator.websub.subscriber import Subscriber
from tests.support.hub import rss
from tests.support.patience import until
from tests.support.storage import DAY, HOUR, MINUTE, NOW, Stored, new, stored_at

FEED = "https://site.example/feed"
NOBODY: Any = SimpleNamespace()


async def nobody_answers(_url: str, _form: object) -> None:
    """What a hub that hangs up looks like."""
    raise ConnectFailed("https://hub.example/", "nobody answers")


class Setting:
    """An engine with push over a real store and real workers; nothing is fetched or published."""

    def __init__(self, stored: Stored, workers: ProcessWorkers) -> None:
        self.stored, self.inbox = stored, Inbox(10_000)
        config = Config(Settings.model_validate({"extract": {"mode": "never"}}))
        fetcher, publisher = cast("Fetcher", NOBODY), cast("Publisher", NOBODY)
        pipeline = Pipeline(config, stored.clock, fetcher, workers, stored.store, publisher)
        self.engine = InProcessEngine(pipeline)
        subscriptions = SqlSubscriptions(stored.database)
        poster = cast("Poster", SimpleNamespace(post=nobody_answers))
        subscriber = Subscriber(
            subscriptions, poster, stored.clock, lambda: config.settings, self.inbox
        )
        self.push = PushEngine(self.engine, subscriber, self.inbox)

    def feed(self) -> Any:
        return self.stored.row(feeds)

    def deliver(self, body: bytes) -> Delivery:
        delivery = Delivery(self.feed().id, FEED, "application/rss+xml", body, NOW + DAY)
        assert self.inbox.put(delivery)
        return delivery

    def titles(self) -> list[str]:
        return sorted(row.title for row in self.stored.rows(entries))


@pytest.fixture
async def setting(tmp_path: Path) -> AsyncIterator[Setting]:
    with stored_at(f"sqlite:///{tmp_path}/x.db") as stored:
        await stored.subscribe(FEED)
        await stored.poll(FEED, new("First"), next_poll=NOW + 2 * MINUTE)  # brought forward
        async with ProcessWorkers(1) as workers:
            yield Setting(stored, workers)


@asynccontextmanager
async def serving(setting: Setting) -> AsyncIterator[None]:
    working = asyncio.create_task(setting.push.serve())
    try:
        yield
    finally:
        await setting.push.stop()
        await working


async def done(setting: Setting, count: int) -> None:
    await until(lambda: setting.push.deliveries.done >= count, f"delivery {count}")


async def test_a_delivery_is_taken_like_a_poll(setting: Setting) -> None:
    async with serving(setting):
        setting.deliver(rss("Second"))
        await done(setting, 1)
        assert setting.titles() == ["Second", "Title First"]
        assert all(row.listed for row in setting.stored.rows(entries))  # it unlists nothing
        assert setting.feed().next_poll_at == NOW + DAY  # where it was planned
        assert setting.feed().lease_until is None
        assert setting.engine.stats.new_entries == 1
        assert setting.engine.stats.polled == 0

        setting.deliver(rss("Second"))  # twice is once
        await done(setting, 2)
        assert setting.titles() == ["Second", "Title First"]


def atom(title: str, updated: datetime) -> bytes:
    """A feed of one entry, which says when it was updated."""
    return (
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>F</title><id>urn:f</id>'
        f"<entry><id>urn:dated</id><title>{title}</title><updated>{updated.isoformat()}</updated>"
        "</entry></feed>"
    ).encode()


async def test_a_replay_overwrites_nothing(setting: Setting) -> None:
    old, news = atom("As it was", NOW - HOUR), atom("As it is", NOW)
    async with serving(setting):
        for number, body in enumerate((old, news, old), start=1):
            setting.deliver(body)
            await done(setting, number)
        assert "As it is" in setting.titles()
        assert "As it was" not in setting.titles()
        assert setting.feed().next_poll_at == NOW + DAY
        setting.deliver(atom("Who knows", NOW))  # another, and no later
        await done(setting, 4)
        assert "As it is" in setting.titles()
        assert setting.feed().next_poll_at < NOW + DAY  # a poll will tell


async def test_what_cannot_be_read_leaves_the_feed_to_a_poll(setting: Setting) -> None:
    async with serving(setting):
        setting.deliver(b"<html><body>sorry</body></html>")
        await done(setting, 1)
        assert setting.titles() == ["Title First"]
        feed = setting.feed()
        assert (feed.next_poll_at, feed.lease_until, feed.failures) == (NOW + 2 * MINUTE, None, 0)


async def test_a_delivery_waits_for_the_poll_of_its_feed(setting: Setting) -> None:
    polling = await setting.stored.claim_one(FEED)
    async with serving(setting):
        setting.deliver(rss("Second"))
        await until(lambda: setting.push.deliveries.running, "the delivery")
        outcome = setting.stored.outcome(polling, new("Polled"), next_poll=NOW + 3 * DAY)
        await setting.stored.store.commit_poll(outcome, polling.lease)
        await done(setting, 1)
    assert setting.titles() == ["Second", "Title First", "Title Polled"]
    assert setting.feed().next_poll_at == NOW + 3 * DAY


async def test_a_document_is_ingested_by_the_rules_of_its_feed(setting: Setting) -> None:
    settings = Settings.model_validate({"parse": {"max_entries": 1}, "extract": {"mode": "never"}})
    await setting.engine.reconfigure(Config(settings))
    document = Document(rss("Second", "Third"), FEED, source=SourceKind.HUB)
    assert await setting.engine.ingest(setting.feed().id, document, NOW + DAY)
    assert len(setting.titles()) == 2  # one of the two, beside the first
    assert setting.engine.stats.new_entries == 1
    assert setting.feed().next_poll_at == NOW + DAY


async def test_no_document_is_ingested_for_a_feed_that_is_gone(
    setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingest_module, "_PATIENCE_S", 0)
    number = setting.feed().id
    await setting.stored.subscribe()
    document = Document(rss("Second"), FEED, source=SourceKind.HUB)
    assert not await setting.engine.ingest(number, document, NOW + DAY)
    assert setting.titles() == ["Title First"]


async def test_a_delivery_to_a_feed_that_stays_busy_is_left_to_a_poll(
    setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingest_module, "_PATIENCE_S", 0.05)
    await setting.stored.claim_one(FEED)
    async with serving(setting):
        setting.deliver(rss("Second"))
        await done(setting, 1)
    assert setting.titles() == ["Title First"]
    assert setting.feed().next_poll_at == NOW


async def test_no_hub_is_asked_while_our_own_network_is_down(setting: Setting) -> None:
    hub = ParsedFeed("F", hub_url="https://hub.example/", self_url=FEED)
    await setting.stored.poll(FEED, parsed=hub)
    await SqlSubscriptions(setting.stored.database).reconcile("https://me.example", NOW)
    pipeline = setting.engine.pipeline
    down = cast("NetworkWatch", SimpleNamespace(down=True))
    setting.engine.pipeline = replace(pipeline, network=down)
    assert await setting.push.requests.claim() == 0
    setting.engine.pipeline = pipeline
    assert await setting.push.requests.claim() == 1
    await setting.push.stop()


async def test_room_is_free_again_when_a_delivery_is_done_with(setting: Setting) -> None:
    body = rss("Second") + b" " * 6000
    async with serving(setting):
        for count in range(1, 4):
            delivery = setting.deliver(body)
            assert not setting.inbox.put(delivery)  # two have no room
            await done(setting, count)
