"""A TOML file with a feed more, less or changed: text in, text out, everything else left as it is.

Tables are added and taken out by line, so that comments, order and layout stay byte for byte;
tomlkit writes the values, and edits a ``feeds = [ … ]`` list in place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import tomlkit
from tomlkit.items import Array

from aggregator.config.locate import Statement, statements
from aggregator.config.settings import FeedSettings
from aggregator.config.values import format_duration

_OPEN = {"content", "strip", "user_agent"}  # options without secrets


def feed_table(feed: FeedSettings) -> dict[str, Any]:
    """``feed`` as the TOML table that an operator would write: only what is not a default.

    Of its options those are written that hold no secret; nothing that adds feeds knows others.
    """
    table: dict[str, Any] = {}
    options = feed.options.model_dump(include=_OPEN, exclude_defaults=True) if feed.options else {}
    # One category is written as it always was, several as a list of all.
    twice = "categories" if len(feed.categories) < 2 else "category"
    for name, value in feed.model_dump(exclude_defaults=True, exclude={"options", twice}).items():
        if name == "every":
            table[name] = format_duration(value)
        else:
            table[name] = list(value) if isinstance(value, tuple) else value
    if options:
        table["options"] = {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in options.items()
        }
    return table


def add_to_toml(text: str, feeds: Iterable[FeedSettings]) -> str:
    """``text`` with ``feeds`` after its last feed, or at its end when it has none."""
    tables = [feed_table(feed) for feed in feeds]
    found = statements(text)
    if _has_inline_list(found):
        return _add_inline(text, tables)
    lines = text.split("\n")
    ending = "\r" if lines[0].endswith("\r") else ""
    own = [statement for statement in found if statement.path[:1] == ("feeds",)]
    at = _end_of_comments(lines, own[-1].last) if own else len(text.rstrip().split("\n"))
    block = []
    for table in tables:
        written = tomlkit.dumps({"feeds": [table]}).rstrip("\n").split("\n")
        block += [ending, *(line + ending for line in written)]
    if not text.strip():
        return "\n".join([*block[1:], ""])
    if at == len(lines):  # the last line has no newline of its own
        lines[-1] += ending
    after = lines[at:] if any(line.strip() for line in lines[at:]) else [""]
    return "\n".join([*lines[:at], *block, *after])


def remove_from_toml(text: str, index: int) -> str:
    """``text`` without feed number ``index`` (from 0), with its own comments, not its neighbours'."""
    found = statements(text)
    if _has_inline_list(found):
        document = tomlkit.parse(text)
        del document["feeds"][index]
        return tomlkit.dumps(document)
    lines = text.split("\n")
    own = [statement for statement in found if statement.path[:2] == ("feeds", index)]
    start, stop = own[0].first - 1, _end_of_comments(lines, own[-1].last)
    if _is_blank(lines, start - 1) and _is_blank(lines, stop) and stop < len(lines) - 1:
        stop += 1
    elif stop >= len(lines) - 1:
        while start and _is_blank(lines, start - 1):
            start -= 1
    return "\n".join([*lines[:start], *lines[stop:]])


def change_in_toml(text: str, index: int, values: Mapping[str, Any]) -> str:
    """``text`` with these settings of feed number ``index`` (from 0); None takes one out.

    Comments stay, those behind a changed value too.
    """
    found = statements(text)
    if _has_inline_list(found):
        return _change_inline(text, index, values)
    lines = text.split("\n")
    ending = "\r" if lines[0].endswith("\r") else ""
    for name, value in values.items():
        own = [one for one in statements("\n".join(lines)) if one.path == ("feeds", index)]
        there = [one for one in own if not one.is_header and ("feeds", index, name) in one.keys]
        if there:
            first, last = there[0].first - 1, there[0].last
            before = "\n".join(line.removesuffix("\r") for line in lines[first:last])
        else:
            first = last = own[-1].last
            before = ""
            if last == len(lines) and value is not None:  # the last line has no newline of its own
                lines[-1] += ending
        after = _with_value(before, name, value)
        lines[first:last] = [line + ending for line in after.split("\n")] if after else []
    return "\n".join(lines)


def _with_value(statement: str, name: str, value: Any) -> str:
    """The lines of ``statement`` (or of none) with ``value`` for ``name``; empty where that is None."""
    if value is None:
        return ""
    document = tomlkit.parse(statement)
    document[name] = value
    return tomlkit.dumps(document).rstrip("\n")


def _change_inline(text: str, index: int, values: Mapping[str, Any]) -> str:
    document = tomlkit.parse(text)
    table = document["feeds"][index]
    for name, value in values.items():
        if value is None:
            table.pop(name, None)
        else:
            table[name] = value
    return tomlkit.dumps(document)


def _has_inline_list(found: Sequence[Statement]) -> bool:
    return any(not s.is_header and s.path == () and ("feeds",) in s.keys for s in found)


def _add_inline(text: str, tables: Iterable[dict[str, Any]]) -> str:
    document = tomlkit.parse(text)
    listed = document["feeds"]
    assert isinstance(listed, Array)  # noqa: S101 - the caller found the list
    several_lines = "\n" in listed.as_string()
    for table in tables:
        inline = tomlkit.inline_table()
        inline.update(table)
        if several_lines:
            listed.add_line(inline)
        else:
            listed.append(inline)
    return tomlkit.dumps(document)


def _is_blank(lines: Sequence[str], index: int) -> bool:
    return index < 0 or (index < len(lines) and not lines[index].strip())


def _end_of_comments(lines: Sequence[str], stop: int) -> int:
    """The end of the comments that follow index ``stop`` at once and lead to no other table."""
    end = stop
    while end < len(lines) and lines[end].lstrip().startswith("#"):
        end += 1
    return end if end == len(lines) or _is_blank(lines, end) else stop
