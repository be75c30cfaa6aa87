"""Polls slow down while entries wait, and never stop."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from aggregator.schedule.backlog import backlog_age, share_of_polls

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
ages = st.timedeltas(timedelta(0), timedelta(days=400))


def test_the_age_is_that_of_who_waits_longest_and_never_below_zero() -> None:
    assert backlog_age(None, NOW) == timedelta(0)
    assert backlog_age(NOW - timedelta(hours=1), NOW) == timedelta(hours=1)
    assert backlog_age(NOW + timedelta(hours=1), NOW) == timedelta(0)  # the clock was set back


def test_a_minute_behind_is_half_the_pace() -> None:
    assert share_of_polls(timedelta(seconds=30)) == 1
    assert share_of_polls(timedelta(minutes=1)) == 0.5
    assert share_of_polls(timedelta(days=1)) == 1 / 16


@given(ages, ages)
def test_the_longer_entries_wait_the_less_is_polled_but_never_nothing(
    one: timedelta, other: timedelta
) -> None:
    shorter, longer = sorted((one, other))
    assert 0 < share_of_polls(longer) <= share_of_polls(shorter) <= 1
