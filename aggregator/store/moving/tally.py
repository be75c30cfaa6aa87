"""Number and digest of a table's rows, whatever their order: what proves that all came over."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

_SHOWN = 16  # hexadecimal digits
_MODULUS = 1 << 256


@dataclass(frozen=True, slots=True)
class Tally:
    """So many rows, and the sum of their SHA-256, which no order changes."""

    rows: int = 0
    digest: int = 0

    def plus(self, rows: Iterable[Sequence[object]]) -> Tally:
        """This, and ``rows``: texts, numbers, truths, bytes, aware times and None."""
        count, digest = self.rows, self.digest
        for row in rows:
            said = "\x1f".join([_said(value) for value in row])
            hashed = hashlib.sha256(said.encode("utf-8", "surrogatepass")).digest()
            digest += int.from_bytes(hashed, "big")
            count += 1
        return Tally(count, digest % _MODULUS)

    def __str__(self) -> str:
        return f"{self.digest:064x}"

    @property
    def short(self) -> str:
        """The beginning of the digest, for people."""
        return str(self)[:_SHOWN]


def _said(value: object) -> str:
    """``value`` as a text that no other value has: its kind, its length, itself."""
    match value:
        case None:
            said = "n"
        case str():
            said = f"t{len(value)}:{value}"
        case datetime():
            said = f"d{value.timestamp():.6f}"
        case bytes() | memoryview():
            said = f"b{bytes(value).hex()}"
        case int():  # truths, too, which SQLite holds as numbers
            said = f"i{int(value)}"
        case float():
            said = f"f{value!r}"
        case _:
            raise TypeError(f"no column holds a {type(value).__name__}")
    return said
