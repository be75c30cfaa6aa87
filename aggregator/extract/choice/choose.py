"""Choose the blocks of a page that are its article."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache, partial

from lxml.html import HtmlElement

from aggregator.errors import NoArticle
from aggregator.extract.choice.block_model import (
    Model,
    UnusableModel,
    load_model,
    most_probable,
)
from aggregator.extract.choice.engine import main_tree, thorough_tree
from aggregator.extract.choice.features import FEATURES, Context, describe
from aggregator.extract.choice.second_opinion import second_opinion
from aggregator.extract.choice.votes import lines_of, squeezed, votes
from aggregator.extract.page.blocks import Block
from aggregator.text.words import is_unspaced, words

_SNIFFED_TEXT = 5000  # characters
_MOST = 0.5
_VOTED = FEATURES.index("voted")
_MAX_BLOCKS = 20_000  # described to the model: beyond, that claims hundreds of megabytes
_MOSTLY_SHARED = 0.3  # of the letters kept


@dataclass(frozen=True, slots=True)
class Choice:
    """Blocks that were chosen, and the share (0 … 1) of them that is expected to be right; None: not known.

    ``chances`` are those of each block to belong to the article, by the model.
    """

    kept: list[bool]
    expected: float | None = None
    chances: Sequence[float] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """Facts about the article beside its page's blocks; all of them may be missing.

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


def choose(
    tree: HtmlElement,
    blocks: Sequence[Block],
    known: Known,
    *,
    use_model: bool = True,
    model: Model | None = None,
) -> Choice:
    """For each of ``blocks``, those of ``tree``: True when it belongs to the article.

    ``model`` decides, by default the shipped one; without ``use_model``, and where it finds nothing,
    trafilatura's choice holds, and where the two differ widely, the one for which the page speaks. Raises
    :class:`~aggregator.errors.NoArticle` when trafilatura fails on the page.
    """
    context = context_of(tree, blocks, known)
    texts = [block.squeezed for block in blocks]
    kept: list[bool] = []
    expected: float | None = None
    of_blocks: Sequence[float] = ()
    if use_model and len(blocks) <= _MAX_BLOCKS:
        try:
            model = model or load_model()
        except UnusableModel as error:
            _warn_once(str(error))
        else:
            described = describe(blocks, context, model.lexicon)
            chances = model.chances(described)
            fast = [row[_VOTED] >= _MOST for row in described.rows]
            opinion = second_opinion(
                blocks, most_probable(chances, described.letters), chances, fast, partial(_thorough, tree, blocks)
            )  # fmt: skip
            kept, expected, of_blocks = opinion.kept, opinion.expected, chances.tolist()
    if not any(kept):
        kept = [share >= _MOST for share in votes(texts, context.chosen)]
    return Choice(_without_siblings(texts, kept, known.siblings), expected, of_blocks)


def _thorough(tree: HtmlElement, blocks: Sequence[Block]) -> list[bool]:
    """The choice of all of trafilatura's extractors, nothing where they fail: nobody depends on them."""
    chosen = ""
    with suppress(NoArticle):
        chosen = lines_of(thorough_tree(tree, dense=_is_dense(blocks)))
    return [share >= _MOST for share in votes([block.squeezed for block in blocks], chosen)]


@cache
def _warn_once(message: str) -> None:
    warnings.warn(message, RuntimeWarning, stacklevel=2)


def _without_siblings(
    texts: Sequence[str], kept: list[bool], siblings: Mapping[str, int]
) -> list[bool]:
    """``kept`` without texts that also stand on other pages of the site.

    Unless that is much of what is kept: then those pages tell the same story.
    """
    if not siblings:
        return kept
    sizes = [len(text) * keep for text, keep in zip(texts, kept, strict=True)]
    elsewhere = [text in siblings for text in texts]
    shared = sum(size for size, known in zip(sizes, elsewhere, strict=True) if known)
    if shared > sum(sizes) * _MOSTLY_SHARED:
        return kept
    return [keep and not known for keep, known in zip(kept, elsewhere, strict=True)]


def context_of(tree: HtmlElement, blocks: Sequence[Block], known: Known) -> Context:
    """Context of the model beside the blocks: ``known``, and trafilatura's choice."""
    return Context(
        chosen=lines_of(main_tree(tree, dense=_is_dense(blocks))),
        body=squeezed(known.body),
        titles=known.titles,
        summary=known.summary,
        description=known.description,
    )


def _is_dense(blocks: Sequence[Block]) -> bool:
    """Whether the page is written in characters that stand for a syllable or a word each."""
    text = ""
    for block in blocks:
        text += f" {block.text}"
        if len(text) > _SNIFFED_TEXT:
            break
    if text.isascii():
        return False
    said = words(text[:_SNIFFED_TEXT])
    return sum(map(is_unspaced, said)) > len(said) / 2
