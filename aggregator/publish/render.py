"""From a merged feed to the bytes that every subscriber gets."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from types import MappingProxyType

from aggregator.model import OutputFeed, Rendered
from aggregator.publish.atom import render_atom
from aggregator.publish.jsonfeed import render_json
from aggregator.publish.rss import render_rss

MEDIA_TYPES: Mapping[str, str] = MappingProxyType(
    {
        "atom": "application/atom+xml; charset=utf-8",
        "rss": "application/rss+xml; charset=utf-8",
        "json": "application/feed+json",  # JSON is always UTF-8 (RFC 8259 §8.1): no charset
    }
)

_RENDERERS: Mapping[str, Callable[[OutputFeed], bytes]] = MappingProxyType(
    {"atom": render_atom, "rss": render_rss, "json": render_json}
)


def render(output: OutputFeed, format: str) -> bytes:  # noqa: A002 - the field's word for it
    """``output`` in ``format`` (a key of :data:`MEDIA_TYPES`); equal outputs give equal bytes.

    Raises ``KeyError`` for another format: the configuration has checked it.
    """
    return _RENDERERS[format](output)


def digest(body: bytes) -> str:
    """What tells one rendering from another: SHA-256, in hexadecimal digits."""
    return sha256(body).hexdigest()


def pack(
    output: OutputFeed,
    format: str,  # noqa: A002 - the field's word for it
    body: bytes,
    modified: datetime,
) -> Rendered:
    """``body`` with its compressed form and validators, ready to be served.

    ``modified``, when these bytes came to be, is cut to whole seconds, the precision of HTTP
    dates. The gzip header holds no time, so equal bodies give equal compressed bytes.
    """
    return Rendered(
        name=output.name,
        format=format,
        media_type=MEDIA_TYPES[format],
        body=body,
        gzip=gzip.compress(body, compresslevel=6, mtime=0),
        etag=f'"{digest(body)[:32]}"',
        modified=modified.astimezone(UTC).replace(microsecond=0),
    )
