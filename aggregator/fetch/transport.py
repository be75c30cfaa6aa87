"""Transport of a request: straight or through a proxy, with the trust that holds there.

A proxy has connections of its own. Its address needs no permission, for the operator wrote it; what
is asked for through it does: every address of the target is judged first, as if we connected to it
ourselves. An HTTP proxy resolves the name again, so that a name whose answer changes is judged by the
certificate alone (https), or by the proxy (http); for SOCKS see :mod:`aggregator.fetch.socks`.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping
from functools import partial
from ipaddress import ip_address
from typing import Any, Protocol

import aiohttp
from aiohttp.abc import AbstractResolver
from yarl import URL

from aggregator.config.feed_options import basic_auth
from aggregator.fetch import socks
from aggregator.fetch.failures import CaFileFault, TargetRefused, TargetUnknown
from aggregator.fetch.guard.sockets import Guard, ProxyDoor
from aggregator.fetch.hop_options import USUAL, HopOptions, Trust
from aggregator.sanitize.private_hosts import is_private
from aggregator.urls import address_in, host_of
from aggregator.urls.networks import Address

Connector = Callable[..., aiohttp.TCPConnector]


class OpenSession(Protocol):
    """Opens a session whose connections ``connector`` makes, called with ``arguments`` beside the usual ones."""

    def __call__(self, connector: Connector, **arguments: Any) -> aiohttp.ClientSession:
        """A session, for the caller to close."""
        ...


class Transport:
    """The sessions and TLS contexts in use; :meth:`close` ends them.

    ``open_session`` makes a session of a kind of connector; ``straight`` is the one for requests
    without a proxy.
    """

    def __init__(
        self,
        guard: Guard,
        names: AbstractResolver,
        open_session: OpenSession,
        straight: aiohttp.ClientSession,
    ) -> None:
        self._guard = guard
        self._names = names
        self._open = open_session
        self._straight = straight
        self._by_proxy: dict[str, aiohttp.ClientSession] = {}
        self._contexts: dict[Trust, ssl.SSLContext] = {}

    async def request(
        self, hop_options: HopOptions, method: str, target: URL, **arguments: Any
    ) -> aiohttp.ClientResponse:
        """Send one request; raises what aiohttp does, and the faults in :mod:`failures`."""
        trust = hop_options.trust(target) if target.scheme == "https" else USUAL
        if trust != USUAL:
            arguments["ssl"] = self._context(trust)
        if not hop_options.options.proxy:
            return await self._straight.request(method, target, **arguments)
        proxy = URL(hop_options.options.proxy)
        if proxy.scheme in socks.SCHEMES:
            self._judge_named(proxy, target)
        else:
            await self._judge(target)
            arguments |= _by_http(proxy, target, arguments)
        return await self._session(proxy).request(method, target, **arguments)

    async def close(self) -> None:
        """Close every connection."""
        for session in (self._straight, *self._by_proxy.values()):
            await session.close()

    def _session(self, proxy: URL) -> aiohttp.ClientSession:
        key = str(proxy)
        if key not in self._by_proxy:
            self._by_proxy[key] = self._opened(proxy)
        return self._by_proxy[key]

    def _opened(self, proxy: URL) -> aiohttp.ClientSession:
        if proxy.scheme not in socks.SCHEMES:
            door = ProxyDoor(proxy.port or 80)
            return self._open(aiohttp.TCPConnector, socket_factory=door.socket)
        connector = partial(socks.SocksConnector, proxy, self._guard.refusal, self._names)
        if proxy.scheme == "socks5h":
            return self._open(connector, resolver=socks.AsNamed())
        return self._open(connector)

    def _judge_named(self, proxy: URL, target: URL) -> None:
        """A name that the proxy resolves is judged as it is written; addresses are when they are connected to."""
        host = host_of(str(target))
        if proxy.scheme == "socks5h" and address_in(host) is None and is_private(str(target)):
            raise TargetRefused(f"{host} is a name in private networks")

    async def _judge(self, target: URL) -> None:
        host, port = host_of(str(target)), target.port or 0
        own = address_in(host)
        for address in [own] if own is not None else await self._addresses(target, port):
            if (reason := self._guard.refusal(address, port)) is not None:
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


def _by_http(proxy: URL, target: URL, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """What a request of ``target`` through an HTTP ``proxy`` needs beside its ``arguments``."""
    more: dict[str, Any] = {"proxy": proxy.with_user(None)}
    if proxy.raw_user is not None:
        authorization = basic_auth(proxy.user or "", proxy.password or "")
        # To the proxy alone: with https it is part of CONNECT, not of the request inside.
        where = "proxy_headers" if target.scheme == "https" else "headers"
        more[where] = {**arguments.get(where, {}), "Proxy-Authorization": authorization}
    return more
