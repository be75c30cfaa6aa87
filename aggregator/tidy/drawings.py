"""Drawings in SVG, which go: what they say of themselves stays."""

from __future__ import annotations

import re
from html import escape
from itertools import islice

from lxml.html import HtmlElement

_ICON = re.compile(r"(?:^|[\s_-])(?:icons?|fa|svg-inline--fa|octicon|glyph\w*|logo|emoji|anchor|arrow|chevron|spinner)(?:$|[\s_-])", re.IGNORECASE)  # fmt: skip
_SMALL = 64  # pixels; below it a drawing is a sign
_NUMBER = re.compile(r"\s*(\d{1,5}(?:\.\d{1,4})?)(?:px)?\s*")
_VIEW = re.compile(r"\s*[-\d.]+[\s,]+[-\d.]+[\s,]+(\d{1,6}(?:\.\d*)?)[\s,]+(\d{1,6}(?:\.\d*)?)\s*")
_MOST_LABELS = 200
_LEAST = 3  # characters; of fewer, it is a sign
_LONGEST = 2_000  # characters
_MOST_IN_PAGE = 500
_LEAST_WORDS = 3  # of one in a page, where signs have names
_NO_TEXT = frozenset(
    {"nav", "header", "footer", "aside", "form", "button", "a", "head", "label", "svg"}
)
_LABELS = frozenset({"text", "foreignobject"})


def words_of(drawing: HtmlElement) -> str:
    """The title, description and labels of an ``<svg>``, as one line; ``""`` for signs and ornaments."""
    if drawing.get("aria-hidden") == "true" or _is_sign(drawing):
        return ""
    told = [_line(drawing.get("aria-label") or "")]
    labels: list[str] = []
    for element in drawing.iter():
        tag = element.tag if isinstance(element.tag, str) else ""
        if tag in {"title", "desc"} and not any(
            box.tag in _LABELS for box in element.iterancestors()
        ):
            told.append(_line("".join(map(str, element.itertext()))))
        elif (
            tag in _LABELS
            and len(labels) < _MOST_LABELS
            and not any(box.tag in _LABELS for box in element.iterancestors())
        ):
            labels.append(_line(" ".join(map(str, element.itertext()))))
    said = [one.rstrip(".") for one in dict.fromkeys(told) if one]
    labels = [one for one in labels if one and one not in said]
    words = ". ".join([*said, " · ".join(labels)] if labels else said)
    if len(words) < _LEAST:
        return ""
    return words if len(words) <= _LONGEST else words[: _LONGEST - 1].rstrip() + "…"


def written(words: str, *, in_figure: bool) -> str:
    """``words`` of a drawing as HTML, in a line of their own."""
    if in_figure:
        return f"<p>{escape(words, quote=False)}</p>"
    return f"<figure><figcaption>{escape(words, quote=False)}</figcaption></figure>"


def leave_words(tree: HtmlElement) -> None:
    """Put the words of each drawing in a page's text in its place; what stands after it stays."""
    for drawing in list(islice(tree.iter("svg"), _MOST_IN_PAGE)):
        around, boxes = drawing.getparent(), list(drawing.iterancestors())
        if around is None or any(box.tag in _NO_TEXT or _is_formula(box) for box in boxes):
            continue
        words = words_of(drawing)
        if words.count(" ") + 1 < _LEAST_WORDS:
            continue
        written_as = drawing.makeelement("span" if around.tag == "p" else "p")
        written_as.text = words
        figure = next((box for box in boxes if box.tag == "figure"), None)
        if figure is not None:  # which is none without a picture
            figure.addprevious(written_as)
        else:
            written_as.tail = drawing.tail
            around.replace(drawing, written_as)


def _is_formula(box: HtmlElement) -> bool:
    return str(box.tag).startswith("mjx-") or "MathJax" in (box.get("class") or "")


def _is_sign(drawing: HtmlElement) -> bool:
    if _ICON.search(drawing.get("class") or ""):
        return True
    if any(box.tag in {"a", "button"} for box in drawing.iterancestors()):
        return True
    sizes = [_NUMBER.fullmatch(drawing.get(name) or "") for name in ("width", "height")]
    known = [float(size[1]) for size in sizes if size]
    if known:
        return max(known) <= _SMALL
    view = _VIEW.fullmatch(drawing.get("viewbox") or drawing.get("viewBox") or "")
    only_title = next((one for one in drawing.iter() if one.tag in _LABELS), None) is None
    return view is not None and only_title and max(float(view[1]), float(view[2])) <= _SMALL


def _line(text: str) -> str:
    return " ".join(text.split())
