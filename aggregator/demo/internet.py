"""The small internet: all sites on loopback, on the running event loop, with new stories coming."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections import deque
from collections.abc import Callable
from contextlib import AsyncExitStack, ExitStack, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Self

import tomlkit
from aiohttp import web

from aggregator.demo.responses import DemoRequest, SiteServer
from aggregator.demo.sites import SITES, Behaviour, FeedFormat, Site
from aggregator.demo.stories import DemoStory, Newsroom, Posting, Story, describe, post

_CORRECT_EVERY = 6  # ticks
_LOG_LENGTH = 20_000
_BIND_ATTEMPTS = 20


@dataclass(frozen=True, slots=True)
class DemoFeed:
    """A feed of the small internet, ready to be subscribed to."""

    url: str
    title: str
    category: str
    behaves: Behaviour
    site: str
    site_url: str
    format: FeedFormat
    language: str
    full_text: bool


def utc_now() -> datetime:
    """The time of day."""
    return datetime.now(UTC)


class DemoInternet:
    """Async context manager: the sites answer while it is open.

    ``port`` is the port of all sites, 0 takes a free one; where the platform has no 127/8 each
    site has a port of its own (counted up from ``port``). ``story_interval`` None: stories come
    only from :meth:`publish`. ``backlog`` stories are there from the start. ``delay`` is what the
    slow site takes for an answer. The same ``seed`` gives the same stories. Entering raises
    ``OSError`` when ``port`` is taken.
    """

    def __init__(
        self,
        seed: int = 1,
        port: int = 0,
        story_interval: timedelta | None = timedelta(seconds=4),
        *,
        backlog: int = 30,
        delay: timedelta = timedelta(seconds=1),
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._port = port
        self._interval = story_interval
        self._backlog = backlog
        self._delay = delay
        self._clock = clock
        self._newsroom = Newsroom(SITES, seed)
        self._bases: dict[str, str] = {}
        self._pages: dict[tuple[str, str], int] = {}  # site and path → story's number
        self._log: deque[DemoRequest] = deque(maxlen=_LOG_LENGTH)
        self._exit = AsyncExitStack()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            listeners = _listeners(len(SITES), self._port)
            for listener in listeners:
                stack.callback(listener.close)
            for site, listener in zip(SITES, listeners, strict=True):
                address, port = listener.getsockname()
                self._bases[site.key] = f"http://{address}:{port}"
            self._fill()
            for site, listener in zip(SITES, listeners, strict=True):
                await self._open(stack, site, listener)
            if self._interval is not None:
                ticker = asyncio.create_task(self._tick(self._interval), name="demo stories")
                stack.push_async_callback(_cancel, ticker)
            self._exit = stack.pop_all()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._exit.__aexit__(kind, error, trace)

    # ── what there is ────────────────────────────────────────────────────────────────────────

    @property
    def feeds(self) -> tuple[DemoFeed, ...]:
        """Every site's feed, also those that never answer well."""
        return tuple(
            DemoFeed(
                url=self._bases[site.key] + site.feed_path,
                title=site.title,
                category=site.category,
                behaves=site.behaves,
                site=site.key,
                site_url=self._bases[site.key] + "/",
                format=site.feed_format,
                language=site.language,
                full_text=site.full_text,
            )
            for site in SITES
        )

    def stories(self) -> tuple[DemoStory, ...]:
        """Every story published so far, in the order of publication, as it reads now."""
        return tuple(describe(story, self._bases) for story in self._newsroom.stories)

    @property
    def requests(self) -> tuple[DemoRequest, ...]:
        """The latest requests that were answered, in that order."""
        return tuple(self._log)

    def config_toml(self, database_url: str, port: int, data_dir: str) -> str:
        """A complete configuration of a daemon that subscribes to every feed.

        It listens on loopback ``port`` and writes below the folder ``data_dir``.
        """
        document = {
            "title": "A small internet",
            "base_url": f"http://127.0.0.1:{port}",
            "database": {"url": database_url},
            "server": {"host": "127.0.0.1", "port": port},
            "fetch": {"allow_networks": ["127.0.0.0/8"], "host_gap": "20ms", "timeout": "10s"},
            "schedule": {"tick": "500ms"},
            "extract": {"max_wait": "20s"},
            "publish": {"directory": f"{data_dir}/public", "min_interval": "1s"},
            "feeds": [
                {
                    "url": feed.url,
                    "title": feed.title,
                    "category": feed.category,
                    "every": "2s",
                }
                for feed in self.feeds
            ],
            "outputs": [
                {"name": "all", "title": "Everything, once", "limit": 500},
                {"name": "technology", "title": "Technology", "categories": ["Technology"]},
            ],
        }
        return tomlkit.dumps(document)

    # ── what happens ─────────────────────────────────────────────────────────────────────────

    def publish(self, count: int = 1) -> tuple[DemoStory, ...]:
        """Publish ``count`` stories now, on one writing site after the other.

        A feed lists its latest 30 entries: with more than that between two polls, some are missed.
        """
        now = self._clock()
        return tuple(describe(self._add(now), self._bases) for _ in range(count))

    def correct(self) -> DemoStory:
        """Correct one of the latest ten stories: same guid, changed text, newer ``updated``."""
        return describe(self._newsroom.correct(self._clock()), self._bases)

    async def _tick(self, interval: timedelta) -> None:
        ticks = 0
        while True:
            await asyncio.sleep(interval.total_seconds())
            self.publish()
            ticks += 1
            if ticks % _CORRECT_EVERY == 0:
                self.correct()

    def _fill(self) -> None:
        """Publish the backlog, some minutes apart, the last one a little while ago."""
        now = self._clock().replace(microsecond=0)
        for age in range(self._backlog, 0, -1):
            self._add(now - age * timedelta(minutes=17))

    def _add(self, now: datetime) -> Story:
        story = self._newsroom.publish(now)
        for site in story.sites:
            self._pages[site.key, post(story, site, self._bases).path] = story.number
        return story

    # ── how it is served ─────────────────────────────────────────────────────────────────────

    async def _open(self, stack: AsyncExitStack, site: Site, listener: socket.socket) -> None:
        server = SiteServer(
            site,
            self._bases[site.key],
            postings=lambda: self._postings(site),
            find=lambda path: self._find(site, path),
            note=lambda request, status, started: self._note(site, request, status, started),
            clock=self._clock,
            delay=self._delay,
        )
        runner = web.AppRunner(server.application(), access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.SockSite(runner, listener).start()

    def _postings(self, site: Site) -> list[Posting]:
        return [post(story, site, self._bases) for story in self._newsroom.listed(site)]

    def _find(self, site: Site, path: str) -> Posting | None:
        number = self._pages.get((site.key, path))
        if number is None:
            return None
        return post(self._newsroom.stories[number - 1], site, self._bases)

    def _note(self, site: Site, request: web.Request, status: int, started: datetime) -> None:
        authority = self._bases[site.key].removeprefix("http://")
        address = authority.partition(":")[0]
        conditional = {"If-None-Match", "If-Modified-Since"} & set(request.headers)
        self._log.append(
            DemoRequest(
                time=started,
                ended=self._clock(),
                site=site.key,
                host=authority if address == "127.0.0.1" else address,
                path=request.path_qs,
                status=status,
                conditional=bool(conditional),
                user_agent=request.headers.get("User-Agent", ""),
            )
        )


async def _cancel(task: asyncio.Task[None]) -> None:
    """Stop ``task``; raises what it failed with, if it did."""
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


def _listeners(count: int, port: int) -> list[socket.socket]:
    """Sockets on 127.0.0.2, 127.0.0.3, … and one port, or on 127.0.0.1 and a port each.

    Raises ``OSError`` when ``port`` is not 0 and taken.
    """
    addresses = [f"127.0.0.{number}" for number in range(2, count + 2)]
    for attempt in range(_BIND_ATTEMPTS):
        try:
            return _bound([(address, port) for address in addresses], same_port=True)
        except OSError as error:
            if error.errno == errno.EADDRNOTAVAIL:
                ports = [port + number if port else 0 for number in range(count)]
                return _bound([("127.0.0.1", one) for one in ports], same_port=False)
            if port or error.errno != errno.EADDRINUSE or attempt == _BIND_ATTEMPTS - 1:
                raise
    raise AssertionError("unreachable")


def _bound(addresses: list[tuple[str, int]], *, same_port: bool) -> list[socket.socket]:
    """A listening socket for each; with ``same_port`` port 0 becomes what the first one got."""
    with ExitStack() as stack:
        sockets: list[socket.socket] = []
        for address, port in addresses:
            listener = stack.enter_context(socket.socket())
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            free = sockets[0].getsockname()[1] if same_port and sockets else port
            listener.bind((address, free))
            listener.listen(128)
            listener.setblocking(False)
            sockets.append(listener)
        stack.pop_all()
    return sockets
