"""Our hub, by a subscriber that knows the Recommendation alone, and by another daemon of ours."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import feedparser
from aiohttp import web

from tests.support.hub import rss
from tests.support.hub_subscriber import Got, Listener, discover, listening, send
from tests.support.patience import until
from tests.support.running import Running, free_port, started
from tests.support.servers import run_app

COMMON = """
base_url = "http://127.0.0.1:{port}"
[server]
port = {port}
[fetch]
allow_networks = ["127.0.0.0/8"]
host_gap = 0
[publish]
min_interval = "100ms"
[extract]
mode = "never"
"""
HUB = """
[schedule]
min_interval = "1s"
[hub]
enabled = true
[[feeds]]
url = "{feed}"
every = "1s"
[[outputs]]
name = "all"
[[outputs]]
name = "mine"
token = "a-token-of-many-signs-1234"
"""
READER = """
[websub]
enabled = true
[schedule]
min_interval = "12h"
[[feeds]]
url = "{feed}"
"""


@dataclass
class Site:
    """A feed that tells what it is given."""

    url: str = ""
    titles: list[str] = field(default_factory=lambda: ["First"])

    async def feed(self, _request: web.Request) -> web.Response:
        return web.Response(body=rss(*self.titles), content_type="application/rss+xml")


@asynccontextmanager
async def running_site() -> AsyncIterator[Site]:
    app, site = web.Application(), Site()
    app.router.add_get("/feed", site.feed)
    async with run_app(app) as base:
        site.url = f"{base}/feed"
        yield site


@asynccontextmanager
async def telling(tmp_path: Path, site: Site, port: int | None = None) -> AsyncIterator[Running]:
    """A daemon that is a hub, and has read the site once."""
    folder = tmp_path / "hub"
    folder.mkdir(exist_ok=True)
    config, port = folder / "aggregator.toml", port or free_port()
    config.write_text((COMMON + HUB).format(port=port, feed=site.url))
    async with started(config, port, folder) as daemon:
        await daemon.until(lambda feed: any(e.title == "First" for e in feed.entries))
        yield daemon


def titles(got: Got) -> list[str]:
    return [entry.title for entry in feedparser.parse(got.body).entries]


async def test_a_subscriber_by_the_book_is_told_what_is_new_and_nothing_else(
    tmp_path: Path,
) -> None:
    ours, other = Listener(secret="s" * 199), Listener()
    async with running_site() as site, telling(tmp_path, site) as daemon, listening(ours, other):
        hub, topic, text = await discover(f"{daemon.base_url}/feeds/all.rss")
        assert (hub, topic) == (f"{daemon.base_url}/hub", f"{daemon.base_url}/feeds/all.rss")
        assert f'rel="hub" href="{hub}"' in text
        assert await send(hub, ours.form(topic, **{"hub.lease_seconds": "1"})) == (202, "")
        await ours.until(lambda: ours.asked)
        asked = ours.asked[0]
        assert asked["for"] == "a&b"
        assert (asked["hub.mode"], asked["hub.topic"]) == ("subscribe", topic)
        assert asked["hub.lease_seconds"] == "3600"
        json_topic = topic.replace(".rss", ".json")
        assert (await send(hub, other.form(json_topic)))[0] == 202
        await other.until(lambda: other.asked)

        site.titles = ["Second", "First"]
        await ours.until(lambda: ours.got)
        await other.until(lambda: other.got)
        (got,) = ours.got
        assert got.is_signed
        assert titles(got) == ["Second"]
        assert got.headers["Content-Type"] == "application/rss+xml; charset=utf-8"
        assert got.headers["Link"] == f'<{hub}>; rel="hub", <{topic}>; rel="self"'
        assert "X-Hub-Signature" not in other.got[0].headers
        assert other.got[0].headers["Content-Type"] == "application/feed+json"
        assert f'rel="self", <{json_topic}>' not in other.got[0].headers["Link"]

        assert (await send(hub, ours.form(topic, "unsubscribe")))[0] == 202
        await ours.until(lambda: len(ours.asked) == 2)
        assert "hub.lease_seconds" not in ours.asked[1]
        site.titles = ["Third", *site.titles]
        await other.until(lambda: len(other.got) == 2)
        assert len(ours.got) == 1
        assert await daemon.stop() == 0
        assert "Traceback" not in daemon.said()
        assert "s" * 20 not in daemon.said()


async def test_private_feeds_and_feeds_of_others_are_no_topics(tmp_path: Path) -> None:
    ours = Listener()
    async with running_site() as site, telling(tmp_path, site) as daemon, listening(ours):
        hub, base = f"{daemon.base_url}/hub", f"{daemon.base_url}/feeds"
        _, headers, body = await daemon.get("/feeds/a-token-of-many-signs-1234/mine.atom")
        assert 'rel="hub"' not in headers.get("Link", "")
        assert b'rel="hub"' not in body
        for topic in (
            f"{base}/a-token-of-many-signs-1234/mine.atom",
            f"{base}/mine.atom",
            f"{base}/all.opml",
            f"{base}/all.atom?q=x",
            "https://elsewhere.example/feeds/all.atom",
            "",
        ):
            status, text = await send(hub, ours.form(topic))
            assert (status, "topic" in text) == (400, True)
            assert "token" not in text
        for form in (
            ours.form(f"{base}/all.atom", "publish"),
            ours.form(f"{base}/all.atom", **{"hub.callback": "http://u:p@127.0.0.1/"}),
            ours.form(f"{base}/all.atom", **{"hub.callback": "http://h.example/\r\nX: y"}),
            ours.form(f"{base}/all.atom", **{"hub.secret": "s" * 200}),
        ):
            assert (await send(hub, form))[0] == 400
        too_long = ours.form(f"{base}/all.atom", **{"hub.secret": "s" * (1 << 19)})
        assert (await send(hub, too_long))[0] == 413
        assert ours.asked == []
        assert await daemon.stop() == 0


async def test_killed_at_a_delivery_tells_it_again(tmp_path: Path) -> None:
    ours, port = Listener(), free_port()
    async with running_site() as site, listening(ours):
        async with telling(tmp_path, site, port) as daemon:
            topic = f"{daemon.base_url}/feeds/all.atom"
            assert (await send(f"{daemon.base_url}/hub", ours.form(topic)))[0] == 202
            await ours.until(lambda: ours.asked)
            ours.hold = asyncio.Event()
            site.titles = ["Second", "First"]
            await ours.until(lambda: ours.got)
            assert await daemon.stop(signal.SIGKILL) != 0
        ours.hold.set()
        site.titles = ["Third", "Second", "First"]
        async with telling(tmp_path, site, port) as daemon:
            await ours.until(
                lambda: {"Second", "Third"} <= {t for got in ours.got[1:] for t in titles(got)}
            )
            assert all("First" not in titles(got) for got in ours.got)
            assert await daemon.stop() == 0


async def test_another_daemon_of_ours_is_told_in_seconds(tmp_path: Path) -> None:
    config, port = tmp_path / "aggregator.toml", free_port()
    async with running_site() as site, telling(tmp_path, site) as daemon:
        feed = f"{daemon.base_url}/feeds/all.atom"
        config.write_text((COMMON + READER).format(port=port, feed=feed))
        async with started(config, port, tmp_path) as reader:
            await reader.until(lambda feed: len(feed.entries) == 1)
            await until(lambda: "push active" in reader.said(), "the subscription")
            site.titles = ["Second", "First"]
            shown = await reader.until(lambda feed: len(feed.entries) == 2)
            assert {entry.title for entry in shown.entries} == {"First", "Second"}
            assert await reader.stop() == 0
        assert await daemon.stop() == 0
