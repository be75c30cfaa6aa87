"""A farm that writes down each request: of which feed, by whom, from when to when; and what follows from it.

Processes tell themselves apart by their User-Agent. Answers take a moment, so that two at once overlap.
"""

from __future__ import annotations

import asyncio
import socket
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from itertools import pairwise
from multiprocessing.connection import Connection
from pathlib import Path

from bench.farm import HOSTS, NOT_MODIFIED, feed_answer, served_by
from bench.growing import Growth, document


@dataclass(frozen=True, slots=True)
class Asked:
    """One request for a feed by ``who``; times of day in seconds."""

    feed: int
    who: str
    began: float
    ended: float

    @property
    def host(self) -> int:
        """Number of the host that was asked."""
        return self.feed % HOSTS


def _agent(head: bytes) -> str:
    return head.lower().partition(b"\r\nuser-agent: ")[2].partition(b"\r\n")[0].decode()


async def _serve(growth: Growth, record: Path, answer_s: float, ready: Connection) -> None:
    with record.open("a", buffering=1) as written:

        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with suppress(asyncio.IncompleteReadError, ConnectionError):
                while head := await reader.readuntil(b"\r\n\r\n"):
                    began = time.time()
                    feed = int(head.split(b" ", 2)[1].strip(b"/"))
                    count = growth.entries(feed, began)
                    tag = f'"{count}"'.encode()
                    known = tag in head
                    await asyncio.sleep(answer_s)
                    # Before it is sent: with the first byte the host is free for the next.
                    written.write(f"{feed} {_agent(head)} {began:.4f} {time.time():.4f}\n")
                    body = document(feed, count, growth.listed)
                    writer.write(NOT_MODIFIED % tag if known else feed_answer(body, tag))
                    await writer.drain()
            writer.close()

        listener = socket.create_server(("0.0.0.0", 0), backlog=4096)
        server = await asyncio.start_server(answer, sock=listener)
        ready.send(listener.getsockname()[1])
        async with server:
            await server.serve_forever()


def _process(growth: Growth, record: Path, answer_s: float, ready: Connection) -> None:
    asyncio.run(_serve(growth, record, answer_s, ready))


def recording_farm(
    growth: Growth, record: Path, answer_s: float = 0.02
) -> AbstractContextManager[int]:
    """Serve the feeds of ``growth``, each request a line in ``record``; give the port.

    An answer takes ``answer_s`` seconds.
    """
    return served_by(_process, growth, record, answer_s)


def asked(record: Path) -> list[Asked]:
    """All requests so far, in the order in which they began."""
    lines = (line.split() for line in record.read_text().splitlines() if line.count(" ") == 3)
    found = [Asked(int(feed), who, float(b), float(e)) for feed, who, b, e in lines]
    return sorted(found, key=lambda one: one.began)


def between(requests: Iterable[Asked], began: float, ended: float) -> list[Asked]:
    """Those that began in this time."""
    return [one for one in requests if began <= one.began < ended]


def by_feed(requests: Iterable[Asked]) -> dict[int, list[Asked]]:
    """Requests of each feed, in order."""
    found = defaultdict(list)
    for one in requests:
        found[one.feed].append(one)
    return found


def doubles(requests: Iterable[Asked], interval: float) -> list[tuple[Asked, Asked]]:
    """Requests for one feed that are closer than its ``interval`` (seconds): no plan makes two of these."""
    return [
        (first, second)
        for own in by_feed(requests).values()
        for first, second in pairwise(own)
        if second.began - first.began < interval
    ]


def at_once(requests: Iterable[Asked]) -> list[tuple[Asked, Asked]]:
    """Requests to one host of which the second began before the first had its answer."""
    hosts = defaultdict(list)
    for one in requests:
        hosts[one.host].append(one)
    return [
        (first, second)
        for own in hosts.values()
        for first, second in pairwise(own)
        if second.began < first.ended
    ]


def silences(requests: Sequence[Asked], moment: float) -> list[float]:
    """Times, in seconds, that feeds went without a request around the ``moment``, in order."""
    return sorted(_silences(requests, moment))


def _silences(requests: Sequence[Asked], moment: float) -> Iterator[float]:
    for own in by_feed(requests).values():
        before = [one.began for one in own if one.began < moment]
        after = [one.began for one in own if one.began >= moment]
        if before and after:
            yield after[0] - before[-1]


def parts(requests: Iterable[Asked]) -> Counter[str]:
    """Number of requests of each process."""
    return Counter(one.who for one in requests)
