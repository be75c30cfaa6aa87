"""The callback for hubs: ``/websub/TOKEN`` (W3C WebSub §5.3, §7)."""

from __future__ import annotations

import asyncio

from aiohttp import web

from aggregator.websub.subscriber import Subscriber

_AT_ONCE = 8  # documents being received: this many times the cap is the most memory they take
_NO_STORE = {"Cache-Control": "no-store"}


class PushPages:
    """The handlers of the callback. What they answer tells nobody whether a signature was right."""

    def __init__(self, listener: Subscriber) -> None:
        self._listener = listener
        self._receiving = asyncio.Semaphore(_AT_ONCE)

    async def verify(self, request: web.Request) -> web.Response:
        """A hub asks whether we meant our request: 200 with its challenge, or 404."""
        echo = await self._listener.verify(request.match_info["token"], request.query)
        if echo is None:
            raise web.HTTPNotFound
        return web.Response(text=echo, headers=_NO_STORE)

    async def deliver(self, request: web.Request) -> web.Response:
        """A hub delivers: 202 at once; 410 tells it that nobody listens any more."""
        subscription = await self._listener.listener(request.match_info["token"])
        if subscription is None:
            raise web.HTTPGone
        if request.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise web.HTTPUnsupportedMediaType  # a signature is over what is sent, and bombs are not
        if self._receiving.locked():
            raise web.HTTPServiceUnavailable(headers={"Retry-After": "60"})
        async with self._receiving:
            body = await self._body(request)
        await self._listener.accept(
            subscription,
            body,
            request.headers.get("Content-Type", ""),
            request.headers.get("X-Hub-Signature", ""),
        )
        return web.Response(status=202, headers=_NO_STORE)

    async def _body(self, request: web.Request) -> bytes:
        """The body as sent, to the last byte, under the cap and in time."""
        cap = self._listener.largest
        if (request.content_length or 0) > cap:
            raise web.HTTPRequestEntityTooLarge(cap, request.content_length or 0)
        body = bytearray()
        try:
            async with asyncio.timeout(self._listener.patience.total_seconds()):
                async for piece in request.content.iter_any():
                    body += piece
                    if len(body) > cap:
                        raise web.HTTPRequestEntityTooLarge(cap, len(body))
        except TimeoutError:
            raise web.HTTPRequestTimeout from None
        return bytes(body)
