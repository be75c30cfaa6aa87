"""The cadence: bounds, floors, and what makes a feed be polled more often."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from aggregator.model import UpdateHints
from aggregator.schedule.cadence import (
    DAY,
    WEEK,
    Pace,
    Policy,
    adaptive_interval,
    after_failure,
    after_success,
    backoff,
    next_attempt,
    next_poll,
    respect,
    safety_poll,
)
from aggregator.schedule.habits import entry_rate
from aggregator.schedule.triggers import Every

NOW = datetime(2026, 11, 2, 12, 30, tzinfo=UTC)  # a Monday
HOUR = timedelta(hours=1)
POLICY = Policy(HOUR, DAY)

SECOND = NOW.timestamp()  # publication times are Unix seconds
times = st.timedeltas(timedelta(days=-739_000), timedelta(days=2_900_000))
histories = st.lists(times.map(lambda age: (NOW + age).timestamp()), max_size=70)
near = st.lists(st.integers(0, 60 * 24 * 90).map(lambda m: SECOND - 60 * m), max_size=64)
chances = st.floats(0, 1, exclude_max=True)
intervals = st.timedeltas(timedelta(seconds=1), timedelta(days=36_500))
moments = st.integers(0, 8 * 365 * 24 * 60).map(lambda m: NOW + timedelta(minutes=m))
hints = st.builds(
    UpdateHints,
    st.none() | st.timedeltas(timedelta(0), timedelta(days=10_000)),
    st.frozensets(st.integers(0, 23)),
    st.frozensets(st.integers(0, 6)),
)


def every(step: timedelta, count: int) -> list[float]:
    return [(NOW - i * step).timestamp() for i in range(count)]


# ── rate and interval ────────────────────────────────────────────────────────────────────────


@given(histories)
def test_any_history_has_a_finite_rate_above_zero(recent: list[float]) -> None:
    rate = entry_rate(recent, NOW)
    assert 0 < rate < math.inf


@given(near, st.randoms(use_true_random=False))
def test_the_order_of_the_history_says_nothing(recent: list[float], random: object) -> None:
    backwards = sorted(recent)
    assert entry_rate(backwards, NOW) == pytest.approx(entry_rate(recent, NOW))


@given(near)
def test_one_more_entry_now_never_slows_a_feed(recent: list[float]) -> None:
    assert entry_rate([SECOND, *recent], NOW) >= entry_rate(recent, NOW) * (1 - 1e-9)


@pytest.mark.parametrize("per_day", [0.2, 1, 5, 24])
def test_a_steady_feed_has_the_rate_that_it_has(per_day: float) -> None:
    recent = every(DAY / per_day, int(120 * per_day))
    assert entry_rate(recent, NOW) == pytest.approx(per_day, rel=0.15)


def test_dates_in_the_future_count_as_now() -> None:
    assert entry_rate([(NOW + 900 * DAY).timestamp()], NOW) == entry_rate([SECOND], NOW)


@given(histories, intervals, intervals)
def test_the_interval_is_within_the_policy(
    recent: list[float], one: timedelta, other: timedelta
) -> None:
    policy = Policy(min(one, other), max(one, other))
    assert policy.min_interval <= adaptive_interval(recent, NOW, policy) <= policy.max_interval


@given(near, st.integers(1, 50))
def test_a_longer_stretch_never_shortens_the_interval(recent: list[float], stretch: int) -> None:
    stretched = adaptive_interval(recent, NOW, Policy(HOUR, DAY, float(stretch)))
    assert stretched >= adaptive_interval(recent, NOW, POLICY)


def test_an_even_pace_has_intervals_that_go_with_a_root_of_the_rate() -> None:
    wide = Policy(HOUR, 1000 * DAY)
    fast, slow = every(DAY / 3.0713, 300), every(DAY * 7.3819, 64)  # at ever other hours
    ratio = entry_rate(fast, NOW) / entry_rate(slow, NOW)
    intervals = adaptive_interval(slow, NOW, wide) / adaptive_interval(fast, NOW, wide)
    # A root of nine tenths of it, for slow feeds are protected; the hours of few entries shift it a little.
    assert intervals == pytest.approx(ratio ** (0.9 / 2), rel=0.25)


def test_a_feed_that_keeps_office_hours_is_left_alone_at_night() -> None:
    days = [NOW.replace(hour=9, minute=0) - i * DAY for i in range(1, 30)]
    recent = [
        (day + i * HOUR / 2).timestamp() for day in days if day.weekday() < 5 for i in range(3)
    ]
    wide = Policy(timedelta(minutes=5), DAY, 12.0)
    evening = NOW.replace(hour=18)
    saturday = evening + timedelta(days=4)
    morning = NOW.replace(hour=9, minute=10)
    busy = adaptive_interval(recent, morning, wide)
    assert busy < HOUR / 2
    assert adaptive_interval(recent, evening, wide) > 8 * busy
    assert adaptive_interval(recent, saturday, wide) > 12 * busy


def test_busy_feeds_get_the_shortest_interval_and_silent_ones_the_longest() -> None:
    assert adaptive_interval(every(HOUR, 64), NOW, POLICY) == POLICY.min_interval
    assert adaptive_interval([(NOW - 3000 * DAY).timestamp()], NOW, POLICY) > 5 * HOUR
    assert adaptive_interval([], NOW, Policy(HOUR, 2 * HOUR)) == 2 * HOUR


# ── after a success ──────────────────────────────────────────────────────────────────────────


@given(near, hints, st.none() | moments, chances)
def test_the_next_poll_is_never_early_and_never_forgotten(
    recent: list[float], hinted: UpdateHints, floor: datetime | None, chance: float
) -> None:
    when = after_success(NOW, recent, hinted, floor, POLICY, chance)
    interval = adaptive_interval(recent, NOW, POLICY)
    assert when >= NOW + interval
    if hinted.min_interval is not None:
        assert when >= NOW + min(hinted.min_interval, WEEK)
    if floor is not None:
        assert when >= min(floor, NOW + WEEK)
    assert when <= NOW + 1.1 * WEEK + WEEK


@given(near, chances)
def test_jitter_is_upwards_and_small(recent: list[float], chance: float) -> None:
    exact = after_success(NOW, recent, UpdateHints(), None, POLICY, 0)
    spread = after_success(NOW, recent, UpdateHints(), None, POLICY, chance)
    assert exact == NOW + adaptive_interval(recent, NOW, POLICY)
    assert exact <= spread <= exact + (exact - NOW) * 0.1


@given(moments, hints, st.none() | moments)
def test_skipped_hours_and_days_are_skipped(
    when: datetime, hinted: UpdateHints, floor: datetime | None
) -> None:
    moved = respect(when, NOW, hinted, floor)
    assert moved >= when
    possible = len(hinted.skip_hours) < 24 and len(hinted.skip_days) < 7
    if possible:
        assert moved.hour not in hinted.skip_hours
        assert moved.weekday() not in hinted.skip_days
    else:
        earliest = max(when, min(floor, NOW + WEEK)) if floor is not None else when
        assert moved == earliest
    if not hinted.skip_hours and not hinted.skip_days and floor is None:
        assert moved == when


def test_skipping_ends_at_the_first_hour_that_is_allowed() -> None:
    night = UpdateHints(skip_hours=frozenset(range(22, 24)) | frozenset(range(6)))
    late = datetime(2026, 11, 2, 22, 15, 30, tzinfo=UTC)
    assert respect(late, NOW, night, None) == datetime(2026, 11, 3, 6, tzinfo=UTC)
    weekend = UpdateHints(skip_days=frozenset({5, 6}))
    saturday = datetime(2026, 11, 7, 9, 15, tzinfo=UTC)
    assert respect(saturday, NOW, weekend, None) == datetime(2026, 11, 9, tzinfo=UTC)
    assert respect(late, NOW, UpdateHints(skip_hours=frozenset({21})), None) == late


# ── after a failure ──────────────────────────────────────────────────────────────────────────


@given(st.integers(1, 10_000), intervals, chances)
def test_backoff_is_between_the_interval_and_a_week(
    failures: int, interval: timedelta, chance: float
) -> None:
    wait = backoff(failures, interval, chance)
    assert interval <= wait <= max(WEEK, interval)
    assert wait <= interval * 2 ** min(failures, 20) if interval < WEEK else wait == interval


@given(st.integers(1, 100), st.integers(1, 100), intervals, chances)
def test_backoff_grows_with_failures(
    one: int, other: int, interval: timedelta, chance: float
) -> None:
    assume(one < other)
    assert backoff(one, interval, chance) <= backoff(other, interval, chance)


def test_backoff_is_spread_over_its_whole_range() -> None:
    assert backoff(3, HOUR, 0) == HOUR
    assert backoff(3, HOUR, 0.5) == 4.5 * HOUR
    assert 7.9 * HOUR < backoff(3, HOUR, 0.999) < 8 * HOUR


@given(st.integers(1, 100), st.none() | moments, chances)
def test_a_floor_only_makes_a_retry_later(
    failures: int, floor: datetime | None, chance: float
) -> None:
    when = after_failure(NOW, failures, HOUR, floor, chance)
    assert when == max(NOW + backoff(failures, HOUR, chance), floor or NOW)


@given(
    st.none() | st.timedeltas(-timedelta(days=30), timedelta(days=30)),
    st.timedeltas(timedelta(seconds=1), timedelta(days=30)),
)
def test_safety_polls(left: timedelta | None, safety: timedelta) -> None:
    when = safety_poll(NOW, None if left is None else NOW + left, safety)
    if left is None or left <= timedelta():
        assert when == NOW
    else:
        assert when == NOW + min(left, safety)


def test_the_operators_schedule_goes_before_the_feeds_own_pace() -> None:
    every = Every(HOUR / 2)
    own, fixed = Pace(POLICY, 4 * HOUR), Pace(POLICY, 4 * HOUR, every)
    hints = UpdateHints(DAY)
    assert (own.shortest, fixed.shortest) == (HOUR, HOUR / 2)
    assert next_poll(own, NOW, [], hints, None, 0) == NOW + DAY
    beat = every.next_after(None, NOW)
    assert next_poll(fixed, NOW, [], hints, None, 0, planned=beat) == beat
    assert next_poll(fixed, NOW, [], hints, NOW + 2 * HOUR, 0, planned=NOW) == NOW + 2 * HOUR
    assert next_attempt(own, NOW, 1, hints, None, 0) == NOW + DAY
    assert next_attempt(fixed, NOW, 1, hints, None, 0) == NOW + HOUR / 2


def test_a_pushed_feed_is_polled_for_safety_only() -> None:
    busy = [SECOND] * 60
    every = Every(HOUR)
    own, fixed = Pace(POLICY, 4 * HOUR), Pace(POLICY, 4 * HOUR, every)
    until = NOW + DAY
    assert next_poll(own, NOW, busy, UpdateHints(), None, 0) == NOW + HOUR
    assert next_poll(own, NOW, busy, UpdateHints(), None, 0, pushed_until=until) == NOW + 4 * HOUR
    beat = every.next_after(None, NOW)
    pushed = next_poll(fixed, NOW, busy, UpdateHints(), None, 0, planned=beat, pushed_until=until)
    assert pushed == beat
