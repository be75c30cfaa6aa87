"""The one door for outgoing requests: conditional, polite, guarded, bounded.

One GET is a journey of hops. Each hop is judged (:mod:`aggregator.fetch.targets`), waits for its
host's turn (:mod:`aggregator.fetch.politeness`), connects only to an address that the guard lets
pass (:mod:`aggregator.fetch.guard`), and its body is decoded under caps
(:mod:`aggregator.fetch.body`). Redirects are followed here, one by one, never by the library.
"""

from __future__ import annotations

import asyncio
import ssl
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Self

import aiohttp
from aiohttp.abc import AbstractResolver
from yarl import URL

from aggregator.config.settings import FetchSettings
from aggregator.errors import FetchError, HostResting, HttpStatus, Throttled, TooManyRedirects
from aggregator.fetch import failures, headers
from aggregator.fetch.body import Body, BodyFault
from aggregator.fetch.freshness import throttled_for
from aggregator.fetch.guard import Allowed, Guard
from aggregator.fetch.politeness import Gate, HostCooling, HostGate
from aggregator.fetch.resolver import PooledResolver
from aggregator.fetch.targets import host_of, parse_target, redirect_target
from aggregator.model import Hop, Request, Response

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_KEEP_ALIVE = 5.0  # seconds an idle connection is kept: the next feed or article of the same host
_MAX_IDLE = 256  # hosts with a connection kept; the requests to others ask for it to be closed
_CONNECT = 15.0  # seconds for one address, so that the next one gets its chance
_DEFAULT_REST = 300.0  # seconds a host rests after a 429 that says no time
_FIELD_SIZE = 32 << 10  # one header line; some publishers send policies of more than 8 KiB
_MAX_FIELDS = 256


@dataclass(slots=True)
class _Journey:
    """One GET on its way."""

    request: Request
    shown: str  # the current URL as callers know it: as asked for, else without user info
    target: URL
    left: float  # seconds of the deadline not yet used up; waiting for turns is free
    spent: float = 0.0
    hops: list[Hop] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)


class HttpFetcher:
    """:class:`aggregator.ports.Fetcher` over aiohttp. Use as ``async with HttpFetcher(…) as f``.

    ``base_url`` stands in the User-Agent. ``gate`` replaces the politeness of this process alone,
    ``resolver`` the system's name resolution, ``tls`` the system's trust store.
    """

    def __init__(
        self,
        settings: FetchSettings,
        *,
        base_url: str,
        gate: Gate | None = None,
        resolver: AbstractResolver | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._settings = settings
        self._user_agent = headers.user_agent(settings.user_agent, base_url)
        self._deadline = settings.timeout.total_seconds()
        self._guard = Guard(Allowed(network) for network in settings.allow_networks)
        self._gate = gate
        self._resolver = resolver
        self._tls = tls
        self._kept: OrderedDict[str, float] = OrderedDict()  # host → when its connection expires

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        gap = self._settings.host_gap.total_seconds()
        self._turns: Gate = self._gate or HostGate(
            gap=gap, concurrency=self._settings.concurrency, timer=self._loop
        )
        self._names = self._resolver or PooledResolver()
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                socket_factory=self._guard.socket,
                resolver=self._names,
                ssl=self._tls or True,
                limit=0,  # the gate bounds what is under way
                keepalive_timeout=_KEEP_ALIVE,
            ),
            headers={"User-Agent": self._user_agent, "Accept-Encoding": headers.ACCEPT_ENCODING},
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=min(_CONNECT, self._deadline)),
            auto_decompress=False,
            trust_env=False,
            max_line_size=_FIELD_SIZE,
            max_field_size=_FIELD_SIZE,
            max_headers=_MAX_FIELDS,
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

    async def fetch(self, request: Request) -> Response:
        """Make one GET; see :meth:`aggregator.ports.Fetcher.fetch`.

        A host that asked for a rest longer than a minute is not asked before that is over:
        :class:`~aggregator.errors.Throttled` with a Retry-After of ours says so at once.
        """
        journey = _Journey(request, request.url, parse_target(request.url), self._deadline)
        while True:
            host = host_of(journey.target)
            try:
                async with self._turns.turn(host):
                    response = await self._leg(journey, host)
            except HostCooling as rest:
                raise _resting(journey, rest) from None
            if response is not None:
                return response

    async def _leg(self, journey: _Journey, host: str) -> Response | None:
        """All hops in a row at ``host``, in its one turn; None: a redirect leads elsewhere."""
        request, started = journey.request, self._loop.time()
        try:
            async with asyncio.timeout(journey.left):
                while host_of(journey.target) == host:
                    response = await self._hop(journey, host, started)
                    if response is not None:
                        return response
        except Throttled as error:
            self._rest(host, error)  # before the turn goes to the next in line
            raise
        except (aiohttp.ClientError, BodyFault, OSError, ValueError) as error:
            raise failures.from_exception(
                request.url, error, at=journey.shown, deadline=self._deadline
            ) from error
        journey.spent += self._loop.time() - started
        journey.left = max(0.0, self._deadline - journey.spent)
        return None

    async def _hop(self, journey: _Journey, host: str, started: float) -> Response | None:
        """One request; None: it was redirected and ``journey`` knows where to."""
        request = journey.request
        journey.seen.add(str(journey.target))
        fields = self._fields(journey, host)
        answer = await self._session.get(journey.target, headers=fields, allow_redirects=False)
        try:
            got = headers.received(answer.headers.items())
            if answer.status in _REDIRECTS and "location" in got:
                self._redirect(journey, answer.status, got["location"])
                return None
            asked = "If-None-Match" in fields or "If-Modified-Since" in fields
            if not _wanted(answer.status, asked=asked, delta="A-IM" in fields):
                raise failures.from_status(request.url, answer.status, got, at=journey.shown)
            received, body = 0, b""
            if answer.status != 304:
                received, body = await self._content(answer, got, request.kind)
            elapsed = journey.spent + self._loop.time() - started
            return Response(
                url=journey.shown,
                status=200 if answer.status == 203 else answer.status,
                headers=got,
                body=body,
                received_bytes=received,
                elapsed=timedelta(seconds=elapsed),
                hops=tuple(journey.hops),
            )
        finally:
            if not answer.closed:
                answer.close()  # unread: the connection cannot be used again

    def _redirect(self, journey: _Journey, status: int, location: str) -> None:
        """Turn ``journey`` to ``location``, recording the hop."""
        try:
            target = redirect_target(journey.target, location)
        except FetchError as error:
            message = f"redirected to {error.message}"
            raise type(error)(journey.request.url, message, hint=error.hint) from None
        shown = str(target.with_user(None) if target.raw_user is not None else target)
        journey.hops.append(Hop(url=journey.shown, status=status, location=shown))
        if str(target) in journey.seen:
            raise TooManyRedirects(journey.request.url, f"redirects in a loop, back to {shown}")
        if len(journey.hops) > self._settings.max_redirects:
            limit = self._settings.max_redirects
            hint = "ask for the final address, or raise fetch.max_redirects"
            raise TooManyRedirects(
                journey.request.url, f"more than {limit} redirects, the last to {shown}", hint=hint
            )
        journey.target, journey.shown = target, shown

    def _fields(self, journey: _Journey, host: str) -> dict[str, str]:
        """The header fields of this hop, beside those that every request has."""
        request = journey.request
        fields = headers.conditional(request.validators, journey.shown, delta=request.delta)
        fields["Accept"] = headers.ACCEPT[request.kind]
        if not self._keep(host):
            fields["Connection"] = "close"
        return fields

    def _keep(self, host: str) -> bool:
        """Whether the connection to ``host`` may stay open: 10,000 hosts must not hold 10,000."""
        now, kept = self._loop.time(), self._kept
        while kept and next(iter(kept.values())) <= now:
            kept.popitem(last=False)
        if host not in kept and len(kept) >= _MAX_IDLE:
            return False
        kept[host] = now + _KEEP_ALIVE
        kept.move_to_end(host)
        return True

    async def _content(
        self, answer: aiohttp.ClientResponse, got: Mapping[str, str], kind: str
    ) -> tuple[int, bytes]:
        """How many bytes were received, and what they decode to."""
        settings = self._settings
        cap = settings.max_page_size if kind == "page" else settings.max_feed_size
        if (announced := answer.content_length or 0) > cap:
            raise BodyFault(f"{announced} bytes announced, {cap} allowed", too_large=True)
        body = Body(got.get("content-encoding", ""), cap)
        while data := await answer.content.readany():
            body.feed(data)
        return body.received, body.finish()

    def _rest(self, host: str, error: HttpStatus) -> None:
        wait = throttled_for(error.headers, datetime.now(UTC))
        self._turns.cool(host, _DEFAULT_REST if wait is None else wait.total_seconds())


def _wanted(status: int, *, asked: bool, delta: bool) -> bool:
    """Whether ``status`` answers what was asked: a 304 or 226 counts only where it was asked for."""
    if status == 304:
        return asked
    if status == 226:
        return delta
    return status in {200, 203}


def _resting(journey: _Journey, rest: HostCooling) -> FetchError:
    seconds = int(rest.seconds) + 1
    return HostResting(
        journey.request.url,
        429,
        {"retry-after": str(seconds)},
        message=f"not asked: {rest.host} told us to wait, {seconds} s of it are left",
        hint="nothing to do; it will be tried again after that",
    )
