"""The job queue at a fast pace: do its tables grow, and their dead rows?

``python -m bench queue-growth [MINUTES [JOBS]]``: ``JOBS`` a second of 50 pieces each, that do nothing; a
line a minute. Autovacuum is on, as a server comes. What is long over is dropped as ever, but after three
minutes and not an hour, so that a short run shows whether it levels off.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Sequence
from datetime import timedelta

import psycopg

from aggregator.engine import job_queue
from aggregator.engine.job_queue import PgQueuerJobs, enqueue
from aggregator.model import JOB_SIZE, Handed, JobKind
from aggregator.store.db.database import Database, open_engine
from tests.support.restarted_postgres import own_server

MINUTES, JOBS = 15, 50
_TABLES = ("pgqueuer", "pgqueuer_log", "pgqueuer_statistics", "pgqueuer_schedules")
_KEPT = timedelta(minutes=3)
_FORGET_S = 30.0
_WORKERS = 2
_SIZES = """
    SELECT relname, n_live_tup, n_dead_tup, pg_total_relation_size(relid)
      FROM pg_stat_user_tables WHERE relname = ANY(%s)
"""


async def _add(database: Database, jobs: int, end: float) -> None:
    """Enqueue ``jobs`` each second until ``end``, a finishing job with them, as the scheduler does."""
    batches = [[Handed(one, 1) for one in range(JOB_SIZE)]] * jobs
    due = time.monotonic()
    while time.monotonic() < end:
        await database.write(enqueue, JobKind.POLL, batches, None)
        await database.write(enqueue, JobKind.FINISH, [()], "finish")
        due += 1
        await asyncio.sleep(max(due - time.monotonic(), 0))


async def _forget(queue: PgQueuerJobs, end: float) -> None:
    while time.monotonic() < end:
        await asyncio.sleep(_FORGET_S)
        await queue.forget()


async def _watch(url: str, done: list[int], end: float) -> None:
    began = time.monotonic()
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        while time.monotonic() < end:
            await asyncio.sleep(60)
            rows = await (await connection.execute(_SIZES, (list(_TABLES),))).fetchall()
            sizes = "; ".join(
                f"{name} {live} rows, {dead} dead, {size >> 10} kB"
                for name, live, dead, size in sorted(rows)
            )
            minutes = (time.monotonic() - began) / 60
            load = os.getloadavg()[0]
            print(f"{minutes:.0f} min, {len(done)} jobs, load {load:.0f}: {sizes}", flush=True)


async def _run(url: str, minutes: int, jobs: int) -> None:
    done: list[int] = []

    async def work(handed: Sequence[Handed]) -> None:
        done.append(len(handed))

    queues = [PgQueuerJobs(url) for _ in range(_WORKERS)]
    await queues[0].install()
    database = Database(open_engine(url))
    handlers = {JobKind.POLL: work, JobKind.FINISH: work}
    serving = [asyncio.create_task(one.serve(handlers, None, 5)) for one in queues]
    end = time.monotonic() + minutes * 60
    watching = _watch(url.replace("+psycopg", ""), done, end)
    await asyncio.gather(_add(database, jobs, end), _forget(queues[0], end), watching)
    for one in queues:
        one.stop()
    await asyncio.gather(*serving)
    database.close()


def main(minutes: int = MINUTES, jobs: int = JOBS) -> None:
    """Print sizes each minute."""
    job_queue._LOG_KEPT = _KEPT  # noqa: SLF001 - to see in minutes what else takes an hour
    with own_server({"autovacuum": "on"}) as server, server.address.fresh_database() as url:
        asyncio.run(_run(url, minutes, jobs))
