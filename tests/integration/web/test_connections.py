"""Clients that say nothing, half of it, or take nothing of what they asked for."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import aiohttp
import pytest
from aiohttp import web

from aggregator.web import listening
from aggregator.web.hot.prepared import Answer
from aggregator.web.hot.request_head import PlainRequest
from aggregator.web.patience import Limits
from aggregator.web.server import WebServer
from tests.support.patience import PATIENCE_S, patience, until

QUICK = Limits(connections=8, head=0.2, idle=0.2, send=0.2)
PATIENT = Limits(connections=8, head=900, idle=900, send=900)
LARGE = os.urandom(1 << 20) * 16  # more than all buffers between us and a client hold


@asynccontextmanager
async def serving(limits: Limits) -> AsyncIterator[WebServer]:
    async def hello(_request: web.Request) -> web.Response:
        return web.Response(text="hello")

    async def large(_request: web.Request) -> web.Response:
        return web.Response(body=LARGE)

    app = web.Application()
    app.router.add_get("/", hello)
    app.router.add_get("/large", large)
    server = WebServer(app, "127.0.0.1", 0, limits)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


class Client:
    """A connection whose other side the test plays."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def closed(self) -> bytes:
        """What came until the server closed the connection."""
        async with patience():
            try:
                return await self.reader.read()
            except ConnectionResetError:
                return b""

    async def answer(self) -> bytes:
        async with patience():
            head = await self.reader.readuntil(b"\r\n\r\n")
            return head + await self.reader.readexactly(5)

    async def close(self) -> None:
        self.writer.transport.abort()


Connect = Callable[..., Awaitable[Client]]


@pytest.fixture
async def connect() -> AsyncIterator[Connect]:
    async with AsyncExitStack() as open_ones:

        async def one(server: WebServer, sent: bytes = b"", *, receive: int = 0) -> Client:
            sock = socket.socket()
            if receive:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive)
            sock.setblocking(False)
            await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", server.port))
            client = Client(*await asyncio.open_connection(sock=sock, limit=1024))
            open_ones.push_async_callback(client.close)
            client.writer.write(sent)
            return client

        yield one


async def get(server: WebServer) -> str:
    address = f"http://127.0.0.1:{server.port}/"
    async with patience(), aiohttp.request("GET", address) as answer:
        return await answer.text()


@pytest.mark.parametrize(
    "sent", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: x\r\nAccept: te", b"\r\n"]
)
async def test_a_client_that_does_not_send_its_request_is_left(
    connect: Connect, sent: bytes
) -> None:
    async with serving(QUICK) as server:
        client = await connect(server, sent)
        assert await client.closed() == b""


async def test_a_head_that_drips_has_the_same_time(connect: Connect) -> None:
    async with serving(QUICK) as server:
        client = await connect(server, b"GET / HTTP/1.1\r\n")

        async def drip() -> None:
            while True:
                client.writer.write(b"A: b\r\n")
                await asyncio.sleep(0.01)

        dripping = asyncio.create_task(drip())
        assert await client.closed() == b""
        dripping.cancel()


async def test_an_idle_connection_is_closed_and_an_answer_before_it_whole(connect: Connect) -> None:
    async with serving(QUICK) as server:
        client = await connect(server, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert (await client.closed()).endswith(b"hello")


async def test_a_kept_connection_serves_many_requests(connect: Connect) -> None:
    async with serving(PATIENT) as server:
        client = await connect(server)
        for _ in range(5):
            client.writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            assert (await client.answer()).endswith(b"hello")
        client.writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 3)  # in one piece
        for _ in range(3):
            assert (await client.answer()).endswith(b"hello")
        assert len(server.connections) == 1


async def test_a_reader_that_takes_nothing_is_left(connect: Connect) -> None:
    async with serving(QUICK) as server:
        await connect(server, b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n", receive=4096)
        await until(lambda: len(server.connections) == 1)
        await until(lambda: len(server.connections) == 0, "the end of the connection")


async def test_requests_wait_until_the_answer_before_is_taken(connect: Connect) -> None:
    asked = 0

    async def large(_request: web.Request) -> web.Response:
        nonlocal asked
        asked += 1
        return web.Response(body=LARGE)

    app = web.Application()
    app.router.add_get("/", large)
    server = WebServer(app, "127.0.0.1", 0, PATIENT)
    await server.start()
    await connect(server, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 5, receive=4096)
    await until(lambda: asked == 1)
    for _ in range(20):
        await get_404(server)
    assert asked == 1
    await server.stop()


async def get_404(server: WebServer) -> None:
    address = f"http://127.0.0.1:{server.port}/none"
    async with patience(), aiohttp.request("GET", address) as answer:
        assert answer.status == 404


async def test_many_silent_ones_keep_nobody_out(connect: Connect) -> None:
    async with serving(PATIENT) as server:
        silent = [await connect(server) for _ in range(40)]
        assert await get(server) == "hello"
        assert len(server.connections) <= 8
        await silent[0].closed()


async def test_the_client_with_most_loses_its_oldest(connect: Connect) -> None:
    async with serving(PATIENT) as server:
        other = socket.create_connection(
            ("127.0.0.1", server.port), source_address=("127.0.0.2", 0)
        )
        await until(lambda: len(server.connections) == 1)
        for _ in range(20):
            await connect(server)
        assert await get(server) == "hello"
        other.settimeout(PATIENCE_S)
        other.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert b"200 OK" in await asyncio.to_thread(other.recv, 4096)
        other.close()


async def test_readers_that_take_nothing_keep_nobody_out(connect: Connect) -> None:
    async with serving(PATIENT) as server:
        for _ in range(12):
            await connect(server, b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n", receive=4096)
        assert await get(server) == "hello"
        assert len(server.connections) <= 8


async def test_without_descriptors_a_line_says_so_and_they_are_taken_later(
    connect: Connect, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    real, refused = socket.socket.accept, 0

    def accept(self: socket.socket) -> tuple[socket.socket, object]:
        nonlocal refused
        if refused < 3:
            refused += 1
            raise OSError(errno.EMFILE, "Too many open files")
        return real(self)

    monkeypatch.setattr(listening, "_PAUSE_S", 0.01)
    monkeypatch.setattr(socket.socket, "accept", accept)
    async with serving(PATIENT) as server:
        assert await get(server) == "hello"
    assert refused == 3
    said = capfd.readouterr()
    assert (said.out + said.err).count("no connections taken") == 1


async def test_a_connection_that_ends_with_a_large_answer_is_closed_once(
    connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(LARGE)

    def find(asked: PlainRequest) -> Answer:
        assert asked.closes
        return head, LARGE

    asked = b"GET /feeds/all.atom HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    server = WebServer(web.Application(), "127.0.0.1", 0, PATIENT, find)
    await server.start()
    try:
        client = await connect(server, asked)
        assert await client.closed() == head + LARGE
    finally:
        await server.stop()
    assert [one for one in caplog.records if one.name == "asyncio"] == []
