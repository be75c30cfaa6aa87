"""``POST /hub``: subscribers ask our WebSub hub to be told of a feed, or not any more (W3C WebSub §5.1)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from aiohttp import web

from aggregator.deliver.hub_requests import LONGEST_FORM
from aggregator.deliver.hub_service import Hub
from aggregator.errors import StoreError
from aggregator.model import HubAnswer
from aggregator.web.clients import Network
from aggregator.web.rate import CostlyRequests, RateLimit

# Each client may ask so often, and each site be asked so often: more are refused before anything is stored.
_CLIENT_BURST, _CLIENT_PACE = 60.0, 0.2
_SITE_BURST, _SITE_PACE = 60.0, 0.1
_BODY_S = 10.0  # for a form to arrive
_FORM = "application/x-www-form-urlencoded"
_NO_STORE = {"Cache-Control": "no-store"}
_WAIT = {HubAnswer.FULL: "3600", HubAnswer.SITE_FULL: "3600"}
_SAID = {
    HubAnswer.FULL: "This hub has as many subscriptions as it takes.",
    HubAnswer.SITE_FULL: "This hub has as many subscriptions of callbacks at this site as it takes.",
}


class HubPage:
    """The handler of the hub's address. What it answers holds nothing of what it was sent."""

    def __init__(self, hub: Hub, proxies: Sequence[Network]) -> None:
        self._hub = hub
        self._costly = CostlyRequests(RateLimit(_CLIENT_BURST, _CLIENT_PACE), proxies)
        self._sites = RateLimit(_SITE_BURST, _SITE_PACE)

    async def ask(self, request: web.Request) -> web.Response:
        """202 for a request whose callback is going to be asked; 4xx and 503 with the reason in a line."""
        if not self._hub.is_on:
            raise web.HTTPNotFound
        self._costly.admit(request)
        self._costly.charge(request)
        if request.content_type != _FORM or "Content-Encoding" in request.headers:
            raise web.HTTPUnsupportedMediaType
        asked = self._hub.read(await _form(request))
        if isinstance(asked, str):
            return _line(400, asked)
        now = asyncio.get_running_loop().time()
        if wait := self._sites.wait(asked.site, now):
            return _line(429, "This site was asked too often of late.", str(wait))
        self._sites.spend(asked.site, now)
        try:
            answer = await self._hub.ask(asked)
        except StoreError:
            raise web.HTTPServiceUnavailable(headers={"Retry-After": "10"}) from None
        if answer is HubAnswer.ACCEPTED:
            return web.Response(status=202, headers=_NO_STORE)
        return _line(503, _SAID[answer], _WAIT[answer])


async def _form(request: web.Request) -> bytes:
    """The body, as far as a form of a hub's may be long."""
    if (request.content_length or 0) > LONGEST_FORM:
        raise web.HTTPRequestEntityTooLarge(LONGEST_FORM, request.content_length or 0)
    body = bytearray()
    try:
        async with asyncio.timeout(_BODY_S):
            while piece := await request.content.readany():
                body += piece
                if len(body) > LONGEST_FORM:
                    raise web.HTTPRequestEntityTooLarge(LONGEST_FORM, len(body))
    except TimeoutError:
        raise web.HTTPRequestTimeout from None
    return bytes(body)


def _line(status: int, text: str, retry_after: str = "") -> web.Response:
    headers = {**_NO_STORE, **({"Retry-After": retry_after} if retry_after else {})}
    return web.Response(status=status, text=f"{text}\n", headers=headers)
