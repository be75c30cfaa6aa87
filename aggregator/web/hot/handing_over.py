"""Bytes given to the framework's parser: is there anything of them left in there? Pure."""

from __future__ import annotations

import re

_LONGEST = 16 << 10  # bytes that are looked at
_HEAD_END = b"\r\n\r\n"
# Behind such a head there may be more of the request.
_GOES_ON = re.compile(rb"\n(?:content-length|transfer-encoding|upgrade)[ \t]*:", re.IGNORECASE)
_PLAIN = re.compile(rb"(?:GET|HEAD|OPTIONS) ")


class Fed:
    """Bytes given to a parser that held nothing before, and requests that were answered since."""

    __slots__ = ("_data", "answered")

    def __init__(self) -> None:
        self._data: bytes | None = b""
        self.answered = 0

    def add(self, data: bytes) -> None:
        """Note what was given; of more than is looked at nothing is known."""
        if self._data is not None:
            self._data = self._data + data if len(self._data) + len(data) <= _LONGEST else None

    def is_used_up(self) -> bool:
        """True if these were whole requests without bodies, all of which are answered."""
        data = self._data
        if data is None or not data.endswith(_HEAD_END) or _GOES_ON.search(data):
            return False
        heads = data.split(_HEAD_END)[:-1]
        return (
            len(heads) == self.answered
            and data.count(b"\n") == data.count(b"\r\n") == data.count(b"\r")
            and all(_PLAIN.match(head) for head in heads)
        )
