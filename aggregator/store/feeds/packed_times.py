"""Times of a feed's latest entries in at most 200 bytes, as the cadence remembers them.

The newest time stands in five bytes, minutes since the Unix epoch; each older one is the difference in minutes
to the one before, seven bits to a byte, the lowest first (LEB128).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

RECENT_TIMES = 64  # kept of a feed, the newest
_MOST_BYTES = 200
_HEAD = 5
_MINUTE = 60


def packed(times: Iterable[float]) -> bytes:
    """The newest of ``times``, in Unix seconds and any order; the oldest go where they do not fit."""
    minutes = sorted((int(when // _MINUTE) for when in times), reverse=True)[:RECENT_TIMES]
    if not minutes:
        return b""
    found = bytearray(minutes[0].to_bytes(_HEAD, "big", signed=True))
    for newer, older in pairwise(minutes):
        step = _varint(newer - older)
        if len(found) + len(step) > _MOST_BYTES:
            break
        found += step
    return bytes(found)


def unpacked(stored: bytes) -> list[int]:
    """The times in Unix seconds, newest first, to the minute."""
    if len(stored) < _HEAD:
        return []
    minute = int.from_bytes(stored[:_HEAD], "big", signed=True)
    found = [minute * _MINUTE]
    step = shift = 0
    for byte in stored[_HEAD:]:
        step |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            minute -= step
            found.append(minute * _MINUTE)
            step = shift = 0
    return found


def recent_times(stored: bytes | None, before: Sequence[int]) -> list[int]:
    """The times as they are stored, and those that the release before has stored since: ``before``."""
    return [*unpacked(stored or b""), *before]


def _varint(number: int) -> bytes:
    found = bytearray()
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    found.append(number)
    return bytes(found)
