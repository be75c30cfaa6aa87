"""Requests so plain that nothing about them can be read in two ways; all others are the framework's. Pure.

This is no parser of HTTP: it knows one shape of RFC 9112 §3, and everything else (another method, a body, a
query, an escape, a repeated field, a folded line, a bare line feed, half a request) is none of its business.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_LONGEST = 4096  # bytes of a head
_HEAD = re.compile(
    rb"(GET|HEAD) (/[A-Za-z0-9._/-]{1,400}+) HTTP/1\.([01])"
    rb"((?:\r\n[!#$%&'*+.^_`|~0-9A-Za-z-]++:[\t -~]*+){0,60}+)\r\n\r\n"
)
_HOST = re.compile(rb"[A-Za-z0-9.-]+(?::[0-9]{1,5})?|\[[0-9A-Fa-f:.]+\](?::[0-9]{1,5})?")
_READ = (
    b"host", b"connection", b"if-none-match", b"if-modified-since", b"accept-encoding", b"a-im",
    b"sec-fetch-dest", b"user-agent",
)  # fmt: skip
# What makes a request more than a question for a file.
_BEYOND = (
    b"content-length", b"transfer-encoding", b"content-encoding", b"trailer", b"te", b"expect",
    b"upgrade", b"http2-settings", b"sec-websocket-key", b"proxy-connection",
)  # fmt: skip
_FIELD = re.compile(rb"\n(?i:(%b)):[\t ]*([^\r]*)" % b"|".join(_READ + _BEYOND))
_GOES_BEYOND = frozenset(_BEYOND)
_KEPT = {b"1": frozenset({None, b"keep-alive"}), b"0": frozenset[bytes | None]()}
_CLOSED = {b"1": frozenset({b"close"}), b"0": frozenset({None, b"close"})}


class PlainRequest(NamedTuple):
    """A GET or HEAD whose head ends before ``end`` in what was received."""

    path: bytes
    end: int
    is_head: bool
    is_old: bool  # HTTP/1.0
    closes: bool  # the connection ends with the answer
    none_match: bytes | None
    modified_since: bytes | None
    codings: bytes | None  # Accept-Encoding
    wants_delta: bool  # it has A-IM
    is_opened: bool  # in a browser, to be looked at
    agent: bytes  # User-Agent, empty for none


def plain_request(data: bytes, at: int = 0) -> PlainRequest | None:
    """The request that begins ``at`` in ``data``, if it is whole and plain."""
    found = _HEAD.match(data, at)
    if found is None or found.end() - at > _LONGEST:
        return None
    method, path, minor, block = found.groups()
    told: list[tuple[bytes, bytes]] = _FIELD.findall(block)
    fields = {name.lower(): value for name, value in told}
    if len(fields) != len(told) or not _GOES_BEYOND.isdisjoint(fields):
        return None
    connection = fields.get(b"connection")
    if connection is not None:
        connection = connection.strip().lower()
    closes = connection in _CLOSED[minor]
    if not closes and connection not in _KEPT[minor]:
        return None
    host = fields.get(b"host")
    if host is None:
        if minor == b"1":  # RFC 9112 §3.2: 400
            return None
    elif _HOST.fullmatch(host) is None:
        return None
    return PlainRequest(
        path,
        found.end(),
        method == b"HEAD",
        minor == b"0",
        closes,
        fields.get(b"if-none-match"),
        fields.get(b"if-modified-since"),
        fields.get(b"accept-encoding"),
        b"a-im" in fields,
        fields.get(b"sec-fetch-dest", b"").strip() == b"document",
        fields.get(b"user-agent", b""),
    )
