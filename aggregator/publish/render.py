"""From a merged feed to the bytes that every subscriber gets."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256

from aggregator.model import Cursor, OutputFeed, Rendered
from aggregator.publish.compression import Parts, brotlied, gzipped, zstandarded
from aggregator.publish.formats import FORMATS
from aggregator.publish.fragments import Fragments


def render(
    output: OutputFeed,
    format: str,  # noqa: A002 - the field's word for it
    fragments: Fragments | None = None,
) -> bytes:
    """``output`` in ``format`` (a key of :data:`~aggregator.publish.formats.FORMATS`); equal outputs give equal bytes.

    With ``fragments``, of what items were written as before; the bytes do not depend on it.
    Raises ``KeyError`` for another format: the configuration has checked it.
    """
    known = FORMATS[format]
    return known.render(output, fragments) if known.in_fragments else known.render(output)


def digest(body: bytes) -> str:
    """Digest that tells one rendering from another: SHA-256, in hexadecimal digits."""
    return sha256(body).hexdigest()


def pack(
    name: str,
    format: str,  # noqa: A002 - the field's word for it
    body: bytes,
    modified: datetime,
    cursor: Cursor | None = None,
    parts: Parts | None = None,
    *,
    link: str = "",
    all_codings: bool = False,
) -> Rendered:
    """``body``, output ``name`` in ``format``, with its compressed form and validators, ready to be served.

    The entity tag of a window names the place in its log that readers come to with it: ``cursor``.

    ``modified``, when these bytes came to be, is cut to whole seconds, the precision of HTTP
    dates. Equal bodies give equal compressed bytes, whatever ``parts`` remembers. What is sent again and again
    is worth ``all_codings``; else there is gzip. ``link`` is the value of its `Link` header.
    """
    return Rendered(
        name=name,
        format=format,
        media_type=FORMATS[format].content_type,
        body=body,
        gzip=gzipped(body, FORMATS[format].item_end, parts),
        etag=f'"{digest(body)[:32]}{"" if cursor is None else f"-{cursor}"}"',
        modified=modified.astimezone(UTC).replace(microsecond=0),
        cursor=cursor,
        link=link,
        brotli=brotlied(body) if all_codings else b"",
        zstd=zstandarded(body) if all_codings else b"",
    )
