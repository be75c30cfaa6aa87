"""The job queue, by PgQueuer: nothing else knows which engine it is.

Jobs live in the same PostgreSQL as the rest. A worker that dies stops sending heartbeats; its jobs
are given to another after :data:`_SILENT`.
"""

from __future__ import annotations

import asyncio
import json
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
from aggregator.model import Handed, JobKind, QueuedJobs
from aggregator.ports import JobHandler
from aggregator.store.db.database import APPLICATION

_SILENT = timedelta(seconds=10)  # without a heartbeat of its worker a job is given to another
# A worker that had all the jobs it may have is not notified when one of them ends.
_LOOK_EVERY = timedelta(milliseconds=250)
_LOG_KEPT, _STATISTICS_KEPT = timedelta(hours=1), timedelta(days=7)
_AGAIN_S = 1.0  # until the server is tried again
_INSTALLING = 0x61676772  # advisory lock: one process at a time makes the queue's tables
_EVERY_SECOND = "* * * * * *"


class PgQueuerJobs:
    """Implements :class:`aggregator.ports.JobQueue` on the PostgreSQL at ``url`` (SQLAlchemy's form)."""

    def __init__(self, url: str) -> None:
        plain = make_url(url).set(drivername="postgresql")
        self._url = plain.render_as_string(hide_password=False)
        self._stopping = asyncio.Event()
        self._running: list[PgQueuer] = []

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
                group.create_task(self._serve(_working_on(kind, handler), most))
            if plan is not None:
                group.create_task(self._serve(_planning(plan), 1))

    async def _serve(self, prepare: Callable[[PgQueuer], None], most: int) -> None:
        failing = RepeatedErrors("job queue not served")
        while not self._stopping.is_set():
            try:
                async with await self._connect() as connection:
                    await self._run(connection, prepare, most)
                failing.worked()
            except (psycopg.Error, OSError, RuntimeError) as error:
                failing.failed(StoreError(f"{error}".strip() or type(error).__name__))
            except Exception as error:  # noqa: BLE001 - logged with where it came from
                failing.failed(error, unexpected=True)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), _AGAIN_S)

    async def _run(
        self,
        connection: psycopg.AsyncConnection[Any],
        prepare: Callable[[PgQueuer], None],
        most: int,
    ) -> None:
        queue = PgQueuer(PsycopgDriver(connection))
        prepare(queue)
        self._running.append(queue)
        try:
            await queue.run(
                dequeue_timeout=_LOOK_EVERY,
                batch_size=1,
                max_concurrent_tasks=max(most, 2),
                heartbeat_timeout=_SILENT,
                shutdown_on_listener_failure=True,
            )
        finally:
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
                for table, kept, which in (
                    (names.queue_table_log, _LOG_KEPT, SQL("AND aggregated")),
                    (names.statistics_table, _STATISTICS_KEPT, SQL("")),
                ):
                    statement = SQL("DELETE FROM {} WHERE created < now() - %s {}")
                    await connection.execute(statement.format(Identifier(table), which), (kept,))
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


class _WithinTransaction:
    """Driver of the engine over a connection of ours, whose transaction we end."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection.connection.driver_connection

    def fetch(self, query: str, *args: object) -> list[dict[str, object]]:
        cursor = RawCursor(self._connection, row_factory=dict_row)  # type: ignore[arg-type]
        cursor.execute(query.encode(), args or None)
        return cursor.fetchall()


def _payload(batch: Sequence[Handed]) -> bytes:
    return json.dumps([[one.id, one.token] for one in batch], separators=(",", ":")).encode()


def _pieces(payload: bytes | None) -> list[Handed]:
    return [Handed(row_id, token) for row_id, token in json.loads(payload or b"[]")]


def _working_on(kind: JobKind, handler: JobHandler) -> Callable[[PgQueuer], None]:
    """Register ``handler`` for jobs of ``kind``."""
    failing = RepeatedErrors("job failed", kind=kind.value)

    async def work(job: Job) -> None:
        try:
            await handler(_pieces(job.payload))
            failing.worked()
        except AggregatorError as error:  # its leases end by themselves: it is handed out again
            failing.failed(error)

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

    def prepare(queue: PgQueuer) -> None:
        queue.schedule("plan", _EVERY_SECOND)(planned)

    return prepare
