"""The subscriber against a hub: over real HTTP both ways, on real databases, with a clock to move."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest
from aiohttp import web

from aggregator.config.settings import FetchSettings, Settings
from aggregator.fetch.client import HttpFetcher
from aggregator.model import Delivery, ParsedFeed
from aggregator.publish.snapshot import Snapshot
from aggregator.store.db.tables import feeds, subscriptions
from aggregator.store.websub.store import SqlSubscriptions
from aggregator.web.app import create_app
from aggregator.websub.inbox import Inbox
from aggregator.websub.subscriber import Subscriber
from tests.support.hub import Hub, post, rss, running_hub
from tests.support.patience import patience
from tests.support.servers import run_app
from tests.support.storage import DAY, HOUR, MINUTE, NOW, Stored, stored_at

FEED = "https://site.example/feed"
TOPIC = "https://site.example/feed?canonical"


async def begin(callback: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A delivery of 100 bytes of which one is sent."""
    parts = urlsplit(callback)
    reader, writer = await asyncio.open_connection("127.0.0.1", parts.port)
    head = f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Length: 100\r\n\r\nx"
    writer.write(head.encode())
    await writer.drain()
    return reader, writer


class Nothing:
    """A site about which nobody asks here."""

    index, base_url = False, ""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(name)


@dataclass
class Ours:
    """Our side: a subscriber whose callback is served."""

    subscriber: Subscriber
    stored: Stored
    inbox: Inbox
    settings: Settings
    url: str = ""

    async def names(self, hub: str | None, topic: str = TOPIC, *, inside: bool = True) -> None:
        """The feed's whole document names this hub and topic; it came from ``inside`` the network of both."""
        await self.stored.subscribe(FEED)
        await self.stored.poll(
            FEED,
            parsed=ParsedFeed("F", hub_url=hub, self_url=topic),
            next_poll=NOW + DAY,
            inside=inside,
        )

    async def work(self) -> int:
        """One look at what is to be done, and the doing; how many requests went out."""
        await self.subscriber.reconcile()
        claimed = await self.subscriber.claim(10)
        for one in claimed:
            await self.subscriber.ask(one)
        return len(claimed)

    async def subscribed(self, hub: Hub) -> None:
        await self.names(hub.url)
        assert await self.work() == 1
        await hub.settled()

    def feed(self) -> Any:
        return self.stored.row(feeds, feeds.c.key == FEED)

    def row(self) -> Any:
        return self.stored.row(subscriptions)

    def state(self) -> str:
        return str(self.row().state)


@asynccontextmanager
async def running(url: str, **changes: Any) -> AsyncIterator[Ours]:
    fetch = FetchSettings.model_validate(
        {"allow_networks": ["127.0.0.0/8"], "host_gap": 0} | changes
    )
    with stored_at(url) as stored:
        async with HttpFetcher(fetch, base_url="http://me.example") as fetcher:
            inbox = Inbox(100_000)
            ours: Ours
            subscriber = Subscriber(
                SqlSubscriptions(stored.database),
                fetcher,
                stored.clock,
                lambda: ours.settings,
                inbox,
            )
            ours = Ours(subscriber, stored, inbox, Settings(fetch=fetch))
            app = create_app(Snapshot(), Nothing(), listener=subscriber)
            async with run_app(app) as base:
                ours.url = base
                ours.settings = Settings.model_validate(
                    {"base_url": base, "fetch": fetch, "websub": {"enabled": True}}
                )
                yield ours


@pytest.fixture
async def ours(database_url: str) -> AsyncIterator[Ours]:
    async with running(database_url) as one:
        yield one


@pytest.fixture
async def lite(tmp_path: Any) -> AsyncIterator[Ours]:
    """The same where the database makes no difference."""
    async with running(f"sqlite:///{tmp_path / 'a.db'}", max_feed_size=50_000) as one:
        yield one


async def test_subscribing(ours: Ours) -> None:
    async with running_hub() as hub:
        await ours.subscribed(hub)
        (request,) = hub.requests
        row = ours.row()
        assert request == {
            "hub.callback": f"{ours.url}/websub/{row.token}",
            "hub.mode": "subscribe",
            "hub.topic": TOPIC,
            "hub.lease_seconds": "864000",
            "hub.secret": row.secret,
        }
        assert hub.answers[0][0] == 200
        assert hub.secrets == {(TOPIC, request["hub.callback"]): row.secret}
        assert (row.state, row.lease_until, row.next_at) == (
            "active",
            NOW + 10 * DAY,
            NOW + 8 * DAY,
        )
        assert ours.feed().pushed_until == NOW + 10 * DAY
        assert await ours.work() == 0


async def test_a_hub_may_verify_before_it_answers(ours: Ours) -> None:
    async with running_hub(verifies_first=True, status=204) as hub:
        await ours.subscribed(hub)
        assert (ours.state(), ours.row().failures) == ("active", 0)


async def test_a_lease_is_renewed_before_it_ends(ours: Ours) -> None:
    async with running_hub(lease=3600) as hub:
        await ours.subscribed(hub)
        ours.stored.clock.advance(47 * MINUTE)
        assert await ours.work() == 0
        ours.stored.clock.advance(MINUTE)
        assert await ours.work() == 1
        await hub.settled()
        assert hub.requests[1] == hub.requests[0]
        assert ours.row().lease_until == NOW + 48 * MINUTE + HOUR
        assert ours.feed().pushed_until == NOW + 48 * MINUTE + HOUR
        assert len(hub.secrets) == 1


async def test_a_hub_that_is_away_is_asked_again_and_the_lease_may_lapse(ours: Ours) -> None:
    async with running_hub(lease=3600) as hub:
        await ours.subscribed(hub)
        hub.status = 503
        seen = []
        for _ in range(12):
            ours.stored.clock.advance(ours.row().next_at - ours.stored.clock.now())
            assert await ours.work() == 1
            seen.append(ours.row().next_at - ours.stored.clock.now())
        assert ours.row().failures == 12
        assert "503" in ours.row().error
        assert all(10 * MINUTE <= wait <= 7 * DAY for wait in seen)
        assert ours.feed().pushed_until < ours.stored.clock.now()  # polled as ever since

        hub.status = 202
        ours.stored.clock.advance(7 * DAY)
        await ours.work()
        await hub.settled()
        assert (ours.state(), ours.row().failures) == ("active", 0)
        assert ours.feed().next_poll_at <= ours.stored.clock.now()  # what was missed meanwhile


async def test_a_hub_that_cannot_be_reached_is_noted(ours: Ours) -> None:
    async with running_hub() as hub:
        url = hub.url
    await ours.names(url)
    assert await ours.work() == 1
    assert (ours.state(), ours.row().failures) == ("pending", 1)
    assert url in ours.row().error
    await ours.names("http://10.0.0.1/hub")  # a feed may not send us to private networks
    ours.stored.clock.advance(DAY)
    await ours.work()
    errors = {row.hub: row.error for row in ours.stored.rows(subscriptions)}
    assert "not public" in errors["http://10.0.0.1/hub"]


async def test_a_hub_inside_is_asked_for_feeds_inside_alone(lite: Ours) -> None:
    async with running_hub() as hub:
        await lite.names(hub.url, inside=False)
        assert await lite.work() == 1
        assert "no way leads there from outside" in lite.row().error
        assert not hub.requests


async def test_a_denied_subscription_is_asked_for_again_a_week_later(ours: Ours) -> None:
    async with running_hub(denies="not on the list\nreally") as hub:
        await ours.subscribed(hub)
        assert hub.answers == [(200, "")]
        assert (ours.state(), ours.row().error) == (
            "denied",
            "denied by the hub: not on the list really",
        )
        assert ours.feed().pushed_until is None
        ours.stored.clock.advance(6 * DAY)
        assert await ours.work() == 0
        hub.denies = ""
        ours.stored.clock.advance(DAY)
        assert await ours.work() == 1
        await hub.settled()
        assert ours.state() == "active"


async def test_a_feed_that_leaves_is_unsubscribed(ours: Ours) -> None:
    async with running_hub() as hub:
        await ours.subscribed(hub)
        await ours.stored.subscribe()
        assert await ours.work() == 1
        await hub.settled()
        assert [request["hub.mode"] for request in hub.requests] == ["subscribe", "unsubscribe"]
        assert hub.secrets == {}
        assert ours.stored.rows(subscriptions) == []
        # The hub asks once more, as its callback is not heard of any more.
        callback = hub.requests[0]["hub.callback"]
        assert await post(callback, rss("late"), {"X-Hub-Signature": "sha1=00"}) == 410


async def test_an_end_that_no_hub_verifies_is_given_up(ours: Ours) -> None:
    async with running_hub() as hub:
        await ours.subscribed(hub)
        hub.status = 500
        await ours.stored.subscribe()
        for _ in range(5):
            assert await ours.work() == 1
            ours.stored.clock.advance(7 * DAY)
        assert ours.stored.rows(subscriptions) == []
        assert len(hub.requests) == 5  # one to subscribe, four to end it


async def test_another_hub_takes_over(ours: Ours) -> None:
    async with running_hub() as one, running_hub() as other:
        await ours.subscribed(one)
        await ours.names(other.url)
        assert await ours.work() == 2
        await one.settled()
        await other.settled()
        assert (len(one.secrets), len(other.secrets)) == (0, 1)
        assert (ours.row().hub, ours.state()) == (other.url, "active")


async def test_switched_off_ends_everything(ours: Ours) -> None:
    async with running_hub() as hub:
        await ours.subscribed(hub)
        ours.settings = ours.settings.model_copy(update={"websub": Settings().websub})
        await ours.work()
        await hub.settled()
        assert hub.secrets == {}
        assert ours.stored.rows(subscriptions) == []
        assert ours.feed().pushed_until is None


# ── hubs that ask what they should not ───────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "change",
    [
        {"hub.topic": "https://site.example/other"},
        {"hub.mode": "unsubscribe"},
        {"hub.mode": "publish"},
        {"hub.challenge": ""},
        {"hub.challenge": "x" * 5000},
    ],
)
async def test_what_was_not_asked_for_is_not_confirmed(lite: Ours, change: dict[str, str]) -> None:
    async with running_hub(status=500) as hub:
        await lite.subscribed(hub)
        callback = hub.requests[0]["hub.callback"]
        right = {
            "hub.mode": "subscribe",
            "hub.topic": TOPIC,
            "hub.challenge": "c",
            "hub.lease_seconds": "60",
        }
        status, text = await hub.ask_back(callback, right | change)
        assert status == 404
        assert "x" * 9 not in text
        assert (await hub.ask_back(callback + "x", right))[0] == 404
        assert lite.state() == "pending"
        assert await hub.ask_back(callback, right) == (200, "c")
        assert await hub.ask_back(callback, right) == (200, "c")  # its answer was lost
        lite.stored.clock.advance(2 * DAY)
        assert (await hub.ask_back(callback, right))[0] == 404


# ── deliveries ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
async def test_a_signed_delivery_is_kept(lite: Ours, method: str) -> None:
    async with running_hub(method=method) as hub:
        await lite.subscribed(hub)
        await lite.stored.poll(FEED, parsed=None, next_poll=NOW + DAY)
        body = rss("news")
        assert await hub.deliver(TOPIC, body) == [202]
        kept = Delivery(lite.feed().id, TOPIC, "application/rss+xml", body, NOW + DAY)
        assert lite.inbox.take(10) == [kept]
        # Should it be lost, the feed is polled soon.
        assert lite.feed().next_poll_at == NOW + 2 * MINUTE


@pytest.mark.parametrize(
    "headers",
    [
        {"secret": "guessed"},
        {"X-Hub-Signature": ""},
        {"X-Hub-Signature": "sha256=" + "0" * 64},
        {"X-Hub-Signature": "md5=" + "0" * 32},
    ],
)
async def test_a_forged_delivery_is_dropped_silently(lite: Ours, headers: dict[str, str]) -> None:
    async with running_hub() as hub:
        await lite.subscribed(hub)
        await lite.stored.poll(FEED, parsed=None, next_poll=NOW + DAY)
        assert await hub.deliver(TOPIC, rss("forged"), **headers) == [202]
        assert lite.inbox.take(10) == []
        # Not before it would be polled if there were no hub.
        assert lite.feed().next_poll_at == NOW + lite.settings.schedule.min_interval


async def test_what_is_too_large_is_not_read_to_its_end(lite: Ours) -> None:
    async with running_hub() as hub:
        await lite.subscribed(hub)
        assert await hub.deliver(TOPIC, b"x" * 50_001) == [413]
        callback = hub.requests[0]["hub.callback"]

        async def endless() -> AsyncIterator[bytes]:
            for _ in range(1000):
                yield b"x" * 1000

        assert await post(callback, endless(), {}) == 413  # type: ignore[arg-type]
        assert await hub.deliver(TOPIC, b"x" * 50_000) == [202]


async def test_a_body_that_drips_is_given_up(tmp_path: Path) -> None:
    async with running(f"sqlite:///{tmp_path / 'a.db'}", timeout=0.2) as ours, running_hub() as hub:
        await ours.subscribed(hub)
        reader, writer = await begin(hub.requests[0]["hub.callback"])
        assert (await reader.readline()).startswith(b"HTTP/1.1 408 ")
        writer.close()
        assert await hub.deliver(TOPIC, rss("news")) == [202]


async def test_only_so_many_bodies_of_a_hub_are_received_at_once(lite: Ours) -> None:
    async with running_hub() as hub:
        await lite.subscribed(hub)
        callback = hub.requests[0]["hub.callback"]
        dripping = [await begin(callback) for _ in range(4)]
        statuses = [202]
        async with patience():
            while statuses == [202]:  # until all four have been looked at
                statuses = await hub.deliver(TOPIC, rss("news"))
        assert statuses == [503]
        for _, writer in dripping:
            writer.write(b"x" * 99)
        for reader, writer in dripping:
            assert (await reader.readline()).startswith(b"HTTP/1.1 202 ")
            writer.close()
        assert await hub.deliver(TOPIC, rss("news")) == [202]


async def test_looking_without_a_body_confirms_nothing(lite: Ours) -> None:
    async with running_hub(status=500) as hub, aiohttp.ClientSession() as session:
        await lite.subscribed(hub)
        query = {"hub.mode": "subscribe", "hub.topic": TOPIC, "hub.challenge": "c"}
        async with session.head(hub.requests[0]["hub.callback"], params=query) as answer:
            assert answer.status == 405
        assert lite.state() == "pending"


async def test_compressed_bodies_are_refused(lite: Ours) -> None:
    async with running_hub() as hub:
        await lite.subscribed(hub)
        assert await hub.deliver(TOPIC, b"x", **{"Content-Encoding": "gzip"}) == [415]


async def test_deliveries_that_find_no_room_are_polled_for(lite: Ours) -> None:
    async with running_hub() as hub:
        await lite.subscribed(hub)
        await lite.stored.poll(FEED, parsed=None, next_poll=NOW + DAY)
        for _ in range(3):
            assert await hub.deliver(TOPIC, b"x" * 40_000) == [202]
        assert len(lite.inbox.take(10)) == 2
        assert lite.feed().next_poll_at == NOW


async def test_nobody_listens_at_an_unknown_address(lite: Ours) -> None:
    assert await post(f"{lite.url}/websub/unknown", b"x", {}) == 410
    assert await post(f"{lite.url}/websub/", b"x", {}) == 404


# ── the POST itself ──────────────────────────────────────────────────────────────────────────


async def test_a_redirect_that_keeps_the_method_is_followed_with_the_form(lite: Ours) -> None:
    async with running_hub() as hub:

        async def moved(_: web.Request) -> web.Response:
            return web.Response(status=status, headers={"Location": hub.url})

        app = web.Application()
        app.router.add_post("/hub", moved)
        async with run_app(app) as base:
            status = 308
            await lite.names(f"{base}/hub")
            assert await lite.work() == 1
            await hub.settled()
            assert lite.state() == "active"
            status = 302
            lite.stored.clock.advance(9 * DAY)
            assert await lite.work() == 1
            assert len(hub.requests) == 1
            assert "302" in lite.row().error
