"""Operators' schedules: fixed intervals and cron."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise

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


keys = st.text(max_size=40)


@given(intervals, offsets, keys)
def test_every_is_the_first_beat_of_the_feed_after_now(
    interval: timedelta, offset: timedelta, key: str
) -> None:
    schedule = Every(interval, key)
    beat = schedule.next_after(None, NOW + offset)
    assert NOW + offset < beat <= NOW + offset + interval
    when = schedule.next_after(beat, NOW)
    assert NOW < when <= NOW + interval
    assert (when - beat) % interval == timedelta(0)


@given(intervals, keys)
def test_a_late_poll_does_not_move_the_later_ones(interval: timedelta, key: str) -> None:
    schedule = Every(interval, key)
    first = due = schedule.next_after(None, NOW)
    for _ in range(20):
        due = schedule.next_after(due, due + interval * 0.9)
    assert due == first + 20 * interval


@given(intervals, keys)
def test_missed_polls_are_not_made_up_for(interval: timedelta, key: str) -> None:
    schedule = Every(interval, key)
    due = schedule.next_after(None, NOW)
    assert schedule.next_after(due, due + 10 * interval) == due + 11 * interval


@given(intervals, offsets, keys)
def test_a_poll_off_the_beats_is_not_soon_followed_by_another(
    interval: timedelta, offset: timedelta, key: str
) -> None:
    schedule = Every(interval, key)
    when = schedule.next_after(NOW + offset, NOW)
    on_beat = (when - (NOW + offset)) % interval == timedelta(0)
    assert on_beat or interval / 2 <= when - NOW <= interval * 1.5 + timedelta(microseconds=1)


def test_equal_intervals_that_start_together_are_spread_over_the_interval() -> None:
    whens = sorted(
        Every(HALF, f"https://{n}.example/feed").next_after(NOW, NOW) - NOW for n in range(1800)
    )
    assert len({when // timedelta(seconds=1) for when in whens}) > 1000
    per_minute = Counter(when // timedelta(minutes=1) for when in whens)
    assert max(per_minute.values()) <= 2 * 1800 / 30


def test_the_beats_follow_from_the_key_alone() -> None:
    one, other = (Every(HALF, "https://a.example/").next_after(None, NOW) for _ in range(2))
    assert one == other != Every(HALF, "https://b.example/").next_after(None, NOW)


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
        beats = [Every(HALF, "a").next_after(None, moment) for moment in hourly]
        assert {later - earlier for earlier, later in pairwise(beats)} == {2 * HALF}


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
