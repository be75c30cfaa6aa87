"""Which changes of feeds are told, and when they are summed up."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.model import HealthKind, LastHealth
from aggregator.schedule.cron import Cron
from aggregator.schedule.health_changes import is_news, is_told, summary_day

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BROKE, BACK, MOVED = HealthKind.BROKE, HealthKind.BACK, HealthKind.MOVED
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("kind", "last", "ago", "news"),  # the last one after three failures
    [
        (BROKE, None, DAY, True),
        (BROKE, BROKE, DAY, False),
        (BROKE, BACK, DAY, True),
        (BROKE, BACK, DAY - HOUR, False),  # it flaps
        (BACK, None, DAY, False),
        (BACK, BACK, DAY, False),
        (BACK, BROKE, HOUR, True),
        (MOVED, BROKE, HOUR, True),
        (MOVED, None, HOUR, True),
    ],
)
def test_a_feed_breaks_once_and_comes_back_once(
    kind: HealthKind, last: HealthKind | None, ago: timedelta, *, news: bool
) -> None:
    known = LastHealth(last, NOW - ago, told=True, failures=3) if last else None
    assert is_news(kind, known, NOW, 4) is news


def test_a_feed_whose_failures_are_counted_anew_can_break_again() -> None:
    known = LastHealth(BROKE, NOW - DAY, told=True, failures=5)
    assert is_news(BROKE, known, NOW, 3)
    assert not is_news(BROKE, known, NOW - HOUR, 3)
    assert not is_news(BROKE, known, NOW, 6)


@given(st.lists(st.booleans(), max_size=300), st.integers(1, 120))
def test_a_feed_that_flaps_is_told_of_twice_a_day(works: list[bool], minutes: int) -> None:
    last, told, now, failures = None, [], NOW, 0
    for one in works:
        now += timedelta(minutes=minutes)
        kind, failures = (BACK, 0) if one else (BROKE, failures + 1)
        if is_news(kind, last, now, failures):
            last = LastHealth(kind, now, told=True, failures=failures)
            told.append((kind, now))
    assert [kind for kind, _ in told] == [BROKE, BACK] * (len(told) // 2) + [BROKE] * (
        len(told) % 2
    )
    broke = [when for kind, when in told if kind is BROKE]
    assert all(later - earlier >= DAY for earlier, later in pairwise(broke))


def test_when_very_many_break_the_rest_is_left_to_the_summary() -> None:
    assert is_told(BROKE, None, 19)
    assert not is_told(BROKE, None, 20)
    assert not is_told(MOVED, None, 20)
    assert is_told(BACK, LastHealth(BROKE, NOW, told=True), 100)
    assert not is_told(BACK, LastHealth(BROKE, NOW, told=False), 0)


@pytest.mark.parametrize(
    ("first", "last_day", "now", "day"),
    [
        (None, "", "2026-11-02T12:00", None),
        ("2026-11-02T05:00", "", "2026-11-02T05:59", None),  # 06:59 there
        ("2026-11-02T05:00", "", "2026-11-02T06:00", date(2026, 11, 2)),
        ("2026-11-02T05:00", "2026-11-02", "2026-11-02T06:00", None),  # there is one already
        ("2026-11-02T07:00", "2026-11-02", "2026-11-03T05:59", None),
        ("2026-11-02T07:00", "2026-11-02", "2026-11-03T06:10", date(2026, 11, 3)),
        ("2026-11-02T07:00", "2026-11-02", "2026-11-09T23:10", date(2026, 11, 10)),  # was away
        ("2026-10-24T20:00", "", "2026-10-25T05:59", None),  # the night is an hour longer
        ("2026-10-24T20:00", "", "2026-10-25T06:00", date(2026, 10, 25)),
        ("2026-03-28T20:00", "", "2026-03-29T05:00", date(2026, 3, 29)),  # and an hour shorter
    ],
)
def test_a_summary_is_due_once_a_local_day(
    first: str | None, last_day: str, now: str, day: date | None
) -> None:
    began = datetime.fromisoformat(first).replace(tzinfo=UTC) if first else None
    at = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert summary_day(Cron("0 7 * * *", BERLIN), BERLIN, at, began, last_day) == day


@given(st.lists(st.integers(1, 3000), max_size=60), st.sampled_from(["30 2 * * *", "0 * * * *"]))
def test_there_is_one_a_date_whenever_it_is_looked_for(waits: list[int], cron: str) -> None:
    now, last, days = datetime(2026, 10, 23, tzinfo=UTC), "", []
    schedule = Cron(cron, BERLIN)
    for minutes in waits:
        first = now
        now += timedelta(minutes=minutes)
        day = summary_day(schedule, BERLIN, now, first, last)
        if day is not None:
            last = day.isoformat()
            days.append(day)
    assert days == sorted(set(days))
