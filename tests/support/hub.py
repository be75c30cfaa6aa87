"""A WebSub hub on loopback: verifies intent, grants leases, delivers with signatures, goes away."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web

from tests.support.patience import patience
from tests.support.servers import run_app


@dataclass
class Hub:
    """What a hub knows, and how it behaves. Its address is ``url``."""

    url: str = ""
    lease: int | None = 864_000  # seconds granted; None: says nothing about it
    denies: str = ""  # a reason: every request is denied
    status: int = 202  # of the answer to requests; not 2xx: nothing happens
    method: str = "sha256"
    verifies_first: bool = False  # before it answers the request
    requests: list[dict[str, str]] = field(default_factory=list)
    answers: list[tuple[int, str]] = field(default_factory=list)  # of callbacks to verifications
    secrets: dict[tuple[str, str], str] = field(default_factory=dict)  # (topic, callback) → secret
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def asked(self, request: web.Request) -> web.Response:
        """The hub's endpoint (W3C WebSub §5.1)."""
        form = {name: str(value) for name, value in (await request.post()).items()}
        self.requests.append(form)
        if 200 <= self.status < 300:
            if self.verifies_first:
                await self._verify(form)
            else:
                task = asyncio.create_task(self._verify(form))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
        self.changed.set()
        return web.Response(status=self.status)

    async def _verify(self, form: dict[str, str]) -> None:
        query = {"hub.mode": form["hub.mode"], "hub.topic": form["hub.topic"]}
        if self.denies:
            await self.ask_back(
                form["hub.callback"], query | {"hub.mode": "denied", "hub.reason": self.denies}
            )
            return
        challenge = secrets.token_hex(8)
        query["hub.challenge"] = challenge
        if form["hub.mode"] == "subscribe" and self.lease is not None:
            query["hub.lease_seconds"] = str(self.lease)
        status, text = await self.ask_back(form["hub.callback"], query)
        if 200 <= status < 300 and text == challenge:
            key = (form["hub.topic"], form["hub.callback"])
            if form["hub.mode"] == "subscribe":
                self.secrets[key] = form.get("hub.secret", "")
            else:
                self.secrets.pop(key, None)
        self.changed.set()

    async def ask_back(self, callback: str, query: dict[str, str]) -> tuple[int, str]:
        """GET the callback; the answer, which is also noted."""
        async with aiohttp.ClientSession() as session, session.get(callback, params=query) as got:
            self.answers.append((got.status, await got.text()))
        return self.answers[-1]

    async def deliver(
        self, topic: str, body: bytes, *, secret: str | None = None, **headers: str
    ) -> list[int]:
        """POST ``body`` to every subscriber of ``topic``; ``secret`` replaces the right one."""
        statuses = []
        for (of, callback), right in list(self.secrets.items()):
            if of == topic:
                key = (right if secret is None else secret).encode()
                digest = hmac.new(key, body, getattr(hashlib, self.method)).hexdigest()
                fields = {
                    "Content-Type": "application/rss+xml",
                    "X-Hub-Signature": f"{self.method}={digest}",
                    **headers,
                }
                statuses.append(await post(callback, body, fields))
        return statuses

    async def settled(self) -> None:
        """Wait for verifications under way."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def until(self, true: Any) -> None:
        """Wait until ``true()``, looked at whenever something happened here."""
        async with patience():
            while not true():
                self.changed.clear()
                await self.changed.wait()


async def post(url: str, body: bytes, headers: dict[str, str]) -> int:
    """The status of one POST."""
    async with (
        aiohttp.ClientSession() as session,
        session.post(url, data=body, headers=headers) as answer,
    ):
        return answer.status


@contextlib.asynccontextmanager
async def running_hub(**behaviour: Any) -> AsyncIterator[Hub]:
    """A hub that listens."""
    hub = Hub(**behaviour)
    app = web.Application()
    app.router.add_post("/hub", hub.asked)
    async with run_app(app) as base:
        hub.url = f"{base}/hub"
        yield hub
        await hub.settled()


def rss(
    *titles: str, hub: str | None = None, topic: str | None = None, title: str = "Pushed"
) -> bytes:
    """An RSS feed of these entries, each with its own guid."""
    link = '<atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="{}" href="{}"/>'
    links = "".join(
        link.format(rel, url) for rel, url in (("hub", hub), ("self", topic)) if url is not None
    )
    items = "".join(
        f"<item><title>{name}</title><guid isPermaLink='false'>{name}</guid>"
        f"<description>All about {name}.</description></item>"
        for name in titles
    )
    return (
        f"<?xml version='1.0'?><rss version='2.0'><channel><title>{title}</title>{links}"
        f"<link>http://site.example/</link><description>d</description>{items}</channel></rss>"
    ).encode()
