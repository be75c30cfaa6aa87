"""Reports that share quotations only: one letter, statement or statute, in two outlets' own words.

What stands in quotation marks in either text is quoted, and so is a shared run that both begin right
after a line that introduces it. Of the words around it copies share most, reports of their own little.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet

from aggregator.dedupe.quotations import Span
from aggregator.dedupe.sketch import SHINGLE, Sketch

_LEAST_OWN = 12  # shingles of either text: with fewer it is the quotation that is told
_LEAST_BESIDE = 6  # … where both have all that they share in marks
_ALL_MARKED = 0.9
_MUCH_OWN, _MUCH_SHARE = 30, 0.2  # shingles, and of the shorter text, that say more
_LEAST_QUOTED = 20  # shared shingles
_SHARED = 0.25  # of the own shingles of the text with fewer, as far as they are more than a turn of phrase
_MOST_OF_OWN = 0.75  # of them, however short the rows are that both have
_PHRASE = 8  # shingles in a row, twelve words, that are more than a turn of phrase
_RIPPLE = 6  # words that differ within a run: a correction, a spelling
_NEAR = 3  # words between a line that introduces and what both texts share
_CUE = 12  # words of that line that both may have, too


def share_quotations_only(one: Sketch, other: Sketch, shared: AbstractSet[bytes]) -> bool:
    """True for two texts with words of their own, that have little but quotations in common.

    What only one of them introduces is a quotation where both say more beside it.
    """
    in_one, in_other = _in_marks(one), _in_marks(other)
    marked = in_one | in_other
    both = in_one & in_other & shared
    own = _LEAST_BESIDE if len(both) >= _ALL_MARKED * len(shared) else _LEAST_OWN
    mine, theirs = _introduced(one, shared), _introduced(other, shared)
    if _stand_apart(one, other, shared, marked | (mine & theirs), own):
        return True
    least = max(_MUCH_OWN, _MUCH_SHARE * min(len(one.distinct), len(other.distinct)))
    return mine != theirs and _stand_apart(one, other, shared, marked | mine | theirs, least)


def _stand_apart(
    one: Sketch, other: Sketch, shared: AbstractSet[bytes], quoted: set[bytes], least_own: float
) -> bool:
    if len(quoted & shared) < _LEAST_QUOTED:
        return False
    mine, theirs = one.distinct - quoted, other.distinct - quoted
    least = min(len(mine), len(theirs))
    if least < least_own or len(mine & theirs) >= _MOST_OF_OWN * least:
        return False
    return _said_alike(one, other, quoted) < _SHARED * least


def _said_alike(one: Sketch, other: Sketch, quoted: set[bytes]) -> int:
    """The number of their own shingles that both have in a row: fewer are a turn of phrase."""
    mine = other.distinct - quoted
    count = row = 0
    for shingle in one.shingles:
        if shingle in mine and shingle not in quoted:
            row += 1
            if row == _PHRASE:
                count += row
            elif row > _PHRASE:
                count += 1
        else:
            row = 0
    return count


def _in_marks(sketch: Sketch) -> set[bytes]:
    return _shingles(sketch, sketch.quoted, margin=2)


def _introduced(sketch: Sketch, shared: AbstractSet[bytes]) -> set[bytes]:
    """The shingles of the runs of ``shared`` ones that begin after a line that introduces them."""
    if not sketch.openings:
        return set()
    found = [
        (start, end)
        for start, end in _runs(sketch, shared)
        if any(_begins_at(opening, start) for opening in sketch.openings)
    ]
    return _shingles(sketch, found, margin=0)


def _begins_at(opening: int, start: int) -> bool:
    """Whether a run that starts there begins with what is introduced, or with the words that introduce it."""
    before = _CUE if start >= _CUE else _NEAR  # nobody's own words stand before the first line
    return -before <= start - opening <= _NEAR


def _runs(sketch: Sketch, shared: AbstractSet[bytes]) -> Iterator[Span]:
    start = end = -1
    for at, shingle in enumerate(sketch.shingles):
        if shingle in shared:
            if at > end + _RIPPLE or start < 0:
                if start >= 0:
                    yield start, end
                start = at
            end = at + SHINGLE
    if start >= 0:
        yield start, end


def _shingles(sketch: Sketch, spans: tuple[Span, ...] | list[Span], margin: int) -> set[bytes]:
    """The shingles within ``spans`` of words, up to ``margin`` words over either end."""
    return {
        shingle
        for start, end in spans
        for shingle in sketch.shingles[max(0, start - margin) : max(0, end + margin + 1 - SHINGLE)]
    }
