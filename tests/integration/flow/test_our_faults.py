"""Faults of this machine: they count against no feed and no page, and the log says them for what they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, update
from structlog.testing import capture_logs

from aggregator.errors import StoreError, WorkerUnavailable
from aggregator.model import Request, Response, TaskLimits
from aggregator.store.db.tables import articles, feeds
from tests.support.polling import House, InThisProcess, open_house, rss
from tests.support.storage import HOUR, Stored, new

FEED = "https://a.example/feed"


class Here:
    """A fetcher that gives everybody the same."""

    async def fetch(self, request: Request) -> Response:
        return Response(request.url, 200, {"etag": '"1"'}, rss("one"), 1, timedelta(0))


class NoWorkers:
    """Workers on a machine that can start no process."""

    async def run(
        self, function: Callable[..., Any], *_: object, limits: TaskLimits, **named: object
    ) -> Any:
        raise WorkerUnavailable(f"the processes that run {function.__name__} could not be started")


def with_workers(house: House, workers: Any) -> None:
    house.engine.pipeline = replace(house.engine.pipeline, workers=workers)


async def test_a_worker_that_cannot_start_counts_against_no_feed(sqlite_url: str) -> None:
    async with open_house(sqlite_url, FEED, fetcher=Here()) as house:
        with_workers(house, NoWorkers())
        before = house.feed()
        await house.poll()
        row = house.feed()
        assert (row.failures, row.last_error, row.last_result) == (0, None, before.last_result)
        assert row.etag is None  # a 304 would hide what was not read
        assert HOUR <= house.wait() <= 1.5 * HOUR
        with_workers(house, InThisProcess())
        await house.poll(2 * HOUR)
        assert await house.titles() == {"one"}


async def test_nor_against_a_page(sqlite_url: str) -> None:
    async with open_house(sqlite_url, FEED, fetcher=Here(), mode="always") as house:
        await house.stored.poll(FEED, new("story", "https://a.example/story"))
        with_workers(house, NoWorkers())
        (task,) = await house.stored.pages()
        assert await house.engine.pipeline.extract(task) is False
        row = house.stored.row(articles)
        assert (row.attempts, row.error) == (0, None)
        assert row.next_attempt_at > house.clock.now()


async def test_a_poll_that_found_nothing_is_for_debugging(sqlite_url: str) -> None:
    async with open_house(sqlite_url, FEED, fetcher=Here()) as house:
        levels = list[str]()
        for _ in range(2):
            with capture_logs() as said:
                await house.poll(HOUR)
            levels += [line["log_level"] for line in said if line["event"] == "poll"]
    assert levels == ["info", "debug"]


async def test_a_database_that_may_only_be_read_is_called_that(stored: Stored) -> None:
    def write(connection: Connection) -> None:
        sqlite = connection.dialect.name == "sqlite"
        connection.exec_driver_sql(
            "PRAGMA query_only = ON" if sqlite else "SET TRANSACTION READ ONLY"
        )
        connection.execute(update(feeds).values(failures=1))

    with pytest.raises(StoreError, match="only read") as caught:
        await stored.database.write(write)
    assert "read-only" in caught.value.hint
