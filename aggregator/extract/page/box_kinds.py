"""Boxes around a fact that a page shows: whether what stands there is the article's, beside it, or of other stories."""

from __future__ import annotations

import re

from lxml.html import HtmlElement

from aggregator.extract.page.foreign import FOREIGN_TAGS, FRAME_TAGS, class_and_id
from aggregator.extract.page.shown_lines import shown_text

_OTHERS = re.compile(
    r"comment|respond|related|recirc|recommend|popular|trending|most-?read|latest|teaser|read-?(?:more|next|also)|up-?next|"
    r"newsletter|subscri|carousel|more-(?:from|stories|posts|articles|news)|similar|suggest|swiper|slider|testimonial",
    re.IGNORECASE,
)
# Boxes beside the text: they may say when the article is from, where nothing nearer does.
_BESIDE = re.compile(
    r"(?<!has-)(?<!no-)(?<!with-)(?<!right-)(?<!left-)sidebar|(?<!elementor-)widget|footer|promo|archive|breadcrumb",
    re.IGNORECASE,
)
IN_BOX_BESIDE, IN_BOX_OF_OTHERS = 1, 2
_FEW_WORDS = 200  # characters


def kind_of_box(box: HtmlElement, *, is_innermost: bool = False) -> int:
    """Kind of what stands in ``box``: 0 the article's, 1 beside it, 2 of other stories."""
    if box.tag in FRAME_TAGS:
        return 0
    called = class_and_id(box)
    if _OTHERS.search(called):
        return IN_BOX_OF_OTHERS
    if _BESIDE.search(called):
        return IN_BOX_BESIDE
    foreign = box.tag in FOREIGN_TAGS - {"form"} and not is_innermost
    return IN_BOX_BESIDE if foreign and not _is_head_of_article(box) else 0


def _is_head_of_article(box: HtmlElement) -> bool:
    """Whether ``box`` is a few words beside an article's text, of the article itself."""
    around = box.getparent()
    return (
        box.tag == "aside"
        and around is not None
        and around.tag == "article"
        and len(shown_text(box)) <= _FEW_WORDS
    )
