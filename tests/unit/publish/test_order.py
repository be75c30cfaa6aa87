"""Which date an entry sorts under, and which it shows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.publish.order import LATE, shown_dates, sort_at

NOW = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

moments = st.integers(-(10**9), 10**9).map(lambda seconds: NOW + timedelta(seconds=seconds))
maybe = st.none() | moments


@pytest.mark.parametrize(
    ("published", "updated", "previous", "expected"),
    [
        pytest.param(NOW - HOUR, None, NOW - 2 * HOUR, NOW - HOUR, id="since the last poll"),
        pytest.param(NOW - HOUR, NOW, None, NOW - HOUR, id="published before updated"),
        pytest.param(None, NOW - HOUR, None, NOW - HOUR, id="only an updated date"),
        pytest.param(None, None, NOW - HOUR, NOW, id="no date"),
        pytest.param(None, None, None, NOW, id="no date at the first poll"),
        pytest.param(NOW + DAY, None, NOW - HOUR, NOW, id="future"),
        pytest.param(NOW + DAY, None, None, NOW, id="future at the first poll"),
        pytest.param(NOW - 3 * HOUR, None, NOW - HOUR, NOW - HOUR, id="late"),
        pytest.param(NOW - HOUR - LATE, None, NOW - HOUR, NOW - HOUR, id="just late"),
        pytest.param(
            NOW - HOUR - LATE - timedelta(seconds=1),
            None,
            NOW - HOUR,
            NOW - HOUR - LATE - timedelta(seconds=1),
            id="archive",
        ),
        pytest.param(NOW - 3 * DAY, None, None, NOW - 3 * DAY, id="first poll keeps dates"),
        pytest.param(NOW - 3 * HOUR, None, NOW + HOUR, NOW, id="the clock was set back"),
    ],
)
def test_sort_at(
    published: datetime | None,
    updated: datetime | None,
    previous: datetime | None,
    expected: datetime,
) -> None:
    assert sort_at(published, updated, NOW, previous) == expected


@given(maybe, maybe, moments, maybe)
def test_nothing_sorts_into_the_future_or_below_its_claim(
    published: datetime | None,
    updated: datetime | None,
    first_seen: datetime,
    previous: datetime | None,
) -> None:
    result = sort_at(published, updated, first_seen, previous)
    assert result <= first_seen
    assert result >= min(published or updated or first_seen, first_seen)


@pytest.mark.parametrize(
    ("published", "updated", "changed", "expected"),
    [
        (NOW - DAY, NOW - HOUR, None, (NOW - DAY, NOW - HOUR)),
        (NOW - DAY, None, None, (NOW - DAY, NOW - DAY)),
        (None, NOW - HOUR, None, (NOW - HOUR, NOW - HOUR)),
        (None, None, None, (NOW, NOW)),
        (NOW + DAY, NOW + DAY, None, (NOW, NOW)),
        (NOW - HOUR, NOW - DAY, None, (NOW - HOUR, NOW - HOUR)),
        (NOW - DAY, None, NOW + HOUR, (NOW - DAY, NOW + HOUR)),
        (NOW - DAY, NOW + HOUR, NOW + DAY, (NOW - DAY, NOW + HOUR)),
        (NOW - DAY, NOW + 9 * DAY, NOW + DAY, (NOW - DAY, NOW + DAY)),
    ],
)
def test_shown_dates(
    published: datetime | None,
    updated: datetime | None,
    changed: datetime | None,
    expected: tuple[datetime, datetime],
) -> None:
    assert shown_dates(published, updated, NOW, changed) == expected


@given(maybe, maybe, moments, maybe)
def test_shown_dates_are_in_order_and_never_ahead_of_what_was_seen(
    published: datetime | None,
    updated: datetime | None,
    first_seen: datetime,
    changed: datetime | None,
) -> None:
    public, latest = shown_dates(published, updated, first_seen, changed)
    assert public <= latest <= max(first_seen, changed or first_seen)
    assert public <= first_seen
