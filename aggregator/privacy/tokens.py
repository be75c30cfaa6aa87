"""The tokens in an address: who has such an address has the account.

A paid podcast, a private repository's feed, a calendar. :mod:`aggregator.privacy.services` is the
table of services and habits; this module finds what the table knows, as places in the text, so that
nothing else of an address is touched. Nothing here raises, whatever the text is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from urllib.parse import unquote, unquote_plus

from aggregator.privacy.services import is_token_parameter, token_segments

MASK = "***"
Span = tuple[int, int]

_PARTS = re.compile(
    r"\s*(?:[a-zA-Z][a-zA-Z0-9+.-]*:)?(?://(?P<authority>[^/?#]*))?(?P<path>[^?#]*)"
    r"(?:\?(?P<query>[^#]*))?(?:#(?P<fragment>.*))?",
    re.DOTALL,
)
_PAIR = re.compile(r"(?P<name>[^=&;]*)=(?P<value>[^&;]*)")
_PORT = re.compile(r":\d*\Z")
_SEGMENT = re.compile(r"[^/;]+")


def host_in(authority: str) -> str:
    """The host's name of an authority (RFC 3986 §3.2), in lower case."""
    return _PORT.sub("", authority.rpartition("@")[2]).casefold()


def token_spans(url: str) -> Iterator[Span]:
    """Spans of the tokens in ``url``: ``(start, end)`` of each, in order, none overlapping."""
    match = _PARTS.match(url)
    if match is None or match["authority"] is None:
        return
    host = host_in(match["authority"])
    segments = list(_SEGMENT.finditer(url, *match.span("path")))
    names = [unquote(one[0]) for one in segments]
    for index in token_segments(host, names):
        yield segments[index].span()
    for part in ("query", "fragment"):
        if match[part] is None:
            continue
        for pair in _PAIR.finditer(url, *match.span(part)):
            name, value = unquote_plus(pair["name"]), unquote_plus(pair["value"])
            if value and is_token_parameter(host, names, name, value):
                yield pair.span("value")


def userinfo_span(url: str) -> Span | None:
    """Span of the user info of ``url`` (RFC 3986 §3.2.1), without its ``@``; None: it has none."""
    match = _PARTS.match(url) if "@" in url else None
    if match is None or "@" not in (match["authority"] or ""):
        return None
    start = match.start("authority")
    return start, start + match["authority"].rindex("@")


def has_token(url: str) -> bool:
    """True where ``url`` holds a token that the table knows."""
    return next(token_spans(url), None) is not None


def secrets_in(url: str) -> frozenset[str]:
    """Password and tokens that stand in ``url``, as written and decoded.

    The user name is one of them where it may be a token itself: see :func:`secret_credentials`.
    """
    found: set[str] = {url[start:end] for start, end in token_spans(url)}
    if (span := userinfo_span(url)) is not None:
        user, _, password = url[slice(*span)].partition(":")
        found |= secret_credentials(user, password)
    return frozenset({*found, *map(unquote, found), *map(unquote_plus, found)} - {"", MASK})


def secret_credentials(user: str, password: str) -> frozenset[str]:
    """Those of ``user`` and ``password`` that are secrets wherever they stand.

    A name beside a password is often a plain word (``postgres``, ``reader``), which texts and logs
    hold without telling anything; it is masked by its place alone, unless nobody would choose it.
    """
    return frozenset({password, *([user] if not password or not user.isalpha() else [])} - {""})


def replaced(url: str, mask: Callable[[str], str]) -> str:
    """``url`` with ``mask(secret)`` in place of its user info and of every token."""
    spans = list(token_spans(url))
    if (span := userinfo_span(url)) is not None:
        spans = [span, *spans]
    for start, end in reversed(spans):
        url = url[:start] + mask(url[start:end]) + url[end:]
    return url
