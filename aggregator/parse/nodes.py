"""Nodes that feedparser's handlers work on: names, dictionaries, pieces of text."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from contextlib import suppress
from typing import Any, ClassVar

from feedparser import FeedParserDict

Node = dict[str, Any]
SEPARATOR = "\x1f"  # between the parts of expat's names; no document holds it
_C1 = re.compile("[\x80-\x9f]")
# What Windows means by them; it left five of them unused, and they stay.
_WINDOWS = {
    code: sign
    for code in range(0x80, 0xA0)
    if (sign := bytes([code]).decode("windows-1252", "ignore"))
}


class Context(FeedParserDict):  # type: ignore[misc]
    """feedparser's dictionary, whose aliases cost nothing where there is none."""

    _ALIASES: ClassVar[frozenset[str]] = frozenset(FeedParserDict.keymap) | {
        "category",
        "enclosures",
        "license",
        "updated",
        "updated_parsed",
    }

    def get(self, key: str, default: Any = None) -> Any:
        """Look up a key, as feedparser's dictionary does."""
        if key in self._ALIASES:
            return super().get(key, default)
        return dict.get(self, key, default)

    def __contains__(self, key: object) -> bool:
        if key in self._ALIASES:
            return bool(super().__contains__(key))
        return dict.__contains__(self, key)

    def setdefault(self, k: str, default: Any = None) -> Any:
        """Set a key that is missing, as feedparser's dictionary does."""
        if k in self._ALIASES:
            return super().setdefault(k, default)
        return dict.setdefault(self, k, default)


class Name:
    """An element's or attribute's name: as feedparser calls it, and what handles it."""

    __slots__ = ("end", "key", "local", "start", "tag", "uri")

    def __init__(self, expat_name: str, prefixes: dict[str, str]) -> None:
        parts = expat_name.split(SEPARATOR)
        self.uri = "".join(parts[0].split()) if len(parts) > 1 else ""  # damaged by line breaks
        local = parts[1] if len(parts) > 1 else expat_name
        given = parts[2] if len(parts) == 3 else ""
        lowered = self.uri.lower()
        if "backend.userland.com/rss" in lowered:
            lowered = "http://backend.userland.com/rss"
        self.local = local.lower()
        known = prefixes.get(lowered) if self.uri else ""
        prefix = given.lower() if known is None else known.lower()
        self.tag = f"{prefix}:{self.local}" if prefix else self.local
        self.key = f"{prefix}_{self.local}" if prefix else self.local
        self.start: Callable[..., Any] | None = None
        self.end: Callable[..., Any] | None = None


def attributes_of(given: dict[str, str], prefixes: dict[str, str]) -> dict[str, str]:
    """Attributes by local name, known prefix and local name, and name as written."""
    found: dict[str, str] = {}
    for name, value in given.items():
        if SEPARATOR not in name:
            found[name.lower()] = value
            continue
        uri, local, *prefix = name.split(SEPARATOR)
        known = prefixes.get(uri.lower(), "")
        found[f"{known}:{local}".lower() if known else local.lower()] = value
        if prefix:
            found[f"{prefix[0]}:{local}".lower()] = value
        if known == "xlink" and prefix:
            found[f"xmlns:{prefix[0]}"] = "http://www.w3.org/1999/xlink"
    for name in ("rel", "type"):
        if name in found:
            found[name] = found[name].lower()
    return found


def without_div(pieces: list[str]) -> list[str]:
    """XHTML without the one ``div`` around it (RFC 4287 §3.1.1.3)."""
    first, last = 0, len(pieces)
    while last - first > 1 and not pieces[last - 1].strip():
        last -= 1
    while last - first > 1 and not pieces[first].strip():
        first += 1
    pieces = pieces[first:last]
    if not pieces or pieces[-1] != "</div>" or not pieces[0].startswith(("<div>", "<div ")):
        return pieces
    depth = 0
    for piece in pieces[:-1]:
        if piece.startswith("</"):
            depth -= 1
            if depth == 0:
                return pieces
        elif piece.startswith("<") and not piece.endswith("/>"):
            depth += 1
    return pieces[1:-1]


def from_base64(text: str) -> str:
    """The text that base64 ``text`` encodes; ``text`` itself if that is no text."""
    try:
        return base64.decodebytes(text.encode()).decode()
    except ValueError:  # no base64, or no text in it
        return text


def mended(text: str) -> str:
    """UTF-8 that was taken for ISO 8859-1 is read again; C1 controls are what Windows means."""
    if text.isascii():
        return text
    with suppress(UnicodeError):
        text = text.encode("iso-8859-1").decode()
    return text.translate(_WINDOWS) if _C1.search(text) else text
