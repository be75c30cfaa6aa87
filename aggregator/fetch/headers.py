"""Header fields: what we send and how we keep what we get. Pure.

RFC 9110 §12.5 (content negotiation), §13.1 (conditional requests), RFC 3229 (A-IM).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from aggregator import __version__
from aggregator.model import RequestKind, Validators

ACCEPT: Mapping[RequestKind, str] = {
    RequestKind.FEED: "application/atom+xml, application/rss+xml, application/feed+json, "
    "application/rdf+xml;q=0.9, application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.7, "
    "*/*;q=0.1",
    RequestKind.PAGE: "text/html, application/xhtml+xml;q=0.9, */*;q=0.1",
    RequestKind.HUB: "*/*",
    RequestKind.ROBOTS: "text/plain, */*;q=0.1",
}
ACCEPT_ENCODING = "gzip, deflate, br, zstd"

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_VALIDATORS = frozenset({"etag", "last-modified"})
_LONGEST_VALIDATOR = 4096  # a longer one sent back would be refused by most servers


def user_agent(configured: str, base_url: str) -> str:
    """The User-Agent to send: as configured, else name, version and where to learn more."""
    own = f" (+{base_url})" if base_url else ""
    value = configured or f"aggregator/{__version__}{own}"
    return _CONTROL.sub(" ", value).encode("ascii", "replace").decode("ascii").strip()


def conditional(validators: Validators | None, url: str, *, delta: bool) -> dict[str, str]:
    """The fields that make a request for ``url`` conditional; empty unless they belong to it.

    ``delta`` also says that a 226 with the changes alone would be understood.
    """
    if validators is None or validators.url != url:
        return {}
    fields = {}
    if validators.etag and _sendable(validators.etag):
        fields["If-None-Match"] = validators.etag
        if delta:
            fields["A-IM"] = "feed"
    if validators.last_modified and _sendable(validators.last_modified):
        fields["If-Modified-Since"] = validators.last_modified
    return fields


def overridden(fields: Mapping[str, str], by: Mapping[str, str]) -> dict[str, str]:
    """``fields`` and those in ``by``, which stand in place of fields of the same name."""
    if not by:
        return dict(fields)
    names = {name.lower() for name in by}
    return {name: value for name, value in fields.items() if name.lower() not in names} | dict(by)


def received(items: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Header fields as they came, names in lower case, repeated ones joined with ``", "``.

    Control characters become spaces. A validator that could not be sent back byte for byte
    (control characters, bytes that are not UTF-8, absurd length) is left out.
    """
    headers: dict[str, str] = {}
    for name, value in items:
        key, kept = name.lower(), value
        if not value.isprintable() or len(value) > _LONGEST_VALIDATOR:
            if key in _VALIDATORS and not _sendable(value):
                continue
            kept = _SURROGATE.sub("\ufffd", _CONTROL.sub(" ", value))
        if key in headers:
            kept = f"{headers[key]}, {kept}"
        headers[key] = kept
    return headers


def _sendable(value: str) -> bool:
    if len(value) > _LONGEST_VALIDATOR:
        return False
    return _CONTROL.search(value) is None and _SURROGATE.search(value) is None
