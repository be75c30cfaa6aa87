"""Faults put into a process: errors that nobody expected, and that say what they should not."""

from __future__ import annotations

import asyncio
import os
from typing import Any, Never

from aggregator.app import running_site
from aggregator.cli import running
from aggregator.fetch.client import HttpFetcher
from aggregator.model import Request

CRASHING_HOST = "CRASHING_HOST"  # the variable that names it


def daemon_breaks() -> None:
    """A poll, the first status page and a callback of the loop fail with all that they know."""
    fetch, status = HttpFetcher.fetch, running_site.RunningSite.status
    failed = False

    async def fetch_or_fail(self: HttpFetcher, request: Request) -> Any:
        if os.environ[CRASHING_HOST] in request.url:
            raise RuntimeError(f"{request.url} broke with {request!r} {request.options!r}")
        return await fetch(self, request)

    async def status_or_fail(self: running_site.RunningSite, *asked: Any) -> Any:
        nonlocal failed
        if failed:
            return await status(self, *asked)
        failed = True
        told = _all_of(self.config)
        asyncio.get_running_loop().call_soon(_fail, told)
        _fail(told)

    HttpFetcher.fetch = fetch_or_fail  # type: ignore[method-assign]
    running_site.RunningSite.status = status_or_fail  # type: ignore[assignment, method-assign]


def start_breaks() -> None:
    """Nobody catches what ``once`` fails with."""

    async def fail(config: Any, *_: object) -> Never:
        _fail(_all_of(config))

    vars(running)["subscribe"] = fail


def _all_of(config: Any) -> str:
    settings = config.settings
    addresses = [feed.url for feed in config.feeds]
    tokens = [one for output in settings.outputs for one in getattr(output, "token", ())]
    plain = [one.get_secret_value() for one in tokens]
    return f"{settings.database.url} {addresses} {plain} {settings!r} {config!r}"


def _fail(told: str) -> Never:
    raise RuntimeError(f"the fault of the test: {told}")
