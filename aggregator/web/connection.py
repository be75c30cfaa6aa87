"""One connection of a client, with limits on how long it may keep us waiting.

Plain questions for rendered feeds are answered here, all else by the framework, on the same connection. It is
the framework's from a request that is not plain, or not whole, to the end of the answer to it; it stays
its own where what was received is more than such requests.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import cast

from aiohttp import web

from aggregator.web.clients import client_of
from aggregator.web.framed import Framed, Owner
from aggregator.web.hot.handing_over import Fed
from aggregator.web.hot.prepared import Answer
from aggregator.web.hot.request_head import PlainRequest, plain_request
from aggregator.web.patience import Phase, Sending
from aggregator.web.table import Table

_PIECE = 64 << 10  # bytes of a body that are written before it is seen whether they are taken
_IN_A_ROW = 32  # answers to requests that came together, before others have their turn
_UNREAD = 64 << 10  # bytes of requests from who does not read the answers

MakeFramed = Callable[[Owner], Framed]
FindAnswer = Callable[[PlainRequest], Answer | None]
HOT: web.AppKey[FindAnswer] = web.AppKey("hot")


class Connection(asyncio.Protocol):
    """Tells a table what it is at. ``client`` is who asks, ``since`` when the phase began."""

    __slots__ = (
        "_closes", "_fed", "_find", "_flushed", "_framed", "_held", "_is_framed", "_link", "_loop",
        "_make_framed", "_more", "_rest", "_table", "client", "phase", "sending", "since",
    )  # fmt: skip

    def __init__(self, table: Table, make_framed: MakeFramed, find: FindAnswer) -> None:
        self._table = table
        self._make_framed = make_framed
        self._find = find
        self._loop = asyncio.get_running_loop()
        self._link: asyncio.Transport | None = None
        # the framework's
        self._framed: Framed | None = None
        self._is_framed = False  # what comes is for the framework
        self._fed = Fed()
        self._more = False  # something came that belongs to the next request
        self._flushed: asyncio.Future[None] | None = None
        # our own answers
        self._rest = memoryview(b"")  # of a body, not written yet
        self._held = b""  # requests that wait for their turn
        self._closes = False  # with the end of the answer
        self.client = ""
        self.phase = Phase.HEAD
        self.since = 0.0
        self.sending: Sending | None = None

    # what asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See :class:`asyncio.Protocol`."""
        self._link = cast("asyncio.Transport", transport)
        # Writing counts as paused until the last byte is the kernel's, so that one phase tells it.
        self._link.set_write_buffer_limits(high=0)
        peer = transport.get_extra_info("peername")
        self.client = client_of(str(peer[0])) if isinstance(peer, tuple) else ""
        self.since = self._loop.time()
        self._table.opened(self)

    def connection_lost(self, exc: BaseException | None) -> None:
        """See :class:`asyncio.Protocol`."""
        self._table.closed(self)
        self._link = None
        self._held, self._rest = b"", memoryview(b"")
        if self._framed is not None:
            self._framed.connection_lost(exc)
        self._release()

    def data_received(self, data: bytes) -> None:
        """See :class:`asyncio.Protocol`."""
        if self._closes:
            return
        if self._is_framed:
            self._feed(data)
        elif self._held or self._rest or self.sending is not None:
            self._hold(data)
        else:
            self._answer(data)

    def eof_received(self) -> bool | None:
        """See :class:`asyncio.Protocol`; who will ask no more may still read the answers."""
        if self._is_framed or not (self._held or self._rest):
            return None
        self._closes = True
        return True

    def pause_writing(self) -> None:
        """See :class:`asyncio.Protocol`."""
        if self._framed is not None:
            self._framed.pause_writing()
        now = self._loop.time()
        self.sending = Sending(now, 0, now)
        self.look(now)

    def resume_writing(self) -> None:
        """See :class:`asyncio.Protocol`."""
        self.sending = None
        self._release()
        if self._framed is not None:
            self._framed.resume_writing()
        if not self._is_framed:
            self._go_on()

    # our own answers

    def _answer(self, data: bytes) -> None:
        """Answer the requests in ``data``, as many as have their turn."""
        link, at = self._link, 0
        for _ in range(_IN_A_ROW):
            asked = plain_request(data, at)
            answer = self._find(asked) if asked is not None else None
            if link is None or asked is None or answer is None:
                self._hand_over(data[at:] if at else data)
                return
            at = asked.end
            first, then = answer
            link.write(first)
            if then:
                self._rest = memoryview(then)
                self._write_rest(link)
            if asked.closes:
                self._closes, at = True, len(data)
            if at == len(data):
                self._answered()
                return
            if self.sending is not None:
                break
        self._enter(Phase.WORK)
        self._hold(data[at:])
        if self.sending is None:
            self._loop.call_soon(self._go_on)

    def _answered(self) -> None:
        """All that was asked for is written, or will be as it is taken."""
        if self.sending is not None:
            self._enter(Phase.WORK)
            return
        self._enter(Phase.IDLE)
        if self._closes:
            # Not now: within `resume_writing` asyncio would close it a second time.
            self._loop.call_soon(self._close)

    def _close(self) -> None:
        if self._link is not None:
            self._link.close()

    def _go_on(self) -> None:
        """Write what is left of an answer, then answer what waits."""
        link = self._link
        if link is None or link.is_closing() or self._is_framed:
            return
        self._write_rest(link)
        if self.sending is not None:
            return
        data, self._held = self._held, b""
        if not data:
            self._answered()
            return
        self._answer(data)
        if not self._held and not link.is_closing():
            link.resume_reading()

    def _write_rest(self, link: asyncio.Transport) -> None:
        # Piece by piece: what a slow reader has yet to take is not copied for each of them.
        while self._rest and self.sending is None:
            piece, self._rest = self._rest[:_PIECE], self._rest[_PIECE:]
            link.write(piece)

    def _hold(self, data: bytes) -> None:
        """Keep requests until the answers before are taken; nothing more is read until then."""
        self._held += data
        if self._link is None:
            return
        if self.sending is not None and len(self._held) > _UNREAD:
            self._link.abort()
        else:
            self._link.pause_reading()

    # the framework's answers

    def _hand_over(self, data: bytes) -> None:
        link = self._link
        if link is None:
            return
        if self._framed is None:
            self._framed = self._make_framed(self)
            self._framed.connection_made(link)
        self._is_framed = True
        self._fed = Fed()
        self._feed(data)

    def _feed(self, data: bytes) -> None:
        if data:
            if self.phase is Phase.IDLE:
                self._enter(Phase.HEAD)
            self._more = True
            self._fed.add(data)
        if self._framed is not None:
            self._framed.data_received(data)

    def begin(self) -> None:
        """See :class:`aggregator.web.framed.Owner`."""
        self._more = False
        self._enter(Phase.WORK)

    async def flushed(self) -> None:
        """See :class:`aggregator.web.framed.Owner`."""
        if self.sending is not None and self._link is not None:
            self._flushed = self._loop.create_future()
            await self._flushed

    def finished(self, *, stays: bool) -> None:
        """See :class:`aggregator.web.framed.Owner`."""
        self._enter(Phase.HEAD if self._more else Phase.IDLE)
        self._fed.answered += 1
        if stays and self._fed.is_used_up():
            self._is_framed = False

    # what the table calls

    def look(self, now: float) -> None:
        """Note how much the client has yet to take."""
        if self.sending is not None and self._link is not None:
            left = self._link.get_write_buffer_size() + len(self._rest)
            self.sending.look(left, now, self._table.limits)

    def drop(self) -> None:
        """Close at once, whatever is unsent."""
        if self._link is not None:
            self._link.abort()

    def _enter(self, phase: Phase) -> None:
        before, self.phase, self.since = self.phase, phase, self._loop.time()
        if self._link is not None and (before is not phase or phase is Phase.IDLE):
            self._table.moved(self, before)

    def _release(self) -> None:
        if self._flushed is not None and not self._flushed.done():
            self._flushed.set_result(None)
