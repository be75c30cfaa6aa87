"""The one door for outgoing requests: conditional, polite, guarded, bounded.

One GET is a journey of hops. Each hop is judged (:mod:`aggregator.fetch.guard.targets`), waits for its
host's slot (:mod:`aggregator.fetch.politeness.host_limiter`), connects only to an address that the guard lets
pass (:mod:`aggregator.fetch.guard.sockets`), inside the operator's networks only where the request may go
there and nobody outside led to it, and its body is decoded under caps
(:mod:`aggregator.fetch.body`). Redirects are followed here, one by one, never by the library.
"""

from __future__ import annotations

import asyncio
import ssl
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Self

import aiohttp
from aiohttp.abc import AbstractResolver
from yarl import URL

from aggregator.config.settings import FetchSettings
from aggregator.errors import FetchError, HostOnCooldown, HttpStatus, TooManyRedirects
from aggregator.fetch import failures, headers
from aggregator.fetch.body import BodyFault
from aggregator.fetch.cookies import ExchangeCookies
from aggregator.fetch.guard.resolver import PATIENCE_S, HeardResolver, PooledResolver
from aggregator.fetch.guard.targets import parse_target, redirect_target
from aggregator.fetch.hop_options import HopOptions, hop_options_of
from aggregator.fetch.politeness.context import PolitenessContext, local_politeness
from aggregator.fetch.politeness.cooldown import Refusals
from aggregator.fetch.politeness.host_limiter import CooldownActive, Limiter
from aggregator.fetch.politeness.robots import MAX_REDIRECTS, Robots
from aggregator.fetch.response_body import content
from aggregator.fetch.transport import Connector, Transport
from aggregator.model import Hop, Request, RequestKind, Response
from aggregator.urls import host_of

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_REDIRECTS_OF_A_FORM = frozenset({307, 308})  # the others would make a GET of it
_OF_PAGES = frozenset({RequestKind.PAGE, RequestKind.ROBOTS})
_KEEP_ALIVE = 5.0  # seconds an idle connection is kept: the next feed or article of the same host
_MAX_IDLE = 256  # hosts with a connection kept; the requests to others ask for it to be closed
_CONNECT = 15.0  # seconds for one address, so that the next one gets its chance
_FIELD_SIZE = 32 << 10  # one header line; some publishers send policies of more than 8 KiB
_MAX_FIELDS = 256


def _nobody_listens() -> None:
    """Name servers that answer are of no interest."""


@dataclass(slots=True)
class _Journey:
    """One GET on its way."""

    request: Request
    shown: str  # the current URL as callers know it: as asked for, else without user info
    target: URL
    hop_options: HopOptions
    deadline: float  # seconds for all of it
    left: float  # seconds of the deadline not yet used up; waiting for slots is free
    spent: float = 0.0
    hops: list[Hop] = field(default_factory=list)
    seen: set[tuple[str, str]] = field(default_factory=set)  # addresses, with the cookies sent
    cookies: ExchangeCookies = field(default_factory=ExchangeCookies)
    inside: bool = False  # it may lead into the networks that the operator opened, so far


class HttpFetcher:
    """:class:`aggregator.ports.Fetcher` over aiohttp. Use as ``async with HttpFetcher(…) as f``.

    ``base_url`` stands in the User-Agent. ``politeness`` replaces the politeness of this process
    alone, ``limiter`` only its slots, ``resolver`` the system's name resolution, ``tls`` the system's
    trust store. ``name_answered`` is called when a name server has answered.
    """

    def __init__(
        self,
        settings: FetchSettings,
        *,
        base_url: str,
        politeness: PolitenessContext | None = None,
        limiter: Limiter | None = None,
        resolver: AbstractResolver | None = None,
        tls: ssl.SSLContext | None = None,
        name_answered: Callable[[], None] = _nobody_listens,
    ) -> None:
        self._settings = settings
        self._user_agent = headers.user_agent(settings.user_agent, base_url)
        self._deadline = settings.timeout.total_seconds()
        self._politeness = politeness
        self._limiter = limiter
        self._resolver = resolver
        self._tls = tls
        self._name_answered = name_answered
        self._refusals = Refusals()
        self._kept: OrderedDict[str, float] = OrderedDict()  # host → when its connection expires

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        politeness = self._politeness or local_politeness(self._settings, self._loop)
        self._host_limiter: Limiter = self._limiter or politeness.limiter
        self._request_counts = politeness.request_counts
        self._robots = Robots(self.fetch, self._host_limiter.slow, politeness.robots)
        self._names = self._resolver or PooledResolver(patience=min(PATIENCE_S, self._deadline / 2))
        self._watched = politeness.scope.watching(HeardResolver(self._names, self._name_answered))
        self._transport = Transport(self._settings.allowed(), self._watched, self._open_session)
        return self

    def _open_session(self, connector: Connector, **arguments: Any) -> aiohttp.ClientSession:
        usual = {
            "resolver": self._watched,
            "ssl": self._tls or True,
            "limit": 0,  # the limiter bounds what is under way
            "keepalive_timeout": _KEEP_ALIVE,
        }
        return aiohttp.ClientSession(
            connector=connector(**{**usual, **arguments}),
            headers={"User-Agent": self._user_agent, "Accept-Encoding": headers.ACCEPT_ENCODING},
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=min(_CONNECT, self._deadline)),
            auto_decompress=False,
            trust_env=False,
            max_line_size=_FIELD_SIZE,
            max_field_size=_FIELD_SIZE,
            max_headers=_MAX_FIELDS,
        )

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._transport.close()
        if self._resolver is None:
            await self._names.close()

    async def fetch(self, request: Request) -> Response:
        """Make one GET; see :meth:`aggregator.ports.Fetcher.fetch`.

        A host in a cooldown longer than a minute is not asked before that is over:
        :class:`~aggregator.errors.Throttled` with a Retry-After of ours says so at once.
        """
        hop_options, target = hop_options_of(request, parse_target(request.url))
        timeout = hop_options.options.timeout
        deadline = self._deadline if timeout is None else timeout.total_seconds()
        journey = _Journey(
            request, request.url, target, hop_options, deadline, deadline, inside=request.inside
        )
        while True:
            host = host_of(str(journey.target))
            if self._obeys_robots(request):
                await self._robots.check(journey.target, inside=journey.inside)
            try:
                async with self._host_limiter.slot(host, page=request.kind in _OF_PAGES):
                    response = await self._leg(journey, host)
            except CooldownActive as cooldown:
                raise _on_cooldown(journey, cooldown) from None
            if response is not None:
                return response

    async def post(self, url: str, form: Mapping[str, str], *, inside: bool) -> Response:
        """POST a form; see :meth:`aggregator.ports.Poster.post`."""
        return await self.fetch(Request(url, RequestKind.HUB, form=form, inside=inside))

    async def _leg(self, journey: _Journey, host: str) -> Response | None:
        """All hops in a row at ``host``, in its one slot; None: a redirect leads elsewhere."""
        request, started = journey.request, self._loop.time()
        try:
            async with asyncio.timeout(journey.left):
                stays = True
                while stays:
                    response = await self._hop(journey, host, started)
                    if response is not None:
                        self._refusals.answered(host, request.kind)
                        return response
                    stays = await self._may_stay(journey, host)
        except HttpStatus as error:
            # Before the slot goes to the next in line.
            self._note_refusal(host, request.kind, error)
            raise
        except (aiohttp.ClientError, BodyFault, OSError, ValueError) as error:
            raise failures.from_exception(
                request.url,
                error,
                at=journey.shown,
                deadline=journey.deadline,
                inside=journey.inside,
            ) from error
        journey.spent += self._loop.time() - started
        journey.left = max(0.0, journey.deadline - journey.spent)
        return None

    def _obeys_robots(self, request: Request) -> bool:
        return request.kind is RequestKind.PAGE and self._settings.robots

    async def _may_stay(self, journey: _Journey, host: str) -> bool:
        """Whether a redirect is followed in the same slot. Asking for a robots.txt takes its own."""
        if host_of(str(journey.target)) != host:
            return False
        if self._obeys_robots(journey.request):
            if not self._robots.known(journey.target):
                return False
            await self._robots.check(journey.target, inside=journey.inside)
        return True

    async def _hop(self, journey: _Journey, host: str, started: float) -> Response | None:
        """One request; None: it was redirected and ``journey`` knows where to."""
        request = journey.request
        journey.seen.add((str(journey.target), journey.cookies.header(journey.target)))
        fields = self._fields(journey, host)
        self._request_counts.asked(host, request.kind)
        # Who answered from outside names nothing inside: no redirect leads back there.
        answer, journey.inside = await self._transport.request(
            journey.hop_options,
            "GET" if request.form is None else "POST",
            journey.target,
            inside=journey.inside,
            data=request.form,
            headers=fields,
            allow_redirects=False,
        )
        try:
            got = headers.received(answer.headers.items())
            followed = _REDIRECTS if request.form is None else _REDIRECTS_OF_A_FORM
            if answer.status in followed and "location" in got:
                journey.cookies.take(journey.target, answer.cookies)
                self._redirect(journey, answer.status, got)
                return None
            if not _wanted(answer.status, request, fields):
                raise failures.from_status(request.url, answer.status, got, at=journey.shown)
            received, body = 0, b""
            if answer.status != 304 and request.form is None:
                received, body = await content(answer, got, request.kind, self._settings)
            elapsed = journey.spent + self._loop.time() - started
            return Response(
                url=journey.shown,
                status=200 if answer.status == 203 else answer.status,
                headers=got,
                body=body,
                received_bytes=received,
                elapsed=timedelta(seconds=elapsed),
                hops=tuple(journey.hops),
                inside=journey.inside,
            )
        finally:
            if not answer.closed:
                answer.close()  # unread: the connection cannot be used again

    def _redirect(self, journey: _Journey, status: int, got: Mapping[str, str]) -> None:
        """Turn ``journey`` to where Location points, recording the hop."""
        try:
            target = redirect_target(journey.target, got["location"])
        except FetchError as error:
            message = f"redirected to {error.message}"
            raise type(error)(journey.request.url, message, hint=error.hint) from None
        shown = str(target.with_user(None) if target.raw_user is not None else target)
        journey.hops.append(Hop(journey.shown, status, shown, got))
        if (str(target), journey.cookies.header(target)) in journey.seen:
            raise TooManyRedirects(journey.request.url, f"redirects in a loop, back to {shown}")
        is_robots = journey.request.kind is RequestKind.ROBOTS
        limit = MAX_REDIRECTS if is_robots else self._settings.max_redirects
        if len(journey.hops) > limit:
            hint = "use the final address, or raise fetch.max_redirects"
            raise TooManyRedirects(
                journey.request.url, f"more than {limit} redirects, the last to {shown}", hint=hint
            )
        journey.target, journey.shown = target, shown

    def _fields(self, journey: _Journey, host: str) -> dict[str, str]:
        """The header fields of this hop, beside those that every request has."""
        request = journey.request
        fields = headers.conditional(request.validators, journey.shown, delta=request.delta)
        fields["Accept"] = headers.ACCEPT[request.kind]
        if cookies := journey.cookies.header(journey.target):
            fields["Cookie"] = cookies
        if not self._keep(host):
            fields["Connection"] = "close"
        return headers.overridden(fields, journey.hop_options.fields(journey.target))

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

    def _note_refusal(self, host: str, kind: RequestKind, error: HttpStatus) -> None:
        cooldown = self._refusals.cooldown_after(host, kind, error, datetime.now(UTC))
        if cooldown is not None:
            self._host_limiter.cool_down(host, cooldown)


def _wanted(status: int, request: Request, fields: Mapping[str, str]) -> bool:
    """Whether ``status`` answers what was asked: a 304 or 226 counts only where it was asked for."""
    if request.form is not None:
        return 200 <= status < 300
    if status == 304:
        return "If-None-Match" in fields or "If-Modified-Since" in fields
    if status == 226:
        return "A-IM" in fields
    return status in {200, 203}


def _on_cooldown(journey: _Journey, cooldown: CooldownActive) -> FetchError:
    seconds = int(cooldown.seconds) + 1
    return HostOnCooldown(
        journey.request.url,
        429,
        {"retry-after": str(seconds)},
        message=f"not asked: {cooldown.host} is in a cooldown for another {seconds} s",
        hint="it is tried again after that",
    )
