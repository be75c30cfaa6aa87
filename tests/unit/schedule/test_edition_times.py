"""Times of editions: one a local date, whatever the clocks do, and one after downtime."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from aggregator.model import Cursor, EditionCut
from aggregator.schedule.cron import Cron, parse_daily
from aggregator.schedule.edition_times import due_edition, edition_time

BERLIN, TOKYO = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Tokyo")
LOS_ANGELES = ZoneInfo("America/Los_Angeles")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def days(cron: str, zone: ZoneInfo, start: datetime, hours: int) -> list[str]:
    """The dates of the editions of somebody who looks every half hour, each with its local time."""
    found, since, last = [], start, ""
    for step in range(2 * hours):
        now = start + step * HOUR / 2
        due = due_edition(Cron(cron, zone), zone, now, since, last)
        if due is not None:
            since, last = due.at, due.day
            found.append(f"{due.day} {due.at.astimezone(zone):%H:%M}")
    return found


@pytest.mark.parametrize(
    ("cron", "start", "found"),
    [
        # The clocks go forward at 02:00 on the 28th of March, back at 03:00 on the 31st of October.
        ("0 7 * * *", datetime(2027, 3, 27, tzinfo=BERLIN), ["27 07:00", "28 07:00", "29 07:00"]),
        ("30 2 * * *", datetime(2027, 3, 27, tzinfo=BERLIN), ["27 02:30", "28 03:30", "29 02:30"]),
        ("30 2 * * *", datetime(2027, 10, 30, tzinfo=BERLIN), ["30 02:30", "31 02:30", "01 02:30"]),
        ("0 7 * * *", datetime(2027, 10, 30, tzinfo=BERLIN), ["30 07:00", "31 07:00", "01 07:00"]),
        ("0 7 * * mon-fri", datetime(2027, 3, 26, tzinfo=BERLIN), ["26 07:00", "29 07:00"]),
    ],
)
def test_there_is_one_a_date_when_clocks_change(
    cron: str, start: datetime, found: list[str]
) -> None:
    hours = 72 if len(found) == 3 else 80
    assert [one[8:] for one in days(cron, BERLIN, start.astimezone(UTC), hours)] == found


def test_after_downtime_the_latest_run_alone_is_served() -> None:
    cron, friday = Cron("0 7 * * mon-fri", BERLIN), datetime(2026, 11, 27, 8, tzinfo=UTC)
    for later, day in ((3 * DAY, "2026-11-30"), (2 * DAY, None), (400 * DAY, "2027-12-31")):
        due = due_edition(cron, BERLIN, friday + later, friday, "2026-11-27")
        assert (due and due.day) == day
    rare = Cron("0 7 29 2 *", UTC)
    due = due_edition(rare, UTC, datetime(2029, 1, 1, tzinfo=UTC), friday, "")
    assert due is not None
    assert due.day == "2028-02-29"


def test_another_time_zone_gives_no_second_edition_of_a_date() -> None:
    at = datetime(2026, 11, 29, 22, tzinfo=UTC)  # 07:00 of the 30th in Tokyo
    due = due_edition(Cron("0 7 * * *", TOKYO), TOKYO, at, at - HOUR, "")
    assert due is not None
    assert due.day == "2026-11-30"
    cron = Cron("0 7 * * *", LOS_ANGELES)
    now = datetime(2026, 11, 30, 16, tzinfo=UTC)
    assert due_edition(cron, LOS_ANGELES, now, due.at, due.day) is None
    assert due_edition(cron, LOS_ANGELES, now + DAY, due.at, due.day) is not None
    cut = EditionCut("morning", Cursor(1, 1), due.at, due.at, due.day)
    assert edition_time(cron, LOS_ANGELES, now, cut) == datetime(2026, 12, 1, 15, tzinfo=UTC)
    # A clock that was set back.
    assert due_edition(cron, LOS_ANGELES, now - 9 * DAY, due.at, due.day) is None


def test_the_next_one_is_told() -> None:
    cron, now = Cron("0 7 * * *", UTC), datetime(2026, 11, 30, 8, tzinfo=UTC)
    assert edition_time(cron, UTC, now, None) == now + 23 * HOUR
    cut = EditionCut("morning", Cursor(1, 1), now - DAY, now - DAY, "2026-11-29")
    assert edition_time(cron, UTC, now, cut) == now - HOUR  # it is due


@pytest.mark.parametrize(
    "cron", ["* 7 * * *", "0 7,19 * * *", "0 */2 * * *", "0 7 * *", "0 0 30 2 *"]
)
def test_a_digest_comes_once_a_day(cron: str) -> None:
    assert parse_daily("0  7 * * mon-fri") == "0 7 * * mon-fri"
    with pytest.raises(ValueError, match="cron"):
        parse_daily(cron)
