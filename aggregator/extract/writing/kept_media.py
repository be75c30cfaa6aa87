"""Images and players of an article: those that stand among the kept text."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from itertools import islice

from lxml.html import HtmlElement

from aggregator.extract.page.foreign import FOREIGN, FOREIGN_TAGS, class_and_id, visible
from aggregator.extract.writing.captions import Captions, is_card
from aggregator.extract.writing.embeds import (
    IMAGE_TAGS,
    MEDIA_TAGS,
    Medium,
    Resolve,
    medium_of,
    sign_of,
)
from aggregator.tidy.pictures import identity, is_foreign

_MAX_MEDIA = 400
_LEAD = re.compile(r"lead|hero|featured|cover|main-?(?:image|photo|media)|post-thumbnail|topper", re.IGNORECASE)  # fmt: skip
_SMALL = 64  # pixels; below it a picture is a sign
_LOOKED_UP = 4  # boxes
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
    captions: Captions
    verdicts: dict[HtmlElement, bool] = field(default_factory=dict)


def shown_media(
    kept: Kept, resolve: Resolve, lead_image: str | None, before: Collection[str]
) -> Shown:
    """The media among the ``kept`` text, each once, and none that was shown ``before``.

    ``lead_image`` is the address of the article's.
    """
    found = Shown()
    lead = identity(lead_image) if lead_image else ""
    seen = set(before)
    search = _Search(kept, kept.precede(), Captions(kept.alive))
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
        if medium is None or medium.identity in seen or is_foreign(medium.url):
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
    box, captions = search.captions.of(element)
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
            verdicts[box] = box not in kept.alive and not is_card(box)
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
