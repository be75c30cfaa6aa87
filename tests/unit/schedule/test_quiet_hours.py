from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.schedule.quiet_hours import QuietHours, parse_quiet_hours, quiet_until

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/St_Johns",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Asia/Kathmandu",
]
NIGHT = QuietHours(time(22), time(7))


def at(text: str, zone: ZoneInfo = BERLIN, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-11-02 21:59", None),
        ("2026-11-02 22:00", "2026-11-03 07:00"),
        ("2026-11-03 03:00", "2026-11-03 07:00"),
        ("2026-11-03 06:59", "2026-11-03 07:00"),
        ("2026-11-03 07:00", None),
    ],
)
def test_over_midnight(now: str, until: str | None) -> None:
    assert quiet_until(NIGHT, BERLIN, at(now)) == (at(until) if until else None)


def test_within_a_day() -> None:
    noon = QuietHours(time(12), time(13))
    assert quiet_until(noon, BERLIN, at("2026-11-02 12:30")) == at("2026-11-02 13:00")
    assert quiet_until(noon, BERLIN, at("2026-11-02 13:30")) is None


def test_nights_in_which_clocks_change_end_by_the_clock() -> None:
    # 29 March: 02:00 becomes 03:00; 25 October: 03:00 becomes 02:00.
    assert quiet_until(NIGHT, BERLIN, at("2026-03-28 23:00")) == at("2026-03-29 07:00")
    assert quiet_until(NIGHT, BERLIN, at("2026-10-24 23:00")) == at("2026-10-25 07:00")
    early = QuietHours(time(22), time(2, 30))
    first, second = at("2026-10-25 02:30"), at("2026-10-25 02:30", fold=1)
    assert quiet_until(early, BERLIN, at("2026-10-24 23:00")) == first
    assert quiet_until(early, BERLIN, at("2026-10-25 02:15", fold=1)) == second
    skipped = quiet_until(early, BERLIN, at("2026-03-28 23:00"))
    assert skipped == at("2026-03-29 03:30")


@given(
    st.integers(0, 5_000_000),
    st.times(),
    st.times(),
    st.sampled_from(ZONES),
)
def test_an_end_lies_ahead_and_within_a_day(
    minutes: int, start: time, end: time, zone: str
) -> None:
    if start == end:
        return
    now = datetime(2010, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    where = ZoneInfo(zone)
    until = quiet_until(QuietHours(start, end), where, now)
    assert (until is None) == (not QuietHours(start, end).has(now.astimezone(where).time()))
    if until is not None:
        assert now < until <= now + timedelta(hours=49)  # Apia once had no 30 December


@pytest.mark.parametrize(
    "text", ["22:00-22:00", "25:00-3:00", "22-7", "22:00", "22:60-07:00", "a-b"]
)
def test_what_is_no_quiet_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="22:00-07:00"):
        parse_quiet_hours(text)
    assert parse_quiet_hours(" ") is None
    assert parse_quiet_hours("22:00-7:00") == NIGHT
