"""Calls of the callbacks that subscribers of our hub name: guarded like every request, otherwise bare.

No redirect is followed, no cookie kept, no name of ours told but the User-Agent; a name is resolved and its
addresses are judged at each call, and what is judged is what is connected to. Callbacks share no slots
with what is polled: a host that lets us wait here is polled as ever.
"""

from __future__ import annotations

import asyncio
import io
import ssl
from collections.abc import Mapping
from types import TracebackType
from typing import Self

import aiohttp
from aiohttp.abc import AbstractResolver

from aggregator.config.settings import FetchSettings
from aggregator.fetch import failures, headers
from aggregator.fetch.body import BodyFault
from aggregator.fetch.guard.bare_session import bare_session
from aggregator.fetch.guard.resolver import PooledResolver
from aggregator.fetch.guard.sockets import Guard
from aggregator.fetch.guard.targets import parse_target
from aggregator.model import HubCall

_ASK_S = 10.0  # for a verification, all of it
_CONNECT_S = 8.0
_RESOLVERS = 8  # threads: dead name servers of subscribers hold up nobody else
_FIELD_SIZE = 8190


class HubCalls:
    """Implements :class:`aggregator.ports.HubCaller` over aiohttp. Use as ``async with HubCalls(…) as calls``."""

    def __init__(
        self,
        settings: FetchSettings,
        *,
        base_url: str,
        resolver: AbstractResolver | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._user_agent = headers.user_agent(settings.user_agent, base_url)
        self._guard = Guard(settings.allowed())
        self._resolver = resolver
        self._tls = tls

    async def __aenter__(self) -> Self:
        self._names = self._resolver or PooledResolver(_RESOLVERS, patience=_CONNECT_S)
        self._session = bare_session(
            self._guard,
            self._names,
            {"User-Agent": self._user_agent, "Accept": "*/*", "Accept-Encoding": "identity"},
            {
                "use_dns_cache": False,
                "ssl": self._tls or True,
                "limit": 0,  # whoever calls bounds what is under way
                "force_close": True,
            },
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_S),
            max_line_size=_FIELD_SIZE,
            max_field_size=_FIELD_SIZE,
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._session.close()
        if self._resolver is None:
            await self._names.close()

    async def get(self, url: str, most: int) -> HubCall:
        """GET ``url``; see :meth:`aggregator.ports.HubCaller.get`."""
        return await self._call("GET", url, None, {}, most, _ASK_S)

    async def post(
        self, url: str, body: bytes, headers: Mapping[str, str], seconds: float
    ) -> HubCall:
        """POST ``body``; see :meth:`aggregator.ports.HubCaller.post`."""
        return await self._call("POST", url, body, headers, 0, seconds)

    async def _call(
        self,
        method: str,
        url: str,
        body: bytes | None,
        fields: Mapping[str, str],
        most: int,
        seconds: float,
    ) -> HubCall:
        target, clock = parse_target(url), asyncio.get_running_loop().time
        sent = io.BytesIO(body) if body is not None else None  # sent piece by piece
        began = clock()
        try:
            async with (
                asyncio.timeout(seconds),
                self._session.request(
                    method, target, data=sent, headers=fields, allow_redirects=False
                ) as answer,
            ):
                got = await _beginning(answer, most)
                retry_after = answer.headers.get("Retry-After", "")[:100]
                return HubCall(answer.status, got, retry_after, clock() - began)
        except (aiohttp.ClientError, BodyFault, OSError, ValueError) as error:
            raise failures.from_exception(
                url, error, at=url, deadline=seconds, inside=True
            ) from error


async def _beginning(answer: aiohttp.ClientResponse, most: int) -> bytes:
    """Up to ``most`` bytes of the body."""
    got = b""
    while len(got) < most and (piece := await answer.content.read(most - len(got))):
        got += piece
    return got
