"""Whether the order of arrival decides: one labelled set in several random orders.

Prints the pairs common to all orders ÷ the pairs in any, the wrong pairs that only some orders join,
and the share of documents whose story has one id in all orders.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from aggregator.dedupe.score import LabelledSet, Pair, cluster

ORDERS = 10


@dataclass(frozen=True, slots=True)
class Stability:
    """What orders have in common: pairs of documents in one story, and who founded it."""

    in_all: int
    in_any: int
    by_chance: int  # wrong pairs that some orders join and others do not
    same_founder: float  # share of the documents

    @property
    def share(self) -> float:
        """Pairs common to all orders ÷ pairs in any; 1 when there is none."""
        return self.in_all / self.in_any if self.in_any else 1.0


def stability(labelled: LabelledSet, orders: int = ORDERS, seed: int = 1) -> Stability:
    """Cluster ``labelled`` in so many random orders."""
    draw = random.Random(seed)
    found: list[set[Pair]] = []
    founders: dict[str, set[str]] = {}
    for _ in range(orders):
        documents = draw.sample(labelled.documents, len(labelled.documents))
        stories, _ = cluster(documents)
        found.append(set(_pairs(stories)))
        for story in stories:
            for member in story:
                founders.setdefault(member, set()).add(story[0])
    in_all, in_any = set.intersection(*found), set.union(*found)
    wrong = (in_any - in_all) - labelled.duplicates - labelled.ignored
    alike = sum(len(one) == 1 for one in founders.values())
    return Stability(len(in_all), len(in_any), len(wrong), alike / max(1, len(founders)))


def _pairs(stories: list[list[str]]) -> Iterator[Pair]:
    for members in stories:
        for pair in combinations(members, 2):
            one, other = sorted(pair)
            yield one, other
