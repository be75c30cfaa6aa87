"""The hot path answers as the framework does, whatever is sent in whatever pieces; and keeps its limits."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import cast

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from aggregator.model import OutputFeed
from aggregator.publish.formats import FORMATS
from aggregator.publish.render import pack, render
from aggregator.publish.snapshot import Snapshot
from aggregator.web.app import create_app
from aggregator.web.connection import HOT, Connection, FindAnswer
from aggregator.web.connections import Connections
from aggregator.web.daemon_view import OutputInfo
from aggregator.web.framed import Framed, Owner
from aggregator.web.hot.prepared import Answer
from aggregator.web.hot.request_head import PlainRequest
from aggregator.web.patience import Limits, Phase
from aggregator.web.server import _beginning
from tests.integration.web.test_app import MODIFIED, OUTPUT, STAMP, FakeDaemon
from tests.support.patience import until

BIG = OutputFeed("big", "B" * 300_000, "", "https://me.example", (), MODIFIED)
SECRET = "s" * 32
PACKED = {
    kind: pack("all", kind, render(OUTPUT, kind), MODIFIED, all_codings=True) for kind in FORMATS
}


class Wire(asyncio.Transport):
    """A client that takes what it is sent, or ``takes`` nothing."""

    def __init__(self, *, takes: bool = True) -> None:
        super().__init__()
        self.sent = bytearray()
        self.buffered = 0
        self.takes = takes
        self.reads = True
        self.closed = False
        self.aborted = False
        self.protocol: Connection | None = None

    def write(self, data: bytes | bytearray | memoryview) -> None:
        assert not self.closed
        self.sent += data
        if not self.takes and self.protocol is not None and not self.buffered:
            self.buffered = len(data)
            self.protocol.pause_writing()
        elif not self.takes:
            self.buffered += len(data)

    def writelines(self, pieces: object) -> None:
        self.write(b"".join(cast("Sequence[bytes]", pieces)))

    def take(self) -> None:
        self.buffered = 0
        if self.protocol is not None:
            self.protocol.resume_writing()

    def get_write_buffer_size(self) -> int:
        return self.buffered

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        pass

    def get_extra_info(self, name: str, default: object = None) -> object:
        return ("192.0.2.1", 5000) if name == "peername" else default

    def is_closing(self) -> bool:
        return self.closed

    def pause_reading(self) -> None:
        self.reads = False

    def resume_reading(self) -> None:
        self.reads = True

    def close(self) -> None:
        self.closed = True

    def abort(self) -> None:
        self.closed = self.aborted = True


class House:
    """A server without sockets: as it is, and with nothing but the framework."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.daemon = FakeDaemon(
            base_url="https://me.example/reader",
            configured=[
                OutputInfo("all", "All", aliases=("former",)),
                OutputInfo("big", "Big", formats=("rss",)),
                OutputInfo("mine", "Mine", tokens=(SECRET,)),
                OutputInfo("late", "Late"),
            ],
        )
        self.snapshot = Snapshot()
        self.snapshot.publish(OUTPUT, list(PACKED.values()))
        self.snapshot.publish(
            BIG, [pack("big", "rss", render(BIG, "rss"), MODIFIED, all_codings=True)]
        )
        mine = replace(OUTPUT, name="mine", tokens=(SECRET,))
        packed = pack("mine", "atom", b"<feed>mine</feed>", MODIFIED, all_codings=True)
        self.snapshot.publish(mine, [replace(packed, token=SECRET)])
        self.app = create_app(self.snapshot, self.daemon, max_age=timedelta(minutes=2))
        self.runner = web.AppRunner(self.app)
        self.loop.run_until_complete(self.runner.setup())
        assert self.runner.server is not None
        self.runner.server.request_handler = _beginning(self.runner.server.request_handler)
        self.hits = 0
        self.table = Connections(Limits())

    def close(self) -> None:
        self.loop.run_until_complete(self.runner.cleanup())
        self.table.stop()
        left = asyncio.all_tasks(self.loop)  # of handlers whose client has gone
        for task in left:
            task.cancel()
        if left:
            self.loop.run_until_complete(asyncio.wait(left))
        self.loop.close()

    def _hot(self, asked: PlainRequest) -> Answer | None:
        found = self.app[HOT](asked)
        self.hits += found is not None
        return found

    def connect(self, *, hot: bool = True, takes: bool = True) -> tuple[Connection, Wire]:
        server = self.runner.server
        assert server is not None

        def framed(owner: Owner) -> Framed:
            return Framed(owner, server, keepalive_s=1e8)

        find: FindAnswer = self._hot if hot else lambda _asked: None
        connection, wire = Connection(self.table, framed, find), Wire(takes=takes)
        wire.protocol = connection
        connection.connection_made(wire)
        return connection, wire

    def said(self, pieces: Sequence[bytes], *, hot: bool) -> tuple[list[object], bool]:
        """What is answered to ``pieces``, and whether the connection ended."""

        async def talk() -> tuple[list[object], bool]:
            connection, wire = self.connect(hot=hot)
            for piece in pieces:
                if wire.closed:
                    break
                connection.data_received(piece)
                await settled(wire)
            await settled(wire)
            ended = wire.closed
            connection.connection_lost(None)
            await asyncio.sleep(0)
            return answers(bytes(wire.sent)), ended

        return self.loop.run_until_complete(talk())


async def settled(wire: Wire) -> None:
    """Return when nothing more is written."""
    quiet, before = 0, -1
    while quiet < 12 and not wire.closed:
        quiet = quiet + 1 if len(wire.sent) == before else 0
        before = len(wire.sent)
        await asyncio.sleep(0)


def answers(data: bytes) -> list[object]:
    """Status line, fields in their order of names, and body of each answer; dates are not compared."""
    found: list[object] = []
    while data:
        head, _, data = data.partition(b"\r\n\r\n")
        line, *fields = head.split(b"\r\n")
        length = re.search(rb"\nContent-Length: (\d+)", head)
        # The length of an answer to HEAD is that of a body which is not there.
        size = 0 if not length or data.startswith(b"HTTP/1.") else int(length[1])
        kept = sorted(one for one in fields if not one.startswith(b"Date: "))
        found.append((line, kept, data[:size]))
        data = data[size:]
    return found


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    made = House()
    yield made
    made.close()


PATHS = [
    "/feeds/all.atom", "/feeds/all.json", "/feeds/all.rss", "/reader/feeds/all.atom",
    "/feeds/all.xml", "/feeds/former.atom", "/feeds/late.atom", "/feeds/big.rss", "/feeds/mine.atom",
    f"/feeds/{SECRET}/mine.atom", "/feeds/none/mine.atom", "/feeds/all.opml", "/feeds/%61ll.atom",
    "/feeds/all.atom?x=1", "/feeds/../feeds/all.atom", "//feeds/all.atom", "/feeds/all.atom/",
    "/feeds/%2e%2e/all.atom", "http://me.example/feeds/all.atom", "/feeds/all.atom#a", "*", "/robots.txt",
    "/feeds//all.atom", "/feeds/./all.atom", "/reader/reader/feeds/all.atom", "feeds/all.atom",
]  # fmt: skip
TAG = PACKED["atom"].etag
FIELDS = [
    "Host: x", "Host: x", "Host: x", "host: x", "Host: ", "Host: a b", "Accept-Encoding: gzip",
    "Accept-Encoding: gzip, deflate, br, zstd", "accept-encoding: *", "Accept-Encoding: br;q=0.5, identity;q=0",
    "Accept-Encoding:", "Accept-Encoding: zstd\t", f"If-None-Match: {TAG}", f'If-None-Match: {TAG[:-1]}-br"',
    f'if-none-match: "x", W/{TAG[:-1]}-gzip"', "If-None-Match: *", "If-None-Match:", "If-None-Match: x\u00e9",
    f"If-Modified-Since: {STAMP}", "If-Modified-Since: Mon, 23 Nov 2026 18:00:04 GMT", "If-Modified-Since: x",
    "Connection: close", "Connection: keep-alive", "Connection: Close ", "Connection: upgrade",
    "A-IM: feed", "Sec-Fetch-Dest: document", "Sec-Fetch-Dest: empty", "Range: bytes=0-9",
    "Content-Length: 0", "Content-Length: 4", "Transfer-Encoding: chunked", "Expect: 100-continue",
    "X-Long: " + "y" * 5000, "X-Longer: " + "y" * 9000, "Cookie: a=b", " folded", "No colon", "A : b", ": b",
    'If-Match: "no"', "If-Unmodified-Since: Mon, 01 Jan 2001 00:00:00 GMT", "Origin: https://e.example",
    "Upgrade: h2c", "User-Agent: x\x00y", "Content-Encoding: gzip", "X: a\rb", "X: a\nb",
]  # fmt: skip


@st.composite
def requests(draw: st.DrawFn) -> bytes:
    method = draw(
        st.sampled_from(["GET"] * 6 + ["HEAD"] * 2 + ["OPTIONS", "PUT", "CONNECT", "get"])
    )
    path = draw(st.sampled_from([*PATHS[:4], *PATHS]))
    version = draw(st.sampled_from(["HTTP/1.1"] * 6 + ["HTTP/1.0"] * 2 + ["HTTP/2.0", "HTTP/1.2"]))
    fields = draw(st.lists(st.sampled_from(FIELDS), max_size=4))
    if draw(st.integers(0, 3)):
        fields = ["Host: x", *fields]
    lines = [f"{method} {path} {version}", *fields, "", ""]
    return "\r\n".join(lines).encode("latin-1")


@st.composite
def cut(draw: st.DrawFn, whole: st.SearchStrategy[bytes]) -> list[bytes]:
    data = draw(whole)
    places = sorted(draw(st.lists(st.integers(0, len(data)), max_size=3)))
    return [data[a:b] for a, b in zip([0, *places], [*places, len(data)], strict=True) if a < b]


def assert_the_same(house: House, pieces: list[bytes]) -> None:
    """The answers are the framework's to the same requests, one after another.

    Of several that come at once of which the last is no request the framework answers none but that: then
    those that were answered before it was asked are the first of them.
    """
    found, ended = house.said(pieces, hot=True)
    one_by_one = [part for piece in pieces for part in re.split(rb"(?<=\r\n\r\n)", piece)]
    expected, expected_end = house.said([one for one in one_by_one if one], hot=False)
    if found == expected:
        assert ended == expected_end
    else:
        assert ended
        assert b" 400 " in found[-1][0]  # type: ignore[index]
        assert found[:-1] == expected[: len(found) - 1]


@given(pieces=cut(st.lists(requests(), min_size=1, max_size=3).map(b"".join)))
def test_requests_get_the_frameworks_answers(house: House, pieces: list[bytes]) -> None:
    assert_the_same(house, pieces)


@given(
    pieces=cut(
        st.tuples(requests(), st.binary(max_size=30), requests(), st.integers(0, 200)).map(
            lambda one: one[0][: one[3]] + one[1] + one[0][one[3] :] + one[2]
        )
    )
)
def test_so_do_spoilt_ones(house: House, pieces: list[bytes]) -> None:
    assert_the_same(house, pieces)


@given(pieces=cut(st.binary(max_size=200)))
def test_so_do_any_bytes(house: House, pieces: list[bytes]) -> None:
    assert_the_same(house, pieces)


PLAIN = b"GET /feeds/all.atom HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.mark.parametrize("line", ["", "Connection: close\r\n", "If-None-Match: *\r\n", "A-IM: feed\r\nIf-None-Match: *\r\n"])  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("coding", ["", "gzip", "br", "zstd"])
def test_plain_requests_do_not_reach_the_framework(
    house: House, method: str, line: str, coding: str
) -> None:
    sent = (
        f"{method} /feeds/big.rss HTTP/1.1\r\nHost: x\r\nAccept-Encoding: {coding}\r\n{line}\r\n"
    ).encode()
    before = house.hits
    assert house.said([sent], hot=True) == house.said([sent], hot=False)
    assert house.hits == before + 1


def test_a_connection_comes_back_from_the_framework(house: House) -> None:
    before = house.hits
    robots = PLAIN.replace(b"/feeds/all.atom", b"/robots.txt")
    said, closed = house.said([PLAIN[:9], PLAIN[9:], PLAIN, robots, PLAIN], hot=True)
    assert (len(said), closed, house.hits) == (4, False, before + 2)


def test_ten_thousand_requests_at_once_are_answered_in_turns(house: House) -> None:
    async def talk() -> None:
        connection, wire = house.connect()
        connection.data_received(PLAIN * 10_000)
        assert wire.sent.count(b"HTTP/1.1 200 OK") == 32
        assert not wire.reads
        await until(lambda: wire.reads)
        assert wire.sent.count(b"HTTP/1.1 200 OK") == 10_000
        assert connection.phase is Phase.IDLE
        connection.connection_lost(None)

    house.loop.run_until_complete(talk())


def test_a_slow_reader_is_written_to_piece_by_piece_and_asks_no_more(house: House) -> None:
    async def talk() -> None:
        connection, wire = house.connect(takes=False)
        connection.data_received(PLAIN.replace(b"all.atom", b"big.rss"))
        assert len(wire.sent) < 1000  # the head; the rest waits
        assert connection.phase is Phase.WORK
        assert connection.sending is not None
        connection.look(1.0)
        assert connection.sending.left > 300_000
        connection.data_received(PLAIN)
        assert not wire.reads
        taken = 0
        while connection.sending is not None:
            assert wire.buffered <= 64 << 10
            wire.take()
            taken += 1
        assert taken > 4
        assert [one[2] for one in answers(bytes(wire.sent))] == [
            render(BIG, "rss"), PACKED["atom"].body,
        ]  # fmt: skip
        assert wire.reads
        assert connection.phase is Phase.IDLE
        connection.connection_lost(None)

    house.loop.run_until_complete(talk())


def test_who_sends_on_and_on_and_reads_nothing_is_left(house: House) -> None:
    async def talk() -> None:
        connection, wire = house.connect(takes=False)
        connection.data_received(PLAIN)
        for _ in range(40):
            if not wire.aborted:
                connection.data_received(b"GET /" + os.urandom(2000).hex().encode())
        assert wire.aborted
        connection.connection_lost(None)

    house.loop.run_until_complete(talk())


def test_who_asks_no_more_is_still_answered(house: House) -> None:
    async def talk() -> None:
        connection, wire = house.connect(takes=False)
        connection.data_received(PLAIN.replace(b"all.atom", b"big.rss"))
        assert connection.eof_received()
        while connection.sending is not None:
            wire.take()
        await until(lambda: wire.closed)
        assert not wire.aborted
        assert wire.sent.endswith(render(BIG, "rss")[-20:])
        connection.connection_lost(None)
        idle, _ = house.connect()
        assert not idle.eof_received()
        idle.connection_lost(None)

    house.loop.run_until_complete(talk())


def test_what_changes_is_seen_with_the_next_request() -> None:
    house = House()
    try:
        (first, *_), _ = house.said([PLAIN], hot=True)
        changed = replace(OUTPUT, title="New")
        house.snapshot.publish(changed, [pack("all", "atom", b"<feed>new</feed>", MODIFIED)])
        (second, *_), _ = house.said([PLAIN], hot=True)
        assert (first != second, second[2]) == (True, b"<feed>new</feed>")  # type: ignore[index]
        house.daemon.configured[0] = replace(house.daemon.configured[0], tokens=(SECRET,))
        house.daemon.revision += 1
        before = house.hits
        (third, *_), _ = house.said([PLAIN], hot=True)
        assert (third[0], house.hits) == (b"HTTP/1.1 404 Not Found", before)  # type: ignore[index]
    finally:
        house.close()
