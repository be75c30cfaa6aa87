"""Cron expressions: days as in every cron, and clocks that change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.schedule.cron import Cron, parse_cron

BERLIN = ZoneInfo("Europe/Berlin")
START = datetime(2026, 11, 1, tzinfo=UTC)  # a Sunday


def runs(cron: Cron, start: datetime, days: int) -> list[datetime]:
    """The runs after ``start``, in UTC."""
    found, at = [], start
    while (at := cron.next_after(None, at)) <= start + timedelta(days=days):
        found.append(at)
    return found


def days(expression: str) -> list[int]:
    """The days of November 2026 on which ``expression`` runs."""
    cron = Cron(parse_cron(expression))
    return [run.day for run in runs(cron, START - timedelta(seconds=1), 30)]


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        ("13 * 5", [6, 13, 20, 27]),  # a Friday the 13th counts once
        ("14 * 5", [6, 13, 14, 20, 27]),
        ("1,15 * mon", [1, 2, 9, 15, 16, 23, 30]),
        ("10-12 * 7", [1, 8, 10, 11, 12, 15, 22, 29]),
        ("1-31/10 * fri", [1, 6, 11, 13, 20, 21, 27]),
        ("13 * *", [13]),
        ("* * 5", [6, 13, 20, 27]),
        # What begins with an asterisk is not restricted: a day must fit both (Vixie cron).
        ("*/2 * 5", [13, 27]),
        ("13 * */5", [13]),
        ("14 * */2", [14]),
        ("15 * */6", [15]),
        ("16 * */6", []),
        # Sunday is 0 and 7, names are case-insensitive, ranges may name days.
        ("* * 0", [1, 8, 15, 22, 29]),
        ("* * 7", [1, 8, 15, 22, 29]),
        ("* * sun", [1, 8, 15, 22, 29]),
        ("* * SUN-Tue", [1, 2, 3, 8, 9, 10, 15, 16, 17, 22, 23, 24, 29, 30]),
        ("* * 0-2", [1, 2, 3, 8, 9, 10, 15, 16, 17, 22, 23, 24, 29, 30]),
        ("* * sat-sun", [1, 7, 8, 14, 15, 21, 22, 28, 29]),
        ("* * 6-7", [1, 7, 8, 14, 15, 21, 22, 28, 29]),
        ("* * 1", [2, 9, 16, 23, 30]),
        ("* * mon-fri/2", [2, 4, 6, 9, 11, 13, 16, 18, 20, 23, 25, 27, 30]),
        ("* * 1-5/2", [2, 4, 6, 9, 11, 13, 16, 18, 20, 23, 25, 27, 30]),
        ("* nov 5-7,1", [1, 2, 6, 7, 8, 9, 13, 14, 15, 16, 20, 21, 22, 23, 27, 28, 29, 30]),
        ("* * 0-7", list(range(1, 31))),
    ],
)
def test_the_days_that_an_expression_means(fields: str, wanted: list[int]) -> None:
    assert days(f"0 7 {fields}") == wanted


def test_either_of_two_days_is_one_that_comes() -> None:
    assert Cron(parse_cron("0 0 30 2 mon")).next_after(None, START) == datetime(
        2027, 2, 1, tzinfo=UTC
    )
    with pytest.raises(ValueError, match="never runs"):
        parse_cron("0 0 30 2 *")


def test_an_expression_stays_as_it_was_written() -> None:
    assert parse_cron(" 0  7 * *\t1-5 ") == "0 7 * * 1-5"


def test_the_day_rule_of_the_release_before() -> None:
    old = Cron("0 7 13 * 5", both_days=True)
    assert [run.day for run in runs(old, START, 30)] == [13]
    assert old.next_run(datetime(2026, 11, 14, tzinfo=UTC)) == datetime(2027, 8, 13, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("expression", "wanted"),
    [  # 29 March 2026: 02:00 to 03:00 is skipped in Berlin, UTC+1 becomes UTC+2
        ("30 2 * * *", ["28 01:30", "29 01:30", "30 00:30"]),  # 03:30 for what does not exist
        ("30 3 * * *", ["28 02:30", "29 01:30", "30 01:30"]),
        ("30 2,3 * * *", ["28 01:30", "28 02:30", "29 01:30", "30 00:30", "30 01:30"]),
        ("0 7 * * *", ["28 06:00", "29 05:00", "30 05:00"]),
        ("0 */12 * * *", ["28 11:00", "28 23:00", "29 10:00", "29 22:00", "30 10:00"]),
    ],
)
def test_what_the_clock_skips_in_spring(expression: str, wanted: list[str]) -> None:
    start = datetime(2026, 3, 28, tzinfo=UTC)
    found = runs(Cron(expression, BERLIN), start, 3)
    assert [
        f"{run:%d %H:%M}" for run in found if run < start + timedelta(days=2, hours=20)
    ] == wanted


@pytest.mark.parametrize(
    ("expression", "wanted"),
    [  # 25 October 2026: 02:00 to 03:00 comes twice in Berlin, UTC+2 becomes UTC+1
        ("30 2 * * *", ["24 00:30", "25 00:30", "26 01:30"]),  # the first of two
        ("0,30 2 * * *", ["24 00:00", "24 00:30", "25 00:00", "25 00:30", "26 01:00", "26 01:30"]),
        ("30 3 * * *", ["24 01:30", "25 02:30", "26 02:30"]),
        ("0 7 * * *", ["24 05:00", "25 06:00", "26 06:00"]),
    ],
)
def test_what_the_clock_shows_twice_in_autumn(expression: str, wanted: list[str]) -> None:
    start = datetime(2026, 10, 23, 22, tzinfo=UTC)
    found = runs(Cron(expression, BERLIN), start, 3)
    assert [f"{run:%d %H:%M}" for run in found if run.day < 27] == wanted


@pytest.mark.parametrize("month", [3, 10])
def test_an_expression_for_every_hour_follows_the_clock(month: int) -> None:
    start = datetime(2026, month, 24, tzinfo=UTC)
    for expression, step in (("0 * * * *", 60), ("*/20 * * * *", 20)):
        found = runs(Cron(expression, BERLIN), start, 7)
        assert found == [
            start + timedelta(minutes=step * count) for count in range(1, 7 * 24 * 60 // step + 1)
        ]


def test_a_skipped_hour_is_none_of_every_second_hour() -> None:
    start = datetime(2026, 3, 28, 22, 30, tzinfo=UTC)
    shown = [run.astimezone(BERLIN).hour for run in runs(Cron("0 */2 * * *", BERLIN), start, 1)]
    assert shown == [0, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 0]


@pytest.mark.parametrize("minutes", [31, 30, 29, 1])
def test_a_skipped_time_is_still_to_come_after_the_change(minutes: int) -> None:
    cron = Cron("30 2 * * *", ZoneInfo("America/New_York"))
    run = datetime(2027, 3, 14, 7, 30, tzinfo=UTC)  # 03:30, for the clock went from 02:00 to 03:00
    assert cron.next_run(run - timedelta(minutes=minutes)) == run
    assert cron.next_run(run) == datetime(2027, 3, 15, 6, 30, tzinfo=UTC)


@settings(max_examples=50, deadline=None)
@given(
    st.sampled_from(["30 2 * * *", "0 0 13 * 5", "15 */3 * * 1-5", "*/7 1-3 * * *"]),
    st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo"]),
    st.timedeltas(timedelta(0), timedelta(days=600)),
)
def test_the_next_run_is_later_and_nothing_lies_between(
    expression: str, zone: str, later: timedelta
) -> None:
    cron, now = Cron(expression, ZoneInfo(zone)), START + later
    run = cron.next_after(None, now)
    assert run > now
    assert run.tzinfo is UTC
    assert cron.next_after(None, run - timedelta(microseconds=1)) == run
