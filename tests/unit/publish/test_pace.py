"""How long caches may keep an output."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.publish.pace import Freshness, freshness

NOW = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("minutes_ago", "interval", "minutes"),
    [
        pytest.param([], 0, 1, id="nothing is known"),
        pytest.param([0], 0, 1, id="it has just begun"),
        pytest.param([40, 30, 20, 10], 0, 5, id="every ten minutes"),
        pytest.param([120, 110, 100], 0, 20, id="every ten minutes, then silence"),
        pytest.param([4 * 60, 2 * 60], 0, 60, id="every other hour"),
        pytest.param([60 * 24 * 30], 0, 60, id="a month ago"),
        pytest.param([2, 1.5, 1, 0.5], 0, 1, id="all the time"),
        pytest.param([40, 30, 20, 10], 15, 15, id="published less often than that"),
        pytest.param([10], 60 * 5, 60, id="published every five hours"),
        pytest.param([-60], 0, 1, id="the clock was set back"),
        pytest.param([1000, *range(40, 0, -2)], 0, 1, id="what is long ago does not count"),
    ],
)
def test_half_of_what_changes_are_apart(
    minutes_ago: list[float], interval: int, minutes: int
) -> None:
    changes = [NOW - ago * MINUTE for ago in minutes_ago]
    assert freshness(changes, NOW, interval * MINUTE) == Freshness.of(minutes * MINUTE)


@given(st.lists(st.integers(-(10**6), 10**6)), st.integers(0, 10**5))
def test_it_is_within_a_minute_and_an_hour(seconds_ago: list[int], interval: int) -> None:
    changes = sorted(NOW - timedelta(seconds=ago) for ago in seconds_ago)
    found = freshness(changes, NOW, timedelta(seconds=interval))
    assert MINUTE <= found.max_age <= 60 * MINUTE
    assert found.while_revalidating == found.max_age


def test_what_caches_are_told() -> None:
    told = Freshness.of(timedelta(seconds=90.7)).cache_control("private")
    assert told == "private, max-age=90, stale-while-revalidate=90, stale-if-error=86400"
