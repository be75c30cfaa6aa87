"""A daemon, a site and a hub: news arrives because the hub says so, not because anybody asks."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web

from tests.support.hub import Hub, rss, running_hub
from tests.support.patience import until
from tests.support.running import Running, free_port, started
from tests.support.servers import run_app

CONFIG = """
base_url = "http://127.0.0.1:{port}"
[server]
port = {port}
[fetch]
allow_networks = ["127.0.0.0/8"]
host_gap = 0
[publish]
min_interval = "100ms"
[websub]
enabled = true
[[feeds]]
url = "{feed}"
extract = "never"
"""


@dataclass
class Site:
    """A feed that names its hub in a header, and counts who asks for it."""

    hub: Hub
    url: str = ""
    titles: list[str] = field(default_factory=lambda: ["First"])
    polls: int = 0

    async def feed(self, _request: web.Request) -> web.Response:
        self.polls += 1
        return web.Response(
            body=rss(*self.titles),
            content_type="application/rss+xml",
            headers={"Link": f'<{self.hub.url}>; rel="hub", </feed>; rel="self"'},
        )

    async def polled(self, times: int) -> None:
        await until(lambda: self.polls >= times, f"poll {times}")


@asynccontextmanager
async def running_site() -> AsyncIterator[Site]:
    app = web.Application()
    async with running_hub() as hub:
        site = Site(hub)
        app.router.add_get("/feed", site.feed)
        async with run_app(app) as base:
            site.url = f"{base}/feed"
            yield site


def titles(feed: Any) -> Counter[str]:
    return Counter(entry.title for entry in feed.entries)


async def subscribed(daemon: Running, site: Site) -> None:
    """The hub knows the daemon, which has polled once more since."""
    await daemon.until(lambda feed: titles(feed) == {"First": 1})
    await site.hub.until(lambda: site.hub.secrets)
    await site.polled(2)


async def test_news_arrives_by_push_and_forgeries_do_not(tmp_path: Path) -> None:
    config, port = tmp_path / "aggregator.toml", free_port()
    async with running_site() as site:
        config.write_text(CONFIG.format(port=port, feed=site.url))
        async with started(config, port, tmp_path) as daemon:
            await subscribed(daemon, site)

            # The whole document, and then, as some hubs do, only what is new.
            site.titles = ["Second", "First"]
            assert await site.hub.deliver(site.url, rss(*site.titles)) == [202]
            await daemon.until(lambda feed: titles(feed) == {"First": 1, "Second": 1})
            assert await site.hub.deliver(site.url, rss("Third", title="Odd")) == [202]
            feed = await daemon.until(lambda feed: titles(feed)["Third"] == 1)
            assert {entry.source.title for entry in feed.entries} == {"Pushed"}

            assert await site.hub.deliver(site.url, rss("Forged"), secret="wrong") == [202]
            assert await site.hub.deliver(site.url, b"no feed at all") == [202]
            assert await site.hub.deliver(site.url, rss("Fourth")) == [202]
            feed = await daemon.until(lambda feed: titles(feed)["Fourth"] == 1)
            assert titles(feed) == {"First": 1, "Second": 1, "Third": 1, "Fourth": 1}

            assert site.polls == 2  # nobody asked
            await until(lambda: daemon.said().count("delivery dropped") == 2, "both refusals")
            assert await daemon.stop() == 0
            assert "Traceback" not in daemon.said()


async def test_a_restart_keeps_the_subscription_and_a_stopped_feed_ends_it(tmp_path: Path) -> None:
    config, port = tmp_path / "aggregator.toml", free_port()
    async with running_site() as site:
        text = CONFIG.format(port=port, feed=site.url)
        config.write_text(text)
        async with started(config, port, tmp_path) as daemon:
            await subscribed(daemon, site)
            assert await daemon.stop() == 0
        async with started(config, port, tmp_path) as daemon:
            assert await site.hub.deliver(site.url, rss("After the restart")) == [202]
            await daemon.until(lambda feed: titles(feed)["After the restart"] == 1)
            assert [one["hub.mode"] for one in site.hub.requests] == ["subscribe"]
            assert await daemon.stop() == 0
        config.write_text(text.partition("[[feeds]]")[0])
        async with started(config, port, tmp_path) as daemon:
            await site.hub.until(lambda: not site.hub.secrets)
            assert [one["hub.mode"] for one in site.hub.requests] == ["subscribe", "unsubscribe"]
            assert await daemon.stop() == 0
