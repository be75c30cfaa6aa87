"""Webhooks sent to whoever may stand there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from aiohttp import web

from aggregator.config.settings import FetchSettings
from aggregator.fetch.webhook_post import WebhookPoster
from aggregator.model import SendOutcome
from tests.support.servers import run_app

SOON = timedelta(seconds=30)
Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]
LOOPBACK = FetchSettings.model_validate({"allow_networks": ("127.0.0.0/8",)})


@asynccontextmanager
async def receiver(answer: Answer) -> AsyncIterator[tuple[str, list[tuple[str, bytes]]]]:
    got: list[tuple[str, bytes]] = []

    async def take(request: web.Request) -> web.StreamResponse:
        got.append((request.headers.get("webhook-id", ""), await request.read()))
        return await answer(request)

    app = web.Application()
    app.router.add_post("/hook", take)
    async with run_app(app) as base:
        yield f"{base}/hook", got


async def post(
    url: str, settings: FetchSettings = LOOPBACK, patience: timedelta = SOON
) -> SendOutcome:
    async with WebhookPoster(settings, base_url="") as poster:
        return await poster.post_hook(url, {"webhook-id": "msg_1"}, b"{}", patience)


async def with_status(status: int, **fields: str) -> SendOutcome:
    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(status=status, headers=fields, text="sEcReT")

    async with receiver(answer) as (url, got):
        outcome = await post(url)
    assert got == [("msg_1", b"{}")]
    assert "sEcReT" not in str(outcome)
    assert "127.0.0.1" not in str(outcome)
    return outcome


@pytest.mark.parametrize("status", [200, 202, 204])
async def test_a_2xx_is_a_success(status: int) -> None:
    assert (await with_status(status)).is_success


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_a_redirect_is_a_failure_and_not_followed(status: int) -> None:
    outcome = await with_status(status, Location="http://169.254.169.254/latest/meta-data/")
    assert outcome.error == f"answered {status}: redirects are not followed"


async def test_410_is_the_end_and_429_is_heeded() -> None:
    assert (await with_status(410)).is_gone
    busy = await with_status(429, **{"Retry-After": "120"})
    assert (busy.error, busy.retry_after) == ("answered 429", timedelta(minutes=2))


async def test_who_hangs_is_left() -> None:
    ended = asyncio.Event()

    async def answer(_: web.Request) -> web.StreamResponse:
        await ended.wait()
        return web.Response()

    async with receiver(answer) as (url, _):
        outcome = await post(url, patience=timedelta(milliseconds=100))
        ended.set()
    assert outcome == SendOutcome("no answer within 0.1 s", was_answered=False)


async def test_of_a_gigabyte_nothing_is_read() -> None:
    sent = 0

    async def answer(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse(headers={"Content-Length": str(1 << 30)})
        await response.prepare(request)
        try:
            while sent < 1 << 30:
                await response.write(b"x" * (1 << 20))
                sent += 1 << 20
        except (ConnectionError, asyncio.CancelledError):
            pass
        return response

    async with receiver(answer) as (url, _):
        assert (await post(url)).is_success  # it said so at the beginning
    assert sent < 64 << 20


async def test_who_drips_an_answer_has_given_it() -> None:
    ended = asyncio.Event()

    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "100"})
        await response.prepare(request)
        await response.write(b"x")
        await ended.wait()
        return response

    async with receiver(answer) as (url, _):
        assert (await post(url)).is_success
        ended.set()


async def test_private_addresses_are_refused_unless_allowed() -> None:
    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response()

    async with receiver(answer) as (url, got):
        for there in (url, url.replace("127.0.0.1", "localhost")):
            outcome = await post(there, FetchSettings())
            assert "not public" in outcome.error
            assert "allow_networks" in outcome.error
    assert got == []
    for odd in ("http://0177.0.0.1/x", "http://2130706433/x", "http://[::ffff:127.0.0.1]/x"):
        assert not (await post(odd, FetchSettings())).is_success


async def test_nobody_there_and_no_such_name() -> None:
    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response()

    async with receiver(answer) as (url, _):
        pass
    gone = await post(url)
    assert gone.error.startswith("no connection")
    assert not gone.was_answered
