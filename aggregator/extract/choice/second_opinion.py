"""A second opinion on what a model keeps of a page: trafilatura's, where the two differ so much that one took another container.

Each of three cases has its evidence. The model goes on after the end: it keeps all that trafilatura's fast mode does, and far more
below it, without much trust in that: the next story, comments. It stops short: most of the page's prose is left out, and
trafilatura's default has that and nearly all that the model keeps. It doubts most of what it keeps. With models
that had not seen the pages, fourteen gain in the first two cases, and none loses (`docs/decisions/extraction-left-out.md`).

Else the model has the last word, but for tables and lists in the midst of what it keeps: few of their words are a paragraph's,
and who has not seen many of their kind takes them for menus.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import compress

import numpy as np

from aggregator.extract.choice.block_model import expected_precision
from aggregator.extract.choice.smooth import Numbers
from aggregator.extract.page.blocks import Block

_LEAST = 250  # letters of another choice
_DOUBTED = 0.62  # expected precision; measured: below it the model is wrong about every other page
_MOSTLY_LINKS = 0.3  # of the letters of a choice, or of a block
_HALF = 0.5  # of the letters that the model keeps: a choice of less is of a note on the page
# What goes on after the end: holds so much of the other choice, is so many times that, expects
# so little of the rest to be right, of which so much stands below.
_HOLDS, _FAR_MORE, _TRUSTED, _BELOW = 0.95, 1.3, 0.75, 0.85
# What stops short: leaves so much of the prose out, of which the other choice is so many times as
# much, holds so much of the model's, and has so few links.
_PROSE = 80  # letters
_MOST, _FAR_LESS, _HELD, _FEW_LINKS = 0.7, 2.5, 0.9, 0.1
_AGREED = 0.8  # as much as is expected then to be right: the model itself does not think so

# Tables and lists: of a run of blocks between what is kept that trafilatura has nearly whole, half is in them,
# few letters are links, and the model does not exclude it.
_CELLS = frozenset({"td", "th", "tr", "li", "dt", "dd"})
_WHOLE, _EXCLUDED = 0.9, 0.1
_CELL_DEPTH = 2  # boxes: a cell may hold a paragraph

Flags = np.ndarray[tuple[int], np.dtype[np.bool_]]


@dataclass(frozen=True, slots=True)
class Opinion:
    """Blocks to keep, and the share (0 … 1) of them that is expected to be right; None: not known."""

    kept: list[bool]
    expected: float | None


def second_opinion(
    blocks: Sequence[Block],
    kept: Sequence[bool],
    chances: Numbers,
    fast: Sequence[bool],
    thorough: Callable[[], Sequence[bool]],
) -> Opinion:
    """Choice of ``blocks``: what the model ``kept`` by its ``chances``, or what trafilatura chose.

    ``fast`` is the choice of its fast mode; ``thorough`` asks all of its extractors, which takes longer
    than all the rest, and is called for few pages.
    """
    letters = [len(block.squeezed) for block in blocks]
    sizes = np.array(letters, dtype=np.float64)
    linked = np.array([block.linked for block in blocks], dtype=np.float64)
    ours, theirs = np.array(kept, dtype=bool), np.array(fast, dtype=bool)
    expected = expected_precision(chances, letters, list(kept))
    if expected is None:
        return Opinion(list(kept), None)
    if _goes_on(sizes, chances, ours, theirs):
        return Opinion(list(fast), expected_precision(chances, letters, list(fast)))
    stops = _leaves_out(sizes, linked, ours)
    filled = _with_cells(blocks, kept, fast, chances)
    if not stops and expected >= _DOUBTED:
        return Opinion(filled, expected)
    theirs = np.array(thorough(), dtype=bool)
    if stops and _has_the_rest(sizes, linked, ours, theirs):
        return Opinion(theirs.tolist(), min(expected, _AGREED))
    if expected < _DOUBTED and _is_a_text(sizes, linked, ours, theirs):
        return Opinion(theirs.tolist(), expected)
    return Opinion(filled, expected)


def _with_cells(
    blocks: Sequence[Block], kept: Sequence[bool], fast: Sequence[bool], chances: Numbers
) -> list[bool]:
    """``kept`` with the tables and lists between what is kept that are ``fast`` nearly whole."""
    now = list(kept)
    before: int | None = None
    for i in compress(range(len(now)), kept):
        if before is not None and i - before > 1:
            run = range(before + 1, i)
            now[run.start : i] = [_is_of_cells(run, blocks, fast, chances)] * len(run)
        before = i
    return now


def _is_of_cells(
    run: range, blocks: Sequence[Block], fast: Sequence[bool], chances: Numbers
) -> bool:
    size = sum(len(blocks[i].squeezed) for i in run)
    chosen = sum(len(blocks[i].squeezed) for i in run if fast[i])
    in_cells = sum(
        len(blocks[i].squeezed)
        for i in run
        if any(box.tag in _CELLS for box in blocks[i].around(_CELL_DEPTH))
    )
    linked = sum(blocks[i].linked for i in run)
    likely = sum(float(chances[i]) * len(blocks[i].squeezed) for i in run)
    return (
        chosen >= _WHOLE * size
        and in_cells >= _HALF * size
        and linked <= _MOSTLY_LINKS * size
        and likely >= _EXCLUDED * size
    )


def _goes_on(sizes: Numbers, chances: Numbers, ours: Flags, theirs: Flags) -> bool:
    """Whether ``ours`` is ``theirs`` and far more below it that is not trusted much."""
    said = float(sizes[theirs].sum())
    if said < _LEAST or float(sizes[ours].sum()) < _FAR_MORE * said:
        return False
    if float(sizes[ours & theirs].sum()) < _HOLDS * said:
        return False
    more = ours & ~theirs
    size = float(sizes[more].sum())
    below = more & (np.arange(len(more)) > int(np.flatnonzero(theirs)[-1]))
    return (
        float((chances[more] * sizes[more]).sum()) < _TRUSTED * size
        and float(sizes[below].sum()) >= _BELOW * size
    )


def _leaves_out(sizes: Numbers, linked: Numbers, ours: Flags) -> bool:
    """Whether most of the page's prose is not ``ours``."""
    prose = ~ours & (sizes >= _PROSE) & (linked < _MOSTLY_LINKS * sizes)
    left = float(sizes[prose].sum())
    return left > _MOST * (left + float(sizes[ours].sum()))


def _has_the_rest(sizes: Numbers, linked: Numbers, ours: Flags, theirs: Flags) -> bool:
    """Whether ``theirs`` is nearly all of ``ours`` and far more, with few links."""
    said, held = float(sizes[ours].sum()), float(sizes[ours & theirs].sum())
    size = float(sizes[theirs].sum())
    few = float(linked[theirs].sum()) < _FEW_LINKS * size
    return few and size > _FAR_LESS * said and held >= _HELD * said


def _is_a_text(sizes: Numbers, linked: Numbers, ours: Flags, theirs: Flags) -> bool:
    """Whether ``theirs`` is no list of links, nor next to nothing beside ``ours``."""
    size = float(sizes[theirs].sum())
    least = max(_LEAST, _HALF * float(sizes[ours].sum()))
    return size >= least and float(linked[theirs].sum()) <= _MOSTLY_LINKS * size
