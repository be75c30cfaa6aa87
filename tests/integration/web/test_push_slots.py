"""Places to receive a delivery in: some for each hub, and none for one that drips."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from types import SimpleNamespace
from typing import cast

import pytest
from aiohttp import web

from aggregator.model import Subscription, SubscriptionState
from aggregator.web import push
from aggregator.web.answers import plain_errors
from aggregator.web.push import PushPages
from aggregator.web.rate import CostlyRequests, RateLimit
from aggregator.web.server import WebServer
from aggregator.websub.subscriber import Subscriber
from tests.support.patience import patience, until

LARGEST = 1000


class Listener:
    """Listens at ``/websub/HUB`` for the hub of that name, and keeps what is delivered."""

    largest, patience = LARGEST, timedelta(hours=1)

    def __init__(self) -> None:
        self.accepted: list[bytes] = []
        self.looked_up = 0

    async def listener(self, token: str) -> Subscription | None:
        self.looked_up += 1
        if token == "unknown":
            return None
        hub, state = f"https://{token}.example/", SubscriptionState.ACTIVE
        return Subscription(1, 1, hub, "t", "b", token, "s", state)

    async def verify(self, _token: str, _query: Mapping[str, str]) -> str | None:
        self.looked_up += 1
        return None

    async def accept(self, _one: Subscription, body: bytes, _type: str, _signature: str) -> bool:
        self.accepted.append(body)
        return True


@pytest.fixture
async def ours() -> AsyncIterator[SimpleNamespace]:
    listener = Listener()
    pages = PushPages(cast("Subscriber", listener), CostlyRequests(RateLimit(5, 0.001), ()))
    app = web.Application(middlewares=[plain_errors])
    app.router.add_post("/websub/{token}", pages.deliver)
    server = WebServer(app, "127.0.0.1", 0)
    await server.start()
    yield SimpleNamespace(listener=listener, port=server.port, pages=pages)
    await server.stop()


async def begin(
    port: int, hub: str, sent: bytes, length: int = 100
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = f"POST /websub/{hub} HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n"
    writer.write(head.encode() + sent)
    return reader, writer


async def status(port: int, hub: str, sent: bytes, length: int = 100) -> int:
    reader, writer = await begin(port, hub, sent, length)
    async with patience():
        line = await reader.readline()
    writer.close()
    return int(line.split()[1])


async def test_a_hub_that_drips_starves_no_other(ours: SimpleNamespace) -> None:
    dripping = [await begin(ours.port, "dripping", b"x") for _ in range(push._OF_A_HUB)]
    await until(lambda: ours.listener.looked_up == len(dripping))
    assert await status(ours.port, "dripping", b"x" * 100) == 503
    assert await status(ours.port, "other", b"x" * 100) == 202
    for reader, writer in dripping:
        writer.write(b"x" * 99)
        assert b" 202 " in await reader.readline()
        writer.close()
    assert await status(ours.port, "dripping", b"x" * 100) == 202


async def test_a_body_slower_than_the_pace_is_given_up(
    ours: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(push, "_START_S", 0.1)
    assert await status(ours.port, "hub", b"x" * 10) == 408


async def test_what_all_hubs_send_together_is_bounded(
    ours: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(push, "_MOST", 2)
    held = [await begin(ours.port, f"hub{n}", b"x" * 900, 1000) for n in range(2)]
    await until(lambda: ours.pages._size == 1800)
    assert await status(ours.port, "third", b"x" * 900, 1000) == 503
    for _, writer in held:
        writer.transport.abort()
    await until(lambda: ours.pages._size == 0)
    assert await status(ours.port, "third", b"x" * 900, 900) == 202


async def test_guessing_addresses_is_refused_before_the_database_is_asked(
    ours: SimpleNamespace,
) -> None:
    answers = [await status(ours.port, "unknown", b"x" * 100) for _ in range(10)]
    assert answers == [410] * 5 + [429] * 5
    assert ours.listener.looked_up == 5
