"""The job queue, by PgQueuer: nothing else knows which engine it is.

Jobs live in the same PostgreSQL as the rest. A worker that dies stops sending heartbeats; its jobs
are given to another after :data:`_SILENT`.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any

import psycopg
from pgqueuer import PgQueuer
from pgqueuer.db import PsycopgDriver
from pgqueuer.domain.settings import DBSettings
from pgqueuer.models import Job, Schedule
from pgqueuer.queries import Queries, SyncQueries
from psycopg import RawCursor
from psycopg.rows import dict_row
from psycopg.sql import SQL, Identifier
from sqlalchemy import Connection, make_url

from aggregator.engine.repeated import RepeatedErrors
from aggregator.errors import AggregatorError, StoreError
from aggregator.model import JOB_SIZE, Handed, JobKind, QueuedJobs
from aggregator.ports import JobHandler
from aggregator.store.db.database import APPLICATION

_SILENT = timedelta(seconds=10)  # without a heartbeat of its worker a job is given to another
# A worker that had all the jobs it may have is not notified when one of them ends.
_LOOK_EVERY = timedelta(milliseconds=250)
_LOOK_SELDOM = timedelta(seconds=1)  # for jobs that are few, or short
_LOG_KEPT = timedelta(hours=1)  # statistics, too: they have rows for each second
_AGAIN_S = 1.0  # until the server is tried again
_WELL_S = 3.0  # served for so long, the queue works again
_INSTALLING = 0x61676772  # advisory lock: one process at a time makes the queue's tables
_LARGEST = (1 << 63) - 1  # number that the database holds
_PLAN = "plan"
_EVERY_SECOND = "* * * * * *"
# What it logs where its connection ends are tracebacks of its own; we say it in a line.
logging.getLogger("pgqueuer").setLevel(logging.CRITICAL)


class PgQueuerJobs:
    """Implements :class:`aggregator.ports.JobQueue` on the PostgreSQL at ``url`` (SQLAlchemy's form)."""

    def __init__(self, url: str) -> None:
        plain = make_url(url).set(drivername="postgresql")
        self._url = plain.render_as_string(hide_password=False)
        self._stopping = asyncio.Event()
        self._running: list[PgQueuer] = []
        self._failing = RepeatedErrors("job queue not served")
        self._troubled: set[str] = set()  # kinds of jobs, and the plan, that are not served

    @property
    def trouble(self) -> str:
        """See :meth:`aggregator.ports.JobQueue.trouble`."""
        return "the job queue is not served" if self._troubled else ""

    async def install(self) -> None:
        """Make the queue's tables, or bring them to the shape that the engine wants.

        Raises :class:`~aggregator.errors.StoreError` when the server does not answer or refuses.
        """
        try:
            async with await self._connect() as connection:
                await connection.execute("SELECT pg_advisory_lock(%s)", (_INSTALLING,))
                queries = Queries.from_psycopg_connection(connection)
                if await queries.schema_is_installed():
                    await queries.upgrade()
                else:
                    await queries.install()
        except psycopg.Error as error:
            raise StoreError(
                f"cannot make the job queue's tables: {error}".strip(),
                hint="the database's user must be allowed to create tables, types and functions",
            ) from error

    async def serve(
        self,
        handlers: Mapping[JobKind, JobHandler],
        plan: Callable[[], Awaitable[None]] | None,
        most: int,
    ) -> None:
        """See :meth:`aggregator.ports.JobQueue.serve`; a server that goes away is tried again."""
        # A connection for each kind, so that polls, which take long, leave places to the others.
        async with asyncio.TaskGroup() as group:
            for kind, handler in handlers.items():
                group.create_task(self._serve(kind, _working_on(kind, handler), most))
            if plan is not None:
                group.create_task(self._serve(_PLAN, _planning(plan), 1))

    async def _serve(self, what: str, prepare: Callable[[PgQueuer], None], most: int) -> None:
        while not self._stopping.is_set():
            try:
                async with await self._connect() as connection:
                    await self._run(connection, what, prepare, most)
            except RuntimeError as error:  # tables are missing, or others than the engine wants
                self._failed(what, StoreError(str(error)))
                with suppress(StoreError):  # as the next attempt finds, too
                    await self.install()
            except (psycopg.Error, OSError) as error:
                self._failed(what, StoreError(f"{error}".strip() or type(error).__name__))
            except Exception as error:  # noqa: BLE001 - logged with where it came from
                self._failed(what, error, unexpected=True)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), _AGAIN_S)

    def _failed(self, what: str, error: Exception, *, unexpected: bool = False) -> None:
        """Note a failure; what ends all connections at once is said once."""
        others = self._troubled - {what}
        self._troubled.add(what)
        if not others or unexpected:
            self._failing.failed(error, unexpected=unexpected)

    def _well(self, what: str) -> None:
        self._troubled.discard(what)
        if not self._troubled:
            self._failing.worked()

    async def _run(
        self,
        connection: psycopg.AsyncConnection[Any],
        what: str,
        prepare: Callable[[PgQueuer], None],
        most: int,
    ) -> None:
        driver = PsycopgDriver(connection)
        queue = PgQueuer(driver)
        prepare(queue)
        self._running.append(queue)
        if self._stopping.is_set():  # told to stop while it connected
            queue.shutdown.set()
        well = asyncio.get_running_loop().call_later(_WELL_S, self._well, what)
        freeing = asyncio.create_task(_free_rounds(driver)) if what == _PLAN else None
        try:
            await queue.run(
                dequeue_timeout=_LOOK_EVERY if what == JobKind.POLL else _LOOK_SELDOM,
                batch_size=1,
                max_concurrent_tasks=max(most, 2),
                heartbeat_timeout=_SILENT,
                shutdown_on_listener_failure=True,
            )
        finally:
            well.cancel()
            if freeing is not None:
                freeing.cancel()
            self._running.remove(queue)

    def stop(self) -> None:
        """See :meth:`aggregator.ports.JobQueue.stop`."""
        self._stopping.set()
        for queue in self._running:
            queue.shutdown.set()

    async def forget(self) -> None:
        """Drop what the engine keeps of jobs that are long over; raises :class:`StoreError`."""
        names = DBSettings()
        try:
            async with await self._connect() as connection:
                for table, which in (
                    (names.queue_table_log, SQL("AND aggregated")),
                    (names.statistics_table, SQL("")),
                ):
                    statement = SQL("DELETE FROM {} WHERE created < now() - %s {}")
                    long_over = statement.format(Identifier(table), which)
                    await connection.execute(long_over, (_LOG_KEPT,))
        except psycopg.Error as error:
            raise StoreError(f"cannot tidy the job queue: {error}".strip()) from error

    async def _connect(self) -> psycopg.AsyncConnection[Any]:
        return await psycopg.AsyncConnection.connect(
            self._url, autocommit=True, application_name=APPLICATION, connect_timeout=5
        )


def enqueue(
    connection: Connection,
    kind: JobKind,
    batches: Sequence[Sequence[Handed]],
    key: str | None,
) -> None:
    """Add a job for each batch, in the transaction of ``connection``; of a ``key`` one at a time."""
    queries = SyncQueries(_WithinTransaction(connection))
    payloads: list[bytes | None] = [_payload(batch) for batch in batches]
    queries.enqueue(
        [kind.value] * len(payloads),
        payloads,
        [0] * len(payloads),
        dedupe_key=[key] * len(payloads),
        on_conflict="skip",
    )


def queued_jobs(connection: Connection) -> dict[JobKind, QueuedJobs]:
    """Jobs in the queue by kind, as the transaction of ``connection`` sees them."""
    counts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for one in SyncQueries(_WithinTransaction(connection)).queue_size():
        counts[one.entrypoint][one.status] += one.count
    return {
        kind: QueuedJobs(counts[kind.value]["queued"], counts[kind.value]["picked"])
        for kind in JobKind
    }


async def _free_rounds(driver: PsycopgDriver) -> None:
    """Give a round of the scheduler whose process is silent to the others, in a third of the engine's time.

    If that process goes on, two hand out at once, which leases allow.
    """
    statement = (
        f"UPDATE {DBSettings().qualified.schedules_table} SET status = 'queued', updated = now() "
        "WHERE entrypoint = $1 AND status = 'picked' AND heartbeat < now() - $2::interval"
    )
    with suppress(psycopg.Error):  # the queue on this connection says it
        while True:
            await driver.execute(statement, _PLAN, _SILENT)
            await asyncio.sleep(_SILENT.total_seconds() / 4)


class _WithinTransaction:
    """Driver of the engine over a connection of ours, whose transaction we end."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection.connection.driver_connection

    def fetch(self, query: str, *args: object) -> list[dict[str, object]]:
        cursor = RawCursor(self._connection, row_factory=dict_row)  # type: ignore[arg-type]
        try:
            cursor.execute(query.encode(), args or None)
            return cursor.fetchall()
        except psycopg.Error as error:  # SQLAlchemy does not see it
            raise StoreError(f"the job queue refused: {error}".strip()) from error


def _payload(batch: Sequence[Handed]) -> bytes:
    return json.dumps([[one.id, one.token] for one in batch], separators=(",", ":")).encode()


def _pieces(payload: bytes | None) -> list[Handed]:
    """The pieces of a job; raises ValueError for what is none of our jobs."""
    pairs = json.loads(payload or b"[]")
    if not isinstance(pairs, list) or len(pairs) > JOB_SIZE:
        raise ValueError("no list of pieces")
    for pair in pairs:
        whole = isinstance(pair, list) and [type(one) for one in pair] == [int, int]
        if not whole or not all(0 <= one <= _LARGEST for one in pair):
            raise ValueError("no piece of work")
    return [Handed(row_id, token) for row_id, token in pairs]


def _working_on(kind: JobKind, handler: JobHandler) -> Callable[[PgQueuer], None]:
    """Register ``handler`` for jobs of ``kind``."""
    failing = RepeatedErrors("job failed", kind=kind.value)
    junk = RepeatedErrors("job dropped", kind=kind.value)

    async def work(job: Job) -> None:
        try:
            pieces = _pieces(job.payload)
        except (ValueError, RecursionError) as error:
            junk.failed(error)
            return
        try:
            await handler(pieces)
            failing.worked()
        except AggregatorError as error:  # its leases end by themselves: it is handed out again
            failing.failed(error)
        except Exception as error:  # noqa: BLE001 - logged with where it came from
            failing.failed(error, unexpected=True)

    def prepare(queue: PgQueuer) -> None:
        queue.entrypoint(kind.value)(work)

    return prepare


def _planning(plan: Callable[[], Awaitable[None]]) -> Callable[[PgQueuer], None]:
    """Register ``plan`` as what one process at a time does every second or two."""
    failing = RepeatedErrors("work not handed out")

    async def planned(_: Schedule) -> None:
        try:
            await plan()
            failing.worked()
        except AggregatorError as error:
            failing.failed(error)
        except Exception as error:  # noqa: BLE001 - logged with where it came from
            failing.failed(error, unexpected=True)

    def prepare(queue: PgQueuer) -> None:
        queue.schedule(_PLAN, _EVERY_SECOND)(planned)

    return prepare
