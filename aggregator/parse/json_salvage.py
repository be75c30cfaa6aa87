"""JSON that is broken, cut off, or beyond what a parser takes → the members and items that are whole."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from aggregator.errors import ParseError

Object = dict[str, Any]
_SPACE = re.compile(r"[\s,]*+")
_COLON = re.compile(r"\s*+:\s*+")
# What counts for where a value ends: strings whole, and brackets.
_PIECES = re.compile(r'"(?:[^"\\]|\\.)*+"|[{}\[\]]|"', re.DOTALL)
_SCALAR = re.compile(r"[^,\]}]*+")
_MAX_DIGITS = 300  # of a number: longer ones say nothing, and Python refuses those of some thousand
_SALVAGED = 2  # objects within each other that are read member by member: the feed, its items


@dataclass(frozen=True, slots=True)
class Loaded:
    """The members of a JSON document; ``note`` says what was wrong, ``cut`` that it breaks off."""

    members: Object
    note: str = ""
    cut: bool = False


def load(text: str) -> Loaded | None:
    """The JSON object that ``text`` begins with; None where it is another JSON value.

    Where it is no JSON, what is whole of it. Raises :class:`~aggregator.errors.ParseError` where nothing is.
    """
    try:
        found, end = _DECODER.raw_decode(text)
    except (ValueError, RecursionError) as error:
        return _salvaged(text, error)
    if not isinstance(found, dict):
        return None
    rest = "something else stands after the JSON and was skipped" if text[end:].strip() else ""
    return Loaded(found, rest)


def _salvaged(text: str, error: Exception) -> Loaded:
    line = (
        f"line {error.lineno}"
        if isinstance(error, json.JSONDecodeError)
        else "nested too deep, or a number too long"
    )
    if not text.startswith("{"):
        raise ParseError(f"it is not JSON ({line})") from error
    reader = _Reader(text)
    members = reader.members(0, _SALVAGED)
    if not members:
        raise ParseError(f"it is not JSON ({line})") from error
    return Loaded(members, f"malformed JSON mended ({line})", reader.cut)


def _unique(pairs: list[tuple[str, Any]]) -> Object:
    """An object of which a key is said several times: lists are one, else what says something last."""
    found: Object = {}
    for key, value in pairs:
        if key in found and isinstance(found[key], list) and isinstance(value, list):
            found[key] = found[key] + value
        elif key not in found or value not in (None, "", [], {}):
            found[key] = value
    return found


def _integer(digits: str) -> int | None:
    return int(digits) if len(digits) <= _MAX_DIGITS else None


_DECODER = json.JSONDecoder(
    strict=False, object_pairs_hook=_unique, parse_int=_integer, parse_constant=lambda _: None
)


class _Reader:
    """Reads values one by one; one that is broken costs itself only. Linear."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.cut = False
        self._end = 0

    def members(self, start: int, levels: int) -> Object:
        """The whole members of the object at ``start``; those of objects in it to so many ``levels``."""
        pairs: list[tuple[str, Any]] = []
        at = self._space(start + 1)
        while not self._ends(at, "}"):
            try:
                key, end = _DECODER.raw_decode(self._text, at)
            except (ValueError, RecursionError):
                at = self._past(at)
                continue
            colon = _COLON.match(self._text, end)
            if colon is None or not isinstance(key, str):
                at = self._space(max(end, at + 1))
                continue
            pairs.extend((key, value) for value in self._value(colon.end(), levels))
            at = self._space(self._end)
        self._end = at + 1
        return _unique(pairs)

    def _value(self, at: int, levels: int) -> Iterator[Any]:
        """The value at ``at``, if it is whole or some of it is."""
        try:
            value, self._end = _DECODER.raw_decode(self._text, at)
        except (ValueError, RecursionError):
            if levels and self._text.startswith("[", at):
                yield self._items(at, levels - 1)
            else:
                self._end = self._past(at)
        else:
            yield value

    def _items(self, start: int, levels: int) -> list[Any]:
        items: list[Any] = []
        at = self._space(start + 1)
        while not self._ends(at, "]"):
            try:
                value, self._end = _DECODER.raw_decode(self._text, at)
                items.append(value)
            except (ValueError, RecursionError):
                stop = self._past(at)
                if levels and self._text.startswith("{", at) and not self.cut:
                    items.append(_Reader(self._text[at:stop]).members(0, levels - 1))
                self._end = stop
            at = self._space(max(self._end, at + 1))
        self._end = at + 1
        return items

    def _ends(self, at: int, bracket: str) -> bool:
        if at >= len(self._text):
            self.cut = True
            return True
        return self._text[at] == bracket or self._text[at] in "]}"

    def _space(self, at: int) -> int:
        found = _SPACE.match(self._text, at)
        return found.end() if found else at

    def _past(self, at: int) -> int:
        """The place after the value at ``at``, whatever is wrong with it; the end of the text where it is cut off."""
        if not self._text.startswith(('"', "{", "[", "}", "]"), at):
            scalar = _SCALAR.match(self._text, at)
            return max(scalar.end() if scalar else at, at + 1)
        depth = 0
        for piece in _PIECES.finditer(self._text, at):
            sign = piece[0]
            if sign == '"':  # a string without an end
                break
            depth += (sign in "{[") - (sign in "}]")
            if depth <= 0:
                return piece.end() if depth == 0 else piece.start()
        self.cut = True
        return len(self._text)
