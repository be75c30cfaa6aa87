"""Dates in the running text of a page, for pages that state none: where a sentence says that the page is from then.

Also how the page writes dates, told by those of them that can be read in one way only.
"""

from __future__ import annotations

import re
from itertools import accumulate, islice

from lxml import etree
from lxml.html import HtmlElement

from aggregator.extract.page.foreign import class_and_id
from aggregator.extract.page.slashed_dates import read_page_date
from aggregator.text.dates import DateHabits, Stated

_SHOWN = etree.XPath("//body//text()[not(parent::script or parent::style or parent::noscript)]")
_MOST_LETTERS = 500_000  # of the page's text: beyond there are no few sentences on it
_NUMBERS = re.compile(
    r"(?<![\d/.-])(\d{1,2})([/-])(\d{1,2})\2(?:(?:19|20)\d\d|\d\d)(?![\d/-])", re.ASCII
)
_MOST_MONTHS = 12
_DAY = (
    r"(?:[^\W\d]{3,12}\.? \d{1,2}(?:st|nd|rd|th)?,? \d{4}|\d{1,2}(?:st|nd|rd|th)?\.? [^\W\d]{3,12},? \d{4}|\d{4}-\d\d-\d\d|"
    r"\d{1,2}[/.]\d{1,2}[/.]\d{4})"
)
_TOLD = re.compile(
    r"\b(?:(?:last|originally|first|we|was|page|article|post|content) (?:\w+ )?)?"
    r"(?P<verb>updated|revised|reviewed|modified|published|posted)"
    r"(?: (?:this|the) (?:article|page|post|guide|story|review|list|piece))?(?: on)?:? (?P<day>"
    + _DAY
    + r")\b",
    re.IGNORECASE,
)
# In whose boxes such sentences speak of something else.
_OF_OTHERS = re.compile(r"comment|related|recommend|teaser|card|sidebar|reference|bibliograph|citation|carousel|list-?item", re.IGNORECASE)  # fmt: skip
_DEPTH = 6
_LONGEST = 600  # characters of a text that is looked into


def day_first_on(tree: HtmlElement) -> bool | None:
    """True where dates like 6/9/2021 on the page have the day first, None where none or both ways are seen."""
    found = set()
    for text in _texts(tree):
        for one in _NUMBERS.finditer(text) if "/" in text or "-" in text else ():
            first, second = int(one[1]), int(one[3])
            if (first > _MOST_MONTHS) is not (second > _MOST_MONTHS):
                found.add(first > _MOST_MONTHS)
    return found.pop() if len(found) == 1 else None


def date_told(tree: HtmlElement, habits: DateHabits) -> list[Stated]:
    """The day from which a sentence says that the page is; none where sentences name several."""
    found: list[Stated] = []
    for text in _texts(tree):
        said = _TOLD.search(text) if len(text) <= _LONGEST and "ed" in text else None
        if said is None or _is_of_others(text.getparent()):  # type: ignore[attr-defined]
            continue
        stated = read_page_date(said["day"], habits)
        found += [stated] if stated is not None else []
    return found[:1] if len({one.moment for one in found}) == 1 else []


def _texts(tree: HtmlElement) -> list[str]:
    texts: list[str] = _SHOWN(tree)  # type: ignore[assignment]
    sizes = accumulate(map(len, texts))
    return [text for text, size in zip(texts, sizes, strict=True) if size <= _MOST_LETTERS]


def _is_of_others(element: HtmlElement | None) -> bool:
    if element is None:
        return True
    boxes = (element, *islice(element.iterancestors(), _DEPTH))
    return any(
        box.tag in {"li", "footer", "blockquote", "aside", "td"}
        or _OF_OTHERS.search(class_and_id(box))
        for box in boxes
    )
