"""Anchor: the place on the page where the feed's summary, and so mostly the article, begins."""

from __future__ import annotations

from collections.abc import Sequence

from aggregator.extract.choice.votes import alike, squeezed

_TELLING = 24  # letters that are unlikely to stand somewhere by chance
_LITTLE = 0.2  # share of what is kept that may stand before the summary by mistake
_DATELINE = 40  # letters of a block that a summary may leave out: a place, an agency, "Abstract:"


def anchored(
    texts: Sequence[str], kept: Sequence[bool], summary: str, titles: Sequence[str] = ()
) -> list[bool]:
    """``kept`` with the blocks that ``summary`` quotes, and without the few before them.

    ``texts`` are those of all blocks, squeezed. One of ``titles`` before the summary is no part of it. A
    summary that begins in the midst of what is kept is from another place of the article, or another
    text, and changes nothing.
    """
    said = _untitled(alike(squeezed(summary)).rstrip(".[]"), titles)
    first = next((i for i, keep in enumerate(kept) if keep), -1)
    if len(said) < _TELLING or first < 0:
        return list(kept)
    folded = [alike(text) for text in texts]
    starts = [i for i, text in enumerate(folded) if _begins(text, said)]
    if not starts:
        return list(kept)
    # Teasers elsewhere on the page have the same words; the text itself is nearest to what is kept.
    start = next((i for i in starts if kept[i]), min(starts, key=lambda i: abs(i - first)))
    now = list(kept)
    before = [i for i in range(start) if kept[i]]
    total = sum(len(text) for text, keep in zip(texts, kept, strict=True) if keep)
    if sum(len(texts[i]) for i in before) > _LITTLE * total:
        return now
    for i in before:
        now[i] = False
    for i in range(start, len(texts)):
        if _begins(folded[i], said):
            now[i] = True
            said = said[len(folded[i]) :]
        if len(said) < _TELLING:
            break
    return now


def _untitled(said: str, titles: Sequence[str]) -> str:
    """``said`` without a title that it begins with, unless it is nothing more."""
    for title in map(alike, map(squeezed, titles)):
        if said.startswith(title) and len(said) >= len(title) + _TELLING:
            return said[len(title) :]
    return said


def _begins(text: str, said: str) -> bool:
    """Whether a block's ``text`` and what is ``said`` begin alike."""
    at = text.find(said[:_TELLING], 0, _DATELINE + _TELLING)
    return at >= 0 or (len(text) >= _TELLING and said.startswith(text))
