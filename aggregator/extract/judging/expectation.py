"""Expectation: how probable it is that a chosen text is the article by and large, where no feed says what it is about.

Five numbers and a statement of the page, each worth the same in units of its spread over annotated pages: weights fitted
to one set of pages tell less about another (`docs/decisions/extraction-doubts.md`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress, pairwise
from math import exp, log

from aggregator.extract.choice.choose import Choice
from aggregator.extract.page.blocks import Block
from aggregator.extract.page.metadata import Metadata
from aggregator.text.words import is_unspaced, words

# Log odds: each number's weight over its spread; fitted is their common scale and the offset.
_OFFSET, _OF_F1, _OF_GAP, _OF_RUNS, _OF_DESCRIBED, _OF_LINKED_OUT, _OF_PAYING = (
    0.07,
    0.38,
    -3.75,
    -0.5,
    2.3,
    1.9,
    -1.65,
)
_LEAST_F1, _MOST_F1 = 0.02, 0.995
# What is usual, where nothing is known.
_USUAL_DESCRIBED, _USUAL_LINKED_OUT = 0.7, 0.6
_DOUBTED, _LEAST = 0.55, 0.02
_FEWEST_WORDS = 5  # of a description that says enough, of more than three letters


@dataclass(frozen=True, slots=True)
class Expected:
    """Expectation of a text by its blocks and its page.

    ``right`` is the share (0 … 1) of it that the model expects to be right, ``f1`` that against what else on the page is probable,
    ``gap`` the share of letters passed over between its first and its last block, ``runs`` the pieces that it is made of,
    ``linked_out`` the share of links in what is left out (None: nothing is), ``description`` what the page says of itself.
    ``is_free``: the page does not say that one has to pay for the rest.
    """

    right: float
    f1: float
    gap: float = 0.0
    runs: int = 1
    linked_out: float | None = None
    is_free: bool = True
    description: str = ""
    text: str = ""

    @property
    def chance(self) -> float:
        """The chance that the text is the article by and large (F1 of .8)."""
        bounded = min(max(self.f1, _LEAST_F1), _MOST_F1)
        described = _share_described(self.description, self.text)
        odds = (
            _OFFSET
            + _OF_F1 * log(bounded / (1 - bounded))
            + _OF_GAP * self.gap
            + _OF_RUNS * log(1 + self.runs)
            + _OF_DESCRIBED * (_USUAL_DESCRIBED if described is None else described)
            + _OF_LINKED_OUT * (_USUAL_LINKED_OUT if self.linked_out is None else self.linked_out)
            + (0.0 if self.is_free else _OF_PAYING)
        )
        # Of what the model hardly believes itself nothing else makes sure.
        most = max(2 * self.right - _DOUBTED, _LEAST)
        return min(1 / (1 + exp(-odds)), most)


def expected_of(
    blocks: Sequence[Block],
    chosen: Sequence[bool],
    choice: Choice | None,
    metadata: Metadata,
    text: str,
) -> Expected | None:
    """Expectation of the ``chosen`` of a page's ``blocks``, which show ``text``; None where no model made the ``choice``."""
    at = [i for i, keep in enumerate(chosen) if keep]
    if choice is None or choice.expected is None or not at:
        return None
    sizes = [len(block.squeezed) for block in blocks]
    likely = [size * chance for size, chance in zip(sizes, choice.chances, strict=True)]
    kept = sum(compress(sizes, chosen))
    left = sum(sizes) - kept
    linked = sum(block.linked for block, keep in zip(blocks, chosen, strict=True) if not keep)
    return Expected(
        right=choice.expected,
        f1=2 * sum(compress(likely, chosen)) / (kept + sum(likely)),
        gap=1 - kept / sum(sizes[at[0] : at[-1] + 1]),
        runs=1 + sum(following - one > 1 for one, following in pairwise(at)),
        linked_out=linked / left if left else None,
        is_free=metadata.is_free,
        description=metadata.description,
        text=text,
    )


def _share_described(description: str, text: str) -> float | None:
    """The share of the telling words of a page's ``description`` that stand in ``text``; None where it says too little."""
    told = [word for word in words(description) if len(word) > 3 or is_unspaced(word)]
    if len(told) < _FEWEST_WORDS:
        return None
    said = set(words(text))
    return sum(word in said for word in told) / len(told)
