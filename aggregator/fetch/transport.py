"""Transport of a request: straight or through a proxy, with the trust that holds there.

A proxy has connections of its own. Its address needs no permission, for the operator wrote it; what
is asked for through it does: every address of the target is judged first, as if we connected to it
ourselves. The proxy resolves the name again, so that a name whose answer changes is judged by the
certificate alone (https), or by the proxy (http).
"""

from __future__ import annotations

import ssl
from collections.abc import Callable
from ipaddress import ip_address
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver
from yarl import URL

from aggregator.config.feed_options import basic_auth
from aggregator.fetch.failures import CaFileFault, TargetRefused, TargetUnknown
from aggregator.fetch.guard.sockets import AddressInfo, Guard, ProxyDoor
from aggregator.fetch.hop_options import USUAL, HopOptions, Trust
from aggregator.urls import host_of

SocketFactory = Callable[[AddressInfo], Any]
OpenSession = Callable[[SocketFactory], aiohttp.ClientSession]


class Transport:
    """The sessions and TLS contexts in use; :meth:`close` ends them.

    ``open_session`` makes a session whose sockets a function makes; ``straight`` is the one for
    requests without a proxy.
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
        session = self._straight
        if hop_options.options.proxy:
            await self._judge(target)
            proxy = URL(hop_options.options.proxy)
            session = self._session(proxy)
            arguments["proxy"] = proxy.with_user(None)
            if proxy.raw_user is not None:
                authorization = basic_auth(proxy.user or "", proxy.password or "")
                # To the proxy alone: with https it is part of CONNECT, not of the request inside.
                where = "proxy_headers" if target.scheme == "https" else "headers"
                fields = {**arguments.get(where, {}), "Proxy-Authorization": authorization}
                arguments[where] = fields
        return await session.request(method, target, **arguments)

    async def close(self) -> None:
        """Close every connection."""
        for session in (self._straight, *self._by_proxy.values()):
            await session.close()

    def _session(self, proxy: URL) -> aiohttp.ClientSession:
        key = str(proxy)
        if key not in self._by_proxy:
            self._by_proxy[key] = self._open(ProxyDoor(proxy.port or 80).socket)
        return self._by_proxy[key]

    async def _judge(self, target: URL) -> None:
        host, port = host_of(str(target)), target.port or 0
        try:
            addresses = [ip_address(host)]
        except ValueError:
            try:
                found = await self._names.resolve(target.raw_host or "", port)
            except OSError as error:
                raise TargetUnknown(f"no address for {host!r}") from error
            addresses = [ip_address(one["host"]) for one in found]
        for address in addresses:
            if (reason := self._guard.refusal(address, port)) is not None:
                raise TargetRefused(f"{address} is not public: {reason}")

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
