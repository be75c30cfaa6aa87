"""A farm of which a share is hostile, on loopback, in a process of its own."""

from __future__ import annotations

import asyncio
import gzip
import socket
from contextlib import AbstractContextManager
from multiprocessing.connection import Connection

from bench.farm import feed_document, served_by

KINDS = ("hang", "drip", "bomb", "garbage", "loop", "big", "tls", "dns")
_ENTRIES = 5
_BIG = 50 << 20
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\n"


def address(kind: str, number: int, port: int) -> str:
    """The URL of feed ``number``: good ones and hostile ones each on a host of their own kind."""
    host = f"127.{1 + number // 62500}.{number // 250 % 250}.{1 + number % 250}"
    if kind == "dns":
        return f"http://feed{number}.invalid/feed.xml"
    scheme = "https" if kind == "tls" else "http"  # the port speaks no TLS
    return f"{scheme}://{host}:{port}/{kind}/{number}.xml"


async def _misbehave(kind: str, path: str, writer: asyncio.StreamWriter, bomb: bytes) -> None:
    if kind == "hang":
        await asyncio.sleep(3600)
    elif kind == "drip":
        writer.write(_HEAD + b"\r\n<rss>")
        while True:
            await asyncio.sleep(1)
            writer.write(b" ")
            await writer.drain()
    elif kind == "bomb":
        length = b"Content-Length: %d\r\n\r\n" % len(bomb)
        writer.write(_HEAD + b"Content-Encoding: gzip\r\n" + length + bomb)
    elif kind == "garbage":
        writer.write(_HEAD + b"Content-Length: 4096\r\n\r\n" + bytes(range(256)) * 16)
    elif kind == "loop":
        location = path.encode()
        writer.write(
            b"HTTP/1.1 302 Found\r\nLocation: " + location + b"\r\nContent-Length: 0\r\n\r\n"
        )
    elif kind == "big":
        writer.write(_HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
        chunk = b"10000\r\n" + b"<i/>\n\n\n\n" * 8192 + b"\r\n"
        for _ in range(_BIG // 65536):
            writer.write(chunk)
            await writer.drain()
        writer.write(b"0\r\n\r\n")
    await writer.drain()


async def _serve(ready: Connection) -> None:
    bomb = gzip.compress(b"\0" * (200 << 20), 9)
    good = [feed_document(number, _ENTRIES) for number in range(50)]

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                path = head.split(b" ", 2)[1].decode()
                _, kind, name = path.split("/", 2)
                if kind == "good":
                    body = good[int(name.removesuffix(".xml")) % len(good)]
                    length = b"Content-Length: %d\r\n\r\n" % len(body)
                    writer.write(_HEAD + b'ETag: "1"\r\n' + length + body)
                    await writer.drain()
                else:
                    await _misbehave(kind, path, writer, bomb)
        except (
            asyncio.IncompleteReadError,
            asyncio.LimitOverrunError,
            ConnectionError,
            ValueError,
        ):
            pass
        finally:
            writer.close()

    listener = socket.create_server(("0.0.0.0", 0), backlog=4096)
    server = await asyncio.start_server(answer, sock=listener)
    ready.send(listener.getsockname()[1])
    async with server:
        await server.serve_forever()


def _process(ready: Connection) -> None:
    asyncio.run(_serve(ready))


def hostile_farm() -> AbstractContextManager[int]:
    """Serve good and hostile feeds; give the port."""
    return served_by(_process)
