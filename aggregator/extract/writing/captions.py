"""Captions of pictures: the boxes that are their figures, and the captions in those."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from itertools import islice

from lxml.html import HtmlElement

from aggregator.extract.page.blocks import INVISIBLE_TAGS, Block
from aggregator.extract.page.foreign import visible
from aggregator.extract.writing.embeds import MEDIA_TAGS
from aggregator.tidy.notes import is_file_note

_CAPTION = re.compile(
    r"caption|legend|cutline|photo-?credit|image-?credit|slide-?_*(?:info|description|text)",
    re.IGNORECASE,
)
_CAPTIONED = re.compile(r"caption|figure|image|img|photo|picture|media", re.IGNORECASE)
_LONGEST_CAPTION = 600  # characters
_CREDIT = 120  # characters of text that may stand beside a medium without being a caption
_MEANINGLESS = frozenset({"div", "p", "span", "section", "center"})
_MOST_IN_FIGURE = 60  # elements of a box that only its caption makes a figure
# Around an image; they say nothing of it. A ``<source>`` is one to the parser, which knows no end of it.
_NO_BOXES = frozenset({"a", "tr", "tbody", "picture", "source"})
_LOOKED_UP = 4  # boxes around a picture
_IN_CAPTION = 4  # boxes between a line and the caption that it is of
_MOST = 0.5  # share of the kept letters


@dataclass(slots=True)
class Captions:
    """Looks captions up, each box once; ``alive`` are the elements around kept text."""

    alive: Collection[HtmlElement]
    _known: dict[HtmlElement, list[HtmlElement]] = field(default_factory=dict)
    _around: dict[HtmlElement, bool] = field(default_factory=dict)

    def of(self, medium: HtmlElement) -> tuple[HtmlElement | None, list[HtmlElement]]:
        """The box that is the figure of ``medium``, and the captions in it; None where there is no caption."""
        boxes = (box for box in medium.iterancestors() if box.tag not in _NO_BOXES)
        for box in islice(boxes, _LOOKED_UP):
            figure = box
            if box.tag == "figure":
                around = box.getparent()
                if around is not None and self._is_around(around, box):
                    figure = around
            if figure not in self._known:
                is_figure = figure.tag == "figure" or self._is_figure(figure)
                self._known[figure] = _captions_in(figure) if is_figure else []
            if box.tag == "figure" or self._known[figure]:
                return figure, self._known[figure]
        return None, []

    def _is_around(self, around: HtmlElement, figure: HtmlElement) -> bool:
        """Whether ``around`` has the caption of ``figure``, which has none itself, beside it."""
        if figure not in self._around:
            self._around[figure] = (
                next(figure.iterchildren("figcaption"), None) is None
                and len(list(islice(around.iterchildren("figure"), 2))) == 1
                and _holds_only_captions(around)
            )
        return self._around[figure]

    def _is_figure(self, box: HtmlElement) -> bool:
        """Whether ``box``, which is not called a figure by its tag, seems one: by its name, or its captions."""
        if _CAPTIONED.search(box.get("class") or ""):
            return box not in self.alive or not is_card(box)
        return _holds_only_captions(box)


def are_the_text(captions: set[HtmlElement], kept: Collection[Block]) -> bool:
    """True when most of the ``kept`` text stands in ``captions``: a story told with pictures."""
    inside = sum(
        len(block.squeezed) for block in kept if not captions.isdisjoint(block.around(_IN_CAPTION))
    )
    return inside > _MOST * sum(len(block.squeezed) for block in kept)


def is_card(unit: HtmlElement) -> bool:
    """True for a ``unit`` with text of its own, such as a link to another story, beside its media."""
    letters = 0
    for element in _outside_captions(unit):
        if element.tag in INVISIBLE_TAGS:
            continue
        said = len((element.text or "").strip())
        if said and is_file_note(element.text or ""):
            said = 0
        letters += said
        linked = said and (element.tag == "a" or next(element.iterancestors("a"), None) is not None)
        if linked or (said and str(element.tag) in {"h1", "h2", "h3", "h4", "h5", "h6"}):
            return True
        letters += len((element.tail or "").strip()) if element is not unit else 0
        if letters > _CREDIT:
            return True
    return False


def _outside_captions(unit: HtmlElement) -> list[HtmlElement]:
    found: list[HtmlElement] = []
    stack = [unit]
    while stack:
        element = stack.pop()
        if _is_caption(element) and element is not unit:
            continue
        if element.tag in INVISIBLE_TAGS and element.tag not in MEDIA_TAGS:
            continue
        found.append(element)
        if element.tag not in MEDIA_TAGS:
            stack.extend(element)
    return found


def _is_caption(element: HtmlElement) -> bool:
    if element.tag == "figcaption":
        return True
    if element.tag in {"img", "figure", "body"}:
        return False
    name = element.get("class") or ""
    return bool(_CAPTION.search(name)) and next(element.iter(*MEDIA_TAGS), None) is None


def _holds_only_captions(box: HtmlElement) -> bool:
    """Whether ``box``, which means nothing itself, has captions in it, and no other text."""
    if box.tag not in _MEANINGLESS:
        return False
    inside = list(islice(box.iter(), _MOST_IN_FIGURE + 1))
    if len(inside) > _MOST_IN_FIGURE or not any(map(_is_caption, inside)):
        return False
    beside = [one for one in _outside_captions(box) if one.tag not in INVISIBLE_TAGS]
    said = [one.text for one in beside]
    said += [one.tail for one in inside if one is not box and one.getparent() in beside]
    return not any(text and not text.isspace() for text in said)


def _captions_in(box: HtmlElement) -> list[HtmlElement]:
    captions = {one for one in box.iter() if one is not box and _is_caption(one)}
    outermost = [one for one in captions if not captions.intersection(one.iterancestors())]
    return [c for c in outermost if 0 < visible(c, _LONGEST_CAPTION + 1) <= _LONGEST_CAPTION]
