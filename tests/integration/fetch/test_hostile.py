"""Servers that misbehave: each ends in its own typed error, in bounded time and memory."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import random
import socket
import struct
import zlib
from typing import Any

import brotli
import pytest
import zstandard
from aiohttp.abc import AbstractResolver, ResolveResult

from aggregator import errors
from aggregator.config.settings import FetchSettings
from aggregator.fetch.client import HttpFetcher
from aggregator.model import RequestKind, Response
from tests.support.asked import asked
from tests.support.patience import PATIENCE_S, until
from tests.support.servers import RawServer, client_tls, reply, server_tls

MB = 1 << 20


async def get(url: str, *, kind: RequestKind = RequestKind.FEED, **settings: Any) -> Response:
    options = {name: settings.pop(name) for name in ("tls", "resolver") if name in settings}
    given = {"allow_networks": ("127.0.0.0/8",), "host_gap": 0, "timeout": PATIENCE_S, **settings}
    chosen = FetchSettings.model_validate(given)
    async with HttpFetcher(chosen, base_url="http://feeds.example", **options) as client:
        return await client.fetch(asked(url, kind=kind))


async def hang(_: bytes, __: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


async def drip_body(_: bytes, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.01)


async def drip_head(_: bytes, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.01)


async def endless_continues(_: bytes, writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"HTTP/1.1 103 Early Hints\r\n\r\n")
        await writer.drain()
        await asyncio.sleep(0.001)


async def endless_headers(_: bytes, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    number = 0
    while True:
        number += 1
        writer.write(b"X-%d: %s\r\n" % (number, b"y" * 1000))
        await writer.drain()


async def one_endless_header(_: bytes, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nX: ")
    while True:
        writer.write(b"y" * 10_000)
        await writer.drain()


async def endless_body(_: bytes, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        writer.write(b"y" * 100_000)
        await writer.drain()


async def endless_trailers(_: bytes, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n")
    while True:
        writer.write(b"X-T: %s\r\n" % (b"y" * 1000))
        await writer.drain()


async def reset(_: bytes, writer: asyncio.StreamWriter) -> None:
    connection = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


# ── time ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("answer", [hang, drip_head, drip_body, endless_continues])
async def test_the_deadline_covers_the_whole_exchange(answer: Any) -> None:
    async with RawServer(answer) as server:
        with pytest.raises(errors.TimedOut, match=r"0\.3 s") as caught:
            await get(server.url + "/slow", timeout=0.3)
    assert server.url + "/slow" in str(caught.value)
    assert "fetch.timeout" in caught.value.hint


async def test_the_deadline_covers_all_redirects_together() -> None:
    count = 0

    async def slow_redirect(_: bytes, writer: asyncio.StreamWriter) -> None:
        nonlocal count
        count += 1
        await asyncio.sleep(0.15)
        # Hosts alternate, so that each hop is a turn of its own.
        location = f"http://127.0.0.{count % 2 + 1}:{port}/{count}"
        writer.write(reply("302 Found", headers={"Location": location}))

    async with RawServer(slow_redirect, host="0.0.0.0") as server:
        port = server.port
        with pytest.raises(errors.TimedOut):
            await get(server.url + "/", timeout=0.4, max_redirects=20)
    assert count < 5


async def test_an_exchange_that_timed_out_holds_no_connection() -> None:
    async with RawServer(drip_body) as server:
        with pytest.raises(errors.TimedOut):
            await get(server.url + "/", timeout=1)
        await until(lambda: not server.open, "the end of the connection")
        assert server.connections == 1


# ── protocol ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "answer",
    [
        endless_headers,
        one_endless_header,
        b"SSH-2.0-OpenSSH_9.6\r\n\r\n",
        b"<html>no head at all</html>\r\n\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/9.9 200 OK\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5, 6\r\n\r\nabcdef",
        b"HTTP/1.1 200 OK\r\n: nameless\r\n\r\n",
    ],
)
async def test_what_is_not_http_is_an_error(answer: Any) -> None:
    async with RawServer(answer) as server:
        with pytest.raises(errors.BadProtocol):
            await get(server.url + "/")


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\nX-A: b\r\n"])
async def test_hanging_up_before_the_answer_is_whole_is_an_error(answer: bytes) -> None:
    async with RawServer(answer) as server:
        with pytest.raises((errors.ConnectFailed, errors.BadProtocol)):
            await get(server.url + "/")


async def test_a_reset_is_an_error() -> None:
    async with RawServer(reset) as server:
        with pytest.raises(errors.ConnectFailed):
            await get(server.url + "/")


async def test_an_upgrade_nobody_asked_for_is_an_error() -> None:
    answer = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\njunk"
    async with RawServer(answer) as server:
        with pytest.raises((errors.HttpStatus, errors.BadProtocol)):
            await get(server.url + "/", timeout=2)


async def test_mangled_answers_give_a_response_or_a_typed_error() -> None:
    noise = random.Random(20260301)
    packed = gzip.compress(b"<rss/>" * 50, mtime=0)
    sane = [
        reply(body=packed, headers={"Content-Encoding": "gzip", "ETag": '"a"'}),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        reply("301 Moved", headers={"Location": "/next", "Retry-After": "1"}),
        reply("429 Slow", headers={"X-RateLimit-Reset": "1"}),
    ]

    def mangled() -> bytes:
        answer = bytearray(noise.choice(sane))
        for _ in range(noise.randint(1, 8)):
            answer[noise.randrange(len(answer))] = noise.choice(b"\r\n\0 :,;=0179aZ\x80\xff")
        return bytes(answer)

    async def answer(_: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(mangled())

    async with RawServer(answer) as server:
        for number in range(150):
            with contextlib.suppress(errors.FetchError):
                response = await get(f"{server.url}/{number}", timeout=0.5)
                assert response.status == 200
    assert len(server.requests) >= 150


# ── bodies ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n",
        reply(body=gzip.compress(b"x" * 500, mtime=0)[:-9], headers={"Content-Encoding": "gzip"}),
        reply(body=b"plain", headers={"Content-Encoding": "gzip"}),
        reply(body=gzip.compress(b"x", mtime=0) + b"junk", headers={"Content-Encoding": "gzip"}),
        reply(
            body=gzip.compress(gzip.compress(b"x", mtime=0)),
            headers={"Content-Encoding": "gzip, gzip"},
        ),
        reply(body=b"x", headers={"Content-Encoding": "compress"}),
        b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Encoding: gzip\r\n\r\nabc",
    ],
)
async def test_truncated_and_broken_bodies_are_errors(answer: bytes) -> None:
    async with RawServer(answer) as server:
        with pytest.raises(errors.BadBody) as caught:
            await get(server.url + "/feed")
    assert server.url + "/feed" in str(caught.value)


async def test_endless_trailers_end() -> None:
    async with RawServer(endless_trailers) as server:
        with pytest.raises((errors.BadBody, errors.BadProtocol, errors.TimedOut)):
            await get(server.url + "/", timeout=5)


async def test_more_than_was_announced_is_not_taken_for_the_body() -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcdef"
    async with RawServer(answer) as server:
        try:
            response = await get(server.url + "/")
        except errors.BadProtocol:
            return
    assert response.body == b"abc"


@pytest.mark.parametrize(
    ("coding", "bomb"),
    [
        ("gzip", gzip.compress(bytes(32 * MB))),
        ("deflate", zlib.compress(bytes(32 * MB))),
        ("br", brotli.compress(bytes(32 * MB), quality=5)),
        ("zstd", zstandard.compress(bytes(32 * MB))),
    ],
)
async def test_bombs_are_stopped_at_the_cap(coding: str, bomb: bytes) -> None:
    answer = reply(body=bomb, headers={"Content-Encoding": coding})
    async with RawServer(answer) as server:
        with pytest.raises(errors.TooLarge, match="when decoded"):
            await get(server.url + "/", max_feed_size=MB)


async def test_an_announced_length_above_the_cap_is_not_read() -> None:
    async with RawServer(b"HTTP/1.1 200 OK\r\nContent-Length: 52428800\r\n\r\nabc") as server:
        with pytest.raises(errors.TooLarge, match="announced") as caught:
            await get(server.url + "/", max_feed_size=MB)
    assert "fetch.max_feed_size" in caught.value.hint


async def test_an_endless_body_is_cut_off_at_the_cap_of_its_kind() -> None:
    async with RawServer(endless_body) as server:
        with pytest.raises(errors.TooLarge, match="2097152 bytes received"):
            await get(
                server.url + "/", kind=RequestKind.PAGE, max_page_size=2 * MB, max_feed_size=MB
            )
        with pytest.raises(errors.TooLarge, match="1048576 bytes received"):
            await get(server.url + "/", max_page_size=2 * MB, max_feed_size=MB)


# ── connections ──────────────────────────────────────────────────────────────────────────────


async def test_nobody_listening_is_an_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(errors.ConnectFailed, match="cannot connect"):
        await get(f"http://127.0.0.1:{port}/")


class NoNames(AbstractResolver):
    """A resolver that knows no name."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        raise socket.gaierror(socket.EAI_NONAME, f"Name or service not known: {host}, {port}")

    async def close(self) -> None:
        """Nothing to close."""


async def test_a_name_without_an_address_is_an_error() -> None:
    with pytest.raises(errors.NameNotResolved, match=r"gone\.test"):
        await get("http://gone.test/feed", resolver=NoNames())


async def test_the_systems_resolver_says_no_too() -> None:
    with pytest.raises(errors.NameNotResolved):
        await get("http://does-not-exist.invalid/feed")


async def test_an_untrusted_certificate_is_an_error() -> None:
    async with RawServer(reply(body=b"x"), tls=server_tls()) as server:
        with pytest.raises(errors.TlsFailed, match="certificate"):
            await get(server.url + "/")
    assert server.requests == []


async def test_a_certificate_for_another_name_is_an_error() -> None:
    async with RawServer(reply(body=b"x"), host="0.0.0.0", tls=server_tls()) as server:
        with pytest.raises(errors.TlsFailed, match="certificate"):
            await get(f"https://127.0.0.2:{server.port}/", tls=client_tls())


async def test_a_server_without_tls_is_an_error() -> None:
    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example ESMTP\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(greet, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(errors.TlsFailed, match="handshake"):
            await get(f"https://127.0.0.1:{port}/")
