"""Cursors of pages: the place of the item with which a page ended, as text in an address. Pure.

Whoever makes one up gets at most what stands below some other place, which every reader may see.
"""

from __future__ import annotations

import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from uuid import UUID

from aggregator.model import ItemPlace

_SHAPE = struct.Struct(">qq16s")  # microseconds since 1970, tie, item's UUID
_EPOCH = datetime.fromtimestamp(0, UTC)
_CHECK = 4  # bytes, by which a cursor that was cut or changed by accident is known
_LENGTH = (_SHAPE.size + _CHECK) * 4 // 3
_URN = "urn:uuid:"


def cursor_of(place: ItemPlace, output: str) -> str:
    """``place`` in ``output`` as letters, digits, ``-`` and ``_``."""
    moment = (place.sort_at - _EPOCH) // timedelta(microseconds=1)
    said = _SHAPE.pack(moment, place.tie, UUID(place.item_id).bytes)
    return urlsafe_b64encode(said + _check(said, output)).decode()


def place_of(cursor: str, output: str) -> ItemPlace | None:
    """The place that :func:`cursor_of` wrote for ``output``; None for everything else."""
    if len(cursor) != _LENGTH or not cursor.isascii():
        return None
    try:
        given = urlsafe_b64decode(cursor)
    except (Error, ValueError):
        return None
    said, check = given[: _SHAPE.size], given[_SHAPE.size :]
    if check != _check(said, output) or urlsafe_b64encode(given).decode() != cursor:
        return None
    moment, tie, uuid = _SHAPE.unpack(said)
    try:
        return ItemPlace(_EPOCH + timedelta(microseconds=moment), tie, UUID(bytes=uuid).urn)
    except OverflowError:
        return None


def item_path(item_id: str) -> str:
    """The last part of an item's own address: its UUID."""
    return item_id.removeprefix(_URN)


def item_id_of(path: str) -> str | None:
    """The id of the item at an :func:`item_path`; None for what is none."""
    try:
        urn = UUID(path).urn
    except ValueError:
        return None
    return urn if urn == _URN + path else None


def _check(said: bytes, output: str) -> bytes:
    return blake2b(said, digest_size=_CHECK, key=output.encode()).digest()
