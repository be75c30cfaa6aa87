"""A WebSub subscriber written from the Recommendation alone: nothing of our own client is in it.

https://www.w3.org/TR/websub/: discovery (§4), subscription (§5.1), verification (§5.3), denial (§5.2),
content and its signature (§7).
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import re
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web

from tests.support.patience import patience
from tests.support.servers import run_app


@dataclass
class Got:
    """A delivery as it came."""

    body: bytes
    headers: Mapping[str, str]
    is_signed: bool  # with the secret that is believed to hold


@dataclass
class Listener:
    """One callback, and how it behaves."""

    url: str = ""
    secret: str = ""
    agrees: bool = True  # to what it is asked to confirm
    echo: Callable[[str], bytes] = str.encode  # of a challenge
    status: int = 200  # of its answers to deliveries
    location: str = ""  # for redirects
    retry_after: str = ""
    hold: asyncio.Event | None = None  # answers wait for it
    asked: list[dict[str, str]] = field(default_factory=list)
    got: list[Got] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def verify(self, request: web.Request) -> web.StreamResponse:
        """§5.3: echo the challenge, in whole and nothing else."""
        self.asked.append(dict(request.query))
        self.changed.set()
        if self.hold is not None:
            await self.hold.wait()
        if not self.agrees:
            raise web.HTTPNotFound
        return web.Response(body=self.echo(request.query.get("hub.challenge", "")))

    async def deliver(self, request: web.Request) -> web.StreamResponse:
        """§7: the signature is over the body to the byte."""
        body = await request.read()
        method, _, given = request.headers.get("X-Hub-Signature", "").partition("=")
        right = hmac.new(self.secret.encode(), body, hashlib.sha256).hexdigest()
        self.got.append(Got(body, request.headers.copy(), method == "sha256" and given == right))
        self.changed.set()
        if self.hold is not None:
            await self.hold.wait()
        headers = {"Location": self.location} if self.location else {}
        headers |= {"Retry-After": self.retry_after} if self.retry_after else {}
        return web.Response(status=self.status, headers=headers)

    async def until(self, true: Callable[[], Any]) -> None:
        """Wait until ``true()``, looked at whenever something came."""
        async with patience():
            while not true():
                self.changed.clear()
                await self.changed.wait()

    def form(self, topic: str, mode: str = "subscribe", **more: str) -> dict[str, str]:
        """The fields of a request (§5.1)."""
        form = {"hub.mode": mode, "hub.topic": topic, "hub.callback": self.url}
        if self.secret and mode == "subscribe":
            form["hub.secret"] = self.secret
        return form | more


async def discover(url: str) -> tuple[str, str, str]:
    """Hub, topic, and the feed's text (§4): the header's links before those of the document."""
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        text = await answer.text()
        field_ = answer.headers.get("Link", "")
    found = {rel: target for target, rel in re.findall(r'<([^>]*)>; rel="(\w+)"', field_)}
    return found.get("hub", ""), found.get("self", ""), text


async def send(hub: str, form: Mapping[str, str]) -> tuple[int, str]:
    """Status and text of the hub's answer to a request."""
    async with aiohttp.ClientSession() as session, session.post(hub, data=form) as answer:
        return answer.status, await answer.text()


@contextlib.asynccontextmanager
async def listening(*listeners: Listener) -> AsyncIterator[None]:
    """``listeners`` at a callback each."""
    app = web.Application(client_max_size=64 << 20)
    for number, one in enumerate(listeners):
        app.router.add_get(f"/callback/{number}", one.verify)
        app.router.add_post(f"/callback/{number}", one.deliver)
    async with run_app(app) as base:
        for number, one in enumerate(listeners):
            one.url = f"{base}/callback/{number}?for=a%26b"
        try:
            yield
        finally:
            for one in listeners:
                if one.hold is not None:
                    one.hold.set()
