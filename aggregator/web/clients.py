"""Clients told apart: by address, IPv6 by the network that one machine may have whole. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

_SITE = 64  # bits of an IPv6 address that one connection to the internet has to itself
_LONGEST = 1000  # characters of X-Forwarded-For that are looked at, from its end

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
LOOPBACK: tuple[Network, ...] = (ip_network("127.0.0.0/8"), ip_network("::1/128"))


def client_of(address: str) -> str:
    """``address`` as one client: of IPv6 its /64, of IPv4 in IPv6 the IPv4; else as it is."""
    parsed = _parsed(address)
    if parsed is None:
        return address
    if isinstance(parsed, IPv6Address):
        return str(IPv6Network((parsed, _SITE), strict=False))
    return str(parsed)


def asking(peer: str, forwarded: str, proxies: Sequence[Network]) -> str | None:
    """The client behind a request from ``peer``; None for a proxy that does not say.

    A proxy of the operator's is believed what it added to X-Forwarded-For, and no more: the last
    address there that is none of ``proxies``.
    """
    if not is_within(peer, proxies):
        return client_of(peer)
    for one in reversed(forwarded[-_LONGEST:].split(",")):
        address = _without_port(one.strip())
        if _parsed(address) is None:
            return None
        if not is_within(address, proxies):
            return client_of(address)
    return None


def _without_port(text: str) -> str:
    """``1.2.3.4:5000`` and ``[2001:db8::1]:443``, as some proxies write it, without port and brackets."""
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0] if text.count(":") == 1 else text


def is_within(address: str, networks: Sequence[Network]) -> bool:
    """True for an address in one of ``networks``; False for what is none."""
    parsed = _parsed(address)
    return parsed is not None and any(parsed in network for network in networks)


def _parsed(address: str) -> Address | None:
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return None
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is not None:
        return parsed.ipv4_mapped
    return parsed
