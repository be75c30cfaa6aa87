"""Connections through SOCKS proxies (RFC 1928, RFC 1929), by python-socks.

With ``socks5`` names are resolved here, and the proxy is told an address that the guard let pass: what is judged
is what is connected to. With ``socks5h`` the proxy is told the name, and nobody else hears of it, as with
curl and Tor; what stands in the proxy's own network is the proxy's to refuse.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from python_socks import ProxyConnectionError, ProxyError, ProxyType
from python_socks.async_.asyncio import Proxy
from yarl import URL

from aggregator.fetch.failures import ProxyRefused
from aggregator.fetch.guard.sockets import REFUSED, AddressInfo
from aggregator.urls import address_in
from aggregator.urls.networks import Address

SCHEMES = frozenset({"socks5", "socks5h"})
_PORT = 1080  # IANA's for SOCKS
_CONNECT_S = 15.0

Refusal = Callable[[Address, int], str | None]


class AsNamed(AbstractResolver):
    """Names as they are, for a proxy that resolves them."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """One answer: ``host`` itself."""
        named = ResolveResult(hostname=host, host=host, port=port, family=family, proto=0, flags=0)
        return [named]

    async def close(self) -> None:
        """Nothing to close."""


class SocksConnector(aiohttp.TCPConnector):
    """Connections through ``proxy``; ``refusal`` says why an address may not be connected to.

    ``names`` knows the addresses of the proxy itself: the library would ask in threads that all share. ``arguments``
    are :class:`aiohttp.TCPConnector`'s, the resolver for targets among them.
    """

    def __init__(
        self, proxy: URL, refusal: Refusal, names: AbstractResolver, **arguments: Any
    ) -> None:
        super().__init__(**arguments)
        self._proxy = proxy
        self._refusal = refusal
        self._names = names

    async def _wrap_create_connection(
        self,
        *args: Any,
        addr_infos: Any,
        req: Any,
        timeout: Any,  # noqa: ASYNC109 - aiohttp's own argument
        **kwargs: Any,
    ) -> Any:
        """Overridden: aiohttp asks this for a connection to one of ``addr_infos``, with or without TLS on it."""
        patience = timeout.sock_connect or _CONNECT_S
        try:
            sock = await self._reached(addr_infos, patience)
        except TimeoutError:
            raise
        except OSError as error:  # the guard's own, else the proxy's
            ours = error.errno == REFUSED
            kind = aiohttp.ClientConnectorError if ours else aiohttp.ClientProxyConnectionError
            raise kind(req.connection_key, error) from error
        try:
            return await self._wrap_existing_connection(
                *args, sock=sock, req=req, timeout=timeout, **kwargs
            )
        except BaseException:
            sock.close()
            raise

    async def _reached(self, addr_infos: list[AddressInfo], patience: float) -> socket.socket:
        """A socket that leads to the first of ``addr_infos`` that the proxy reaches: it may have IPv4 only."""
        said: ProxyError | None = None
        doors = await self._doors()
        for info in addr_infos:
            host, port = str(info[4][0]), int(info[4][1])
            address = address_in(host)  # None: a name, for the proxy
            if address is not None and (reason := self._refusal(address, port)) is not None:
                raise OSError(REFUSED, f"{host} is not public: {reason}")
            try:
                return await self._by_one(doors, host, port, patience)
            except ProxyError as error:
                said = error
        raise ProxyRefused(str(said or "no address to ask it for")) from said

    async def _doors(self) -> list[str]:
        """Addresses of the proxy."""
        host = self._proxy.host or ""
        if address_in(host) is not None:
            return [host]
        found = await self._names.resolve(host, self._proxy.port or _PORT)
        return [one["host"] for one in found]

    async def _by_one(
        self, doors: list[str], host: str, port: int, patience: float
    ) -> socket.socket:
        """A socket that leads to ``host`` by the first of the proxy's addresses where somebody listens."""
        away = OSError("it has no address")
        for door in doors:
            try:
                return await self._through(door).connect(host, port, timeout=patience)
            except ProxyConnectionError as error:
                away = error
        raise away

    def _through(self, door: str) -> Proxy:
        return Proxy(
            ProxyType.SOCKS5,
            door,
            self._proxy.port or _PORT,
            self._proxy.user,
            self._proxy.password,
            rdns=True,  # what we tell it is told as it is
            loop=asyncio.get_running_loop(),
        )
