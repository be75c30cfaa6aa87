"""Faults in words: what pydantic found wrong, as one line for each, without any secret."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from aggregator.config.locate import KeyPath
from aggregator.config.schema import (
    annotation_at,
    field_at,
    is_section,
    item_of,
    names_at,
    nearest,
    setting_paths,
    type_words,
)
from aggregator.errors import ConfigFault
from aggregator.privacy.masking import masked

_NAMED_SETTINGS = {
    "feeds": "feed",
    "outputs": "output",
    "opml": "reading list",
    "rules": "rule",
    "webhooks": "webhook",
    "notifications": "notification",
    "mails": "mail",
}
_PATTERN_WORDS = "1 to 64 lower-case letters, digits, `-` and `_`, starting with a letter or digit"
_ARTICLES = {
    "text": 'text in quotes, such as "…"',
    "duration": 'a duration such as "30s", "15m", "2h", "7d" or a number of seconds',
    "size": 'a size such as "20MB", "512k" or a number of bytes',
    "true or false": "true or false, without quotes",
    "table": "a table",
}
_SECTIONS = 3  # of which a message names each
SECRET_SETTINGS: frozenset[KeyPath] = frozenset({("database", "url")})
_OPEN_OPTIONS = frozenset({"tls", "timeout", "user_agent", "ca_file"})


def label(path: KeyPath) -> str:
    """``path`` for people: `` `server.port` ``, ``feed 3: `every` ``, `` `x.y` item 2``."""
    match path:
        case ():
            return "the file"
        case (str(name), int(index), *rest) if name in _NAMED_SETTINGS:
            owner = f"{_NAMED_SETTINGS[name]} {index + 1}"
            return f"{owner}: {label(tuple(rest))}" if rest else owner
        case (*rest, int(index)):
            return f"{label(tuple(rest))} item {index + 1}"
    return f"`{'.'.join(_plain(step) for step in path)}`"


def _plain(key: str | int) -> str:
    """A key on one line and of bearable length, whatever a quoted TOML key may hold."""
    return json.dumps(str(key), ensure_ascii=False)[1:-1][:60]


def shown(value: object) -> str:
    """``value`` as an operator wrote it, short, passwords in URLs masked."""
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list | tuple):
        return "a list"
    if not isinstance(value, str | bool | int | float):
        return str(value)[:60]
    text = masked(value, is_url="://" in value or "@" in value) if isinstance(value, str) else value
    written = json.dumps(text, ensure_ascii=False)
    return written if len(written) <= 80 else written[:79] + "…"


def expected_at(path: KeyPath) -> str:
    """Kind of value that belongs at ``path``, with its article."""
    annotation = annotation_at(path)
    item = item_of(annotation)
    if item is not None and is_section(item):
        return f"tables, each under its own `[[{path[-1]}]]`"
    if is_section(annotation):
        return f"a table: `[{'.'.join(str(step) for step in path)}]` and its settings below"
    words = type_words(annotation)
    if words.startswith("list of "):
        return f"a {words}, such as [" + '"…"' + "]"
    return _ARTICLES.get(words, f"a {words}" if words.startswith("whole") else words)


def unknown_key(path: KeyPath) -> str:
    """The message for a key that no table of that kind has, with the nearest that exists."""
    *owner, key = path
    names = names_at(tuple(owner))
    what = f"unknown key `{_plain(key)}`" + (f" in {label(tuple(owner))}" if owner else "")
    if near := nearest(str(key), names):
        return f"{what}; did you mean `{near}`?"
    if elsewhere := [p for p in setting_paths() if p[-1] == key]:
        if len(elsewhere[0]) == 1:
            return f"{what}; it belongs at the top of the file, above the first `[section]`"
        if len(elsewhere) <= _SECTIONS:
            sections = " or ".join(f"`[{section[0]}]`" for section in elsewhere)
            return f"{what}; it belongs under {sections}"
    return f"{what}; expected one of {', '.join(f'`{name}`' for name in names)}"


def _expected(error: ErrorDetails, path: KeyPath) -> str:
    context = error.get("ctx", {})
    match error["type"]:
        case "value_error":
            return str(context["error"])
        case "misplaced":
            return str(context["expected"])
        case "string_pattern_mismatch":
            return _PATTERN_WORDS
        case "too_short":
            return "at least one"
        case "string_too_long":
            return f"at most {context['max_length']} characters"
    return expected_at(path)


def said(error: ErrorDetails) -> str:
    """Message of ``error`` for an option of a command, in our words where they are ours."""
    if error["type"] != "value_error":
        return error["msg"]
    return "expected " + _expected(error, error["loc"])


def _fault(error: ErrorDetails, within: KeyPath) -> tuple[KeyPath, str]:
    path: KeyPath = (*within, *error["loc"], *error.get("ctx", {}).get("at", ()))
    if error["type"] == "extra_forbidden":
        return path, unknown_key(path)
    if error["type"] == "missing":
        field = field_at(path)
        meaning = f": {field.description}" if field and field.description else ""
        return path, f"{label(path)} is missing{meaning}"
    return path, f"{label(path)}{{value}}: expected {_expected(error, path)}"


def _value_at(raw: Any, path: KeyPath) -> Any:
    for step in path:
        try:
            raw = raw[step]
        except (KeyError, IndexError, TypeError):
            return None
    return raw


def _may_be_secret(path: KeyPath, value: object) -> bool:
    """Whether it is a token or of a feed's options; a variable may hold all feeds as one text."""
    if isinstance(value, dict | list | tuple):
        return False  # shown as what it is, without what is in it
    match path:
        case ("feeds",) | ("feeds", int()) | ("feeds", int(), "options"):
            return True
        case ("outputs",) | ("outputs", int()) | ("outputs", int(), "token", *_):
            return True
        case ("feeds", int(), "options", name, *_):
            return name not in _OPEN_OPTIONS
    return _is_of_delivery(path)


def _is_of_delivery(path: KeyPath) -> bool:
    match path:
        case ("webhooks" | "notifications",) | ("webhooks" | "notifications", int()):
            return True
        case ("webhooks" | "notifications", int(), "url" | "secret", *_):
            return True
    return path[:2] in {("smtp",), ("smtp", "user"), ("smtp", "password")}


def explain(
    failure: ValidationError,
    raw: object,
    where: Callable[[KeyPath], str],
    secret: Collection[KeyPath] = (),
    within: KeyPath = (),
) -> Iterator[ConfigFault]:
    """Each fault in ``failure``, which validating ``raw`` at ``within`` raised.

    ``where`` tells the place of a path; values at ``secret`` paths are never shown.
    """
    hidden = SECRET_SETTINGS.union(secret)
    for error in failure.errors(include_url=False):
        path, message = _fault(error, within)
        value = _value_at(raw, path[len(within) :])
        is_hidden = any(path[:length] in hidden for length in range(1, len(path) + 1))
        is_hidden = is_hidden or _may_be_secret(path, value)
        written = "" if value is None or is_hidden else f" = {shown(value)}"
        yield ConfigFault(where(path), message.replace("{value}", written, 1))
