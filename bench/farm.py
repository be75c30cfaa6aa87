"""A farm of feeds on loopback, in a process of its own so that its CPU is not counted as ours."""

from __future__ import annotations

import asyncio
import multiprocessing
import random
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from html import escape
from multiprocessing.connection import Connection

HOSTS = 200
_WORDS = [
    "harbour", "letter", "window", "morning", "signal", "garden", "engine", "paper", "winter",
    "market", "river", "station", "teacher", "music", "border", "season", "office", "kitchen",
    "island", "bridge", "number", "village", "doctor", "history", "picture", "colour", "storm",
]  # fmt: skip


def _sentence(chance: random.Random) -> str:
    return " ".join(chance.choices(_WORDS, k=chance.randint(8, 20))).capitalize() + "."


def feed_document(number: int, entries: int) -> bytes:
    """An RSS 2.0 feed of about 28 KB at 20 entries; the same for the same arguments."""
    chance = random.Random(number)
    start = datetime(2026, 1, 1, tzinfo=UTC)
    items = []
    for entry in range(entries):
        link = f"http://site{number}.example/{entry}.html"
        text = "".join(f"<p>{' '.join(_sentence(chance) for _ in range(6))}</p>" for _ in range(2))
        when = (start + timedelta(hours=3 * entry)).strftime("%a, %d %b %Y %H:%M:%S +0000")
        items.append(
            f"<item><title>{_sentence(chance)}</title><link>{link}</link><guid>{link}</guid>"
            f"<pubDate>{when}</pubDate><description>{escape(text)}</description></item>"
        )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel>'
        f"<title>Site {number}</title><link>http://site{number}.example/</link>"
        f"<description>Feed {number}</description>{''.join(items)}</channel></rss>"
    ).encode()


async def _serve(feeds: int, entries: int, ready: Connection) -> None:
    documents = [feed_document(number, entries) for number in range(feeds)]

    def respond(head: bytes) -> bytes:
        kind, _, name = head.split(b" ", 2)[1].decode().strip("/").partition("/")
        if kind == "304" and b"if-none-match" in head.lower():
            return NOT_MODIFIED % b'"1"'
        return feed_answer(
            documents[int(name.removesuffix(".xml"))], b'"1"' if kind == "304" else b""
        )

    await serve_feeds(respond, ready)


NOT_MODIFIED = b"HTTP/1.1 304 Not Modified\r\nETag: %b\r\n\r\n"


def feed_answer(body: bytes, tag: bytes) -> bytes:
    """A 200 with the feed ``body``, and with the validator ``tag`` if there is one."""
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\n"
    validator = b"ETag: %b\r\n" % tag if tag else b""
    return head + validator + b"Content-Length: %d\r\n\r\n" % len(body) + body


async def serve_feeds(respond: Callable[[bytes], bytes], ready: Connection) -> None:
    """Answer each request's head with what ``respond`` makes of it, for ever; ``ready`` gets the port."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                writer.write(respond(head))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    listener = socket.create_server(("0.0.0.0", 0), backlog=4096)
    server = await asyncio.start_server(answer, sock=listener)
    ready.send(listener.getsockname()[1])
    async with server:
        await server.serve_forever()


def _process(feeds: int, entries: int, ready: Connection) -> None:
    asyncio.run(_serve(feeds, entries, ready))


@contextmanager
def served_by(process: Callable[..., None], *arguments: object) -> Iterator[int]:
    """``process(*arguments, ready)`` in a process of its own; gives the port it sends to ``ready``."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    server = context.Process(target=process, args=(*arguments, theirs), daemon=True)
    server.start()
    theirs.close()  # so that a farm that dies ends the wait below
    try:
        yield int(ours.recv())
    finally:
        server.terminate()
        server.join()


def farm(feeds: int, entries: int = 20) -> AbstractContextManager[int]:
    """Serve ``/304/N.xml`` (with validators) and ``/200/N.xml`` (without); give the port."""
    return served_by(_process, feeds, entries)


def url(kind: str, number: int, port: int) -> str:
    """The address of feed ``number`` in its ``304`` or ``200`` form, spread over the hosts."""
    return f"http://127.0.0.{1 + number % HOSTS}:{port}/{kind}/{number}.xml"
