"""Text in the midst of a page's lines that its readers do not see: hidden spans, tooltips, cards on hover.

Boxes of whole paragraphs are another matter (:mod:`aggregator.extract.choice.complete`): scripts unfold articles.
"""

from __future__ import annotations

import re

from lxml import etree
from lxml.html import HtmlElement

from aggregator.extract.page.blocks import BLOCK_TAGS
from aggregator.extract.page.foreign import visible

HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
# What unfolds over a word. What it unfolds from is called so, too: names of one part only are not enough.
_CARD = re.compile(
    r"(?:^|[\s_-])(?:(?:tool-?_?tip|popover|hover-?_?card)[_-]*(?:text|content|contents|body|inner|box|panel|container|popup|message|description)|"
    r"hover-?_?card(?![\w-]*(?:trigger|link|target|anchor|name|title|wrap)))(?:$|[\s_-])",
    re.IGNORECASE,
)
# Beside a name or a term: what is called a card or a popup of one.
_CARD_OF = re.compile(
    r"(?:^|[\s_-])(?:bio|profile|author|person|people|user|glossary|term|definition|info|contact|member|company)[_-]+"
    r"(?:pop-?_?up|pop-?over|tool-?_?tip|fly-?out)(?:$|\s|[_-]+(?:text|contents?|body|inner|box|panel|container))",
    re.IGNORECASE,
)
# In the midst of a line; boxes that are called so may be seen.
_CARD_IN_LINE = re.compile(
    r"(?:^|[\s_-])(?:(?:person|people|profile|bio|author|user|company|ticker|stock|member|contact|info|mini)[_-]+card|"
    r"tip[_-]+(?:text|contents?|body|box|inner))(?:$|[\s_-])",
    re.IGNORECASE,
)
_STATE = re.compile(r'\s*(?:\{\s*"|\[\s*[\[{])')  # JSON
_SUSPECT = etree.XPath(
    "/html/body//*[@hidden or @role='tooltip' or @aria-hidden='true' or contains(@style, 'none') or contains(@style, 'hidden')"
    " or @class[contains(., 'tip') or contains(., 'op') or contains(., 'card') or contains(., 'over') or contains(., 'ly')]]"
)
_SHOWN_LATER = (
    "img",
    "picture",
    "video",
    "audio",
    "iframe",
    "math",
    "svg",
    "object",
    "embed",
    "noscript",
)
_LONGEST_CARD = 600  # characters


def drop_unseen(tree: HtmlElement) -> None:
    """Remove what is not seen from the lines of ``tree``; what stands after it stays."""
    suspects: list[HtmlElement] = list(_SUSPECT(tree))  # type: ignore[arg-type]
    for element in suspects:
        around = element.getparent()
        if around is None or element.tag in {"body", "main", "article"}:
            continue
        if _is_hidden_phrase(element) or _is_card(element) or _is_hidden_state(element):
            _remove(element, around)


def _is_hidden_phrase(element: HtmlElement) -> bool:
    hidden = element.get("hidden")
    if (hidden is None or hidden == "until-found") and not HIDDEN.search(
        element.get("style") or ""
    ):
        return False
    # Pictures and formulas are hidden until a script shows them, or shows another form of them.
    return (
        element.tag not in BLOCK_TAGS
        and next(element.iter(*BLOCK_TAGS, *_SHOWN_LATER), None) is None
    )


def _is_hidden_state(element: HtmlElement) -> bool:
    """Whether ``element`` is hidden from readers' aids only, but holds what is for scripts."""
    return element.get("aria-hidden") == "true" and _STATE.match(element.text or "") is not None


def _is_card(element: HtmlElement) -> bool:
    called = element.get("class") or ""
    if element.get("role") == "tooltip" or _CARD.search(called) or _CARD_OF.search(called):
        return visible(element, _LONGEST_CARD + 1) <= _LONGEST_CARD
    in_line = element.tag not in BLOCK_TAGS and _CARD_IN_LINE.search(called.replace("__", "-"))
    return bool(in_line) and visible(element, _LONGEST_CARD + 1) <= _LONGEST_CARD


def _remove(element: HtmlElement, around: HtmlElement) -> None:
    tail, before = element.tail, element.getprevious()
    if tail and before is not None:
        before.tail = (before.tail or "") + tail
    elif tail:
        around.text = (around.text or "") + tail
    around.remove(element)
