"""Listening on real sockets: picked ports, taken ports, stopping."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Mapping, Sequence

import aiohttp
import pytest
from aiohttp import web

from aggregator.errors import AggregatorError
from aggregator.model import DroppedOutput, FeedPlace, Status
from aggregator.privacy.public import Disclosure
from aggregator.publish.snapshot import Snapshot
from aggregator.web.answers import HEADERS, plain_errors
from aggregator.web.app import create_app
from aggregator.web.daemon_view import OutputInfo
from aggregator.web.server import WebServer
from tests.support.patience import patience


class Nobody:
    """A daemon of no feeds."""

    title, base_url, index, revision = "Mine", "", False, 0

    def outputs(self) -> Sequence[OutputInfo]:
        return ()

    def dropped(self) -> Sequence[DroppedOutput]:
        return ()

    async def status(self, limit: int, after: FeedPlace | None = None) -> Status:
        raise AggregatorError("nothing to tell")

    async def sources(self, name: str) -> bytes:
        return f"<opml>{name}</opml>".encode()

    def told(self, key: str) -> Disclosure | None:
        return None

    @property
    def holds_back(self) -> bool:
        return False

    def healthy(self) -> tuple[bool, Mapping[str, object]]:
        return True, {}


def app() -> web.Application:
    async def hello(_request: web.Request) -> web.Response:
        return web.Response(text="hello")

    application = web.Application()
    application.router.add_get("/", hello)
    return application


async def test_port_0_picks_a_free_one() -> None:
    server = WebServer(app(), "127.0.0.1", 0)
    assert server.port == 0
    await server.start()
    assert server.port > 0
    address = f"http://127.0.0.1:{server.port}/"
    async with aiohttp.ClientSession() as session:
        async with session.get(address) as answer:
            assert await answer.text() == "hello"
        await server.stop()
        assert server.port == 0
        with pytest.raises(aiohttp.ClientConnectionError):
            await session.get(address)
    await server.stop()  # a second time is harmless


async def test_a_taken_port_is_told_in_words() -> None:
    first = WebServer(app(), "127.0.0.1", 0)
    await first.start()
    second = WebServer(app(), "127.0.0.1", first.port)
    with pytest.raises(AggregatorError, match=f"cannot listen on 127.0.0.1:{first.port}") as caught:
        await second.start()
    assert "server.port" in caught.value.hint
    assert second.port == 0
    await second.stop()
    await first.stop()


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1"])
async def test_an_address_of_another_machine_is_told_in_words(host: str) -> None:
    with pytest.raises(AggregatorError, match="cannot listen on") as caught:
        await WebServer(app(), host, 0).start()
    assert "server.host" in caught.value.hint
    assert (f"[{host}]:0" in str(caught.value)) == (":" in host)


NO_REQUESTS = [
    b"BREW /<script>canary HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nA<b>canary: \x00\r\nAccept: text/html\r\n\r\n",
    b"GET /canary" + b"a" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /\xffcanary HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET http://[canary/ HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET / HTTP/9.canary\r\n\r\n",
    b"\x16\x03\x01canary\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: canary\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: canary\r\nContent-Length: 1\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nExpect: canary\r\nConnection: close\r\n\r\n",
    b"GET /canary HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    b"DELETE / HTTP/1.1\r\nHost: canary\r\nConnection: close\r\n\r\n",
]


@pytest.mark.parametrize("sent", NO_REQUESTS)
async def test_what_is_no_request_is_refused_without_an_echo_and_fills_no_log(
    sent: bytes, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    server = WebServer(create_app(Snapshot(), Nobody()), "127.0.0.1", 0)
    await server.start()
    with caplog.at_level(logging.INFO):
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(sent)
        async with patience():
            answer = await reader.read()
        writer.close()
        await writer.wait_closed()
    await server.stop()
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith((b"HTTP/1.0 4", b"HTTP/1.1 4"))
    for name, value in HEADERS.items():
        assert f"{name}: {value}".encode() in head
    assert b"\r\nX-Robots-Tag: noindex" in head
    assert re.fullmatch(rb"4[0-9]{2} [A-Za-z ]+\n", body)
    for told in (b"canary", b"aiohttp", b"Python", b"Traceback"):
        assert told not in answer
    assert caplog.records == []
    said = capfd.readouterr()
    assert said.out + said.err == ""


async def test_a_version_without_headers_is_refused() -> None:
    server = WebServer(create_app(Snapshot(), Nobody()), "127.0.0.1", 0)
    await server.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(b"GET /canary\r\n\r\n")
    async with patience():
        answer = await reader.read()  # and the connection is closed
    writer.close()
    await writer.wait_closed()
    await server.stop()
    assert b" 505 " in answer.splitlines()[0]
    assert answer.endswith(b"\r\n505 HTTP Version Not Supported\n")
    assert b"canary" not in answer


@pytest.mark.parametrize("fault", [TimeoutError("canary"), RuntimeError("canary")])
async def test_a_fault_of_ours_tells_nothing_either(fault: Exception) -> None:
    async def broken(_request: web.Request) -> web.Response:
        raise fault

    application = web.Application()  # without the middleware that catches what handlers raise
    application.router.add_get("/", broken)
    server = WebServer(application, "127.0.0.1", 0)
    await server.start()
    address = f"http://127.0.0.1:{server.port}/"
    async with aiohttp.request("GET", address, headers={"Accept": "text/html"}) as answer:
        body = await answer.text()
        assert answer.status in {500, 504}
        assert HEADERS.items() <= dict(answer.headers).items()
    await server.stop()
    assert re.fullmatch(r"50[04] [A-Za-z ]+\n", body)


async def test_a_client_that_hangs_up_in_the_middle_is_not_logged(
    capfd: pytest.CaptureFixture[str],
) -> None:
    reading, ended = asyncio.Event(), asyncio.Event()

    async def read(request: web.Request) -> web.Response:
        reading.set()
        try:
            await request.read()
        finally:
            ended.set()
        return web.Response()

    application = web.Application(middlewares=[plain_errors])
    application.router.add_post("/", read)
    server = WebServer(application, "127.0.0.1", 0)
    await server.start()
    _, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n")
    async with patience():
        await reading.wait()
        writer.transport.abort()
        await ended.wait()
    await server.stop()
    said = capfd.readouterr()
    assert said.out + said.err == ""
