"""Gzip in parts (RFC 1951, RFC 1952), so that what has not changed is not compressed again.

A part ends where the digest of an item says so, whatever stands before it: an item that enters or leaves
changes the part that it stands in, and at most those within 32 KiB behind it, to which a part refers. Where
parts end depends on the bytes alone, and so does the result.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from functools import partial
from hashlib import sha256

import brotli
import zstandard

from aggregator.model import Coding
from aggregator.publish.remembered import Remembered

_LEVEL = 6
_LARGE = (
    1 << 20
)  # bytes, from which on less is tried: docs/decisions/compression.md has the figures
_BROTLI, _BROTLI_LARGE = 6, 4
_ZSTD, _ZSTD_LARGE = 9, 3
_HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"  # no name, no time, no system
_LAST_BLOCK = b"\x03\x00"  # of no bytes
_ITEMS = 32  # in a part, on average
_LARGEST = 1 << 20  # bytes of a part that goes on with the next item
_RAW = -15  # no head of zlib's own; a window of …
_WINDOW = 32 << 10

Parts = Remembered[bytes]
"""By the digest of what was compressed."""


def gzipped(body: bytes, item_end: bytes, parts: Parts | None = None) -> bytes:
    """``body`` compressed; ``item_end`` stands where an item ends, or perhaps elsewhere."""
    pieces = [_HEAD]
    for start, end in _divided(body, item_end):
        window, part = body[max(start - _WINDOW, 0) : start], body[start:end]
        if parts is None:
            pieces.append(_deflated(part, window))
        else:
            key = sha256(window).digest() + sha256(part).digest()
            pieces.append(parts.get(key, partial(_deflated, part, window)))
    length = len(body) & 0xFFFFFFFF
    pieces += (_LAST_BLOCK, zlib.crc32(body).to_bytes(4, "little"), length.to_bytes(4, "little"))
    return b"".join(pieces)


def compressed_forms(body: bytes, item_end: bytes) -> dict[Coding, bytes]:
    """``body`` in all codings but its own."""
    return {
        Coding.BROTLI: brotlied(body),
        Coding.ZSTD: zstandarded(body),
        Coding.GZIP: gzipped(body, item_end),
    }


def brotlied(body: bytes) -> bytes:
    """``body`` compressed (RFC 7932)."""
    quality = _BROTLI if len(body) < _LARGE else _BROTLI_LARGE
    return bytes(brotli.compress(body, quality=quality))


def zstandarded(body: bytes) -> bytes:
    """``body`` compressed (RFC 8878), in a window that every decoder of the web has (RFC 9659)."""
    level = _ZSTD if len(body) < _LARGE else _ZSTD_LARGE
    return zstandard.ZstdCompressor(level=level).compress(body)


def _divided(body: bytes, item_end: bytes) -> Iterator[tuple[int, int]]:
    """Beginning and end of each part."""
    start, at = 0, 0
    while item_end and (found := body.find(item_end, at)) >= 0:
        end = found + len(item_end)
        if zlib.crc32(body[at:end]) % _ITEMS == 0 or end - start > _LARGEST:
            yield start, end
            start = end
        at = end
    if start < len(body):
        yield start, len(body)


def _deflated(part: bytes, window: bytes) -> bytes:
    """``part``, behind ``window``, as whole bytes of blocks, after which other parts may come."""
    compressor = zlib.compressobj(_LEVEL, zlib.DEFLATED, _RAW, zdict=window)
    return compressor.compress(part) + compressor.flush(zlib.Z_SYNC_FLUSH)
