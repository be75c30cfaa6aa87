"""Boxes that are, by what they are called, no part of the text around them; what a box shows."""

from __future__ import annotations

import re

from lxml.html import HtmlElement

from aggregator.extract.page.blocks import INVISIBLE_TAGS

_MOST_LOOKED_AT = 5_000  # elements of a box whose text is counted
FRAME_TAGS = frozenset(
    {"html", "body", "main", "article"}
)  # of whole pages: they are called anything
FOREIGN_TAGS = frozenset({"aside", "nav", "footer", "form"})
FOREIGN = re.compile(
    r"(?:^|[\s_-])(?:related|recirc\w*|recommend\w*|promo\w*|share|sharing|social|newsletter|sidebar|author|avatar|"
    r"byline|bio|logo|icons?|emoji|ads?|advert\w*|sponsor\w*|comments?|teasers?|more|next|read-?also|widget|popup|banner|"
    r"subscribe|signup|breadcrumbs?|pagination|mwe-math-fallback\S*)(?:$|[\s_-])",
    re.IGNORECASE,
)


def class_and_id(element: HtmlElement) -> str:
    """Class and id of ``element``, the text in which :data:`FOREIGN` is searched."""
    return f"{element.get('class') or ''} {element.get('id') or ''}"


def visible(element: HtmlElement, limit: int) -> int:
    """Number of characters that ``element`` shows, counted up to about ``limit``."""
    count = 0
    for number, node in enumerate(element.iter()):
        if node.tag not in INVISIBLE_TAGS:
            count += len((node.text or "").strip())
        if node is not element and node.getparent().tag not in INVISIBLE_TAGS:
            count += len((node.tail or "").strip())
        if count >= limit or number >= _MOST_LOOKED_AT:
            break
    return count
