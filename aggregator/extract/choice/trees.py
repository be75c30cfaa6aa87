"""Boosted decision trees, evaluated for many rows at once.

The algorithm is QuickScorer (Lucchese et al., SIGIR 2015): every inner node that a row fails rules the
leaves of its left subtree out; the leftmost leaf left over is the one that the row ends in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

MAX_LEAVES = 16
_ALL = (1 << MAX_LEAVES) - 1
_ROWS = 2048  # at once: bounds the memory that a page can claim
# The lowest bit set in each number of 16 bits.
_LOWEST = np.array([0, *((n & -n).bit_length() - 1 for n in range(1, _ALL + 1))], dtype=np.intp)


@dataclass(frozen=True, slots=True, eq=False)
class Trees:
    """All inner nodes of all trees one after the other, and the leaves' values by tree."""

    features: NDArray[np.intp]
    thresholds: NDArray[np.float64]
    ruled_out: NDArray[np.uint16]  # a bit for each leaf that is gone when a row fails the node
    starts: NDArray[np.intp]  # of the trees among the nodes
    values: NDArray[np.float64]  # trees × leaves

    @classmethod
    def from_lists(cls, trees: list[list[Any]]) -> Trees:
        """Each tree is nested: ``[feature, threshold, left, right]``, leaves are numbers.

        A row goes left where its feature is at most the threshold. Raises ValueError for a tree that
        is no such thing, or has more than 16 leaves or but one.
        """
        nodes: list[tuple[int, float, int]] = []
        starts: list[int] = []
        values = np.zeros((len(trees), MAX_LEAVES))
        for number, tree in enumerate(trees):
            starts.append(len(nodes))
            leaves = _flatten(tree, nodes, [])
            if not 2 <= len(leaves) <= MAX_LEAVES:
                raise ValueError(f"tree {number} has {len(leaves)} leaves")
            values[number, : len(leaves)] = leaves
        return cls(
            np.array([node[0] for node in nodes], dtype=np.intp),
            np.array([node[1] for node in nodes]),
            np.array([node[2] for node in nodes], dtype=np.uint16),
            np.array(starts, dtype=np.intp),
            values,
        )

    def scores(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """The sum of the trees' values for each of ``rows`` (rows × features, no nan)."""
        if not len(rows):
            return np.zeros(0)
        pieces = [self._scores(rows[i : i + _ROWS]) for i in range(0, len(rows), _ROWS)]
        return np.concatenate(pieces)

    def _scores(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        failed = np.ascontiguousarray(rows.T).take(self.features, axis=0) > self.thresholds[:, None]
        # To multiply takes half the time of choosing by a condition.
        gone = failed.view(np.uint8).astype(np.uint16)
        gone *= self.ruled_out[:, None]
        ended_in = _LOWEST[~np.bitwise_or.reduceat(gone, self.starts, axis=0)]
        found: NDArray[np.float64] = np.take_along_axis(self.values, ended_in, axis=1).sum(axis=0)
        return found


def _flatten(tree: Any, nodes: list[tuple[int, float, int]], leaves: list[float]) -> list[float]:
    """Append the inner nodes of ``tree`` to ``nodes`` and its leaves, from the left, to ``leaves``."""
    if isinstance(tree, int | float):
        leaves.append(float(tree))
        return leaves
    if not isinstance(tree, list) or len(tree) != 4:
        raise ValueError("a node is [feature, threshold, left, right]")
    feature, threshold, left, right = tree
    first = len(leaves)
    _flatten(left, nodes, leaves)
    gone = (1 << len(leaves)) - (1 << first)
    nodes.append((int(feature), float(threshold), gone))
    return _flatten(right, nodes, leaves)
