"""The guard at connect time: no socket is made for an address that may not be fetched from.

aiohttp's connector calls :meth:`Guard.socket` with every address that it is about to connect to:
each answer of the resolver, IP literals, the targets of redirects. What is checked is what is
connected to, so a resolver that changes its answer between two questions gains nothing.
"""

from __future__ import annotations

import socket
from collections.abc import Iterable
from ipaddress import ip_address

from aggregator.urls.networks import Address, Allowed, verdict

AddressInfo = tuple[
    int | socket.AddressFamily,
    int | socket.SocketKind,
    int,
    str,
    tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes],
]

REFUSED = 0x5352_4600
"""``errno`` of a refusal: outside every system's range, so nothing else is taken for one."""


class Guard:
    """Decides about addresses and makes the sockets for those that pass: public ones, and those ``allowed``.

    Without ``public`` those alone that are allowed and not public.
    """

    __slots__ = ("_allowed", "_public")

    def __init__(self, allowed: Iterable[Allowed] = (), *, public: bool = True) -> None:
        self._allowed = tuple(allowed)
        self._public = public

    def refusal(self, address: Address, port: int) -> str | None:
        """Reason in words not to connect to ``address``; None when it is allowed."""
        reason = verdict(address)
        if reason is None:
            return None if self._public else "it is, and only others are asked here"
        return None if any(rule.covers(address, port) for rule in self._allowed) else reason

    def socket(self, info: AddressInfo) -> socket.socket:
        """A socket for ``info`` (as ``getaddrinfo`` gives it), not yet connected.

        Raises ``OSError`` with errno :data:`REFUSED` for an address that is not public and not
        allowed, and for one that is not an address at all.
        """
        family, kind, protocol, _, destination = info
        host, port = str(destination[0]), destination[1]
        try:
            address = ip_address(host)
        except ValueError:
            raise OSError(REFUSED, f"{host!r} is not an address") from None
        reason = self.refusal(address, port if isinstance(port, int) else 0)
        if reason is not None:
            raise OSError(REFUSED, f"{host} is not public: {reason}")
        return socket.socket(family, kind, protocol)


class ProxyDoor:
    """Makes the sockets for one proxy, wherever it stands: the operator named it.

    Only at its own port, so that a mistake elsewhere opens nothing more. What is asked for through
    it is judged by :meth:`Guard.refusal` beforehand.
    """

    __slots__ = ("_port",)

    def __init__(self, port: int) -> None:
        self._port = port

    def socket(self, info: AddressInfo) -> socket.socket:
        """A guarded socket, see :meth:`Guard.socket`."""
        family, kind, protocol, _, destination = info
        if destination[1] != self._port:
            raise OSError(REFUSED, f"{destination[0]} at this port is not the proxy")
        return socket.socket(family, kind, protocol)
