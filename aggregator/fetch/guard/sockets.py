"""The guard at connect time: no socket is made for an address that may not be fetched from.

aiohttp's connector calls :meth:`Guard.socket` with every address that it is about to connect to:
each answer of the resolver, IP literals, the targets of redirects. What is checked is what is
connected to, so a resolver that changes its answer between two questions gains nothing.
"""

from __future__ import annotations

import socket
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Self

from aggregator.config.settings import Network
from aggregator.config.values import NetworkAtPort
from aggregator.fetch.guard.addresses import Address, embedded, verdict

AddressInfo = tuple[
    int | socket.AddressFamily,
    int | socket.SocketKind,
    int,
    str,
    tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes],
]

REFUSED = 0x5352_4600
"""``errno`` of a refusal: outside every system's range, so nothing else is taken for one."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """A network that may be fetched from although it is not public; ``port`` None: any port."""

    network: IPv4Network | IPv6Network
    port: int | None = None

    @classmethod
    def of(cls, configured: Network) -> Self:
        """The rule that an item of ``fetch.allow_networks`` states."""
        if isinstance(configured, NetworkAtPort):
            return cls(configured.network, configured.port)
        return cls(configured)

    def covers(self, address: Address, port: int) -> bool:
        """True when this allows connecting to ``address`` at ``port``."""
        if self.port is not None and self.port != port:
            return False
        return address.version == self.network.version and address in self.network


class Guard:
    """Decides about addresses and makes the sockets for those that pass."""

    __slots__ = ("_allowed",)

    def __init__(self, allowed: Iterable[Allowed] = ()) -> None:
        self._allowed = tuple(allowed)

    def refusal(self, address: Address, port: int) -> str | None:
        """Reason in words not to connect to ``address``; None when it is allowed."""
        reason = verdict(address)
        if reason is None:
            return None
        same_host = [address]
        if isinstance(address, IPv6Address) and (inner := _mapped(address)) is not None:
            same_host.append(inner)
        if any(rule.covers(each, port) for rule in self._allowed for each in same_host):
            return None
        return reason

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


def _mapped(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that the kernel itself connects to for an IPv4-mapped one."""
    inner = embedded(address)
    return inner[0] if inner is not None and inner[1] == "IPv4-mapped" else None
