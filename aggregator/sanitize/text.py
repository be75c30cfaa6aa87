"""Plain text: what XML forbids is removed, what breaks a line of text is made a space."""

from __future__ import annotations

import re
import unicodedata

from aggregator.text.controls import closed_directions, without_controls
from aggregator.text.stream_safe import stream_safe

# XML 1.0 §2.2: everything outside Char, surrogates included; and what Unicode says is no character (§23.7).
_PLANES = "".join(f"{chr(n << 16)}-{chr(n << 16 | 0xFFFD)}" for n in range(1, 17))
_FORBIDDEN = re.compile(f"[^\t\n\r\u0020-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd{_PLANES}]")
# C1 controls, line and paragraph separators: XML allows them, a line of text has no use for them.
_BREAKS = re.compile("[\x7f-\x9f\u2028\u2029\\s]+")
_UNSEEN = re.compile("[\ufeff\u2060\u00ad]")


def xml_safe(text: str) -> str:
    """``text`` without what XML 1.0 forbids and Unicode calls no character; nothing else is changed."""
    return text if is_seen(text) else _FORBIDDEN.sub("", text)


def is_seen(text: str) -> bool:
    """True for text of visible characters, blanks and line ends only, as nearly all is; False says nothing.

    Asked before patterns are looked for, which takes thirty times as long.
    """
    return text.replace("\n", "").isprintable()


def shown_safe(text: str) -> str:
    """``text`` of many lines with nothing that steers what shows it: see :func:`without_controls`."""
    return stream_safe(text if is_seen(text) else without_controls(xml_safe(text)))


def plain(text: str) -> str:
    """One line of text: no control characters, white space collapsed and trimmed, NFC.

    NFC, because the same title arrives composed from one publisher and decomposed from another,
    and both must look and compare alike.
    """
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()
    line = _UNSEEN.sub("", closed_directions(_BREAKS.sub(" ", xml_safe(text))))
    line = stream_safe(_BREAKS.sub(" ", line).strip())
    return stream_safe(unicodedata.normalize("NFC", line))
