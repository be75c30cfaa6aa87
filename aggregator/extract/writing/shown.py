"""Which images and players of a page belong to its article: those that stand among the kept text."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from itertools import islice

from lxml.html import HtmlElement

from aggregator.extract.page.blocks import INVISIBLE_TAGS
from aggregator.extract.page.foreign import FOREIGN, FOREIGN_TAGS, class_and_id, visible
from aggregator.extract.writing.embeds import (
    IMAGE_TAGS,
    MEDIA_TAGS,
    Medium,
    Resolve,
    identity,
    medium_of,
    sign_of,
)

_MAX_MEDIA = 400
_FOREIGN_ADDRESS = re.compile(
    r"//(?:[\w-]+\.)?gravatar\.com/|[/_-](?:avatars?|icons?|sprites?|emoji|linkedin|twitter|facebook|instagram|whatsapp|pinterest|tiktok)"
    r"(?:[-_]\w{1,20})?\.(?:svg|png|gif|webp)(?:$|\?)",
    re.IGNORECASE,
)
_CAPTION = re.compile(r"caption|legend|cutline|photo-?credit|image-?credit", re.IGNORECASE)
_CAPTIONED = re.compile(r"caption|figure|image|img|photo|picture|media", re.IGNORECASE)
_LEAD = re.compile(r"lead|hero|featured|cover|main-?(?:image|photo|media)|post-thumbnail|topper", re.IGNORECASE)  # fmt: skip
_LONGEST_CAPTION = 600  # characters
_CREDIT = 120  # characters of text that may stand beside a medium without being a caption
_SMALL = 64  # pixels; below it a picture is a sign
_LOOKED_UP = 4  # boxes
_MEANINGLESS = frozenset({"div", "p", "span", "section", "center"})
_MOST_IN_FIGURE = 60  # elements of a box that only its caption makes a figure
# Around an image; they say nothing of it. A ``<source>`` is one to the parser, which knows no end of it.
_NO_BOXES = frozenset({"a", "tr", "tbody", "picture", "source"})
_AROUND_ARTICLES = 4  # boxes around the text in which its lead image may stand


@dataclass(slots=True)
class Shown:
    """The media that are shown, by their elements; the boxes that are figures, and the captions."""

    media: dict[HtmlElement, Medium] = field(default_factory=dict)
    figures: set[HtmlElement] = field(default_factory=set)
    captions: set[HtmlElement] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Kept:
    """The kept text: elements whose text or tail is kept, those around them, the box that holds most."""

    texts: Collection[HtmlElement]
    tails: Collection[HtmlElement]
    alive: Collection[HtmlElement]
    core: HtmlElement

    def precede(self) -> set[HtmlElement]:
        """The media in the core box after which kept text comes."""
        media: list[HtmlElement] = []
        count = 0
        for element in self.core.iter():
            if element in self.texts or element in self.tails:
                count = len(media)
            if element.tag in MEDIA_TAGS:
                media.append(element)
        return set(media[:count])


@dataclass(slots=True)
class _Search:
    """What is looked up again and again while media are chosen."""

    kept: Kept
    preceding: set[HtmlElement]
    verdicts: dict[HtmlElement, bool] = field(default_factory=dict)
    captions: dict[HtmlElement, list[HtmlElement]] = field(default_factory=dict)
    around: dict[HtmlElement, bool] = field(default_factory=dict)


def shown_media(
    kept: Kept, resolve: Resolve, lead_image: str | None, before: Collection[str]
) -> Shown:
    """The media among the ``kept`` text, each once, and none that was shown ``before``.

    ``lead_image`` is the address of the article's.
    """
    found = Shown()
    lead = identity(lead_image) if lead_image else ""
    seen = set(before)
    search = _Search(kept, kept.precede())
    above, within = _in_order(kept)
    for element in above:
        medium = medium_of(element, resolve)
        if (
            medium is not None
            and medium.identity not in seen
            and _is_lead(element, medium, lead, kept)
        ):
            _take(element, medium, found, seen, search)
            break
    for element in within:
        if _repeats_in_noscript(element, found) or sign_of(element):
            continue
        medium = medium_of(element, resolve)
        if medium is None or medium.identity in seen or _FOREIGN_ADDRESS.search(medium.url):
            continue
        if _belongs(element, search):
            _take(element, medium, found, seen, search)
    return found


def _in_order(kept: Kept) -> tuple[list[HtmlElement], list[HtmlElement]]:
    """The media above the core box (that may be the lead) and those in it, in document order."""
    within = list(islice(kept.core.iter(*MEDIA_TAGS), _MAX_MEDIA))
    before: list[HtmlElement] = []
    inner = kept.core
    for outer in islice(kept.core.iterancestors(), _AROUND_ARTICLES):
        if outer.tag in {"body", "html"} or inner.tag == "article":
            break
        for sibling in inner.itersiblings(preceding=True):
            if sibling.tag not in FOREIGN_TAGS:
                before += list(sibling.iter(*MEDIA_TAGS))[:_LOOKED_UP]
        inner = outer
    return before[:_MAX_MEDIA], within


def _take(
    element: HtmlElement, medium: Medium, found: Shown, seen: set[str], search: _Search
) -> None:
    seen.add(medium.identity)
    found.media[element] = medium
    box, captions = _caption(element, search)
    if box is not None:
        found.figures.add(box)
        found.captions.update(captions)


def _repeats_in_noscript(element: HtmlElement, found: Shown) -> bool:
    """Whether ``element`` is the fallback of the shown image before it."""
    noscript = next(element.iterancestors("noscript"), None)
    if noscript is None:
        return False
    previous = noscript.getprevious()
    if previous is None:
        return False
    return any(image in found.media for image in previous.iter(*IMAGE_TAGS))


def _is_lead(element: HtmlElement, medium: Medium, lead: str, kept: Kept) -> bool:
    if lead and medium.identity == lead:
        return True
    if _is_small(element) or _is_foreign(element, kept):
        return False
    boxes = [
        element,
        *islice(element.iterancestors(), _LOOKED_UP),
    ]
    if any(box.tag == "a" and not _is_image_address(box.get("href") or "") for box in boxes):
        return False
    named = any(_LEAD.search(box.get("class") or "") for box in boxes if box not in kept.alive)
    return named or any(box.tag == "figure" for box in boxes)


def _is_image_address(href: str) -> bool:
    return href.partition("?")[0].rpartition(".")[2].lower() in {"jpg", "jpeg", "png", "gif", "webp", "avif"}  # fmt: skip


def _belongs(element: HtmlElement, search: _Search) -> bool:
    kept, verdicts = search.kept, search.verdicts
    if FOREIGN.search(class_and_id(element)):
        return False
    if element in kept.texts:
        return not _is_foreign(element, kept)
    if element.tag in IMAGE_TAGS and _is_small(element):
        return False
    unit = _unit(element, kept)
    if element not in search.preceding and not _follows_text(unit, kept):
        return False
    # A figure is one also where something else stands in its box.
    for box in (unit, next(element.iterancestors("figure"), unit)):
        if box not in verdicts:
            verdicts[box] = box not in kept.alive and not _is_card(box)
        if verdicts[box]:
            return not _is_foreign(element, kept)
    return False


def _unit(element: HtmlElement, kept: Kept) -> HtmlElement:
    """The largest box around ``element`` without kept text."""
    unit = element
    for box in element.iterancestors():
        if box in kept.alive:
            break
        unit = box
    return unit


def _follows_text(unit: HtmlElement, kept: Kept) -> bool:
    """Whether kept text stands right before ``unit``."""
    for sibling in islice(unit.itersiblings(preceding=True), _LOOKED_UP):
        if sibling in kept.alive or sibling in kept.tails:
            return True
        if visible(sibling, 1):
            return False
    parent = unit.getparent()
    return parent is not None and parent in kept.texts


def _is_card(unit: HtmlElement) -> bool:
    """Whether ``unit`` has text of its own, such as a link to another story, beside its media."""
    letters = 0
    for element in _outside_captions(unit):
        if element.tag in INVISIBLE_TAGS:
            continue
        said = len((element.text or "").strip())
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


def _caption(element: HtmlElement, search: _Search) -> tuple[HtmlElement | None, list[HtmlElement]]:
    """The box that is ``element``'s figure, and the captions in it; None where there is no caption."""
    boxes = (box for box in element.iterancestors() if box.tag not in _NO_BOXES)
    for box in islice(boxes, _LOOKED_UP):
        figure = box
        if box.tag == "figure":
            around = box.getparent()
            if around is not None and _is_around(around, box, search):
                figure = around
        if figure not in search.captions:
            is_figure = figure.tag == "figure" or _is_figure(figure, search.kept)
            search.captions[figure] = _captions_in(figure) if is_figure else []
        if box.tag == "figure" or search.captions[figure]:
            return figure, search.captions[figure]
    return None, []


def _is_around(around: HtmlElement, figure: HtmlElement, search: _Search) -> bool:
    """Whether ``around`` has the caption of ``figure``, which has none itself, beside it."""
    if figure not in search.around:
        search.around[figure] = (
            next(figure.iterchildren("figcaption"), None) is None
            and len(list(islice(around.iterchildren("figure"), 2))) == 1
            and _holds_only_captions(around)
        )
    return search.around[figure]


def _is_figure(box: HtmlElement, kept: Kept) -> bool:
    """Whether ``box``, which is not called a figure by its tag, seems one: by its name, or its captions."""
    if _CAPTIONED.search(box.get("class") or ""):
        return box not in kept.alive or not _is_card(box)
    return _holds_only_captions(box)


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


def _is_foreign(element: HtmlElement, kept: Kept) -> bool:
    """Whether a box around ``element``, up to the one that holds kept text, says that it is no part."""
    if FOREIGN.search(class_and_id(element)):
        return True
    for box in element.iterancestors():
        if box in kept.alive:
            return False
        if box.tag in FOREIGN_TAGS or FOREIGN.search(class_and_id(box)):
            return True
    return False


def _is_small(element: HtmlElement) -> bool:
    sizes = [(element.get(name) or "").strip().removesuffix("px") for name in ("width", "height")]
    numbers = [int(size) for size in sizes if size.isdecimal() and len(size) < 6]
    return len(numbers) == 2 and max(numbers) <= _SMALL
