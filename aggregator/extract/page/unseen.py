"""Text in the midst of a page's lines that its readers do not see: hidden spans, tooltips, cards on hover.

Boxes of whole paragraphs are another matter (:mod:`aggregator.extract.choice.complete`): scripts unfold articles.
"""

from __future__ import annotations

import re
from itertools import islice

from lxml.html import HtmlElement

from aggregator.extract.page.blocks import BLOCK_TAGS
from aggregator.extract.page.foreign import class_and_id, visible
from aggregator.tidy.hidden import is_unfolded

HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
# What unfolds over a word. What it unfolds from is called so, too: names of one part only are not enough.
_CARD = re.compile(
    r"(?:^|[\s_-])(?:(?:tool-?_?tip|popover|hover-?_?card)[_-]*(?:text|content|contents|body|inner|box|panel|container|popup|message|description)|"
    r"(?:tippy|qtip|webui-popover|tooltipster)-(?:box|content|inner)|hover-?_?card(?![\w-]*(?:trigger|link|target|anchor|name|title|wrap)))(?:$|[\s_-])",
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
# What frameworks of style sheets call what nobody sees; beside another of these it is seen on wider screens.
_HIDES = re.compile(
    r"(?:^|\s)(?:hidden|hide|is-hidden|u-hidden|d-none|invisible|display-none)(?:$|\s)"
)
_SHOWS = re.compile(
    r"(?:^|\s)(?:\w+:[\w-]+|d-(?:\w+-)?(?:inline|block|flex|grid|table)\S*|(?:is-)?(?:open|active|visible|show\w*))(?:$|\s)"
)
# Words that a font draws as a sign.
_ICON_FONT = re.compile(
    r"(?:^|\s)(?:material-(?:icons|symbols)|notranslate\s+material)[\w-]*(?:$|\s)"
)
_LIGATURE = re.compile(r"\s*[a-z]+(?:_[a-z0-9]+)+\s*")
_CAPTION_OR_FORMULA = re.compile(
    r"caption|credit|legend|katex|mjx|math|formula|tex\b", re.IGNORECASE
)
_STATE = re.compile(r'\s*(?:\{\s*"|\[\s*[\[{])')  # JSON
# Pieces of what unseen elements are called, for a first look.
_STEMS = ("tip", "op", "card", "over", "ly", "hid", "none", "invis", "material-")
_TOLD_BY = frozenset({"hidden", "role", "aria-hidden", "style"})
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
_LONGEST_CALLED_HIDDEN = 160  # what is longer may be unfolded by a script
_LONGEST_NOTICE = 200  # characters of what is not for readers' aids
_LONGEST_LIGATURE = 40
_FEWEST_OF_NOTICE = 3  # words: capitals, signs and formulas have fewer
_LABELLED = 3  # boxes around, one of which may say for readers' aids what is shown
_NO_NOTICES = frozenset(
    {"h1", "h2", "h3", "h4", "h5", "h6", "figure", "figcaption", "math", "pre", "code", "table", "td", "th", "tr", "button"}
)  # fmt: skip


def drop_unseen(tree: HtmlElement) -> None:
    """Remove what is not seen from the lines of ``tree``; what stands after it stays."""
    called: dict[str, bool] = {}  # most elements are called what others are
    bodies = tree.findall("body") if tree.tag == "html" else []
    inside = [element for body in bodies for element in body.iterdescendants("*")]
    for element in [one for one in inside if _is_suspect(one, called)]:
        around = element.getparent()
        if around is None or element.tag in {"body", "main", "article"}:
            continue
        if (
            _is_hidden_phrase(element)
            or _is_card(element)
            or _is_hidden_state(element)
            or _is_icon(element)
            or _is_notice(element)
        ):
            _remove(element, around)


def _is_suspect(element: HtmlElement, called: dict[str, bool]) -> bool:
    """Whether ``element`` may be unseen; ``called`` are classes that may say so, or do not."""
    given = element.keys()
    if "class" in given:
        name = element.get("class") or ""
        suspect = called.get(name)
        if suspect is None:
            suspect = called[name] = any(stem in name for stem in _STEMS)
        if suspect:
            return True
    if _TOLD_BY.isdisjoint(given):
        return False
    style = element.get("style") or ""
    return (
        "hidden" in given
        or element.get("role") == "tooltip"
        or element.get("aria-hidden") == "true"
        or "none" in style
        or "hidden" in style
    )


def _is_hidden_phrase(element: HtmlElement) -> bool:
    hidden = element.get("hidden")
    if (hidden is not None and hidden != "until-found") or HIDDEN.search(
        element.get("style") or ""
    ):
        return _is_phrase(element)
    called = element.get("class") or ""
    if not _HIDES.search(called) or _SHOWS.search(called) or not _is_phrase(element):
        return False
    around = element.getparent()
    unfolded = is_unfolded(f"{class_and_id(element)} {class_and_id(around)}")
    short = visible(element, _LONGEST_CALLED_HIDDEN + 1) <= _LONGEST_CALLED_HIDDEN
    return short and not unfolded


def _is_phrase(element: HtmlElement) -> bool:
    """Whether ``element`` is in a line, and no picture or formula hidden until a script shows it or another form of it."""
    return (
        element.tag not in BLOCK_TAGS
        and next(element.iter(*BLOCK_TAGS, *_SHOWN_LATER), None) is None
    )


def _is_hidden_state(element: HtmlElement) -> bool:
    """Whether ``element`` is hidden, be it from readers' aids only, and holds what is for scripts."""
    hidden = element.get("aria-hidden") == "true" or _HIDES.search(element.get("class") or "")
    return bool(hidden) and _STATE.match(element.text or "") is not None


def _is_icon(element: HtmlElement) -> bool:
    """Whether ``element`` holds the name of a sign, which its font draws instead."""
    if _ICON_FONT.search(element.get("class") or "") is None and (
        element.get("aria-hidden") != "true" or _LIGATURE.fullmatch(element.text or "") is None
    ):
        return False
    return len(element) == 0 and len(element.text or "") <= _LONGEST_LIGATURE


def _is_notice(element: HtmlElement) -> bool:
    """Whether ``element`` holds a few words that readers' aids pass over, and nothing there says them otherwise."""
    if element.get("aria-hidden") != "true" or element.tag in _NO_NOTICES:
        return False
    said = "".join(map(str, element.itertext())).split()
    if len(said) < _FEWEST_OF_NOTICE or len(" ".join(said)) > _LONGEST_NOTICE:
        return False
    boxes = [element, *islice(element.iterancestors(), _LABELLED)]
    if any(box.get("aria-label") or box.get("aria-labelledby") for box in boxes):
        return False
    called = " ".join(map(class_and_id, boxes))
    if is_unfolded(called) or _CAPTION_OR_FORMULA.search(called):
        return False
    return next(element.iter(*_SHOWN_LATER, *_NO_NOTICES), None) is None


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
