"""Conditions of XPath 1.0 on what an element itself is called, as functions in Python.

Of the language only that is known which rules on classes and ids are written in; all else is refused. libxml2 calls back into
Python for each regular expression, and makes a set of nodes of each attribute, which takes several times as long.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

Given = Mapping[str, str]  # attributes in the order in which the page has them
Condition = Callable[[str, Given], bool]  # of an element's tag and attributes
_Value = Callable[[Given], str]

_TOKEN = re.compile(
    r"\s*(?:(?P<string>'[^']*'|\"[^\"]*\")|(?P<name>@[\w-]+|self::[\w-]+|[a-z][\w:-]*)|(?P<sign>[(),|=]))\s*"
)
# Parts of a regular expression: a set or group and an optional character, whatever they match; plain text.
_SET, _GROUP = re.compile(r"\[[^\]]*\][*+?{]?"), re.compile(r"\([^()]*\)[*+?{]?")
_OPTIONAL, _RUN = re.compile(r".[*?{]"), re.compile(r"[\w -]+")
_SEARCHED = ("re:test", "contains", "starts-with")


class UnknownCondition(ValueError):
    """The condition says more than is known here."""


def condition_of(text: str) -> Condition:
    """A function that is true where the XPath condition ``text`` is; raises :class:`UnknownCondition`."""
    parser = _Parser(text)
    condition = parser.either()
    if parser.tokens:
        raise UnknownCondition(text)
    return condition


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self.tokens: list[str] = []
        at = 0
        while at < len(text):
            match = _TOKEN.match(text, at)
            if match is None:
                raise UnknownCondition(text)
            self.tokens.append(match[0].strip())
            at = match.end()
        self.tokens.reverse()

    def either(self) -> Condition:
        """Conditions with “or” between them."""
        found = [self._both()]
        while self._take_if("or"):
            found.append(self._both())
        return found[0] if len(found) == 1 else _any_of(tuple(found))

    def _both(self) -> Condition:
        found = [self._single()]
        while self._take_if("and"):
            found.append(self._single())
        return found[0] if len(found) == 1 else _all_of(tuple(found))

    def _single(self) -> Condition:
        token = self._peek()
        if token.startswith("self::"):
            tag = self._take().removeprefix("self::")
            return lambda called, _: called == tag
        if token in {"(", "not"}:
            is_not = self._take_if("not")
            self._expect("(")
            inner = self.either()
            self._expect(")")
            return (lambda called, given: not inner(called, given)) if is_not else inner
        if token in _SEARCHED:
            return self._searched(self._take())
        names = self._names()
        if not self._take_if("="):
            return lambda _, given: any(name in given for name in names)
        wanted = self._string()
        return lambda _, given: any(given.get(name) == wanted for name in names)

    def _searched(self, function: str) -> Condition:
        self._expect("(")
        value = self._value()
        self._expect(",")
        wanted = self._string()
        flags = self._string() if self._take_if(",") else ""
        self._expect(")")
        if function == "contains":
            return lambda _, given: wanted in value(given)
        if function == "starts-with":
            return lambda _, given: value(given).startswith(wanted)
        found = _search(wanted, re.IGNORECASE if "i" in flags else 0)
        return lambda _, given: found(value(given))

    def _value(self) -> _Value:
        if self._take_if("translate"):
            self._expect("(")
            inner = self._value()
            self._expect(",")
            before = self._string()
            self._expect(",")
            table = _table(before, self._string())
            self._expect(")")
            return lambda given: inner(given).translate(table)
        names = self._names()
        if len(names) == 1:
            name = names[0]
            return lambda given: given.get(name, "")
        # The string of several attributes is that of the first of them.
        return lambda given: next((value for name, value in given.items() if name in names), "")

    def _names(self) -> tuple[str, ...]:
        found = [self._name()]
        while self._take_if("|"):
            found.append(self._name())
        return tuple(found)

    def _name(self) -> str:
        token = self._take()
        if not token.startswith("@"):
            raise UnknownCondition(self._text)
        return token[1:]

    def _string(self) -> str:
        token = self._take()
        if token[0] not in "'\"":
            raise UnknownCondition(self._text)
        return token[1:-1]

    def _peek(self) -> str:
        return self.tokens[-1] if self.tokens else ""

    def _take(self) -> str:
        if not self.tokens:
            raise UnknownCondition(self._text)
        return self.tokens.pop()

    def _take_if(self, token: str) -> bool:
        if self._peek() != token:
            return False
        self.tokens.pop()
        return True

    def _expect(self, token: str) -> None:
        if not self._take_if(token):
            raise UnknownCondition(self._text)


def _search(pattern: str, flags: int) -> Callable[[str], bool]:
    """Whether ``pattern`` is found: of each of its alternatives a piece is looked for first, which is much faster."""
    whole = re.compile(pattern, flags).search
    if flags or "\\" in pattern:
        return lambda text: whole(text) is not None
    parts = [(_piece(part), part) for part in _alternatives(pattern)]
    tried = [(piece, None if piece == part else re.compile(part).search) for piece, part in parts]

    def found(text: str) -> bool:
        for piece, search in tried:
            if piece in text and (search is None or search(text) is not None):
                return True
        return False

    return found


def _alternatives(pattern: str) -> list[str]:
    """The parts of ``pattern`` (without backslashes) between which it lets one choose."""
    parts, depth, in_set = [""], 0, False
    for sign in pattern:
        in_set = sign == "[" or (in_set and sign != "]")
        depth += 0 if in_set else (sign == "(") - (sign == ")")
        if sign == "|" and not depth and not in_set:
            parts.append("")
        else:
            parts[-1] += sign
    return parts


def _piece(part: str) -> str:
    """The longest piece of text that whatever ``part`` matches has in it; ``""`` where that is not plain to see."""
    without = _SET.sub("\n", part)
    while (inner := _GROUP.sub("\n", without)) != without:
        without = inner
    return max(_RUN.findall(_OPTIONAL.sub("\n", without)), key=len, default="")


def _any_of(conditions: tuple[Condition, ...]) -> Condition:
    def holds(called: str, given: Given) -> bool:
        for condition in conditions:  # noqa: SIM110 (half the time of a generator)
            if condition(called, given):
                return True
        return False

    return holds


def _all_of(conditions: tuple[Condition, ...]) -> Condition:
    return lambda called, given: all(condition(called, given) for condition in conditions)


def _table(before: str, after: str) -> dict[int, str | None]:
    """What XPath's ``translate`` does with characters: the first mention counts, and without a counterpart they go."""
    found: dict[int, str | None] = {}
    for place, character in enumerate(before):
        found.setdefault(ord(character), after[place] if place < len(after) else None)
    return found
