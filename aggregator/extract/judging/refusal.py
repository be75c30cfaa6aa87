"""A page that is not the article: a wall, an error, another story, much less than the feed gave."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lxml.html import HtmlElement

from aggregator.errors import NoArticle
from aggregator.extract.judging.evidence import Evidence, is_held, shortfall
from aggregator.extract.judging.verdict import before_wall, ends_in_wall, wall
from aggregator.extract.page.blocks import Block
from aggregator.extract.page.foreign import class_and_id
from aggregator.extract.page.metadata import Metadata
from aggregator.model import ArticleHints

_BELOW = 2  # blocks below a text that may ask to log in for the rest, and boxes around them
_COMMENTS = re.compile(r"comment|respond|reply|discuss", re.IGNORECASE)
# An answer's title repeats that of what it answers.
_ANSWERS = re.compile(
    r"\s*(?:(?:re|aw|sv|antw|odp|ynt|vs|rif|res)\s*(?:\[\d+\])?:\s|by:\s|(?:comments? (?:on|by)|reply (?:to|by)|in reply to|kommentar (?:zu|von|til|på)|"
    r"commentaire (?:sur|de)|comentario (?:en|sobre|de)|comentário (?:sobre|em|de)|commento (?:su|di|a)|reactie (?:op|van)|komentarz (?:do|od)|комментарий)\b)",
    re.IGNORECASE,
)
_ANSWERED = 0.5  # share of an answer's words from which it stands on the page
_INVISIBLE = frozenset({"script", "style", "template", "svg"})


class HeldByFeed(NoArticle):
    """The page has the feed's own text, and nothing else is the article.

    ``is_walled``: the text seems whole, and then the page asks the reader to log in.
    """

    def __init__(self, message: str, *, is_walled: bool = False) -> None:
        super().__init__(message)
        self.is_walled = is_walled


def refuse_other_pages(
    tree: HtmlElement, text: str, metadata: Metadata, evidence: Evidence, hints: ArticleHints
) -> None:
    """Raise :class:`NoArticle` when the evidence is against the text."""
    walled = ends_in_wall(text)
    if not evidence.confirmed or (walled and evidence.hardly_more):
        shown = text if evidence.text_words >= 5 else _visible_text(tree)
        kind = wall(metadata.title, shown, headed=evidence.headed and not walled)
        # An article about logins or error pages says so in the feed, or tells what its title says.
        is_about = wall(hints.title, hints.title) == kind or (evidence.tells_title and not walled)
        if kind is not None and not is_about and walled and is_held(hints, before_wall(text)):
            reason = f"the page gives no more than the feed, then it is a {kind}"
            raise HeldByFeed(reason, is_walled=True)
        if kind is not None and not is_about:
            raise NoArticle(f"the page is a {kind}, not the article")
    missing = shortfall(evidence)
    if missing is not None:
        raise NoArticle(missing)
    if _ANSWERS.match(hints.title) and _is_absent(evidence.summary_found):
        raise NoArticle("the page shows what the entry answers, and not the answer")
    if evidence.contradicted:
        raise NoArticle("the page contains neither the title nor the summary that the feed gives")


def _is_absent(summary_found: float | None) -> bool:
    return summary_found is not None and summary_found < _ANSWERED


def request_below(blocks: Sequence[Block], chosen: Sequence[bool]) -> str:
    """The line that stands right below the chosen text and asks to log in or to pay; ``""`` for none."""
    last = max((i for i, kept in enumerate(chosen) if kept), default=len(blocks))
    for block in blocks[last + 1 : last + 1 + _BELOW]:
        if ends_in_wall(block.text) and _is_right_below(block, blocks[last]):
            return f"\n{block.text}"
    return ""


def _is_right_below(block: Block, last: Block) -> bool:
    """Whether ``block`` stands in the box of the ``last`` line, or in one beside it that is not for comments."""
    around = last.parent.getparent()
    for box in block.around(_BELOW):
        if box is around:
            return True
        if _COMMENTS.search(class_and_id(box)):
            return False
    return False


def _visible_text(tree: HtmlElement, limit: int = 100_000) -> str:
    """The text that a browser without scripts shows, roughly; its first ``limit`` characters."""
    body = tree.find("body")
    parts: list[str] = []
    size = 0
    for node in () if body is None else body.iter():
        shown = "" if node.tag in _INVISIBLE else node.text or ""
        parts += (shown, node.tail or "")
        size += len(parts[-1]) + len(shown)
        if size > limit:
            break
    return " ".join(" ".join(parts).split())[:limit]
