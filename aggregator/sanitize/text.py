"""Plain text: what XML forbids is removed, what breaks a line of text is made a space."""

from __future__ import annotations

import re
import unicodedata

from aggregator.text.stream_safe import stream_safe

# XML 1.0 §2.2: everything outside Char, surrogates and the two non-characters included.
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# C1 controls, line and paragraph separators: XML allows them, a line of text has no use for them.
_BREAKS = re.compile("[\x7f-\x9f\u2028\u2029\\s]+")
# Overrides reorder the text around them on the page; embeddings and marks are left.
_OVERRIDES = re.compile("[\u202d\u202e\ufeff\u2060\u00ad]")
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


def _balanced(line: str) -> str:
    """``line`` without embeddings and isolates where not each has its end."""
    for openers, end in _PAIRED:
        if len(openers.findall(line)) != line.count(end):
            line = openers.sub("", line).replace(end, "")
    return line
