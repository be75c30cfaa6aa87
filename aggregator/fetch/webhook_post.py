"""Webhooks sent: guarded as every request, to nowhere else than told, and hardly read.

The operator names the address, so neither politeness nor robots.txt is asked; the guard is, at each
connection. Answers may be endless, slow, or lead elsewhere: of a body so much is read as keeps a
connection open for the next message, and a redirect is a failure.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Final, Self

import aiohttp
from aiohttp.abc import AbstractResolver

from aggregator.config.settings import FetchSettings
from aggregator.errors import FetchError
from aggregator.fetch import headers
from aggregator.fetch.guard.bare_session import bare_session
from aggregator.fetch.guard.resolver import PooledResolver
from aggregator.fetch.guard.sockets import REFUSED, Guard
from aggregator.fetch.guard.targets import parse_target
from aggregator.model import SendOutcome
from aggregator.schedule.http_hints import retry_after

_READ: Final = 16 << 10  # bytes of an answer …
_READ_S: Final = 2.0  # … and seconds for them
_KEEP_ALIVE: Final = 15.0
_CONNECTIONS: Final = 128


class WebhookPoster:
    """:class:`aggregator.ports.HookPoster` over aiohttp. Use as ``async with WebhookPoster(…) as p``."""

    def __init__(
        self, settings: FetchSettings, *, base_url: str, resolver: AbstractResolver | None = None
    ) -> None:
        self._guard = Guard(settings.allowed())
        self._user_agent = headers.user_agent(settings.user_agent, base_url)
        self._resolver = resolver

    async def __aenter__(self) -> Self:
        self._names = self._resolver or PooledResolver(threads=8)
        self._session = bare_session(
            self._guard,
            self._names,
            {"User-Agent": self._user_agent, "Content-Type": "application/json"},
            {"limit": _CONNECTIONS, "keepalive_timeout": _KEEP_ALIVE},
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._session.close()
        await self._names.close()

    async def post_hook(
        self, url: str, headers: Mapping[str, str], body: bytes, patience: timedelta
    ) -> SendOutcome:
        """See :meth:`aggregator.ports.HookPoster.post_hook`."""
        seconds = patience.total_seconds()
        try:
            async with asyncio.timeout(seconds):
                return await self._posted(url, headers, body)
        except TimeoutError:
            return SendOutcome(f"no answer within {seconds:g} s", was_answered=False)
        except FetchError as error:
            return SendOutcome(f"not sent: {type(error).__name__}", was_answered=False)
        except aiohttp.ClientConnectorError as error:
            return SendOutcome(_not_connected(error), was_answered=False)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return SendOutcome(f"broken off: {type(error).__name__}", was_answered=False)

    async def _posted(self, url: str, fields: Mapping[str, str], body: bytes) -> SendOutcome:
        target = parse_target(url)
        answer = await self._session.post(target, data=body, headers=fields, allow_redirects=False)
        try:
            got = headers.received(answer.headers.items())
            wait = retry_after(got, datetime.now(UTC))
            outcome = _outcome(answer.status, wait)
            if outcome.is_success:
                await self._read_little(answer)
            return outcome
        finally:
            answer.close()

    async def _read_little(self, answer: aiohttp.ClientResponse) -> None:
        """Read a short answer to its end, so that the connection can be used again."""
        length = answer.content_length
        if length is not None and length <= _READ:
            try:
                async with asyncio.timeout(_READ_S):
                    await answer.content.readexactly(length)
                    await answer.content.read(1)  # its end
            except (TimeoutError, aiohttp.ClientError, asyncio.IncompleteReadError):
                return  # it arrived all the same


def _outcome(status: int, wait: timedelta | None) -> SendOutcome:
    if 200 <= status < 300:
        return SendOutcome()
    if status == 410:
        return SendOutcome("answered 410: it wants no more", is_gone=True)
    if 300 <= status < 400:
        return SendOutcome(f"answered {status}: redirects are not followed")
    return SendOutcome(f"answered {status}", retry_after=wait)


def _not_connected(error: aiohttp.ClientConnectorError) -> str:
    """Why there is no connection, without the address."""
    if error.errno == REFUSED:
        return "not sent: the address is not public; `fetch.allow_networks` allows networks"
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "not sent: its name has no address"
    if isinstance(error, aiohttp.ClientSSLError):
        return "not sent: its certificate is not trusted, or TLS failed"
    return f"no connection: {error.os_error.strerror or type(error.os_error).__name__}"
