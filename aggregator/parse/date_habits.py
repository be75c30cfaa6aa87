"""Habits of a feed in writing dates, from all that stand in its document.

``25/10/2026`` shows that ``05/10/2026`` is in October. Looked for in the whole document, before
items that are known are cut out of it: an item means the same whatever else is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from aggregator.parse.caps import DATES
from aggregator.text.dates import FIRST_YEAR, NO_HABITS, DateHabits, parse_date

_NAMES = "|".join(sorted(DATES | {"lastbuilddate"})).encode()
_ELEMENT = re.compile(
    rb"<(?:[\w.-]{1,30}:)?(?:"
    + _NAMES
    + rb")(?:\s[^<>]{0,300})?>\s{0,20}(?:<!\[CDATA\[\s{0,20})?([^<\]]{6,100})",
    re.IGNORECASE,
)
_SLASHES = re.compile(r"\s*(\d{1,2})([/-])(\d{1,2})\2\d{4}(?!\d)")
_OLD_YEAR = re.compile(r"(?<!\d)1[0-9]\d\d(?!\d)")
_MOST = 5_000  # dates that are looked at
_FIRST_OF_ALL = 1800  # no archive of dated reports is older; what is, is no date of publication
_NEAR = 10  # years before the next date that a single old one may lie


def habits_of_document(document: bytes) -> DateHabits:
    """The habits of a feed by the dates in its XML ``document``, in UTF-8."""
    found = _ELEMENT.finditer(document)
    return habits_of(
        text[1].decode("utf-8", "replace") for text, _ in zip(found, range(_MOST), strict=False)
    )


def habits_of(texts: Iterable[str]) -> DateHabits:
    """The habits of a feed that writes these dates."""
    seen = list(dict.fromkeys(texts))[:_MOST]
    pairs = [(int(found[1]), int(found[3])) for text in seen if (found := _SLASHES.match(text))]
    days = any(first > 12 >= second for first, second in pairs)
    months = any(second > 12 >= first for first, second in pairs)
    day_first = days if days != months else None
    if not any(map(_OLD_YEAR.search, seen)):
        return DateHabits(day_first) if day_first is not None else NO_HABITS
    return DateHabits(day_first, _first_year(seen, day_first))


def _first_year(texts: Iterable[str], day_first: bool | None) -> int:
    """The year before which no date counts: several old ones, or one near the others, are meant."""
    anything = DateHabits(day_first, _FIRST_OF_ALL)
    read = (when.date() for text in texts if (when := parse_date(text, anything)) is not None)
    dates = sorted(set(read))
    old = [one for one in dates if one.year < FIRST_YEAR]
    later = dates[len(old) :]
    if len(old) > 1 or (old and later and later[0].year - old[0].year <= _NEAR):
        return old[0].year
    return FIRST_YEAR
