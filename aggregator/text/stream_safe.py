"""Combining marks: at most thirty in a row, before anything puts them in order."""

from __future__ import annotations

import re
import unicodedata

_MAX_MARKS = 30
# Blocks with combining marks. Those of long words without a space and without marks are left out.
_MAYBE_MARKS = re.compile(
    f"[\u0300-\u303f\u3099\u309a\ua66f-\uabff\ud800-\U0010ffff]{{{_MAX_MARKS + 1}}}"
)


def stream_safe(text: str) -> str:
    """``text`` with at most 30 combining marks in a row (Stream-Safe Text Format, UAX #15 §13).

    To put them in order costs the square of their number, and they cover the lines above.
    """
    if text.isascii() or not _MAYBE_MARKS.search(text):
        return text
    kept: list[str] = []
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks <= _MAX_MARKS:
            kept.append(character)
    return "".join(kept)
