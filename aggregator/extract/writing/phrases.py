"""Phrases in a line: where a space belongs between two, and which are no text."""

from __future__ import annotations

import re
from functools import lru_cache

from lxml.html import HtmlElement

from aggregator.text.words import is_unspaced

_CLOSING = re.compile(r"[\s.,;:!?)\]}»”’'\"%…、。，-]")
_OPENING = re.compile(r"[\s(\[{«“‘'\"$€£#@/-]")
_ORNAMENT = re.compile(
    r"(?:^|\s)(?:headerlink|header-anchor|heading-anchor|anchor(?:-?link)?|permalink|mw-editsection|katex-html|MathJax_Preview|"
    r"MathJax|MathJax_SVG|mwe-math-fallback\S*|sr-only|visually-hidden|screen-reader-text)(?:$|\s)"
)
_LONGEST_NAMES = 500  # characters of a class that are looked at
_SIGNS = frozenset({"", "¶", "#", "§", "🔗"})
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


@lru_cache(maxsize=1024)
def _is_called_ornament(names: str) -> bool:
    return _ORNAMENT.search(names) is not None


def _is_ornament(element: HtmlElement) -> bool:
    """Whether ``element`` is no text: a heading's link to itself, a copy for machines."""
    names = element.get("class")
    if not names or len(names) > _LONGEST_NAMES or not _is_called_ornament(names):
        return False
    if "anchor" in names or "permalink" in names or "headerlink" in names:
        return "".join(map(str, element.itertext())).strip() in _SIGNS
    return True


def shown_of(element: HtmlElement) -> HtmlElement | None:
    """Element to write for ``element``: itself, the formula that it draws by other means, None."""
    return next(element.iter("math"), None) if _is_ornament(element) else element


def is_signature(element: HtmlElement) -> bool:
    """True for a piece of the signature of a function, whose pieces touch."""
    return "sig-" in (element.get("class") or "")
