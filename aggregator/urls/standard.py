"""http(s) URLs taken apart and normalised as browsers do it.

Parsed by Ada (https://www.ada-url.com/), which implements the URL Standard
(https://url.spec.whatwg.org/). In addition RFC 3986 §6.2.2: hexadecimal digits of escapes in upper
case, escaped unreserved characters decoded. Both name the same resource.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import ada_url

from aggregator.urls.limits import LONGEST_INDEXED

# C0 controls and space at the ends, tab and line breaks anywhere: removed by the standard.
_HTTP = re.compile(
    r"[\x00-\x20]*h[\t\n\r]*t[\t\n\r]*t[\t\n\r]*p[\t\n\r]*s?[\t\n\r]*:", re.IGNORECASE
)
_SURROGATE = re.compile("[\ud800-\udfff]")
_PARTS = re.compile(
    r"(https?)://(?:([^/?#]*)@)?(\[[^\]]*\]|[^:/?#]*)(?::(\d+))?(/[^?#]*)(?:\?([^#]*))?(?:#(.*))?",
    re.DOTALL,
)
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_BARE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_UNRESERVED = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~")
_MAX_NAME = 253  # RFC 1035 §2.3.4


class NotHttp(ValueError):
    """The string is no http(s) URL."""


@dataclass(frozen=True, slots=True)
class HttpUrl:
    """A normalised http(s) URL in parts; ``str()`` puts it together.

    ``host`` is ASCII and lower case, IPv6 in brackets; ``port`` is ``""`` when it is the scheme's
    own; ``path`` starts with ``/``; ``query`` and ``fragment`` come without ``?`` and ``#``, and
    empty ones do not differ from missing ones.
    """

    scheme: str
    userinfo: str
    host: str
    port: str
    path: str
    query: str
    fragment: str

    def __str__(self) -> str:
        userinfo = f"{self.userinfo}@" if self.userinfo else ""
        port = f":{self.port}" if self.port else ""
        query = f"?{self.query}" if self.query else ""
        fragment = f"#{self.fragment}" if self.fragment else ""
        return f"{self.scheme}://{userinfo}{self.host}{port}{self.path}{query}{fragment}"


def parse(url: str) -> HttpUrl:
    """``url`` in normalised parts; raises :class:`NotHttp` for everything else."""
    # What is longer is kept by nobody, and strangers could fill the memory with it.
    return _parse(url) if len(url) <= LONGEST_INDEXED else _parse.__wrapped__(url)


@lru_cache(maxsize=2048)  # one address is asked for its canonical form, its story, its site
def _parse(url: str) -> HttpUrl:
    if _HTTP.match(url) is None:
        raise NotHttp("no http(s) scheme")
    try:
        href = ada_url.normalize_url(_SURROGATE.sub("\ufffd", url))
    except ValueError as error:
        raise NotHttp("broken URL") from error
    found = _PARTS.fullmatch(href)
    if found is None or len(found[3].rstrip(".")) > _MAX_NAME or not found[3].strip("."):
        raise NotHttp("no host, or one too long")
    scheme, userinfo, host, port, path, query, fragment = (part or "" for part in found.groups())
    return HttpUrl(scheme, userinfo, host, port, _plain(path), _plain(query), _plain(fragment))


def _plain(text: str) -> str:
    """``text`` with its escapes in one form: none of what RFC 3986 calls unreserved."""
    if "%" not in text:
        return text
    # Beside a bare percent sign, a decoded digit could form an escape that was not there.
    decode = _BARE_PERCENT.search(text) is None

    def normal(match: re.Match[str]) -> str:
        character = chr(int(match[1], 16))
        return character if decode and character in _UNRESERVED else match[0].upper()

    return _ESCAPE.sub(normal, text)
