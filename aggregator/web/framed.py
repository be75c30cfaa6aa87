"""Requests of one connection that the framework answers: aiohttp's handler, beside our own protocol."""

from __future__ import annotations

import asyncio
from logging import Logger
from typing import Any, Protocol, cast

from aiohttp import web

from aggregator.web.answers import plain, refusal


class Owner(Protocol):
    """The connection itself, which the handler shares with the hot path."""

    def begin(self) -> None:
        """A request is whole, and is to be answered."""
        ...

    async def flushed(self) -> None:
        """Return when the client has taken all that was written."""
        ...

    def finished(self, *, stays: bool) -> None:
        """An answer is the client's; ``stays``: it may send another request."""
        ...


class Framed(web.RequestHandler):
    """aiohttp's handler of a connection whose transport, and what comes from it, are its owner's."""

    __slots__ = ("owner",)

    def __init__(
        self, owner: Owner, server: web.Server, *, keepalive_s: float, **options: Any
    ) -> None:
        self.owner = owner
        super().__init__(
            server,
            loop=asyncio.get_running_loop(),
            access_log=cast("Logger", None),  # which is how it is switched off
            keepalive_timeout=keepalive_s,
            lingering_time=2.0,
            auto_decompress=False,  # nobody has reason to send us compressed bodies, or bombs
            **options,
        )

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,  # noqa: ARG002 - aiohttp's names
        message: str | None = None,  # noqa: ARG002 - it echoes
    ) -> web.StreamResponse:
        """The answer to what is no HTTP, which anybody may send as often as they like: no log."""
        self.owner.begin()
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
        await self.owner.flushed()
        self.owner.finished(stays=bool(sent.keep_alive) and not reset and not request.body_exists)
        return sent, reset
