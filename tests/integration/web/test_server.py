"""Listening on real sockets: picked ports, taken ports, stopping."""

from __future__ import annotations

import asyncio
import logging

import aiohttp
import pytest
from aiohttp import web

from aggregator.errors import AggregatorError
from aggregator.web.server import WebServer


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


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"BREW /<script> HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nA<b>: \x00\r\nAccept: text/html\r\n\r\n",
        b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
)
async def test_what_is_no_http_is_refused_and_fills_no_log(
    request_bytes: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    server = WebServer(app(), "127.0.0.1", 0)
    await server.start()
    with caplog.at_level(logging.INFO):
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(request_bytes)
        answer = await reader.read()
        writer.close()
        await writer.wait_closed()
    await server.stop()
    assert answer.startswith((b"HTTP/1.0 400 ", b"HTTP/1.1 400 "))
    assert b"Traceback" not in answer
    assert b"text/plain" in answer
    assert caplog.records == []
