"""Trees: the same scores as walking down each tree by hand."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.extract.choice.trees import MAX_LEAVES, Trees

_LEAF = st.floats(-5, 5)
_TREE = st.recursive(
    _LEAF,
    lambda inner: st.tuples(st.integers(0, 2), st.integers(-3, 3).map(float), inner, inner).map(
        list
    ),
    max_leaves=MAX_LEAVES,
).filter(lambda tree: isinstance(tree, list))
_ROW = st.lists(st.integers(-4, 4).map(float), min_size=3, max_size=3)


def _walk(tree: Any, row: list[float]) -> float:
    while isinstance(tree, list):
        feature, threshold, left, right = tree
        tree = left if row[feature] <= threshold else right
    return float(tree)


@given(st.lists(_TREE, min_size=1, max_size=5), st.lists(_ROW, max_size=6))
def test_scores_are_those_of_the_leaves_that_a_row_ends_in(
    trees: list[Any], rows: list[list[float]]
) -> None:
    found = Trees.from_lists(trees).scores(np.array(rows, dtype=np.float64).reshape(-1, 3))
    assert found == pytest.approx([sum(_walk(tree, row) for tree in trees) for row in rows])


def test_many_rows_are_scored_in_pieces() -> None:
    rows = np.arange(5000, dtype=np.float64).reshape(-1, 1)
    found = Trees.from_lists([[0, 2499.0, -1.0, 1.0]]).scores(rows)
    assert found.tolist() == [-1.0] * 2500 + [1.0] * 2500


@pytest.mark.parametrize("tree", [1.0, [0, 1.0, 2.0], "x", [0, 1.0, None, 2.0]])
def test_what_is_no_tree_is_refused(tree: Any) -> None:
    with pytest.raises(ValueError, match=r"node|leaves"):
        Trees.from_lists([tree])
