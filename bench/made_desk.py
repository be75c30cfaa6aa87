"""The desk at which a made set is written: documents of papers, and which of them are copies."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from typing import Self

from aggregator.dedupe.score import Document, LabelledSet, Pair


class Desk:
    """The documents and labels of one set, as its families add them."""

    def __init__(self, draw: random.Random, name: str, papers: Sequence[str]) -> None:
        self.draw, self._name, self._papers = draw, name, papers
        self._documents: list[Document] = []
        self._duplicates: set[Pair] = set()
        self.standing: Mapping[str, Sequence[str]] = {}  # lines at the end of all that a paper has

    def make(self, family: Callable[[Self], None], families: int) -> LabelledSet:
        """The set of so many families, shuffled."""
        for _ in range(families):
            family(self)
        self.draw.shuffle(self._documents)
        return LabelledSet(self._name, tuple(self._documents), frozenset(self._duplicates))

    def papers(self, count: int) -> list[str]:
        """So many papers."""
        return self.draw.sample(self._papers, count)

    def add(self, title: str, lines: Sequence[str], paper: str) -> str:
        """A document of ``paper``, with its standing lines at the end; returns its id."""
        text = "\n".join([*lines, *self.standing.get(paper, ())])
        one = Document(f"{self._name}-{len(self._documents)}", text, paper, "", title)
        self._documents.append(one)
        return one.id

    def same(self, ids: Sequence[str]) -> None:
        """These documents are copies of each other."""
        self._duplicates.update((one, other) for one, other in combinations(sorted(ids), 2))
