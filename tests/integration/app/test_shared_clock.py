"""Processes whose machines' clocks differ go by the database's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from aggregator.app.shared_clock import SharedClock, following
from aggregator.store.db.database import Database, open_engine

SLACK = timedelta(seconds=3)


class Off:
    """A clock that is off by so much."""

    def __init__(self, by: timedelta) -> None:
        self.by = by

    def now(self) -> datetime:
        return datetime.now(UTC) + self.by


@pytest.mark.parametrize("minutes", [-2, 2])
async def test_the_databases_time_is_used_where_ours_is_off(
    postgres_url: str, minutes: int, capsys: pytest.CaptureFixture[str]
) -> None:
    own, database = Off(timedelta(minutes=minutes)), Database(open_engine(postgres_url))
    clock = SharedClock(own)
    async with following(clock, database):
        assert abs(clock.now() - datetime.now(UTC)) < SLACK
        await clock.measure(database)
        own.by = timedelta(0)  # somebody sets it
        await clock.measure(database)
        assert abs(clock.now() - datetime.now(UTC)) < SLACK
        await clock.measure(database)
    database.close()
    said = capsys.readouterr().out
    assert (said.count("clock differs"), said.count("clock agrees")) == (1, 1)
    assert f"seconds={minutes * 60}" in said


async def test_a_clock_that_is_nearly_right_is_left_alone(postgres_url: str) -> None:
    own, database = Off(timedelta(seconds=1)), Database(open_engine(postgres_url))
    clock = SharedClock(own)
    await clock.measure(database)
    assert abs(clock.now() - own.now()) < timedelta(milliseconds=100)
    database.close()


async def test_a_database_that_does_not_answer_changes_nothing() -> None:
    own, database = (
        Off(timedelta(hours=1)),
        Database(open_engine("postgresql+psycopg://x@127.0.0.1:1/x")),
    )
    clock = SharedClock(own)
    await clock.measure(database)
    assert abs(clock.now() - own.now()) < timedelta(milliseconds=100)
    database.close()
