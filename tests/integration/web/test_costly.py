"""What costs: made once for all who ask, and refused to who asks too often."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from ipaddress import ip_network

import aiohttp
import pytest

from aggregator.errors import StoreError
from aggregator.model import DroppedOutput, FeedPlace, Status
from aggregator.privacy.public import Disclosure
from aggregator.publish.snapshot import Snapshot
from aggregator.web.app import create_app
from aggregator.web.clients import LOOPBACK, Network
from aggregator.web.daemon_view import OutputInfo
from aggregator.web.kept import Kept
from aggregator.web.server import WebServer
from tests.support.patience import patience, turns


class Counted:
    """A daemon that counts how often it is asked for its state, and answers when ``may`` says so."""

    def __init__(self) -> None:
        self.title, self.base_url, self.index, self.revision = "Mine", "", False, 0
        self.asked = 0
        self.broken = False
        self.may = asyncio.Event()
        self.may.set()

    def outputs(self) -> Sequence[OutputInfo]:
        return ()

    def dropped(self) -> Sequence[DroppedOutput]:
        return ()

    async def status(self, limit: int, after: FeedPlace | None = None) -> Status:
        self.asked += 1
        await self.may.wait()
        if self.broken:
            raise StoreError("the database is away")
        return Status((), 1, 1, 1, 0, 0, 0)

    async def sources(self, name: str) -> bytes:
        return f"<opml>{name}</opml>".encode()

    def told(self, key: str) -> Disclosure | None:
        return None

    @property
    def holds_back(self) -> bool:
        return False

    def healthy(self) -> tuple[bool, Mapping[str, object]]:
        return True, {}


@asynccontextmanager
async def serving(
    daemon: Counted, proxies: Sequence[Network] = LOOPBACK
) -> AsyncIterator[aiohttp.ClientSession]:
    app = create_app(Snapshot(), daemon, proxies=proxies, kept=timedelta(hours=1))
    server = WebServer(app, "127.0.0.1", 0)
    await server.start()
    async with aiohttp.ClientSession(f"http://127.0.0.1:{server.port}") as session:
        yield session
    await server.stop()


async def status(session: aiohttp.ClientSession, path: str = "/", **headers: str) -> int:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    async with patience(), session.get(path, headers=named) as answer:
        await answer.read()
        return answer.status


async def test_a_hundred_requests_are_one_look_at_the_database() -> None:
    daemon = Counted()
    daemon.may.clear()
    async with serving(daemon) as session:
        asking = [
            asyncio.create_task(status(session, f"/?after=-{n}" if n % 2 else "/"))
            for n in range(100)
        ]
        await turns()
        daemon.may.set()
        assert set(await asyncio.gather(*asking)) == {200}
        assert daemon.asked == 1


async def test_a_database_that_is_away_is_not_asked_for_each_request_either(
    capfd: pytest.CaptureFixture[str],
) -> None:
    daemon = Counted()
    daemon.broken = True
    async with serving(daemon) as session:
        for _ in range(20):
            assert await status(session) == 200
    assert daemon.asked == 1
    said = capfd.readouterr()
    assert (said.out + said.err).count("status page without status") == 1


async def test_a_reload_shows_at_once() -> None:
    daemon = Counted()
    async with serving(daemon) as session:
        await status(session)
        daemon.title, daemon.revision = "Other", 1
        async with session.get("/") as answer:
            assert "Other" in await answer.text()


async def test_who_hangs_up_while_a_page_is_made_keeps_nobody_from_it() -> None:
    may, made = asyncio.Event(), 0

    async def make(key: str) -> str:
        nonlocal made
        made += 1
        await may.wait()
        return key.upper()

    kept = Kept(make)
    first, second = (asyncio.create_task(kept.get("a")) for _ in range(2))
    await turns()
    first.cancel()
    may.set()
    assert await second == "A"
    assert made == 1


async def test_who_asks_too_often_is_told_when_to_come_again() -> None:
    async with serving(Counted(), proxies=()) as session:
        answers = [await status(session) for _ in range(40)]
        assert answers[:30] == [200] * 30
        assert 429 in answers
        async with session.get("/") as answer:
            assert answer.status == 429
            assert 0 < int(answer.headers["Retry-After"]) < 60
            assert await answer.text() == "429 Too Many Requests\n"
        for path, expected in (("/health", 200), ("/style.css", 200), ("/feeds/all.atom", 404)):
            assert await status(session, path) == expected


async def test_whom_a_proxy_names_is_counted_and_no_other() -> None:
    async with serving(Counted(), [ip_network("127.0.0.1/32")]) as session:
        often = [await status(session, X_Forwarded_For="192.0.2.1") for _ in range(40)]
        assert 429 in often
        assert await status(session, X_Forwarded_For="192.0.2.1, 192.0.2.2") == 200
        assert await status(session) == 200  # the proxy's own
