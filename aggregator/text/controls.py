"""Characters that steer what shows a text instead of standing in it: controls, and marks of direction."""

from __future__ import annotations

import re

_MAX_DEPTH = 125  # Unicode Standard Annex #9 §3.3.2: deeper ones have no effect
_ISOLATES = "\u2066\u2067\u2068"
_EMBEDDINGS = "\u202a\u202b"
_END_ISOLATE, _END_EMBEDDING = "\u2069", "\u202c"
# Overrides write letters in an order that is not theirs, which no text needs: names of files are forged so.
_OVERRIDES = "\u202d\u202e"
_DIRECTIONS = re.compile(f"[{_ISOLATES}{_EMBEDDINGS}{_END_ISOLATE}{_END_EMBEDDING}{_OVERRIDES}]")
_C1 = re.compile("[\x7f-\x9f]")
_STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def without_controls(text: str) -> str:
    """``text`` with a space for each of U+007F to U+009F, and with no mark of direction left open.

    Overrides go; embeddings and isolates stay where each has its end, properly nested, since
    Hebrew and Arabic texts quote with them (Unicode Standard Annex #9 §2).
    """
    if text.isascii() and "\x7f" not in text:
        return text
    return closed_directions(_C1.sub(" ", text))


def closed_directions(text: str) -> str:
    """``text`` without overrides, and without embeddings and isolates that have no end or no beginning."""
    marks = list(_DIRECTIONS.finditer(text))
    if not marks:
        return text
    kept: set[int] = set()
    open_now: list[tuple[str, int]] = []
    for mark in marks:
        sign = mark[0]
        if sign in _ISOLATES or sign in _EMBEDDINGS:
            open_now.append((_END_ISOLATE if sign in _ISOLATES else _END_EMBEDDING, mark.start()))
        elif sign == _END_EMBEDDING:
            if open_now and open_now[-1][0] == sign:
                kept |= {open_now.pop()[1], mark.start()}
        elif sign == _END_ISOLATE and (found := _last_isolate(open_now)) is not None:
            kept |= {open_now[found][1], mark.start()}
            del open_now[found:]  # embeddings that an isolate's end cuts off have none of their own
    return _DIRECTIONS.sub(lambda mark: mark[0] if mark.start() in kept else "", text)


def without_directions(text: str) -> str:
    """``text`` without any override, embedding or isolate."""
    return _DIRECTIONS.sub("", text)


def _last_isolate(open_now: list[tuple[str, int]]) -> int | None:
    """The index of the innermost open isolate, looked for as deep as they have any effect."""
    for index in range(len(open_now) - 1, max(len(open_now) - _MAX_DEPTH, 0) - 1, -1):
        if open_now[index][0] == _END_ISOLATE:
            return index
    return None


def for_terminal(text: str) -> str:
    """``text`` with a space for each character that would steer a terminal; lines and tabs stay."""
    return _STEERING.sub(" ", text)


def for_terminal_json(document: str) -> str:
    """A JSON ``document`` with such characters, which only stand in its strings, as escapes."""
    return _STEERING.sub(lambda found: f"\\u{ord(found[0]):04x}", document)
