"""Addresses that a reader's browser must not be sent to for a picture: those of its own network.

By the address as written; a public name that leads to a private address is not known here. Hosts
are read as browsers read them (URL Standard §3.5): percent-encoded, full-width, as one number.
"""

from __future__ import annotations

import re
import unicodedata
from ipaddress import IPv4Address, IPv6Address, IPv6Network
from urllib.parse import unquote

# After backslashes and white space as browsers take them; user info ends with the last "@".
_HOST = re.compile(r"https?:[/\\]+(?:[^/\\?#]*@)?(\[[^\]]*\]|[^/\\?#:]*)", re.IGNORECASE)
# RFC 6761, 6762, 8375, and what ICANN set apart; "lan" and the like are what routers give.
_OWN = ("localhost", "local", "localdomain", "internal", "intranet", "lan", "home", "corp", "home.arpa")  # fmt: skip
_ALLOCATED = IPv6Network("2000::/3")  # IANA: global unicast
_WITH_IPV4 = IPv6Network("2002::/16")  # 6to4, deprecated (RFC 7526)
_NUMBER = re.compile(r"(?:0x[0-9a-f]*|\d+)(?:\.(?:0x[0-9a-f]*|\d+))*")


def is_private(url: str) -> bool:
    """True where the http(s) address ``url`` names a host that is no public one, or none at all."""
    found = _HOST.match(url)
    name = unicodedata.normalize("NFKC", unquote(found[1])) if found else ""
    name = name.replace("\u3002", ".").lower().rstrip(".")
    if name.startswith("["):
        return _is_private_v6(name[1:-1])
    if _NUMBER.fullmatch(name):
        return _is_private_v4(name)
    # A name without a dot is looked up in the reader's own network.
    return "." not in name or any(name.endswith(f".{own}") for own in _OWN)


def _is_private_v4(written: str) -> bool:
    parts = written.split(".")
    try:
        *first, last = [_number(part) for part in parts]
        # The last number fills all the bytes that are left.
        value = sum(one << (24 - 8 * place) for place, one in enumerate(first)) + last
        address = IPv4Address(value)
    except ValueError:
        return True
    is_one = len(parts) <= 4 and all(one < 256 for one in first) and last < 256 ** (5 - len(parts))
    return not is_one or not address.is_global or address.is_multicast


def _number(part: str) -> int:
    if part.startswith("0x"):
        return int(part[2:] or "0", 16)
    return int(part, 8 if len(part) > 1 and part.startswith("0") else 10)


def _is_private_v6(written: str) -> bool:
    try:
        address = IPv6Address(written)
    except ValueError:
        return True
    return not address.is_global or address not in _ALLOCATED or address in _WITH_IPV4
