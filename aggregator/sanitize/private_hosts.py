"""Addresses that a reader's browser must not be sent to for a picture: those of its own network.

By the address as written; a public name that leads to a private address is not known here. Hosts
are read as browsers read them (URL Standard §3.5): percent-encoded, full-width, as one number.
Networks that the operator fetches from are no secret to readers: what stands there stays.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import unquote

from aggregator.urls.networks import DEFAULT_PORTS, Address, Allowed, verdict

# After backslashes and white space as browsers take them; user info ends with the last "@".
_HOST = re.compile(
    r"(https?):[/\\]+(?:[^/\\?#]*@)?(\[[^\]]*\]|[^/\\?#:]*)(?::0*(\d{1,5})(?!\d))?", re.IGNORECASE
)
# RFC 6761, 6762, 8375, and what ICANN set apart; "lan" and the like are what routers give.
_OWN = ("localhost", "local", "localdomain", "internal", "intranet", "lan", "home", "corp", "home.arpa")  # fmt: skip
_NUMBER = re.compile(r"(?:0x[0-9a-f]*|\d+)(?:\.(?:0x[0-9a-f]*|\d+))*")
_LOOPBACK = (IPv4Address("127.0.0.1"), IPv6Address("::1"))

_allowed: tuple[Allowed, ...] = ()


def allow_pictures_in(networks: Iterable[Allowed]) -> None:
    """Keep pictures that stand in ``networks``, in this process from now on."""
    global _allowed  # noqa: PLW0603 - as the process's tracking parameters
    _allowed = tuple(networks)


def is_private(url: str) -> bool:
    """True where the http(s) address ``url`` names a host that is no public one, or none at all.

    Those in the networks of :func:`allow_pictures_in` count as public.
    """
    return names_private(url, _allowed)


def names_private(url: str, allowed: Iterable[Allowed] = ()) -> bool:
    """True where the http(s) address ``url`` names a host of a private network that is not ``allowed``, or none."""
    found = _HOST.match(url)
    if found is None:
        return True
    name = unicodedata.normalize("NFKC", unquote(found[2]))
    name = name.replace("\u3002", ".").lower().rstrip(".")
    port = int(found[3]) if found[3] else DEFAULT_PORTS[found[1].lower()]
    if name == "localhost" or name.endswith(".localhost"):
        return not any(_is_allowed(one, port, allowed) for one in _LOOPBACK)
    if name.startswith("[") or _NUMBER.fullmatch(name):
        try:
            address = IPv6Address(name[1:-1]) if name.startswith("[") else _v4(name)
        except ValueError:
            return True
        return verdict(address) is not None and not _is_allowed(address, port, allowed)
    # A name without a dot is looked up in the reader's own network.
    return "." not in name or any(name.endswith(f".{own}") for own in _OWN)


def _is_allowed(address: Address, port: int, allowed: Iterable[Allowed]) -> bool:
    return any(one.covers(address, port) for one in allowed)


def _v4(written: str) -> IPv4Address:
    """The address that a browser makes of numbers; ``ValueError`` for none."""
    *first, last = [_number(part) for part in written.split(".")]
    if len(first) > 3 or any(one > 255 for one in first) or last >= 256 ** (4 - len(first)):
        raise ValueError(written)
    # The last number fills all the bytes that are left.
    return IPv4Address(sum(one << (24 - 8 * place) for place, one in enumerate(first)) + last)


def _number(part: str) -> int:
    if part.startswith("0x"):
        return int(part[2:] or "0", 16)
    return int(part, 8 if len(part) > 1 and part.startswith("0") else 10)
