"""Which blocks of a page are its article."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from lxml.html import HtmlElement

from aggregator.extract.blocks import Block
from aggregator.extract.engine import main_tree
from aggregator.extract.heading import heading_lines
from aggregator.extract.votes import lines_of, squeezed, votes
from aggregator.words import is_unspaced, words

_SNIFFED_TEXT = 5000  # characters
_MOST = 0.5


@dataclass(frozen=True, slots=True)
class Known:
    """What is known about the article beside its page's blocks; all of it may be missing.

    ``titles`` and ``authors`` are what the feed and the page say; ``summary`` is the feed's,
    ``description`` the page's own, ``body`` the article's text as the page's JSON-LD gives it.
    ``siblings`` counts, for squeezed texts of blocks, the other pages of the site that have it.
    """

    titles: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    summary: str = ""
    description: str = ""
    body: str = ""
    siblings: Mapping[str, int] = field(default_factory=dict)


def choose(tree: HtmlElement, blocks: Sequence[Block], known: Known) -> list[bool]:
    """Whether each of ``blocks``, those of ``tree``, belongs to the article.

    Raises :class:`~aggregator.errors.NoArticle` when trafilatura fails on the page.
    """
    body = main_tree(tree, dense=_is_dense(blocks))
    shares = votes([squeezed(block.text) for block in blocks], lines_of(body))
    kept = [share >= _MOST for share in shares]
    for i in heading_lines(blocks, kept, known.titles, known.authors):
        kept[i] = False
    return kept


def _is_dense(blocks: Sequence[Block]) -> bool:
    """Whether the page is written in characters that stand for a syllable or a word each."""
    text = ""
    for block in blocks:
        text += f" {block.text}"
        if len(text) > _SNIFFED_TEXT:
            break
    said = words(text[:_SNIFFED_TEXT])
    return sum(map(is_unspaced, said)) > len(said) / 2
