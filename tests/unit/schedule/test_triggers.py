"""Operators' schedules: fixed intervals and cron."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.schedule.cron import Cron, parse_cron
from aggregator.schedule.triggers import Every, schedule_of

NOW = datetime(2026, 11, 2, 12, 30, 15, 123456, tzinfo=UTC)  # a Monday
HALF = timedelta(minutes=30)
YEAR = timedelta(days=365)
intervals = st.integers(1000, 10**10).map(lambda ms: timedelta(milliseconds=ms))
offsets = st.timedeltas(-YEAR, YEAR)


@given(intervals, offsets)
def test_every_is_the_first_beat_of_its_rhythm_after_now(
    interval: timedelta, offset: timedelta
) -> None:
    previous = NOW + offset
    when = Every(interval).next_after(previous, NOW)
    assert NOW < when <= NOW + interval + timedelta(milliseconds=1)
    beats = (when - previous) / interval
    assert abs(beats - round(beats)) * interval < timedelta(milliseconds=1)


def test_a_late_poll_does_not_move_the_later_ones() -> None:
    schedule, due = Every(HALF), NOW
    for _ in range(1000):
        due = schedule.next_after(due, due + timedelta(minutes=7, microseconds=13))
    assert abs(due - (NOW + 1000 * HALF)) < timedelta(milliseconds=1)


def test_missed_polls_are_not_made_up_for() -> None:
    assert Every(HALF).next_after(NOW - 10 * HALF - HALF / 2, NOW) == NOW + HALF / 2


def test_a_poll_that_is_due_now_has_its_next_one_later() -> None:
    assert Every(HALF).next_after(NOW, NOW) == NOW + HALF
    assert Every(HALF).next_after(None, NOW) == NOW + HALF


def test_a_poll_before_its_time_keeps_the_rhythm() -> None:
    assert Every(HALF).next_after(NOW + HALF / 3, NOW) == NOW + HALF / 3


def test_a_feed_that_was_put_off_for_days_is_back_in_its_rhythm_at_once() -> None:
    assert Every(HALF).next_after(NOW + timedelta(days=6, minutes=10), NOW) == NOW + HALF / 3


@pytest.mark.parametrize(
    ("expression", "when"),
    [
        ("0 7 * * *", datetime(2026, 11, 3, 7, tzinfo=UTC)),
        ("31 12 * * *", datetime(2026, 11, 2, 12, 31, tzinfo=UTC)),
        ("*/20 * * * *", datetime(2026, 11, 2, 12, 40, tzinfo=UTC)),
        ("0 0 29 2 *", datetime(2028, 2, 29, tzinfo=UTC)),
        ("0 6 * * 0", datetime(2026, 11, 8, 6, tzinfo=UTC)),  # Sunday, as cron counts
        ("0 6 * * 1-2", datetime(2026, 11, 3, 6, tzinfo=UTC)),
    ],
)
def test_cron_in_utc(expression: str, when: datetime) -> None:
    assert Cron(parse_cron(expression)).next_after(None, NOW) == when


def test_cron_does_not_fire_again_at_the_moment_it_fired() -> None:
    schedule = Cron("30 12 * * *")
    fired = datetime(2026, 11, 2, 12, 30, tzinfo=UTC)
    assert schedule.next_after(fired, fired) == fired + timedelta(days=1)
    assert schedule.next_after(fired, fired - timedelta(microseconds=1)) == fired


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Asia/Kolkata"])
def test_the_machines_time_zone_and_its_summer_time_say_nothing(
    monkeypatch: pytest.MonkeyPatch, zone: str
) -> None:
    monkeypatch.setenv("TZ", zone)
    for month, day in ((3, 29), (10, 25), (3, 8), (11, 1)):  # when clocks change in 2026
        midnight = datetime(2026, month, day, tzinfo=UTC)
        hourly = [midnight + timedelta(hours=i) for i in range(24)]
        assert [Cron("0 * * * *").next_after(None, t) - t for t in hourly] == [
            timedelta(hours=1)
        ] * 24
        assert Every(HALF).next_after(hourly[0], hourly[5]) == hourly[5] + HALF


def test_a_time_in_another_zone_is_the_same_time() -> None:
    elsewhere = NOW.astimezone(timezone(timedelta(hours=5, minutes=30)))
    for schedule in (Cron("0 7 * * *"), Every(HALF)):
        when = schedule.next_after(elsewhere, elsewhere)
        assert when == schedule.next_after(NOW, NOW)


def test_a_date_that_never_comes_is_put_off_and_not_an_error() -> None:
    assert Cron("0 0 31 2 *").next_after(None, NOW) == NOW + YEAR


@pytest.mark.parametrize("expression", ["", "* * * *", "61 * * * *", "a b c d e", "* * * * * *"])
def test_nonsense_is_refused(expression: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the messages are APScheduler's
        Cron(expression)


def test_which_schedule_an_operator_chose() -> None:
    assert schedule_of(None, None) is None
    assert isinstance(schedule_of(HALF, None), Every)
    assert isinstance(schedule_of(None, "0 7 * * *"), Cron)
