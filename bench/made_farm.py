"""The feeds and pages of a made store, served on loopback; it counts what is asked, in bytes too."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import socket
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection

from bench.farm import NOT_MODIFIED
from bench.made_store import FAILING, Made

_OK = (
    b"HTTP/1.1 200 OK\r\nContent-Type: %b\r\nETag: %b\r\nCache-Control: max-age=60\r\n"
    b"Content-Length: %d\r\n\r\n"
)
_EMPTY = b"HTTP/1.1 %b\r\nContent-Length: 0\r\n\r\n"


class _Farm:
    """Answers, and their counts: requests, bytes that came and went, by kind of answer."""

    def __init__(self, made: Made) -> None:
        self._made = made
        self._counts: Counter[str] = Counter()

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._counts["connections"] += 1
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                kind, found = self._answer(head)
                self._counts[kind] += 1
                self._counts[f"{kind}, bytes asked"] += len(head)
                self._counts[f"{kind}, bytes answered"] += len(found)
                writer.write(found)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def _answer(self, head: bytes) -> tuple[str, bytes]:
        kind, _, name = head.split(b" ", 2)[1].decode().lstrip("/").partition("/")
        if kind == "f" and name.isdigit():
            return self._feed(int(name), head)
        if kind == "p" and name.isdigit():
            page = self._made.page(int(name))
            return "pages", _OK % (b"text/html; charset=utf-8", b'"p"', len(page)) + page
        if kind == "counts":
            said = json.dumps(self._counts).encode()
            return "counts", _OK % (b"application/json", b'"c"', len(said)) + said
        return "others", _EMPTY % b"404 Not Found"

    def _feed(self, feed: int, head: bytes) -> tuple[str, bytes]:
        if feed % FAILING == 0:
            return "500", _EMPTY % b"500 Internal Server Error"
        count = self._made.count(feed, time.time())
        tag = f'"{count}"'.encode()
        if tag in head:
            return "304", NOT_MODIFIED % tag
        body = self._made.document(feed, count)
        return "200", _OK % (b"application/rss+xml", tag, len(body)) + body


async def _serve(made: Made, ready: Connection) -> None:
    listener = socket.create_server(("0.0.0.0", made.port), backlog=4096)
    server = await asyncio.start_server(_Farm(made).answer, sock=listener)
    ready.send(made.port)
    async with server:
        await server.serve_forever()


def _process(made: Made, ready: Connection) -> None:
    asyncio.run(_serve(made, ready))


@contextmanager
def made_farm(made: Made) -> Iterator[None]:
    """Serve the feeds of ``made``, in a process of its own."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    server = context.Process(target=_process, args=(made, theirs), daemon=True)
    server.start()
    theirs.close()
    try:
        ours.recv()
        yield
    finally:
        server.terminate()
        server.join()
