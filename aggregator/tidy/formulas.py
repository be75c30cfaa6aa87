"""Formulas that are written several times over: MathML, what is drawn of it, its source in TeX."""

from __future__ import annotations

import re
from copy import deepcopy
from functools import lru_cache

from lxml import etree
from lxml.html import HtmlElement

from aggregator.tidy.hidden import is_for_ears

_DRAWN = re.compile(
    r"(?:^|\s)(?:katex-html|MathJax_Preview|MathJax|MathJax_SVG|MathJax_CHTML|mjx-chtml|mwe-math-fallback\S*)(?:$|\s)"
)
_ANCHOR = re.compile(
    r"(?:^|\s)(?:headerlink|header-anchor|heading-anchor|anchor(?:-?link)?|permalink|mw-editsection)(?:$|\s)"
)
_MATH_DROPPED = ("annotation", "annotation-xml")
_FORMULA_BOXES = 3  # boxes around what is drawn, in which its MathML stands
_LONGEST_NAMES = 500  # characters of a class that are looked at
_SIGNS = frozenset({"", "¶", "#", "§", "🔗"})


def shown_of(element: HtmlElement) -> HtmlElement | None:
    """Element to show for ``element``: itself, the formula that it draws by other means, None."""
    names = element.get("class")
    kind = _kind(names) if names and len(names) <= _LONGEST_NAMES else ""
    if not kind:
        return element
    if kind == "anchor":
        is_sign = "".join(map(str, element.itertext())).strip() in _SIGNS
        return None if is_sign or "editsection" in (names or "") else element
    formula = next(element.iter("math"), None)
    if formula is not None or kind == "ears":
        return formula
    return None if _is_written_beside(element) else element


def is_drawn(names: str) -> bool:
    """True for classes of a formula that is drawn, and stands somewhere else as such."""
    return len(names) <= _LONGEST_NAMES and _kind(names) == "drawn"


@lru_cache(maxsize=1024)
def _kind(names: str) -> str:
    if _DRAWN.search(names):
        return "drawn"
    if _ANCHOR.search(names):
        return "anchor"
    return "ears" if is_for_ears(names) else ""


def _is_written_beside(drawn: HtmlElement) -> bool:
    """Whether the formula that is ``drawn`` stands beside it in MathML, or rendered by other means."""
    if "MathJax_Preview" in (drawn.get("class") or ""):
        following = drawn.getnext()
        return following is not None and _DRAWN.search(following.get("class") or "") is not None
    box: HtmlElement | None = drawn
    for _ in range(_FORMULA_BOXES):
        box = box.getparent() if box is not None else None
        if box is None or box.tag in {"body", "p", "div", "li", "td"}:
            return False
        if next(box.iter("math"), None) is not None:
            return True
    return False


def formula(math: HtmlElement) -> str:
    """MathML without what repeats it for machines."""
    # Copied as a tree: as text, names that HTML allows and XML does not would be none (xlink:href).
    copied = deepcopy(math)
    copied.tail = None
    etree.strip_elements(copied, *_MATH_DROPPED, with_tail=False)
    etree.strip_tags(copied, "semantics")
    return etree.tostring(copied, encoding="unicode", method="html")
