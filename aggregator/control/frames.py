"""Frames on the control socket: four bytes of length, the most significant first, then a message."""

from __future__ import annotations

from aggregator.control.messages import LARGEST
from aggregator.errors import ControlError

HEAD = 4
"""Bytes of a frame's length."""


def framed(body: bytes) -> bytes:
    """``body``, which :func:`~aggregator.control.messages.write` keeps small, in a frame."""
    return len(body).to_bytes(HEAD) + body


def length_of(head: bytes) -> int:
    """Bytes of the message behind ``head``. Raises ``ControlError`` before any of them is read."""
    length = int.from_bytes(head)
    if not 0 < length <= LARGEST:
        raise ControlError(f"a message of {length} bytes; 1 to {LARGEST} are allowed")
    return length
