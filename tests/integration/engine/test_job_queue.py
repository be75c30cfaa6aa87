"""The job queue on a real PostgreSQL: in our transaction, each job to one, and never lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence

import pytest

from aggregator.engine.job_queue import PgQueuerJobs, enqueue, queued_jobs
from aggregator.errors import StoreError
from aggregator.model import Handed, JobKind, QueuedJobs
from aggregator.store.db.database import open_engine
from tests.support.patience import until


@pytest.fixture
async def queue(postgres_url: str) -> AsyncIterator[PgQueuerJobs]:
    made = PgQueuerJobs(postgres_url)
    await made.install()
    await made.install()  # as each process of each release does
    yield made
    made.stop()


def add(url: str, batches: Sequence[Sequence[Handed]], *, ends: bool = True) -> None:
    engine = open_engine(url)
    with engine.begin() as connection:
        enqueue(connection, JobKind.POLL, batches, None)
        enqueue(connection, JobKind.FINISH, [()], "finish")
        enqueue(connection, JobKind.FINISH, [()], "finish")
        if not ends:
            connection.rollback()
    engine.dispose()


def looked(url: str) -> Mapping[JobKind, QueuedJobs]:
    engine = open_engine(url)
    with engine.begin() as connection:
        found = queued_jobs(connection)
    engine.dispose()
    return found


async def test_jobs_are_there_with_the_transaction_and_not_before(
    queue: PgQueuerJobs, postgres_url: str
) -> None:
    await asyncio.to_thread(add, postgres_url, [[Handed(1, 1)]], ends=False)
    assert set((await asyncio.to_thread(looked, postgres_url)).values()) == {QueuedJobs()}
    await asyncio.to_thread(add, postgres_url, [[Handed(1, 1)], [Handed(2, 7)]])
    assert (await asyncio.to_thread(looked, postgres_url))[JobKind.POLL] == QueuedJobs(waiting=2)


async def test_of_a_key_there_is_one_job(queue: PgQueuerJobs, postgres_url: str) -> None:
    await asyncio.to_thread(add, postgres_url, [])
    assert (await asyncio.to_thread(looked, postgres_url))[JobKind.FINISH] == QueuedJobs(waiting=1)


async def test_each_job_goes_to_one_worker_and_one_that_fails_ends_nothing(
    queue: PgQueuerJobs, postgres_url: str
) -> None:
    got, rounds = list[Handed](), list[bool]()

    async def poll(handed: Sequence[Handed]) -> None:
        got.extend(handed)
        if Handed(3, 3) in handed:
            raise StoreError("went away")

    async def plan() -> None:
        rounds.append(True)

    other = PgQueuerJobs(postgres_url)
    serving = [
        asyncio.create_task(one.serve({JobKind.POLL: poll}, plan, 2)) for one in (queue, other)
    ]
    jobs = [[Handed(number, number)] for number in range(20)]
    await asyncio.to_thread(add, postgres_url, jobs)
    await until(lambda: len(got) >= len(jobs), "the jobs")
    await until(lambda: len(rounds) >= 2, "rounds of the scheduler")
    queue.stop()
    other.stop()
    await asyncio.gather(*serving)
    assert sorted(one.id for one in got) == list(range(20))
    assert (await asyncio.to_thread(looked, postgres_url))[JobKind.POLL] == QueuedJobs()


async def test_a_server_that_does_not_answer_is_said() -> None:
    queue = PgQueuerJobs("postgresql+psycopg://nobody@127.0.0.1:1/none")
    with pytest.raises(StoreError):
        await queue.install()
    with pytest.raises(StoreError):
        await queue.forget()


async def test_what_is_long_over_is_dropped(queue: PgQueuerJobs, postgres_url: str) -> None:
    await asyncio.to_thread(add, postgres_url, [[Handed(1, 1)]])
    engine = open_engine(postgres_url)
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE pgqueuer_log SET aggregated = true, created = now() - interval '2 hours' "
            "WHERE entrypoint = 'poll'"
        )
    await queue.forget()
    with engine.begin() as connection:
        left = connection.exec_driver_sql("SELECT DISTINCT entrypoint FROM pgqueuer_log").scalars()
        assert list(left) == ["finish"]
    engine.dispose()
    assert (await asyncio.to_thread(looked, postgres_url))[JobKind.POLL] == QueuedJobs(waiting=1)
