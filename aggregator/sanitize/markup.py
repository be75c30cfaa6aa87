"""Reading tags in broken markup, one linear step at a time.

Shared by the repair of feeds and by the media pass of the sanitizer. Nothing here searches
forward without consuming what it searched, so the cost is linear in the text.
"""

from __future__ import annotations

import re

# Attribute grammar of the HTML Standard §13.1.2.3, which also reads all XML attributes.
# Possessive quantifiers: a failure never re-tries shorter matches.
_ATTRIBUTE = re.compile(
    r"""[\s/]*+([^\s/>=<][^\s/>=<]*+)(?:\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s>"'][^\s>]*+)))?+"""
)
_END = re.compile(r"[\s/]*+(=\s*+[\"']?|<)?")

MAX_ATTRIBUTES = 64
VOID_ELEMENTS = frozenset(
    [
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "param",
        "source",
        "track",
        "wbr",
    ]
)
"""Elements that have no end tag (HTML Standard §13.1.2)."""


def attributes(text: str, start: int) -> tuple[dict[str, str], int, bool]:
    """The attributes from ``start`` (just after a tag's name), their end, whether it is ``/>``.

    Values are raw (references not decoded), names lower-case, the first of a repeated name wins,
    and only the first 64 are kept. The end is the index after ``>``, or that of a ``<`` which
    begins the next tag, or ``len(text)`` when the tag never ends.
    """
    found: dict[str, str] = {}
    at = start
    while True:
        match = _ATTRIBUTE.match(text, at)
        if match is not None:
            name, double, single, bare = match.groups()
            value = double or single or bare or ""
            at = match.end()
            if len(found) < MAX_ATTRIBUTES:
                found.setdefault(name.lower(), value)
            continue
        end = _END.match(text, at)
        stop = end.end() if end is not None else at
        if text.startswith(">", stop):
            return found, stop + 1, text.startswith("/", stop - 1)
        if stop >= len(text):
            return found, len(text), False
        if text.startswith("<", stop - 1) and stop > at:
            return found, stop - 1, False
        if stop == at:  # a lone "=" was not followed by a value
            return found, len(text), False
        if text[stop - 1] in "\"'":  # a quotation mark that is never closed
            return found, len(text), False
        at = stop
