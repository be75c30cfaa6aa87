"""Annotated pages, the measure of extraction, and which blocks of a page the annotation holds."""

from __future__ import annotations

import json
import lzma
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_TOKEN = re.compile(r"\w+")
_SHINGLE = 4  # tokens


@dataclass(frozen=True, slots=True)
class AnnotatedPage:
    """A page, and its article's text as a person marked it."""

    id: str
    url: str
    title: str
    site: str
    html: str
    text: str


def read_pages(file: Path) -> list[AnnotatedPage]:
    """The pages of an xz-compressed file of JSON lines (``id, url, title, site, html, text``)."""
    with lzma.open(file, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [
        AnnotatedPage(**{name: row[name] or "" for name in AnnotatedPage.__slots__}) for row in rows
    ]


def tokens(text: str) -> list[str]:
    """The ``\\w+`` tokens of ``text``."""
    return _TOKEN.findall(text)


def shingles(said: Sequence[str]) -> Counter[tuple[str, ...]]:
    """Runs of four tokens with their counts; all tokens as one where there are fewer."""
    if len(said) < _SHINGLE:
        return Counter([tuple(said)] if said else [])
    return Counter(tuple(said[i : i + _SHINGLE]) for i in range(len(said) - _SHINGLE + 1))


def precision_recall(found: str, annotated: str) -> tuple[float, float]:
    """Of one page: the share of shingles found that are right, and of those annotated that were found."""
    ours, theirs = shingles(tokens(found)), shingles(tokens(annotated))
    right = (ours & theirs).total()
    precision = right / ours.total() if ours else float(not theirs)
    recall = right / theirs.total() if theirs else float(not ours)
    return precision, recall


def word_f1(found: str, annotated: str) -> float:
    """F1 of the words of one page, as a bag."""
    ours, theirs = Counter(tokens(found)), Counter(tokens(annotated))
    right = (ours & theirs).total()
    return 2 * right / (ours.total() + theirs.total()) if right else float(not ours and not theirs)


def f1(pages: Sequence[tuple[float, float]]) -> tuple[float, float, float]:
    """The mean precision, the mean recall, and the F1 of these means."""
    precision = sum(p for p, _ in pages) / len(pages)
    recall = sum(r for _, r in pages) / len(pages)
    return precision, recall, 2 * precision * recall / ((precision + recall) or 1)


def auc(scores: Sequence[float], right: Sequence[bool]) -> float:
    """The chance that one of the ``right`` has a higher score than one of the others; equal ones count half."""
    good = [score for score, is_right in zip(scores, right, strict=True) if is_right]
    bad = [score for score, is_right in zip(scores, right, strict=True) if not is_right]
    above = sum((one > other) + (one == other) / 2 for one in good for other in bad)
    return above / ((len(good) * len(bad)) or 1)


def shares_annotated(blocks: Sequence[str], annotated: str) -> list[float]:
    """For the text of each block, in document order, the share (0 … 1) of it that is annotated.

    Blocks of four tokens and more are looked for anywhere; shorter ones only between the places where
    their neighbours were found.
    """
    theirs = tokens(annotated)
    places: dict[tuple[str, ...], int] = {}
    for i in range(len(theirs) - _SHINGLE, -1, -1):
        places[tuple(theirs[i : i + _SHINGLE])] = i
    ours = [tokens(text) for text in blocks]
    shares = [_share(said, places) for said in ours]
    ends = _nearest(ours, shares, places, forward=True)
    starts = _nearest(ours, shares, places, forward=False)
    for i, said in enumerate(ours):
        if 0 < len(said) < _SHINGLE:
            window = theirs[max(0, ends[i]) : (starts[i] if starts[i] >= 0 else len(theirs))]
            found = any(window[j : j + len(said)] == said for j in range(len(window)))
            shares[i] = float(found and (ends[i] >= 0 or starts[i] >= 0) and len(window) < 400)
    return shares


def _share(said: list[str], places: dict[tuple[str, ...], int]) -> float:
    if len(said) < _SHINGLE:
        return 0.0
    runs = [tuple(said[i : i + _SHINGLE]) for i in range(len(said) - _SHINGLE + 1)]
    return sum(run in places for run in runs) / len(runs)


def _nearest(
    ours: list[list[str]], shares: list[float], places: dict[tuple[str, ...], int], *, forward: bool
) -> list[int]:
    """For each block where in the annotation its found neighbour ends (or, backward, begins); -1: none."""
    nearest, last = [-1] * len(ours), -1
    order = range(len(ours)) if forward else range(len(ours) - 1, -1, -1)
    for i in order:
        nearest[i] = last
        if shares[i] >= 0.5:
            said = ours[i]
            runs = [tuple(said[j : j + _SHINGLE]) for j in range(len(said) - _SHINGLE + 1)]
            found = [places[run] for run in runs if run in places]
            if found:
                last = found[-1] + _SHINGLE if forward else found[0]
    return nearest
