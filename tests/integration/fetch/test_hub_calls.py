"""Calls of callbacks: guarded at each one, bounded in time and size, never led elsewhere."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from aggregator.config.settings import FetchSettings
from aggregator.errors import AddressRefused, ConnectFailed, FetchError, TimedOut
from aggregator.fetch import hub_calls
from aggregator.fetch.hub_calls import HubCalls
from tests.support.servers import run_app

ALLOWED = FetchSettings.model_validate({"allow_networks": ["127.0.0.0/8"]})


def calls(settings: FetchSettings = ALLOWED, **more: Any) -> HubCalls:
    return HubCalls(settings, base_url="https://me.example", **more)


class Rebinding(AbstractResolver):
    """A name that is public for the first question and leads inside from then on."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = list(addresses)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        address = self.addresses.pop(0)
        return [
            ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=0)
        ]

    async def close(self) -> None:
        pass


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:{port}/", "http://localhost:{port}/", "http://a.localhost:{port}/", "http://[::1]:{port}/",
        "http://169.254.169.254/latest/meta-data/", "http://[::ffff:127.0.0.1]:{port}/", "http://2130706433:{port}/",
        "http://0177.0.0.1:{port}/", "http://127.1:{port}/", "http://0.0.0.0:{port}/", "http://10.0.0.1/",
        "http://[fe80::1%25eth0]/", "http://100.64.0.1/",
    ],
)  # fmt: skip
async def test_nothing_inside_is_called(url: str) -> None:
    seen = []

    async def note(request: web.Request) -> web.Response:
        seen.append(request.path)
        return web.Response()

    app = web.Application()
    app.router.add_route("*", "/", note)
    async with run_app(app) as base, calls(FetchSettings()) as door:
        there = url.format(port=base.rpartition(":")[2])
        with pytest.raises(FetchError):
            await door.get(there, 10)
        with pytest.raises(FetchError):
            await door.post(there, b"body", {}, 5.0)
    assert seen == []


async def test_a_name_is_judged_anew_at_each_call() -> None:
    async with calls(FetchSettings(), resolver=Rebinding("127.0.0.1", "10.0.0.1")) as door:
        for _ in range(2):
            with pytest.raises(AddressRefused):
                await door.post("http://rebinding.example/", b"body", {}, 5.0)


async def test_redirects_are_answers_and_little_is_read() -> None:
    seen = []

    async def answer(request: web.Request) -> web.StreamResponse:
        seen.append((request.method, request.path, request.headers.get("Accept-Encoding")))
        if request.path == "/moved":
            return web.Response(status=307, headers={"Location": "/huge"})
        response = web.StreamResponse()
        await response.prepare(request)
        while True:  # for as long as somebody reads
            await response.write(b"x" * 65_536)

    app = web.Application()
    app.router.add_route("*", "/{any}", answer)
    async with run_app(app) as base, calls() as door:
        assert (
            await door.post(f"{base}/moved", b"body", {"Content-Type": "a/b"}, 5.0)
        ).status == 307
        got = await door.get(f"{base}/huge", 44)
        assert (got.status, got.body) == (200, b"x" * 44)
    assert seen == [("POST", "/moved", "identity"), ("GET", "/huge", "identity")]


async def test_who_drips_is_left_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_calls, "_ASK_S", 0.3)
    done = asyncio.Event()

    async def drip(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"x")
        await done.wait()
        return response

    async def wait(_request: web.Request) -> web.StreamResponse:
        await done.wait()
        return web.Response()

    app = web.Application()
    app.router.add_get("/drip", drip)
    app.router.add_post("/wait", wait)
    async with run_app(app) as base, calls() as door:
        with pytest.raises(TimedOut):
            await door.get(f"{base}/drip", 44)
        with pytest.raises(TimedOut):
            await door.post(f"{base}/wait", b"body", {}, 0.3)
        done.set()


async def test_large_bodies_are_sent_whole_with_their_length() -> None:
    got = []

    async def take(request: web.Request) -> web.Response:
        got.append((len(await request.read()), request.content_length))
        return web.Response(status=503, headers={"Retry-After": "120"})

    app = web.Application(client_max_size=8 << 20)
    app.router.add_post("/", take)
    async with run_app(app) as base, calls() as door:
        answer = await door.post(f"{base}/", b"x" * (3 << 20), {}, 30.0)
        assert (answer.status, answer.retry_after) == (503, "120")
    assert got == [(3 << 20, 3 << 20)]


async def test_nobody_there_is_a_typed_error() -> None:
    async with calls() as door:
        with socket.socket() as one:
            one.bind(("127.0.0.1", 0))
            with pytest.raises(ConnectFailed):
                await door.get(f"http://127.0.0.1:{one.getsockname()[1]}/", 10)
