"""So many costly requests for each client."""

from __future__ import annotations

from aggregator.web import rate
from aggregator.web.rate import RateLimit


def test_a_burst_and_then_a_pace() -> None:
    limit = RateLimit(burst=3, pace=0.5)
    for _ in range(3):
        assert limit.wait("a", 100) == 0
        limit.spend("a", 100)
    assert limit.wait("a", 100) == 2
    assert limit.wait("a", 101) == 1
    assert limit.wait("a", 102) == 0
    assert limit.wait("b", 100) == 0


def test_after_a_while_all_is_forgiven() -> None:
    limit = RateLimit(burst=3, pace=0.5)
    for _ in range(3):
        limit.spend("a", 100)
    for _ in range(3):
        assert limit.wait("a", 106) == 0
        limit.spend("a", 106)
    assert limit.wait("a", 106) > 0


def test_who_asked_least_lately_is_forgotten_first() -> None:
    limit = RateLimit(burst=1, pace=0.001)
    limit.spend("first", 0)
    limit.spend("second", 0)
    limit.spend("first", 0)
    for number in range(rate._CLIENTS - 1):
        limit.spend(str(number), 0)
    assert limit.wait("first", 0) > 0
    assert limit.wait("second", 0) == 0
