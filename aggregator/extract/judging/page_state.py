"""State of a page: the JSON from which frameworks draw it, wherever its scripts hold that.

Next.js has it in a JSON script, or pushes the rows of React's flight format piece by piece; others assign it to
a variable, as an object or as a string to parse; Nuxt writes a function that returns it, of which only the strings can be read.
Everything is bounded: a script is a stranger's, and is never run.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any
from urllib.parse import unquote

from lxml.html import HtmlElement

from aggregator.extract.judging.references import unflattened

_LEAST = 600  # characters of a script that may hold an article
_MOST = 3_000_000  # of all scripts together
_DECODER = json.JSONDecoder(strict=False)
_SCRIPT_TYPES = frozenset({"", "text/javascript", "application/javascript", "module"})
_JSON = re.compile(r"(?<!ld\+)json|shoebox")
_ESCAPED = re.compile(r"&([aqslg]);")
_ESCAPES = {"a": "&", "q": '"', "s": "'", "l": "<", "g": ">"}
_PUSHED = re.compile(r'__next_f\.push\(\s*\[\s*1\s*,\s*("(?:[^"\\]++|\\.)*+")', re.DOTALL)
_ROW = re.compile(r"([0-9a-f]{1,6}):(?:T([0-9a-f]{1,6}),)?")
_ASSIGNED = re.compile(r"""[\w$\]"']\s*=\s*(?=(?:\{\s*["}]|\[\s*[\["{\d\]]))""")
# Or an escape outside of one, which is passed: a mark behind it would begin a search to the end.
_LITERAL = re.compile(r'"((?:[^"\\]++|\\.)*+)"|\\.', re.DOTALL)
# JSON in single quotes, as an argument or assigned.
_QUOTED_JSON = re.compile(r"""[=(:,]\s*'(?=\s*[\[{])((?:[^'\\]++|\\.)*+)'""", re.DOTALL)
_REQUOTED = {'"': '\\"', "\\'": "'", "\\x": "\\u00"}
_OTHER_QUOTES = re.compile(r"\\.|\"", re.DOTALL)
_LONG_LITERAL = 300  # characters
_UNDEFINED = re.compile(r"(?<=[:,\[])\s*(?:undefined|void 0)(?=\s*[,}\]])")
_MOST_ASSIGNED = 60
_MOST_ROWS = 5_000
_MOST_LITERALS = 200


def states(tree: HtmlElement) -> Iterator[Any]:
    """The documents, and the long strings, that the scripts of ``tree`` hold."""
    left = _MOST
    pushed: list[str] = []
    for script in tree.iter("script"):
        text = script.text or ""
        kind = (script.get("type") or "").strip().lower()
        if not len(text) <= left or script.get("src"):
            continue
        if "__next_f" in text and kind in _SCRIPT_TYPES:
            left -= len(text)
            pushed += [
                said for one in _PUSHED.finditer(text) if isinstance(said := _loaded(one[1]), str)
            ]
        elif len(text) > _LEAST and _JSON.search(kind):
            left -= len(text)
            yield from _document(text)
        elif len(text) > _LEAST and kind in _SCRIPT_TYPES:
            left -= len(text)
            yield from _in_code(text)
    if pushed:
        yield from _rows("".join(pushed))
    yield from _in_attributes(tree)


def _loaded(text: str) -> Any:
    try:
        return unflattened(json.loads(text, strict=False))
    except (ValueError, RecursionError):
        return None


def _document(text: str) -> Iterator[Any]:
    text = text.strip()
    if text.startswith(("{&q;", "[{&q;")):  # Angular
        text = _ESCAPED.sub(lambda found: _ESCAPES[found[1]], text)
    found = _loaded(text)
    if found is not None:
        yield found


def _in_attributes(tree: HtmlElement) -> Iterator[Any]:
    """Documents that stand in attributes: properties of what a framework draws."""
    left = _MOST
    for element in tree.iter():
        for value in element.attrib.values() if element.attrib else ():
            if _LEAST < len(value) <= left and value[:1] in "{[":
                left -= len(value)
                yield from _document(value)


def _in_code(code: str) -> Iterator[Any]:
    """What code assigns to variables; its long strings where that is no JSON."""
    found = False
    for place in islice(_ASSIGNED.finditer(code), _MOST_ASSIGNED):
        value, size = _assigned(code[place.end() :])
        if size >= _LEAST:
            found = True
            yield unflattened(value)
    if found:
        return
    for one in islice(_QUOTED_JSON.finditer(code), _MOST_ASSIGNED):
        if len(one[1]) >= _LEAST and (value := _loaded(_unquoted(one[1]))) is not None:
            found = True
            yield value
    if found:
        return
    long = (one for one in _LITERAL.finditer(code) if len(one[1] or "") >= _LONG_LITERAL)
    for one in islice(long, _MOST_LITERALS):
        said = _loaded(one[0])
        if isinstance(said, str):
            said = unquote(said) if said.startswith(("%7B", "%5B")) else said
            yield (_loaded(said) if said[:1] in "{[" else None) or said


def _unquoted(literal: str) -> str:
    """Value of the inside of a literal in single quotes, where it may have quotes of the other kind."""
    said = _loaded('"' + _OTHER_QUOTES.sub(_requoted, literal) + '"')
    return said if isinstance(said, str) else ""


def _requoted(found: re.Match[str]) -> str:
    return _REQUOTED.get(found[0], found[0])


def _assigned(code: str) -> tuple[Any, int]:
    """The JSON that ``code`` begins with and its length, 0 where it is none."""
    try:
        return _DECODER.raw_decode(code)
    except RecursionError:
        return None, 0
    except json.JSONDecodeError as error:
        if error.pos < _LEAST // 4:
            return None, 0
    try:
        return _DECODER.raw_decode(_UNDEFINED.sub("null", code))
    except (ValueError, RecursionError):
        return None, 0


def _rows(flight: str) -> Iterator[Any]:
    """The rows of React's flight format: JSON each, or text of a given length in bytes."""
    at = 0
    for _ in range(_MOST_ROWS):
        row = _ROW.match(flight, at)
        end = flight.find("\n", at)
        if row is None:
            if end < 0:
                return
            at = end + 1
            continue
        at = row.end()
        if row[2]:
            size = int(row[2], 16)
            text = flight[at : at + size].encode("utf-8", "ignore")[:size].decode("utf-8", "ignore")
            at += len(text)
            yield text
            continue
        end = len(flight) if end < 0 else end
        if end - at > _LEAST // 4 and flight[at : at + 1] in "{[":
            yield from _document(flight[at:end])
        at = end + 1
