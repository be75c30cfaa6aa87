"""The callback for hubs: ``/websub/TOKEN`` (W3C WebSub §5.3, §7)."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from aiohttp import web

from aggregator.urls import host_of
from aggregator.web.rate import CostlyRequests
from aggregator.websub.subscriber import Subscriber

_AT_ONCE = 16  # documents being received
_OF_A_HUB = 4
_MOST = 8  # times the largest document: the memory that those being received may take together
_PACE = 4096  # bytes a second, the least that a hub sends once it had its start
_START_S = 10.0
_NO_STORE = {"Cache-Control": "no-store"}


class PushPages:
    """The handlers of the callback. What they answer tells nobody whether a signature was right."""

    def __init__(self, listener: Subscriber, costly: CostlyRequests) -> None:
        self._listener = listener
        self._costly = costly
        self._receiving: Counter[str] = Counter()  # by the hub's host
        self._size = 0

    async def verify(self, request: web.Request) -> web.Response:
        """A hub asks whether we meant our request: 200 with its challenge, or 404."""
        self._costly.admit(request)
        echo = await self._listener.verify(request.match_info["token"], request.query)
        if echo is None:
            self._costly.charge(request)
            raise web.HTTPNotFound
        return web.Response(text=echo, headers=_NO_STORE)

    async def deliver(self, request: web.Request) -> web.Response:
        """A hub delivers: 202 at once; 410 tells it that nobody listens any more."""
        self._costly.admit(request)
        subscription = await self._listener.listener(request.match_info["token"])
        if subscription is None:
            self._costly.charge(request)
            raise web.HTTPGone
        if request.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise web.HTTPUnsupportedMediaType  # a signature is over what is sent, and bombs are not
        with self._slot(host_of(subscription.hub)):
            body = await self._body(request)
        await self._listener.accept(
            subscription,
            body,
            request.headers.get("Content-Type", ""),
            request.headers.get("X-Hub-Signature", ""),
        )
        return web.Response(status=202, headers=_NO_STORE)

    @contextmanager
    def _slot(self, hub: str) -> Iterator[None]:
        """A place to receive a document in; 503 where there is none, of all or of this hub's."""
        if self._receiving[hub] >= _OF_A_HUB or self._receiving.total() >= _AT_ONCE:
            raise _later()
        self._receiving[hub] += 1
        try:
            yield
        finally:
            self._receiving[hub] -= 1
            if not self._receiving[hub]:
                del self._receiving[hub]

    async def _body(self, request: web.Request) -> bytes:
        """The body as sent, to the last byte, under the cap and in time."""
        cap = self._listener.largest
        if (request.content_length or 0) > cap:
            raise web.HTTPRequestEntityTooLarge(cap, request.content_length or 0)
        body, began = bytearray(), asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(self._listener.patience.total_seconds()):
                while piece := await _piece(request, began, len(body)):
                    self._size += len(piece)
                    body += piece
                    if len(body) > cap:
                        raise web.HTTPRequestEntityTooLarge(cap, len(body))
                    if self._size > _MOST * cap:
                        raise _later()
        except TimeoutError:
            raise web.HTTPRequestTimeout from None
        finally:
            self._size -= len(body)
        return bytes(body)


async def _piece(request: web.Request, began: float, received: int) -> bytes:
    """The next bytes of the body, empty at its end; :class:`TimeoutError` when they drip."""
    async with asyncio.timeout_at(began + _START_S + received / _PACE):
        return await request.content.readany()


def _later() -> web.HTTPServiceUnavailable:
    return web.HTTPServiceUnavailable(headers={"Retry-After": "60"})
