"""Versions that are announced: programs and their numbers, in headlines and first lines.

Notes of adjacent versions have most of their points in common. "1.5" alone may be a price, a score or an
hour; after a name, where something is said to be released, it is a version.
"""

from __future__ import annotations

import re

from aggregator.dedupe.fillings import is_date_word

Versions = frozenset[tuple[str, str]]  # name and number

_HEAD = 160  # characters of a first line
_DOTTED = re.compile(r"\d\.\d")
_NAMED = re.compile(
    r"(?<![\w.])([^\W\d_a-zß-öø-ÿ][\w+#-]{2,}|version|release|update)\s+v?(\d+(?:\.\d+)+)(?![\w.]*\w|\s*[%€$£])"
)
_RELEASED = re.compile(
    r"\b(?:versi[oó]n\w*|releas\w+|rilascia\w+|change ?log|is out|out now|now available|what.?s new|what is new|"
    r"erschienen|verfügbar|neuerungen|est sorti\w*|disponi\w+|nouveaut\w+|novedades|novit\w+|lanza\w+)\b",
    re.IGNORECASE,
)


def versions_in(title: str, first_line: str) -> Versions:
    """The versions that a text announces in its ``title`` or its first line."""
    said = f"{title}\n{first_line[:_HEAD]}"
    if _DOTTED.search(said) is None or _RELEASED.search(said) is None:
        return frozenset()
    found = ((name.casefold(), number) for name, number in _NAMED.findall(said))
    return frozenset((name, number) for name, number in found if not is_date_word(name))


def are_other_versions(one: Versions, other: Versions) -> bool:
    """True where both announce a version of the same, and none is the same."""
    if not one or not other or not one.isdisjoint(other):
        return False
    return not {name for name, _ in one}.isdisjoint(name for name, _ in other)
