"""Times in the database: UTC in, UTC out, in a text that sorts as they do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, literal, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import StatementError

from aggregator.store.db.columns import UtcDateTime

NAIVE = datetime(2026, 1, 1)  # noqa: DTZ001 - what must not be stored
ENGINE = create_engine("sqlite://")
zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
times = st.datetimes(timezones=zones).filter(lambda value: 2 <= value.year <= 9998)


def stored(value: datetime) -> str:
    process = UtcDateTime().bind_processor(sqlite.dialect())
    assert process is not None
    text = process(value)
    assert isinstance(text, str)
    return text


@given(times)
def test_a_time_comes_back_as_the_same_moment_in_utc(value: datetime) -> None:
    with ENGINE.connect() as connection:
        back = connection.execute(select(literal(value, UtcDateTime()))).scalar_one()
    assert back == value
    assert back.tzinfo is UTC


@given(times, times)
def test_texts_sort_as_the_times_do(one: datetime, other: datetime) -> None:
    assert (stored(one) < stored(other)) is (one < other)


def test_the_text_is_the_one_that_earlier_versions_stored() -> None:
    east = timezone(timedelta(hours=2))
    assert stored(datetime(2026, 11, 2, 1, 4, 5, tzinfo=east)) == "2026-11-01 23:04:05.000000"
    assert stored(datetime(926, 1, 2, 3, 4, 5, 6, tzinfo=UTC)) == "0926-01-02 03:04:05.000006"


def test_a_naive_time_is_refused_and_none_is_none() -> None:
    with ENGINE.connect() as connection:
        assert connection.execute(select(literal(None, UtcDateTime()))).scalar_one() is None
        with pytest.raises(StatementError, match="naive"):
            connection.execute(select(literal(NAIVE, UtcDateTime())))
