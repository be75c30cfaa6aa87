"""The address that a request was sent to, for pages that are made for it alone. Pure.

What a client says of it is shown to that client and to nobody else. Reverse proxies of the operator's
are believed what they say of the address before them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from aggregator.web.clients import Network, is_within

# RFC 3986 §3.2.2 as far as servers have such names: no user info, no percent signs.
_HOST = re.compile(r"(?:[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?", re.ASCII)
_LONGEST = 2000  # characters of a header that are looked at, from its end
_PAIR = re.compile(r'\s*(\w+)\s*=\s*(?:"([^"\\]*)"|([^\s;,"]*))\s*', re.ASCII)
_SCHEMES = {"http", "https"}


def asked_at(
    scheme: str, host: str, peer: str, headers: Mapping[str, str], proxies: Sequence[Network]
) -> str | None:
    """``https://feeds.example:8443``; None where no usable host is named.

    ``host`` is that of the request, ``headers`` have names in any case, a repeated one joined by
    commas. `Forwarded` (RFC 7239) goes before `X-Forwarded-Host` and `-Proto`; of several proxies
    the one that talks to us counts.
    """
    if is_within(peer, proxies):
        said = _forwarded(headers.get("Forwarded", ""))
        host = said.get("host") or _last(headers.get("X-Forwarded-Host", "")) or host
        scheme = said.get("proto") or _last(headers.get("X-Forwarded-Proto", "")) or scheme
    scheme = scheme.lower()
    if _HOST.fullmatch(host) is None or scheme not in _SCHEMES:
        return None
    default = ":80" if scheme == "http" else ":443"
    return f"{scheme}://{host.lower().removesuffix(default)}"


def _forwarded(header: str) -> dict[str, str]:
    """The pairs of the last element of a `Forwarded` header."""
    last = header[-_LONGEST:].rpartition(",")[2]
    pairs = (_PAIR.fullmatch(pair) for pair in last.split(";"))
    return {pair[1].lower(): pair[2] or pair[3] for pair in pairs if pair is not None}


def _last(header: str) -> str:
    return header[-_LONGEST:].rpartition(",")[2].strip()
