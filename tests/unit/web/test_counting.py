"""Requests counted in memory."""

from __future__ import annotations

from aggregator.model import ReaderCount
from aggregator.web import counting
from aggregator.web.counting import ReaderCounts


def test_those_alike_are_one() -> None:
    counts = ReaderCounts()
    counts.count("all", "atom", 304, "newsboat/2.21 (Linux)")
    counts.count("all", "atom", 304, "newsboat/2.21 (Linux)")
    counts.count("all", "atom", 304, "newsboat/2.30 (Linux)")
    counts.count("all", "atom", 200, "Feedly/1.0 (5 subscribers)")
    assert sorted(counts.take(), key=lambda one: one.status) == [
        ReaderCount("all", "atom", 200, "Feedly", "", 5, 1),
        ReaderCount("all", "atom", 304, "newsboat", "", None, 3),
    ]
    assert counts.take() == []


def test_strangers_fill_no_memory_and_all_is_counted() -> None:
    counts, most = ReaderCounts(), counting._MOST
    for number in range(3 * most):
        counts.count("all", "atom", 200, f"x{number}" + "y" * 5000)
    assert len(counts._counted) == most + 1
    assert max(len(key[3]) for key in counts._counted) == counting._LONGEST
    assert sum(one.requests for one in counts.take()) == 3 * most
