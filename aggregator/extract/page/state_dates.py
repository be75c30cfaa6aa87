"""The date of an article as the state of its page's framework has it, where the page states none."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice

from lxml.html import HtmlElement

from aggregator.text.dates import parse_date

_MOST = 3_000_000  # characters of all scripts together
_KEY = re.compile(
    r"""\b(?:date_?published|publish(?:ed)?_?(?:date|at|on|time)|first_?published_?(?:at|date)?|publication_?date)"""
    r"""\\?["']?\s*:\s*\\?["'](\d{4}-\d\d-\d\d(?:[T ][^"'\\]{5,24})?)""",
    re.IGNORECASE,
)
_MOST_FOUND = 200
_NEAR = 2_000  # characters between the title and the date of the same thing
_SHORTEST_TITLE = 12
_SIGNS = ("ublish", "ublication")


def date_in_state(tree: HtmlElement, titles: Sequence[str]) -> datetime | None:
    """Date of publication in scripts and attributes: the only one, or that nearest to one of ``titles``."""
    found: list[str] = []
    near: list[tuple[int, str]] = []
    told = [title for title in titles[:2] if len(title) >= _SHORTEST_TITLE]
    for text in _texts(tree):
        here = [(one.start(), one[1]) for one in islice(_KEY.finditer(text), _MOST_FOUND)]
        found += [date for _, date in here]
        places = [at for title in told if (at := text.find(title)) >= 0]
        near += [(abs(at - place), date) for at, date in here for place in places]
    if len({date[:10] for date in found}) == 1:
        return parse_date(found[0])
    distance, date = min(near, default=(_NEAR, ""))
    return parse_date(date) if distance < _NEAR else None


def _texts(tree: HtmlElement) -> Iterator[str]:
    left = _MOST
    for element in tree.iter():
        given = [element.text or ""] if element.tag == "script" else element.attrib.values()
        for text in given:
            if len(text) < 40 or len(text) > left or not any(sign in text for sign in _SIGNS):
                continue
            left -= len(text)
            yield text
