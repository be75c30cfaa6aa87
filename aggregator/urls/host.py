"""The host of a URL: the name by which politeness, leases and outages tell servers apart."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import urlsplit


def host_of(url: str) -> str:
    """The host of ``url`` in lower case, IPv6 without brackets; ``""`` when it has none.

    The dot at the end of a fully qualified name (RFC 1034 §3.1) does not count. A name that is
    not ASCII stays as it is written: what the fetcher asks for is encoded already. Never raises.
    """
    try:
        return (urlsplit(url).hostname or "").rstrip(".").lower()
    except ValueError:
        return ""


def is_address(host: str) -> bool:
    """True for a ``host`` (as :func:`host_of` gives it) of which no name server is asked."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    return address_in(host.partition("%")[0]) is not None


def address_in(host: str) -> IPv4Address | IPv6Address | None:
    """The address that ``host`` (as :func:`host_of` gives it) is; None for a name."""
    try:
        return ip_address(host)
    except ValueError:
        return None
