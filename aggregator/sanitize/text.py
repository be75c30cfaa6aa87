"""Plain text: what XML forbids is removed, what breaks a line of text is made a space."""

from __future__ import annotations

import re
import unicodedata

# XML 1.0 §2.2: everything outside Char, surrogates and the two non-characters included.
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# C1 controls, line and paragraph separators: XML allows them, a line of text has no use for them.
_BREAKS = re.compile("[\x7f-\x9f\u2028\u2029\\s]+")
# Overrides reorder the text around them on the page; embeddings and marks are left.
_OVERRIDES = re.compile("[\u202d\u202e\ufeff\u2060\u00ad]")
_MAX_MARKS = 30
# Blocks with combining marks. Those of long words without a space and without marks are left out.
_MAYBE_MARKS = re.compile(
    f"[\u0300-\u303f\u3099\u309a\ua66f-\uabff\ud800-\U0010ffff]{{{_MAX_MARKS + 1}}}"
)
# Openers and their end (Unicode Standard Annex #9 §2): unbalanced ones reach what stands around.
_PAIRED = (re.compile("[\u202a\u202b]"), "\u202c"), (re.compile("[\u2066-\u2068]"), "\u2069")


def xml_safe(text: str) -> str:
    """``text`` without the characters that XML 1.0 forbids; nothing else is changed."""
    return _FORBIDDEN.sub("", text)


def plain(text: str) -> str:
    """One line of text: no control characters, white space collapsed and trimmed, NFC.

    NFC, because the same title arrives composed from one publisher and decomposed from another,
    and both must look and compare alike.
    """
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()
    line = _OVERRIDES.sub("", _BREAKS.sub(" ", xml_safe(text)))
    line = stream_safe(_balanced(_BREAKS.sub(" ", line).strip()))
    return stream_safe(unicodedata.normalize("NFC", line))


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


def _balanced(line: str) -> str:
    """``line`` without embeddings and isolates where not each has its end."""
    for openers, end in _PAIRED:
        if len(openers.findall(line)) != line.count(end):
            line = openers.sub("", line).replace(end, "")
    return line
