"""Which date an entry sorts under, and which it shows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.publish.order import FEW, LATE, Claim, shown_dates, sort_dates

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
        pytest.param(None, None, None, NOW - LATE, id="no date at the first poll"),
        pytest.param(NOW + DAY, None, NOW - HOUR, NOW, id="future"),
        pytest.param(NOW + DAY, None, None, NOW, id="future at the first poll"),
        pytest.param(NOW - 3 * HOUR, None, NOW - HOUR, NOW - HOUR, id="late"),
        pytest.param(NOW - HOUR - LATE, None, NOW - HOUR, NOW - HOUR, id="just late"),
        pytest.param(NOW - 20 * DAY, None, NOW - HOUR, NOW - HOUR, id="a draft's date"),
        pytest.param(NOW - 3 * DAY, None, None, NOW - 3 * DAY, id="first poll keeps dates"),
        pytest.param(NOW - 3 * HOUR, None, NOW + HOUR, NOW, id="the clock was set back"),
        pytest.param(NOW - 400 * DAY, None, NOW - 300 * DAY, NOW - 300 * DAY, id="long silence"),
    ],
)
def test_one_entry(
    published: datetime | None,
    updated: datetime | None,
    previous: datetime | None,
    expected: datetime,
) -> None:
    assert sort_dates([(published, updated)], NOW, previous) == [expected]


def _dated(*dates: datetime) -> list[Claim]:
    return [(date, None) for date in dates]


def test_a_few_back_dated_entries_are_news_and_more_are_an_archive() -> None:
    polled = NOW - HOUR
    old = [NOW - days * DAY for days in (20, 30, 40, 50)]
    assert sort_dates(_dated(*old[:FEW]), NOW, polled) == [polled] * FEW
    assert sort_dates(_dated(*old), NOW, polled) == old
    # What is late by days is news however much of it there is, and makes no archive.
    days = [NOW - (1 + place / 10) * DAY for place in range(9)]
    assert sort_dates(_dated(*days, *old[:FEW]), NOW, polled) == [polled] * (9 + FEW)
    assert sort_dates(_dated(*days, *old), NOW, polled) == [*[polled] * 9, *old]


def test_an_undated_archive_stands_below_the_news_of_others_in_its_own_order() -> None:
    sorted_under = sort_dates([(None, None)] * 40, NOW, None)
    assert sorted_under == sorted(set(sorted_under), reverse=True)
    assert NOW - LATE - HOUR < sorted_under[-1] < sorted_under[0] == NOW - LATE
    mixed = sort_dates([(NOW - HOUR, None), (None, None), (NOW - 9 * DAY, None)], NOW, None)
    assert mixed[0] == NOW - HOUR
    assert mixed[0] > mixed[1] > mixed[2] == NOW - 9 * DAY


def test_dates_of_the_moment_of_the_first_poll_date_no_archive() -> None:
    drawn = [NOW - timedelta(seconds=place) for place in range(40)]
    assert max(sort_dates(_dated(*drawn), NOW, None)) == NOW - LATE
    # Two alerts may well be of now, and so may one of many entries.
    assert sort_dates(_dated(*drawn[:2]), NOW, None) == drawn[:2]
    assert sort_dates(_dated(*drawn, NOW - DAY), NOW, None)[0] == NOW


@given(st.lists(st.tuples(maybe, maybe), max_size=9), moments, maybe)
def test_nothing_sorts_into_the_future_or_below_its_claim(
    claims: list[Claim], first_seen: datetime, previous: datetime | None
) -> None:
    found = sort_dates(claims, first_seen, previous)
    assert len(found) == len(claims)
    for (published, updated), date in zip(claims, found, strict=True):
        assert date <= first_seen
        claim = published or updated
        least = first_seen - 2 * LATE if claim is None or previous is None else claim
        assert date >= min(claim or first_seen, least, first_seen)


@pytest.mark.parametrize(
    ("published", "updated", "changed", "expected"),
    [
        (NOW - DAY, NOW - HOUR, None, (NOW - DAY, NOW - HOUR)),
        (NOW - DAY, None, None, (NOW - DAY, NOW - DAY)),
        (None, NOW - HOUR, None, (NOW - HOUR, NOW - HOUR)),
        (None, None, None, (None, NOW)),
        (None, None, NOW + HOUR, (None, NOW + HOUR)),
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
    assert latest <= max(first_seen, changed or first_seen)
    assert (public is None) == (published is None and updated is None)
    assert public is None or (public <= latest and public <= first_seen)
