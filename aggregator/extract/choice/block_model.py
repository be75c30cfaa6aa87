"""The model that says which blocks of a page are its article.

Two stages of boosted trees: the first looks at each block, the second at what the first says about
the blocks around it. ``bench/train_extractor.py`` makes the file.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from aggregator.extract.choice.boxes import Lexicon
from aggregator.extract.choice.features import FEATURES, Description
from aggregator.extract.choice.smooth import SECOND_FEATURES, Numbers, second_rows, sigmoid
from aggregator.extract.choice.trees import Trees

PATH = Path(__file__).with_name("model.json")
# Bounds of the chance from which a block is kept.
_LEAST, _MOST = 0.2, 0.55


class UnusableModel(ValueError):
    """The model file is missing, damaged, or made for other features."""


@dataclass(frozen=True, slots=True)
class Model:
    """The words and names it knows, and its two stages of trees."""

    lexicon: Lexicon
    first: Trees
    second: Trees

    def chances(self, described: Description) -> Numbers:
        """For each block how probable it is (0 … 1) that it belongs to the article."""
        if not described.rows:
            return np.zeros(0)
        rows = np.array(described.rows, dtype=np.float64)
        scores = self.first.scores(rows)
        # Measured: their mean is better than either.
        return sigmoid((scores + self.second.scores(second_rows(described, rows, scores))) / 2)


@cache
def load_model(path: Path = PATH) -> Model:
    """The model in the file ``path``, read once; raises :class:`UnusableModel`."""
    try:
        content = json.loads(path.read_bytes())
        if content["features"] != [*FEATURES] or content["second_features"] != [*SECOND_FEATURES]:
            raise UnusableModel("the model was made for other features")
        return Model(
            Lexicon(**content["lexicon"]),
            Trees.from_lists(content["first"]),
            Trees.from_lists(content["second"]),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UnusableModel(f"the model of articles cannot be used: {error}") from error


def most_probable(chances: Numbers, letters: list[int]) -> list[bool]:
    """The blocks to keep for the highest F1 that is to be expected.

    That is the threshold that maximises 2·E[right] / (kept + E[all right]) (in letters; Ye et al.,
    ICML 2012): on an unclear page it is lower than on a clear one.
    """
    if not len(chances):
        return []
    sizes = np.array(letters, dtype=np.float64)
    order = np.argsort(-chances, kind="stable")
    right = np.cumsum(chances[order] * sizes[order])
    expected = 2 * right / (np.cumsum(sizes[order]) + right[-1])
    threshold = min(max(float(chances[order[int(np.argmax(expected))]]), _LEAST), _MOST)
    return [bool(kept) for kept in chances >= threshold]


def expected_precision(chances: Numbers, letters: list[int], kept: list[bool]) -> float | None:
    """The share of the letters ``kept`` that is expected to be the article's; None where none are."""
    sizes = np.array(letters, dtype=np.float64) * np.array(kept, dtype=np.float64)
    total = float(sizes.sum())
    return float((sizes * chances).sum()) / total if total else None
