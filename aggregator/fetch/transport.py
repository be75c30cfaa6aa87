"""Transport of a request: straight or through a proxy, with the trust that holds there.

A proxy has connections of its own. Its address needs no permission, for the operator wrote it; what
is asked for through it does: every address of the target is judged first, as if we connected to it
ourselves. The public internet and the networks that the operator opened have connections of their own, too:
what may go inside tries the public addresses of a name first, then those, never both at once, so that it
is known who answered. An HTTP proxy resolves the name again, so that a name whose answer changes is judged by the
certificate alone (https), or by the proxy (http); for SOCKS see :mod:`aggregator.fetch.socks`.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from ipaddress import ip_address
from typing import Any, Protocol

import aiohttp
from aiohttp.abc import AbstractResolver
from yarl import URL

from aggregator.config.feed_options import basic_auth
from aggregator.fetch import socks
from aggregator.fetch.failures import CaFileFault, TargetRefused, TargetUnknown
from aggregator.fetch.guard.sockets import REFUSED, Guard, ProxyDoor
from aggregator.fetch.hop_options import USUAL, HopOptions, Trust
from aggregator.sanitize.private_hosts import is_private
from aggregator.urls import address_in, host_of
from aggregator.urls.networks import Address, Allowed

Connector = Callable[..., aiohttp.TCPConnector]
_NO_CONNECTION = (TargetRefused, aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)
# Of those: somebody is there, or nobody is known.
_WAS_REACHED = (
    aiohttp.ClientSSLError,
    aiohttp.ClientConnectorDNSError,
    aiohttp.ClientProxyConnectionError,
)


class OpenSession(Protocol):
    """Opens a session whose connections ``connector`` makes, called with ``arguments`` beside the usual ones."""

    def __call__(self, connector: Connector, **arguments: Any) -> aiohttp.ClientSession:
        """A session, for the caller to close."""
        ...


class Transport:
    """The sessions and TLS contexts in use; :meth:`close` ends them.

    ``open_session`` makes a session of a kind of connector; ``opened`` are the networks that the operator opened.
    """

    def __init__(
        self,
        opened: Sequence[Allowed],
        names: AbstractResolver,
        open_session: OpenSession,
    ) -> None:
        self._names = names
        self._public = _Side(Guard(), names, open_session)
        self._inside = _Side(Guard(opened, public=False), names, open_session) if opened else None
        self._contexts: dict[Trust, ssl.SSLContext] = {}

    async def request(
        self, hop_options: HopOptions, method: str, target: URL, *, inside: bool, **arguments: Any
    ) -> tuple[aiohttp.ClientResponse, bool]:
        """Send one request, which may go ``inside``: the answer, and whether it came from there.

        Raises what aiohttp does, and the faults in :mod:`failures`.
        """
        trust = hop_options.trust(target) if target.scheme == "https" else USUAL
        if trust != USUAL:
            arguments["ssl"] = self._context(trust)
        proxy = URL(hop_options.options.proxy) if hop_options.options.proxy else None
        send = partial(self._send, proxy, method, target, arguments)
        own = self._inside if inside else None
        refused: Exception | None = None
        if own is None or not _stands_in(own.guard, target):
            try:
                return await send(self._public), False
            except _NO_CONNECTION as error:
                if own is None or isinstance(error, _WAS_REACHED):
                    raise
                refused = error
        try:
            # By its name an HTTP proxy may have asked somebody else.
            certain = proxy is None or proxy.scheme in socks.SCHEMES or _address(target) is not None
            return await send(own), certain
        except _NO_CONNECTION as error:
            if refused is not None and _is_refusal(error):
                raise refused from None
            raise

    async def _send(
        self, proxy: URL | None, method: str, target: URL, arguments: dict[str, Any], side: _Side
    ) -> aiohttp.ClientResponse:
        if proxy is None:
            return await side.straight.request(method, target, **arguments)
        if proxy.scheme in socks.SCHEMES:
            _judge_named(proxy, target)
        else:
            await self._judge(side.guard, target)
            arguments = arguments | _by_http(proxy, target, arguments)
        return await side.through(proxy).request(method, target, **arguments)

    async def close(self) -> None:
        """Close every connection."""
        await self._public.close()
        if self._inside is not None:
            await self._inside.close()

    async def _judge(self, guard: Guard, target: URL) -> None:
        own, port = _address(target), target.port or 0
        for address in [own] if own is not None else await self._addresses(target, port):
            if (reason := guard.refusal(address, port)) is not None:
                raise TargetRefused(f"{address} is not public: {reason}")

    async def _addresses(self, target: URL, port: int) -> list[Address]:
        try:
            found = await self._names.resolve(target.raw_host or "", port)
        except OSError as error:
            raise TargetUnknown(f"no address for {host_of(str(target))!r}") from error
        return [ip_address(one["host"]) for one in found]

    def _context(self, trust: Trust) -> ssl.SSLContext:
        if trust not in self._contexts:
            context = ssl.create_default_context()
            if trust.insecure:
                context.check_hostname = False
                context.verify_mode = ssl.CERT_NONE
            elif trust.ca_file:
                try:
                    context.load_verify_locations(cafile=trust.ca_file)
                except (OSError, ValueError) as error:
                    raise CaFileFault(trust.ca_file) from error
            self._contexts[trust] = context
        return self._contexts[trust]


class _Side:
    """Connections to addresses that one guard lets pass: straight ones, and those through each proxy."""

    def __init__(self, guard: Guard, names: AbstractResolver, open_session: OpenSession) -> None:
        self.guard = guard
        self._names = names
        self._open = open_session
        self.straight = open_session(aiohttp.TCPConnector, socket_factory=guard.socket)
        self._by_proxy: dict[str, aiohttp.ClientSession] = {}

    def through(self, proxy: URL) -> aiohttp.ClientSession:
        """The session whose requests go through ``proxy``."""
        key = str(proxy)
        if key not in self._by_proxy:
            self._by_proxy[key] = self._opened(proxy)
        return self._by_proxy[key]

    def _opened(self, proxy: URL) -> aiohttp.ClientSession:
        if proxy.scheme not in socks.SCHEMES:
            door = ProxyDoor(proxy.port or 80)
            return self._open(aiohttp.TCPConnector, socket_factory=door.socket)
        connector = partial(socks.SocksConnector, proxy, self.guard.refusal, self._names)
        if proxy.scheme == "socks5h":
            return self._open(connector, resolver=socks.AsNamed())
        return self._open(connector)

    async def close(self) -> None:
        """Close every connection."""
        for session in (self.straight, *self._by_proxy.values()):
            await session.close()


def _address(target: URL) -> Address | None:
    return address_in(host_of(str(target)))


def _stands_in(guard: Guard, target: URL) -> bool:
    """True for an address, not a name, that ``guard`` lets pass."""
    address = _address(target)
    return address is not None and guard.refusal(address, target.port or 0) is None


def _is_refusal(error: Exception) -> bool:
    return isinstance(error, TargetRefused) or getattr(error, "errno", None) == REFUSED


def _judge_named(proxy: URL, target: URL) -> None:
    """A name that the proxy resolves is judged as it is written; addresses are when they are connected to."""
    host = host_of(str(target))
    if proxy.scheme == "socks5h" and address_in(host) is None and is_private(str(target)):
        raise TargetRefused(f"{host} is a name in private networks")


def _by_http(proxy: URL, target: URL, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """What a request of ``target`` through an HTTP ``proxy`` needs beside its ``arguments``."""
    more: dict[str, Any] = {"proxy": proxy.with_user(None)}
    if proxy.raw_user is not None:
        authorization = basic_auth(proxy.user or "", proxy.password or "")
        # To the proxy alone: with https it is part of CONNECT, not of the request inside.
        where = "proxy_headers" if target.scheme == "https" else "headers"
        more[where] = {**arguments.get(where, {}), "Proxy-Authorization": authorization}
    return more
