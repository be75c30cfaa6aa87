"""Refusals of the compiler of expressions, in words: what is wrong where, and what may have been meant. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

from aggregator.errors import ExpressionError
from aggregator.select.story_fields import BY_NAME, Phase, names_until

FUNCTIONS: Final = (
    "contains", "startsWith", "endsWith", "matches", "size", "exists", "all",
    "timestamp", "duration", "getFullYear", "getMonth", "getDate", "getDayOfWeek", "getHours", "getMinutes",
    "int", "string",
)  # fmt: skip
_AT: Final = re.compile(r"<input>:(\d+):(\d+): (.*)")
_UNKNOWN: Final = re.compile(r"undeclared reference to '([^']*)'")
_OVERLOAD: Final = re.compile(r"found no matching overload for '([^']*)' applied to '([^']*)'")
_SIGN: Final = re.compile(r"_(\W+)_|(\W+)_")
_NAMED_SIGNS: Final = {"@in": "in", "_[_]": "[…]", "_?_:_": "? :"}
# The compiler makes a sum of these, and there is none.
_PLUS: Final = "_+_"
_WITH_PLUS: Final = re.compile(r"(exists_one|filter|map)\s*$")
_TOO_DEEP: Final = "recursion"
# What is written like that elsewhere.
_INSTEAD: Final = {
    "=": "write `==`", "&": "write `&&`", "|": "write `||`", "and": "write `&&`", "or": "write `||`",
    "contains": 'write title.contains("…")', "matches": 'write title.matches("…")', "not": "write `!`",
}  # fmt: skip
_SMALL_AND_CAPITAL: Final = 'for small and capital letters alike: .matches("(?i)…")'


def refusal(said: str, text: str, phase: Phase) -> ExpressionError:
    """The error for what the compiler ``said`` of ``text``, which may read the fields of ``phase``."""
    at = _AT.search(said)
    if at is None:
        deep = _TOO_DEEP in said.lower()
        return ExpressionError("it is nested too deeply" if deep else "it cannot be compiled")
    line, column, what = int(at[1]), int(at[2]), at[3].removesuffix(" [INVALID_ARGUMENT]")
    if unknown := _UNKNOWN.match(what):
        return _unknown(unknown[1], text, line, column, phase)
    if overload := _OVERLOAD.match(what):
        return _mismatch(overload[1], overload[2], line, column)
    if _TOO_DEEP in what.lower():
        return ExpressionError("it is nested too deeply")
    message, hint = _syntax(what)
    return ExpressionError(message, line=line, column=column, hint=hint)


def _unknown(name: str, text: str, line: int, column: int, phase: Phase) -> ExpressionError:
    lines = text.split("\n")
    row = lines[line - 1] if line <= len(lines) else ""
    # Of a function the compiler names the bracket behind it, of `a.b` the last point.
    start = row.rfind(name, 0, column - 1 + len(name))
    column = start + 1 if start >= 0 else column
    if name == _PLUS and (macro := _WITH_PLUS.search(row[: column - 1])):
        return ExpressionError(
            f"no function `{macro[1]}`",
            line=line,
            column=macro.start(1) + 1,
            hint="of a list: .exists(x, …), .all(x, …)",
        )
    if name.startswith("_"):
        return ExpressionError(
            f"there is no `{_sign(name)}` in expressions", line=line, column=column
        )
    later = BY_NAME.get(name)
    if later is not None and later.phase > phase:
        return ExpressionError(
            f"`{name}` is known only {_WHEN[later.phase]}",
            line=line,
            column=column,
            hint="here are: " + ", ".join(names_until(phase)),
        )
    is_function = row[column - 1 + len(name) :].lstrip().startswith("(")
    kind, known = ("function", FUNCTIONS) if is_function else ("field", names_until(phase))
    if is_function and "lower" in name.lower():
        return ExpressionError(
            f"no function `{name}`", line=line, column=column, hint=_SMALL_AND_CAPITAL
        )
    return ExpressionError(
        f"no {kind} `{name}`", line=line, column=column, hint=_meant(name, known)
    )


_WHEN: Final = {
    Phase.FEED: "when the feed is read",
    Phase.TEXT: "when the entry has its text, after its page was fetched",
    Phase.STORY: "when its story is known, in the `filter` of an output",
}


def _meant(name: str, known: Iterable[str]) -> str:
    by_lower = {one.lower(): one for one in known}
    near = get_close_matches(name.lower(), by_lower, n=1, cutoff=0.6)
    return f"did you mean `{by_lower[near[0]]}`?" if near else "there are: " + ", ".join(known)


def _mismatch(function: str, given: str, line: int, column: int) -> ExpressionError:
    sign = _sign(function)
    if sign == function:
        message, hint = f"`{sign}` does not take {given}", ""
    else:
        kinds = given.removeprefix("(").removesuffix(")").split(", ")
        message = f"`{sign}` does not go with {' and '.join(kinds)}"
        hint = "write whole numbers" if set(kinds) == {"int", "double"} else ""
    return ExpressionError(message, line=line, column=column, hint=hint)


def _sign(function: str) -> str:
    """The sign that the compiler calls ``function``: `_>_` is `>`."""
    if function in _NAMED_SIGNS:
        return _NAMED_SIGNS[function]
    found = _SIGN.fullmatch(function)
    return (found[1] or found[2]) if found else function


def _syntax(what: str) -> tuple[str, str]:
    bare = what.removeprefix("Syntax error: ").partition(" expecting ")[0]
    if "<EOF>" in bare:
        return "it ends too early", "a bracket or quote may be missing"
    if bare.startswith("token recognition error"):
        sign = bare.partition("at: ")[2].removeprefix("'")[:20]
        if sign[:1] in {"'", '"'}:
            return "a text that does not end", "close it with the sign that it begins with"
        sign = sign.removesuffix("'").strip()
        return f"`{sign}` is not expected here", _INSTEAD.get(sign, "")
    if found := re.match(r"(?:mismatched|extraneous) input '(.*)'", bare):
        return f"`{found[1][:40]}` is not expected here", _INSTEAD.get(found[1], "")
    return bare[:200], ""
