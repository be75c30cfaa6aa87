"""Notes of lightboxes at a picture: the file's name, its size; no caption."""

from __future__ import annotations

import re

_FILE_NOTE = re.compile(
    r"(?=.*\d|.*\.)(?:[^\s/\\][^/\\\n]{0,120}\.(?:jpe?g|png|gif|webp|avif|heic|tiff?|bmp|svg))?[\s·|,()–-]*"
    r"(?:\d{1,5}\s*[×x✕*]\s*\d{1,5}(?:\s*(?:px|pixels?))?)?[\s·|,()–-]*(?:\d[\d.,]{0,9}\s*[kKMG]i?B)?[\s)]*",
    re.IGNORECASE,
)
_LONGEST = 200  # characters


def is_file_note(text: str) -> bool:
    """True for ``text`` that only says which file a picture is and how large."""
    said = " ".join(text.split())
    return 4 <= len(said) <= _LONGEST and _FILE_NOTE.fullmatch(said) is not None
