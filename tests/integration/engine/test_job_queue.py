"""The job queue on a real PostgreSQL: in our transaction, each job to one, and never lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence

import psycopg
import pytest

from aggregator.engine.job_queue import PgQueuerJobs, enqueue, queued_jobs
from aggregator.errors import StoreError
from aggregator.model import Handed, JobKind, QueuedJobs
from aggregator.store.db.database import open_engine
from tests.support.patience import turns, until


@pytest.fixture
async def queue(postgres_url: str) -> AsyncIterator[PgQueuerJobs]:
    made = PgQueuerJobs(postgres_url)
    await made.install()
    await made.install()  # as each process of each release does
    yield made
    made.stop()


def add(url: str, batches: Sequence[Sequence[Handed]], *, ends: bool = True) -> None:
    engine = open_engine(url)
    try:
        with engine.begin() as connection:
            enqueue(connection, JobKind.POLL, batches, None)
            enqueue(connection, JobKind.FINISH, [()], "finish")
            enqueue(connection, JobKind.FINISH, [()], "finish")
            if not ends:
                connection.rollback()
    finally:
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


JUNK = [
    b"", b"junk", b"{}", b"[1]", b'[["1", 2]]', b"[[1, 2, 3]]", b"[[1e300, 2]]", b"[[true, 1]]",
    b"[[-1, 1]]", b"[[9223372036854775808, 1]]", b"[" * 50_000, b"\xff", b"[[1,1]," + b"[1,1]," * 60 + b"[1,1]]",
]  # fmt: skip


async def test_jobs_that_are_none_of_ours_are_dropped_and_end_nothing(
    queue: PgQueuerJobs, postgres_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    got = list[Sequence[Handed]]()

    async def poll(handed: Sequence[Handed]) -> None:
        got.append(handed)

    serving = asyncio.create_task(queue.serve({JobKind.POLL: poll}, None, 2))
    put = "INSERT INTO pgqueuer (priority, status, entrypoint, payload) VALUES (0, 'queued', 'poll', %s)"
    async with await psycopg.AsyncConnection.connect(
        postgres_url.replace("+psycopg", ""), autocommit=True
    ) as connection:
        for payload in [*JUNK, b"[[7,7]]"]:
            await connection.execute(put, (payload,))
    await until(lambda: [Handed(7, 7)] in got, "the good job")

    while (await asyncio.to_thread(looked, postgres_url))[JobKind.POLL] != QueuedJobs():
        await turns()
    queue.stop()
    await serving
    assert [one for one in got if one] == [[Handed(7, 7)]]
    assert capsys.readouterr().out.count("job dropped") == 1


async def test_tables_that_are_gone_are_made_again(
    queue: PgQueuerJobs, postgres_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    got = list[Handed]()

    async def poll(handed: Sequence[Handed]) -> None:
        got.extend(handed)

    engine = open_engine(postgres_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE pgqueuer_log, pgqueuer")
    with pytest.raises(StoreError, match="job queue"):
        await asyncio.to_thread(add, postgres_url, [[Handed(1, 1)]])
    engine.dispose()
    serving = asyncio.create_task(queue.serve({JobKind.POLL: poll, JobKind.FINISH: poll}, None, 2))
    await until(lambda: queue.trouble, "trouble")
    await until(lambda: not queue.trouble, "its end")
    await asyncio.to_thread(add, postgres_url, [[Handed(1, 1)]])
    await until(lambda: got == [Handed(1, 1)], "the job")
    queue.stop()
    await serving
    said = capsys.readouterr().out
    # Once, and once more in the line that it works again.
    assert (said.count("job queue not served"), said.count("works again")) == (2, 1)


async def test_a_round_whose_scheduler_is_silent_goes_to_another(
    queue: PgQueuerJobs, postgres_url: str
) -> None:
    rounds = list[bool]()

    async def plan() -> None:
        rounds.append(True)

    serving = asyncio.create_task(queue.serve({}, plan, 2))
    await until(lambda: rounds, "a round")
    async with await psycopg.AsyncConnection.connect(
        postgres_url.replace("+psycopg", ""), autocommit=True
    ) as connection:
        await connection.execute(
            "UPDATE pgqueuer_schedules SET status = 'picked', heartbeat = now() - interval '9 s'"
        )
        before = len(rounds)
        await until(lambda: len(rounds) > before, "another round")
        row = await (
            await connection.execute("SELECT now() - heartbeat < '25 s' FROM pgqueuer_schedules")
        ).fetchone()
    queue.stop()
    await serving
    assert row == (True,)  # the engine itself waits for 30 s
