"""Text budget: the entries that are read when a document has more text than may be sanitized.

An entry that there is no room for is left out as a whole, not shown without its texts: those may be
stored. The next time there is room for it, since what was read by then costs nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from aggregator.parse.caps import MAX_CONTENT, MAX_HTML, html_cost


def text_cost(text: str) -> int:
    """Cost of reading ``text``, 0 for one that is not read at all: see :func:`is_readable`."""
    cost = html_cost(text[:MAX_CONTENT])
    return cost if cost <= MAX_HTML else 0


def is_readable(text: str) -> bool:
    """True for a text no longer than may be sanitized of one. It depends on nothing else."""
    return html_cost(text[:MAX_CONTENT]) <= MAX_HTML


def over_budget(costs: Sequence[int], dates: Sequence[datetime], budget: int) -> frozenset[int]:
    """Indexes of the entries left out, by the cost of each; the newest are taken first.

    Of entries with one date the first is the newest.
    """
    if sum(costs) <= budget:
        return frozenset()
    left_out: list[int] = []
    for index in sorted(range(len(costs)), key=lambda i: (dates[i], -i), reverse=True):
        if costs[index] > budget:
            left_out.append(index)
        else:
            budget -= costs[index]
    return frozenset(left_out)


def note_of(left_out: int, count: int) -> str:
    """Note for the operator that so many of ``count`` entries are left out."""
    return f"{left_out} of {count} entries were left for later: there was no room for their texts"
