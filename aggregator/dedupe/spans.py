"""Spans of words that two texts share, and the lengths by which texts are judged."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from aggregator.dedupe.sketch import SHINGLE, Sketch

TINY = 25
"""Words of the shorter text. Below, every word has to agree, and the feeds must differ: notices."""
SHORT = 60
MEDIUM = 150
LONG = 250
ALL_BUT_EQUAL = 0.95
"""Share of the shorter text that the longer one has."""


@dataclass(frozen=True, slots=True)
class Span:
    """The place in a text of the words that it shares with another; ``gaps`` as (start, length)."""

    covered: int
    start: int
    end: int
    gaps: tuple[tuple[int, int], ...]


def span_of(sketch: Sketch, shared: AbstractSet[bytes]) -> Span:
    """The span of the words of ``sketch`` of which the other text has the shingles ``shared``."""
    size = len(sketch.words)
    start, end, covered = -1, 0, 0
    gaps = []
    for at in [at for at, shingle in enumerate(sketch.shingles) if shingle in shared]:
        if start < 0:
            start = end = at
        if at > end:
            gaps.append((end, at - end))
            end = at
        covered += at + SHINGLE - end
        end = at + SHINGLE
    # A text of fewer words than a shingle has is one shingle.
    return Span(min(covered, size), max(start, 0), min(end, size), tuple(gaps))
