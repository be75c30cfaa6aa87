"""Phrases in a line: where a space belongs between two."""

from __future__ import annotations

import re

from lxml.html import HtmlElement

from aggregator.text.words import is_unspaced

_CLOSING = re.compile(r"[\s.,;:!?)\]}»”’'\"%…、。，-]")
_OPENING = re.compile(r"[\s(\[{«“‘'\"$€£#@/-]")
_LOOKED_AT = 60  # characters of what stands before


def needs_space(before: HtmlElement, after: HtmlElement, last: str) -> bool:
    """True when a space belongs between two inline elements that touch; ``last`` is written before it."""
    following = next((text for text in after.itertext() if text), "")
    first = following[:1]
    if (
        not last
        or not first
        or _CLOSING.match(first)
        or (_OPENING.match(last) and last not in "\"'")
    ):
        return False
    if is_unspaced(last) or is_unspaced(first):
        return False
    if "a" in {before.tag, after.tag}:
        return True
    said = "".join(map(str, before.itertext()))[:_LOOKED_AT].strip()
    # Letters that are set one by one; what is added to a word or a number: "20" "th".
    if min(len(said), len(following.strip())) <= 2 and " " not in f"{said}{following.strip()}":
        return not (last.isalnum() and first.isalnum())
    return True


def is_signature(element: HtmlElement) -> bool:
    """True for a piece of the signature of a function, whose pieces touch."""
    return "sig-" in (element.get("class") or "")
