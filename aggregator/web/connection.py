"""One connection of a client: aiohttp's, with limits on how long it may keep us waiting."""

from __future__ import annotations

import asyncio
from logging import Logger
from typing import Any, cast

from aiohttp import web

from aggregator.web.answers import plain, refusal
from aggregator.web.clients import client_of
from aggregator.web.patience import Phase, Sending
from aggregator.web.table import Table


class Connection(web.RequestHandler):
    """Tells a table what it is at. ``client`` is who asks, ``since`` when the phase began."""

    __slots__ = ("_flushed", "_link", "_more", "_table", "client", "phase", "sending", "since")

    def __init__(self, table: Table, server: web.Server, **options: Any) -> None:
        self._table = table
        self._link: asyncio.Transport | None = None
        self._more = False  # something came that belongs to the next request
        self._flushed: asyncio.Future[None] | None = None
        self.client = ""
        self.phase = Phase.HEAD
        self.since = 0.0
        self.sending: Sending | None = None
        loop = asyncio.get_running_loop()
        super().__init__(
            server,
            loop=loop,
            access_log=cast("Logger", None),  # which is how it is switched off
            keepalive_timeout=2 * table.limits.idle + 60,  # the table is first
            lingering_time=2.0,
            auto_decompress=False,  # nobody has reason to send us compressed bodies, or bombs
            **options,
        )

    # what asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See :class:`asyncio.Protocol`."""
        self._link = cast("asyncio.Transport", transport)
        # Writing counts as paused until the last byte is the kernel's, so that one phase tells it.
        self._link.set_write_buffer_limits(high=0)
        peer = transport.get_extra_info("peername")
        self.client = client_of(str(peer[0])) if isinstance(peer, tuple) else ""
        self.since = self._now()
        self._table.opened(self)
        super().connection_made(transport)

    def connection_lost(self, exc: BaseException | None) -> None:
        """See :class:`asyncio.Protocol`."""
        self._table.closed(self)
        self._link = None
        super().connection_lost(exc)
        self._release()

    def data_received(self, data: bytes) -> None:
        """See :class:`asyncio.Protocol`."""
        if data:
            if self.phase is Phase.IDLE:
                self._enter(Phase.HEAD)
            self._more = True
        super().data_received(data)

    def pause_writing(self) -> None:
        """See :class:`asyncio.Protocol`."""
        super().pause_writing()
        now = self._now()
        self.sending = Sending(now, 0, now)
        self.look(now)

    def resume_writing(self) -> None:
        """See :class:`asyncio.Protocol`."""
        self.sending = None
        self._release()
        super().resume_writing()

    # what aiohttp calls

    def begin(self) -> None:
        """A request is whole, and is to be answered."""
        self._more = False
        self._enter(Phase.WORK)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,  # noqa: ARG002 - aiohttp's names
        message: str | None = None,  # noqa: ARG002 - it echoes
    ) -> web.StreamResponse:
        """The answer to what is no HTTP, which anybody may send as often as they like: no log."""
        self.begin()
        if request.writer.output_size > 0:
            raise ConnectionError("the answer has begun: there is no other to be sent")
        return refusal(status)

    async def finish_response(
        self, request: web.BaseRequest, resp: web.StreamResponse, start_time: float | None
    ) -> tuple[web.StreamResponse, bool]:
        """Send the answer to its last byte, before another request is taken."""
        if isinstance(resp, web.HTTPException):  # raised below the application, with an echo
            resp = plain(resp)
        sent, reset = await super().finish_response(request, resp, start_time)
        if self.sending is not None and self._link is not None:
            self._flushed = asyncio.get_running_loop().create_future()
            await self._flushed
        self._enter(Phase.HEAD if self._more else Phase.IDLE)
        return sent, reset

    # what the table calls

    def look(self, now: float) -> None:
        """Note how much the client has yet to take."""
        if self.sending is not None and self._link is not None:
            self.sending.look(self._link.get_write_buffer_size(), now, self._table.limits)

    def drop(self) -> None:
        """Close at once, whatever is unsent."""
        if self._link is not None:
            self._link.abort()

    def _enter(self, phase: Phase) -> None:
        before, self.phase, self.since = self.phase, phase, self._now()
        if self._link is not None and before is not phase:
            self._table.moved(self, before)

    def _release(self) -> None:
        if self._flushed is not None and not self._flushed.done():
            self._flushed.set_result(None)

    def _now(self) -> float:
        return asyncio.get_running_loop().time()
