"""A clock that is set back is noticed, one that is set right by a little or forward is not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from aggregator.schedule.clock_jumps import Reading, set_back

BEFORE = Reading(datetime(2026, 11, 2, 12, tzinfo=UTC), 1000.0)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("by", "noticed"),
    [
        (DAY, DAY),
        (timedelta(seconds=30), timedelta(seconds=30)),
        (timedelta(seconds=29), timedelta(0)),
        (timedelta(0), timedelta(0)),
        (-DAY, timedelta(0)),  # forward, or the machine slept
    ],
)
def test_only_a_clock_that_was_set_back(by: timedelta, noticed: timedelta) -> None:
    passed = timedelta(seconds=7)
    now = Reading(BEFORE.wall + passed - by, BEFORE.steady + 7)
    assert set_back(BEFORE, now) == noticed
