"""Habits: hours and weekdays of a feed, as far as a few entries tell of them."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.schedule.habits import BINS, Habits, appeared, habits

NOW = datetime(2026, 11, 2, 12, 30, tzinfo=UTC)  # a Monday
SECOND = NOW.timestamp()
DAY = timedelta(days=1)
times = st.integers(-(10**11), 10**11).map(lambda age: SECOND + age)


def at(days_ago: int, hour: int, minute: int = 0) -> float:
    return (NOW.replace(hour=hour, minute=minute) - days_ago * DAY).timestamp()


def half_hour(when: datetime) -> int:
    return int(when.timestamp() // 1800)


@given(st.lists(times, max_size=70))
def test_any_history_has_finite_factors_above_zero(recent: list[float]) -> None:
    known = habits(recent, NOW)
    assert len(known.half_hours) == BINS
    assert len(known.weekdays) == 7
    assert all(0 < one < math.inf for one in (*known.half_hours, *known.weekdays, known.rate))


@given(st.lists(times, max_size=70), st.randoms(use_true_random=False))
def test_order_says_nothing(recent: list[float], chance: object) -> None:
    shuffled = sorted(recent, key=lambda _: chance.random())  # type: ignore[attr-defined]
    assert habits(shuffled, NOW) == habits(recent, NOW)


def test_nothing_known_is_an_even_pace() -> None:
    assert habits([], NOW) == Habits(1 / 30, (1.0,) * BINS, (1.0,) * 7)


def test_a_daily_hour_stands_out_and_its_neighbours_with_it() -> None:
    known = habits([at(i, 7) for i in range(1, 31)], NOW)
    assert known.factor(half_hour(NOW.replace(hour=7, minute=0))) > 8
    assert known.factor(half_hour(NOW.replace(hour=7, minute=40))) > 5
    assert known.factor(half_hour(NOW.replace(hour=15))) < 0.2


def test_midnight_is_no_border() -> None:
    known = habits([at(i, 0) for i in range(1, 31)], NOW)
    assert known.half_hours[-1] == pytest.approx(known.half_hours[1])


def test_a_batch_is_one_for_the_hours_and_many_for_the_rate() -> None:
    alone = [at(i, 7) for i in range(1, 15)]
    batch = [at(3, 20) + i for i in range(40)]
    both = habits([*alone, *batch], NOW)
    one = habits([*alone, batch[0]], NOW)
    assert both.half_hours == one.half_hours
    assert both.rate > 2 * one.rate


def test_hours_that_were_not_looked_at_are_not_taken_for_quiet_ones() -> None:
    known = habits([SECOND - 600 * i for i in range(12)], NOW)  # ten minutes apart, for two hours
    assert known.factor(half_hour(NOW + timedelta(hours=9))) == pytest.approx(1, abs=0.01)
    assert known.factor(half_hour(NOW + 3 * DAY)) == pytest.approx(1, abs=0.2)


def test_weekends_are_told_from_weekdays() -> None:
    recent = [at(i, 9) for i in range(60) if (NOW - i * DAY).weekday() < 5]
    known = habits(recent, NOW)
    assert max(known.weekdays[5:]) < 0.3 * min(known.weekdays[:5])


def test_a_new_entry_appeared_when_it_says_unless_the_last_poll_did_not_see_it() -> None:
    hour = timedelta(hours=1)
    before = NOW - hour
    middle = (NOW - hour / 2).timestamp()
    assert appeared(NOW - hour / 4, NOW, before) == (NOW - hour / 4).timestamp()
    assert appeared(NOW - 9 * hour, NOW, before) == middle  # the day only, or listed late
    assert appeared(None, NOW, before) == middle
    assert appeared(NOW - 9 * DAY, NOW, before) == (NOW - 9 * DAY).timestamp()  # an archive
    assert appeared(NOW - 9 * hour, NOW, None) == (NOW - 9 * hour).timestamp()
    assert appeared(None, NOW, None) == appeared(NOW + 9 * DAY, NOW, before) == NOW.timestamp()
