"""Update hints in publishers' words."""

from __future__ import annotations

from datetime import timedelta

import pytest

from aggregator.model import UpdateHints
from aggregator.parse.update_hints import update_hints


@pytest.mark.parametrize(
    ("ttl", "period", "frequency", "wanted"),
    [
        (None, None, None, None),
        ("60", None, None, timedelta(hours=1)),
        (" 60 ", None, None, timedelta(hours=1)),
        ("0", None, None, None),
        ("-5", None, None, None),
        ("soon", None, None, None),
        ("9" * 50, None, None, None),
        ("²", None, None, None),
        (None, "hourly", None, timedelta(hours=1)),
        (None, "Hourly\n", "2", timedelta(minutes=30)),
        (None, None, "4", timedelta(hours=6)),
        (None, "weekly", "0", None),
        (None, "fortnightly", "1", None),
        ("30", "hourly", "1", timedelta(hours=1)),
        ("600", "hourly", "1", timedelta(hours=10)),
    ],
)
def test_the_interval(
    ttl: str | None, period: str | None, frequency: str | None, wanted: timedelta | None
) -> None:
    assert update_hints(ttl=ttl, period=period, frequency=frequency).min_interval == wanted


def test_hours_and_days_to_skip() -> None:
    hints = update_hints(
        skip_hours=("0", "24", " 7 ", "25", "x"), skip_days=("Monday", " sun ", "Someday")
    )
    assert hints == UpdateHints(None, frozenset({0, 7}), frozenset({0, 6}))
