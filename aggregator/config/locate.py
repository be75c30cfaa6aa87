"""On which line of a TOML document does a setting stand?

``tomli`` gives values without positions. This module splits a document that is known to parse
into its statements (the smallest runs of lines that parse by themselves) and follows the table
headers, so that a key path such as ``("feeds", 2, "url")`` leads to a line, and a table to the
lines that it covers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import tomli

KeyPath = tuple[str | int, ...]

# A statement that spans lines is a list, an inline table or a multi-line string: its last line
# holds the closing mark, and a line that ends in a comma (and no comment) is never the last.
_CLOSING = ("]", "}", '"""', "'''")


@dataclass(frozen=True, slots=True)
class Statement:
    """A header or a key with its value: lines ``first`` to ``last``, counted from 1, inclusive.

    ``path`` is the table that a header opens, or the table that a key stands in; ``keys`` are the
    paths of all values that it sets.
    """

    first: int
    last: int
    path: KeyPath
    keys: tuple[KeyPath, ...]
    is_header: bool


def _may_end(line: str) -> bool:
    text = line.rstrip()
    return any(mark in text for mark in _CLOSING) and not (text.endswith(",") and "#" not in text)


def _parsed(text: str) -> dict[str, Any] | None:
    try:
        return tomli.loads(text)
    except tomli.TOMLDecodeError:
        return None


def _runs(lines: list[str]) -> Iterator[tuple[int, int, dict[str, Any]]]:
    """The statements as ``(first index, index after the last, parsed content)``."""
    start = 0
    while start < len(lines):
        stop = start + 1
        content = _parsed(lines[start])
        while content is None and stop < len(lines):
            stop += 1
            if _may_end(lines[stop - 1]):
                content = _parsed("\n".join(lines[start:stop]))
        if content is None:  # only in a document that does not parse as a whole
            stop = start + 1
        elif content:
            yield start, stop, content
        start = stop


def _leaves(value: object, path: KeyPath) -> Iterator[KeyPath]:
    """``path`` and the paths of everything inside ``value``."""
    yield path
    if isinstance(value, dict):
        for key, member in value.items():
            yield from _leaves(member, (*path, key))
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from _leaves(member, (*path, index))


def _header_names(content: Mapping[str, Any]) -> tuple[str, ...]:
    names: list[str] = []
    inner: object = content
    while inner:
        if isinstance(inner, list):
            inner = inner[0]
        elif isinstance(inner, Mapping):
            name, inner = next(iter(inner.items()))
            names.append(name)
    return tuple(names)


def _opened(names: tuple[str, ...], *, many: bool, counts: dict[KeyPath, int]) -> KeyPath:
    """The table that a header opens; ``counts`` holds the latest index of each list of tables."""
    path: KeyPath = ()
    for depth, name in enumerate(names, start=1):
        path = (*path, name)
        if many and depth == len(names):
            counts[path] = counts.get(path, -1) + 1
        if path in counts:
            path = (*path, counts[path])
    return path


def statements(text: str) -> tuple[Statement, ...]:
    """The statements of ``text`` in order. Comments and blank lines between them are left out."""
    found: list[Statement] = []
    counts: dict[KeyPath, int] = {}
    table: KeyPath = ()
    lines = text.replace("\r\n", "\n").split("\n")
    for start, stop, content in _runs(lines):
        opening = lines[start].lstrip()
        if is_header := opening.startswith("["):
            many = opening.startswith("[[")
            table = _opened(_header_names(content), many=many, counts=counts)
            keys: tuple[KeyPath, ...] = (table,)
        else:
            keys = tuple(_leaves(content, table))[1:]
        found.append(Statement(start + 1, stop, table, keys, is_header))
    return tuple(found)


def lines_of(text: str) -> dict[KeyPath, int]:
    """Key path → the line (from 1) of the statement that first sets it, for the whole ``text``."""
    lines: dict[KeyPath, int] = {}
    for statement in statements(text):
        for path in statement.keys:
            lines.setdefault(path, statement.first)
    return lines


def line_of(lines: Mapping[KeyPath, int], path: KeyPath) -> int:
    """The line of ``path`` or of the nearest table around it that is written out; else 1.

    Of a list of tables, which is written out nowhere, it is that of the first of them.
    """
    for length in range(len(path), 0, -1):
        around = path[:length]
        if (line := lines.get(around, lines.get((*around, 0)))) is not None:
            return line
    return 1
