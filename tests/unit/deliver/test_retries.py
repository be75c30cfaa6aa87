"""Deliveries that failed: when they are tried again, and when they are given up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.deliver.retries import next_attempt

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


def test_the_first_failure_is_followed_up_in_seconds() -> None:
    assert next_attempt(1, NOW, NOW, None, 0.0) == NOW + timedelta(seconds=10)


def test_waits_grow_to_hours_and_stay_there() -> None:
    def wait(failures: int) -> timedelta:
        at = next_attempt(failures, NOW, NOW, None, 0.0)
        assert at is not None
        return at - NOW

    waits = [wait(failures) for failures in range(1, 13)]
    assert waits == sorted(waits)
    assert waits[-1] == waits[-2] == timedelta(hours=6)


def test_what_fails_for_days_is_given_up() -> None:
    at: datetime | None = NOW
    attempts = 0
    while at is not None:
        attempts += 1
        last, at = at, next_attempt(attempts, NOW, at, None, 0.0)
    assert timedelta(days=5) <= last - NOW <= timedelta(days=5, hours=6)
    assert 20 <= attempts <= 40


@pytest.mark.parametrize(
    ("asked", "wait"),
    [
        (timedelta(seconds=1), timedelta(seconds=10)),
        (timedelta(hours=3), timedelta(hours=3)),
        (timedelta(days=400), timedelta(days=1)),
    ],
)
def test_a_receiver_may_ask_for_a_longer_wait_but_not_for_ever(
    asked: timedelta, wait: timedelta
) -> None:
    assert next_attempt(1, NOW, NOW, asked, 0.0) == NOW + wait


@given(
    failures=st.integers(1, 10**6),
    elapsed=st.timedeltas(timedelta(0), timedelta(days=10)),
    retry_after=st.none() | st.timedeltas(timedelta(days=-1), timedelta(days=10**6)),
    jitter=st.floats(0, 1, exclude_max=True),
)
def test_an_attempt_is_later_and_within_days(
    failures: int, elapsed: timedelta, retry_after: timedelta | None, jitter: float
) -> None:
    at = next_attempt(failures, NOW, NOW + elapsed, retry_after, jitter)
    if elapsed >= timedelta(days=5):
        assert at is None
    else:
        assert at is not None
        assert timedelta(seconds=10) <= at - (NOW + elapsed) <= timedelta(days=1, hours=12)
