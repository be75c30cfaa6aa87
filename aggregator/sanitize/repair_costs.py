"""Costs of HTML's own repair rules, which are quadratic in unclosed elements: told before anything is parsed."""

from __future__ import annotations

import re

from aggregator.sanitize.markup import VOID_ELEMENTS

_MANY_TAGS = 150  # below it, no nesting is costly
_MAX_OPEN = 250  # real articles stay under 60
MAX_ATTRIBUTES = 20_000
_MAX_REFERENCES = 50_000  # html5ever takes each at more than constant cost
_MAX_IN_TAG = 300  # attributes, which html5ever compares each with each
_LONG_TAG = 4 * _MAX_IN_TAG // 2  # characters that more of them have at least
_LOOKS = 8  # how often a character is looked at in search of them, on average
_S = r"[ \t\n\f\r]"  # no other space parts attributes
# As everybody writes tags: what is in them needs no closer look.
_USUAL_TAG = (
    rf"/?[A-Za-z][\w-]*+(?:{_S}++[A-Za-z][\w:-]*+(?:=\"[^\"<>]*+\"|='[^'<>]*+')?+)"
    rf"{{0,{_MAX_IN_TAG}}}+{_S}*+/?>"
)
_ODD_TAG = re.compile(rf"<(?!{_USUAL_TAG})(?=/?[A-Za-z])")
# HTML Standard §13.2.5.32-40: a name may begin with "=", hold quotes and "<"; a value may have no end.
_ATTRIBUTE = (
    r"[ \t\n\f\r/]*+[^ \t\n\f\r/>][^ \t\n\f\r/>=]*+"
    rf"(?:{_S}*+={_S}*+(?:\"[^\"]*+\"?+|'[^']*+'?+|[^ \t\n\f\r>\"'][^ \t\n\f\r>]*+)?+)?+"
)
_TO_THE_CROWD = re.compile(
    rf"</?[A-Za-z][^ \t\n\f\r/>]*+(?:{_ATTRIBUTE}){{0,{_MAX_IN_TAG}}}+({_ATTRIBUTE})?"
)
_TAG_NAME = re.compile(r"<(/?)([A-Za-z][\w-]{0,20})")
# "/>" ends an element in a drawing only. A drawing ends for us with the first name that is none of these.
_CLOSED_TAG = re.compile(
    rf"<[A-Za-z][\w-]*+(?:{_S}++[A-Za-z][\w:-]*+=(?:\"[^\"<>]*+\"|'[^'<>]*+'))*+{_S}*+/>"
)
_DRAWN = frozenset(
    "g path line rect circle ellipse polygon polyline text tspan use defs clipPath linearGradient "
    "radialGradient stop marker pattern mask symbol animate".lower().split()
)
_CLOSED_BY_SIBLINGS = frozenset(
    ["p", "li", "dt", "dd", "tr", "td", "th", "option", "thead", "tbody", "tfoot", "rp", "rt"]
)


def is_bounded(text: str) -> bool:
    """True for text on which HTML's repair rules (HTML Standard §13.2.6) cost about linear time.

    Unclosed elements are what they are quadratic in: each is looked through, and formatting
    elements are opened again, for every block.
    """
    # Each of both is written as a reference, for which nh3 takes the longer, the longer the text is.
    references = text.count("&") + text.count("\xa0")
    if references > _MAX_REFERENCES or text.count("=") > MAX_ATTRIBUTES or _has_crowded_tag(text):
        return False
    return text.count("<") < _MANY_TAGS or _closes_its_tags(text)


def _closes_its_tags(text: str) -> bool:
    """Whether few elements of ``text`` are open at a time."""
    open_now: dict[str, int] = {}
    total = 0
    drawing = False
    for tag in _TAG_NAME.finditer(text):
        name = tag[2].lower()
        drawing = (name == "svg" and not tag[1]) or (drawing and name in _DRAWN)
        if name in VOID_ELEMENTS or (drawing and _CLOSED_TAG.match(text, tag.start())):
            drawing = drawing and name != "svg"
            continue
        count = open_now.get(name, 0)
        if tag[1]:
            if count:
                open_now[name] = count - 1
                total -= 1
        elif name in _CLOSED_BY_SIBLINGS and count >= 20:
            continue
        else:
            open_now[name] = count + 1
            total += 1
            if total > _MAX_OPEN:
                return False
    return True


def _has_crowded_tag(text: str) -> bool:
    """Whether a tag (HTML Standard §13.2.5) has more attributes than it may.

    What looks like a tag within another, or in a comment, may be one: each is looked at. So that
    this takes linear time, a text where they overlap too much counts as crowded, too.
    """
    if len(text) <= _LONG_TAG:
        return False
    looks = _LOOKS * len(text)
    for odd in _ODD_TAG.finditer(text):
        tag = _TO_THE_CROWD.match(text, odd.start())
        if tag is None:
            continue
        looks -= len(tag[0])
        if tag[1] or looks < 0:
            return True
    return False
