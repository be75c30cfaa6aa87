"""The real flow over loopback: a site that answers as told, and a house that polls it on a fake clock."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from aiohttp import web
from sqlalchemy import Row

from aggregator.config.config import Config
from aggregator.config.settings import FeedSettings, Settings
from aggregator.engine.in_process import InProcessEngine
from aggregator.fetch.client import HttpFetcher
from aggregator.flow.pipeline import Pipeline
from aggregator.model import Status, TaskLimits
from aggregator.ports import Fetcher
from aggregator.publish.snapshot import Snapshot
from aggregator.store.db.tables import feeds
from tests.support.patience import PATIENCE_S
from tests.support.servers import run_app
from tests.support.storage import FakeClock, Stored, stored_at, wanted

Answer = Callable[[web.Request], Awaitable[web.Response]]


def rss(*names: str, head: str = "", body: str = "", end: str = "</channel></rss>") -> bytes:
    """A feed of entries with these names as titles and guids; ``body`` is the text of each."""
    items = "".join(
        f"<item><title>{name}</title><guid isPermaLink='false'>{name}</guid>"
        f"<description>{body or name}</description></item>"
        for name in names
    )
    return f"<rss version='2.0'><channel><title>Feed</title>{head}{items}{end}".encode()


def ok(body: bytes = b"", **headers: str) -> web.Response:
    """A 200 with a feed (or ``body``); header names have ``_`` for ``-``."""
    return said(200, body or rss("one"), **headers)


def said(status: int, body: bytes = b"", **headers: str) -> web.Response:
    """An answer with this status."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return web.Response(status=status, body=body, headers=named)


@dataclass
class Site:
    """Every 127.x.y.z at one port. ``answers`` maps a path to a response or a handler."""

    base: str = ""
    answers: dict[str, Answer | web.Response] = field(default_factory=dict)
    asked: list[web.Request] = field(default_factory=list)

    def url(self, path: str, host: int = 1) -> str:
        """The URL of ``path`` at 127.0.0.``host``."""
        return f"http://127.0.0.{host}:{self.base.rpartition(':')[2]}{path}"

    @property
    def paths(self) -> list[str]:
        """The paths asked for, in order."""
        return [request.path for request in self.asked]

    def fields(self, name: str) -> list[str | None]:
        """What each request said in the field ``name``."""
        return [request.headers.get(name) for request in self.asked]

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append(request)
        given = self.answers.get(request.path)
        if given is None:
            return web.Response(status=404)
        if isinstance(given, web.Response):  # aiohttp sends a response object once
            return web.Response(status=given.status, body=given.body, headers=given.headers)
        return await given(request)


@asynccontextmanager
async def open_site() -> AsyncIterator[Site]:
    """A site that listens."""
    site = Site()
    app = web.Application()
    app.router.add_get("/{path:.*}", site.answer)
    async with run_app(app, host="0.0.0.0") as site.base:
        yield site


class InThisProcess:
    """Workers without processes, which have tests of their own."""

    async def run(
        self,
        function: Callable[..., Any],
        *args: object,
        limits: TaskLimits,
        ahead: bool = False,
        **named: object,
    ) -> Any:
        return function(*args, **named)


@dataclass
class House:
    """The whole flow over one database, from one start to the next stop."""

    stored: Stored
    engine: InProcessEngine
    config: Config

    @property
    def clock(self) -> FakeClock:
        return self.stored.clock

    async def subscribe(self, *urls: str) -> None:
        """Make these the configured feeds, as a reload does."""
        await self.stored.store.sync_feeds(wanted(dict.fromkeys(urls, self.clock.now())))

    async def poll(self, after: timedelta = timedelta(0)) -> None:
        """Poll every feed, due or not, ``after`` so long."""
        self.clock.advance(after)
        await self.engine.run_once(all_feeds=True)

    async def poll_due(self) -> None:
        """Poll what is due."""
        await self.engine.run_once(all_feeds=False)

    async def tick(self, after: timedelta = timedelta(0)) -> None:
        """What a tick of the daemon does about polls, ``after`` so long, to its end."""
        self.clock.advance(after)
        self.engine._due_by = None
        self.engine.pipeline.network.single_run = False
        await self.engine.polls.drain()

    def feed(self, key: str | None = None) -> Row[Any]:
        """The row of the only feed, or of ``key``."""
        return self.stored.row(feeds, *([] if key is None else [feeds.c.key == key]))

    def wait(self, key: str | None = None) -> timedelta:
        """How long the feed is left alone from now."""
        pause: timedelta = self.feed(key).next_poll_at - self.clock.now()
        return pause

    async def status(self) -> Status:
        """What ``aggregator status`` and the status page show."""
        return await self.stored.store.status({}, {})

    async def titles(self) -> set[str]:
        """The titles of all stories."""
        return {item.title for item in await self.stored.items()}


@asynccontextmanager
async def open_house(
    database_url: str,
    *urls: str,
    clock: FakeClock | None = None,
    fetcher: Fetcher | None = None,
    feed: dict[str, Any] | None = None,
    tls: Any = None,
    **fetch: Any,
) -> AsyncIterator[House]:
    """A house subscribed to ``urls``. ``feed`` are options of each, ``fetch`` those of ``[fetch]``,
    but for ``parse`` and ``extract``, which are those of their sections, ``base_url`` and ``mode``."""
    given = {"allow_networks": ("127.0.0.0/8",), "host_gap": 0, "timeout": PATIENCE_S, **fetch}
    extract = {"mode": given.pop("mode", "never"), **given.pop("extract", {})}
    parse, base_url = given.pop("parse", {}), given.pop("base_url", "")
    settings = Settings.model_validate(
        {"fetch": given, "parse": parse, "extract": extract, "base_url": base_url}
    )
    config = Config(
        settings, None, tuple(FeedSettings.model_validate({"url": u, **(feed or {})}) for u in urls)
    )
    with stored_at(database_url) as stored:
        if clock is not None:
            stored.clock = clock
            stored.store._clock = clock
        async with HttpFetcher(settings.fetch, base_url=settings.base_url, tls=tls) as client:
            pipeline = Pipeline(
                config,
                stored.clock,
                fetcher or client,
                InThisProcess(),
                stored.store,
                Snapshot(),
            )
            house = House(stored, InProcessEngine(pipeline), config)
            await house.subscribe(*urls)
            yield house
