"""Leave one set out: each threshold is chosen on the other sets, and judged on the one left out.

One value is moved at a time, the others stay: it shows how far a value is fitted to a set, not
whether the rules are, which were found by looking at sets.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from types import ModuleType

from aggregator.dedupe import cited, compare, whole_story
from aggregator.dedupe.score import LabelledSet, Score, macro, score

MOST_DOCUMENTS = 500  # of a set
VALUES: tuple[tuple[ModuleType, str, tuple[float, ...]], ...] = (
    (compare, "_CONTAINED", (0.5, 0.66)),
    (compare, "_CONTAINED_UNBROKEN", (0.42, 0.58)),
    (compare, "_CONTAINED_SHORT", (0.7, 0.9)),
    (compare, "_LEAD_SHARE", (0.34, 0.5)),
    (compare, "_SLOTS_DIFFER", (0.25, 0.45)),
    (compare, "_SCATTERED", (0.68, 0.76)),
    (cited, "_SHARED", (0.15, 0.35)),
    (whole_story, "_ALIKE", (0.25, 0.6)),
)


def left_out(sets: Sequence[LabelledSet]) -> Iterator[tuple[Score, Score, str]]:
    """For each set its score by the code's values, by those chosen on the others, and what was chosen."""
    cut = [smaller(one) for one in sets]
    base = [score(one) for one in cut]
    moved = {}
    for module, name, values in VALUES:
        for value in values:
            print(f"{name} = {value}", file=sys.stderr, flush=True)  # progress: each takes a while
            with _set(module, name, value):
                moved[name, value] = [score(one) for one in cut]
    for number, one in enumerate(cut):
        chosen: list[tuple[ModuleType, str, float]] = []
        for module, name, values in VALUES:
            best = _others(base, number)
            for value in values:
                if _others(moved[name, value], number) > best:
                    best = _others(moved[name, value], number)
                    chosen = [c for c in chosen if c[1] != name] + [(module, name, value)]
        said = " ".join(f"{name}={value}" for _, name, value in chosen)
        if len(chosen) < 2:
            known = moved[chosen[0][1:]][number] if chosen else base[number]
            yield base[number], known, said
            continue
        with _all_set(chosen):
            yield base[number], score(one), said


def _others(scores: Sequence[Score], number: int) -> float:
    return macro(one for n, one in enumerate(scores) if n != number)


def smaller(labelled: LabelledSet) -> LabelledSet:
    """At most so many documents, in their order: half of them copies, as far as there are."""
    chosen: set[str] = set()
    for pair in sorted(labelled.duplicates):
        if len(chosen.union(pair)) <= MOST_DOCUMENTS // 2:
            chosen.update(pair)
    for one in labelled.documents:
        if len(chosen) < MOST_DOCUMENTS:
            chosen.add(one.id)
    documents = tuple(one for one in labelled.documents if one.id in chosen)
    kept = frozenset(pair for pair in labelled.duplicates if chosen.issuperset(pair))
    return replace(labelled, documents=documents, duplicates=kept)


@contextmanager
def _set(module: ModuleType, name: str, value: float) -> Iterator[None]:
    before = getattr(module, name)  # a name that is gone is an error
    setattr(module, name, value)
    try:
        yield
    finally:
        setattr(module, name, before)


@contextmanager
def _all_set(chosen: Sequence[tuple[ModuleType, str, float]]) -> Iterator[None]:
    if not chosen:
        yield
        return
    with _set(*chosen[0]), _all_set(chosen[1:]):
        yield
