"""A second look at each block, in the light of what the first model says about its surroundings."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from aggregator.extract.choice.features import FEATURES, LEVELS, Description
from aggregator.extract.choice.similarity_features import UNKNOWN

SECOND_FEATURES = (
    "score", "previous_2", "previous", "next", "next_2", "before", "after",
    *(f"mean_{level}" for level in range(LEVELS)), *(f"of_all_{level}" for level in range(LEVELS)),
    "mean", "unsure", "since_first", "since_last", "until_sure", "since_sure", "heading_score",
    "letters", "linked", "voted", "heading", "tag", "word_mean", "summary_at", "title_at", "summary_in", "since_heading",
)  # fmt: skip
_TAKEN_OVER = [FEATURES.index(name) for name in SECOND_FEATURES[SECOND_FEATURES.index("letters") :]]
_SINCE_HEADING = FEATURES.index("since_heading")
_AROUND = 5  # blocks on either side
_RUNNING_TEXT = 40  # letters
_FAR = 99
Numbers = NDArray[np.float64]


def sigmoid(scores: Numbers) -> Numbers:
    """Probabilities of log odds."""
    found: Numbers = 1.0 / (1.0 + np.exp(-np.clip(scores, -30, 30)))
    return found


def second_rows(described: Description, rows: Numbers, scores: Numbers) -> Numbers:
    """Rows in the order of :data:`SECOND_FEATURES`; ``scores`` are the first model's, log odds."""
    count = len(scores)
    if not count:
        return np.zeros((0, len(SECOND_FEATURES)))
    letters = np.array(described.letters, dtype=np.float64)
    chances = sigmoid(scores)
    of_letters = np.concatenate([[0.0], np.cumsum(letters)])
    expected = np.concatenate([[0.0], np.cumsum(chances * letters)])
    here = np.arange(count)
    low, high = np.maximum(0, here - _AROUND), np.minimum(count, here + 1 + _AROUND)
    around = np.concatenate([[UNKNOWN] * 2, scores, [UNKNOWN] * 2])
    spans = np.array(described.spans, dtype=np.intp)
    means, shares = [], []
    for level in range(LEVELS):
        first, end = spans[:, level, 0], spans[:, level, 1]
        of_box = expected[end] - expected[first]
        without = (of_box - chances * letters) / np.maximum(
            1, of_letters[end] - of_letters[first] - letters
        )
        means.append(without)
        shares.append(of_box / expected[-1])
    columns = [
        scores, around[:count], around[1 : count + 1], around[3 : count + 3], around[4:],
        (expected[here] - expected[low]) / np.maximum(1, of_letters[here] - of_letters[low]),
        (expected[high] - expected[here + 1]) / np.maximum(1, of_letters[high] - of_letters[here + 1]),
        *means, *shares,
        np.full(count, expected[-1] / of_letters[-1]),
        np.full(count, (chances * (1 - chances) * letters).sum() / expected[-1]),
        *_distances(chances, letters),
        _of_heading(rows[:, _SINCE_HEADING], scores),
    ]  # fmt: skip
    return np.column_stack([*columns, rows[:, _TAKEN_OVER]])


def _distances(chances: Numbers, letters: Numbers) -> list[Numbers]:
    """How far each block is from the first, the last, the next and the previous that is surely kept."""
    count = len(chances)
    here = np.arange(count)
    sure = np.flatnonzero((chances > 0.5) & (letters >= _RUNNING_TEXT))
    if not len(sure):
        far = np.full(count, float(_FAR))
        return [here.astype(float), here - count + 1.0, far, far]
    following = np.append(sure, count + _FAR)[np.searchsorted(sure, here, side="right")]
    previous = np.append(-_FAR, sure)[np.searchsorted(sure, here, side="left")]
    return [
        np.clip(here - sure[0], -50.0, 200.0),
        np.clip(here - sure[-1], -200.0, 50.0),
        np.minimum(following - here, float(_FAR)),
        np.minimum(here - previous, float(_FAR)),
    ]


def _of_heading(since: Numbers, scores: Numbers) -> Numbers:
    """The score of the heading that each block follows."""
    at = np.arange(len(scores)) - since.astype(np.intp)
    found: Numbers = np.where(at >= 0, scores[np.maximum(at, 0)], UNKNOWN)
    return found
