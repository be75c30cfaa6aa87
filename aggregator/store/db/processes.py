"""Processes that work on the database, of whatever release: each has a row, and says now and then that it lives.

Times are the database's, where it has a clock of its own. A process that ends takes its row away; the
row of one that was killed counts no more after :data:`SILENT`.
"""

from __future__ import annotations

import os
import platform
import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Self

from sqlalchemy import (
    ColumnElement,
    Connection,
    delete,
    func,
    insert,
    inspect,
    not_,
    select,
    text,
    update,
)

from aggregator import __version__
from aggregator.errors import StoreError
from aggregator.store.db.database import PROGRAM, Database
from aggregator.store.db.lock import AdvisoryLock, acquire
from aggregator.store.db.releases import must_work
from aggregator.store.db.tables import REVISION, processes

BEAT_S = 5.0
"""Seconds between two signs of life."""
SILENT = timedelta(seconds=60)
"""Time after which a process without a sign of life is taken for dead."""


@dataclass(frozen=True, slots=True)
class Process:
    """A process of this program; ``kind`` is its command, ``revision`` the newest that it knows."""

    kind: str
    release: str
    revision: str  # empty: of a release that had no such rows
    host: str
    pid: int
    id: str = field(default_factory=lambda: secrets.token_hex(8))

    def __str__(self) -> str:
        if self.release:
            return f"{self.kind} of release {self.release} on {self.host} (process {self.pid})"
        which = f"revision {self.revision}" if self.revision else "an earlier release"
        return f"a connection of {which} from {self.host} (backend {self.pid})"


def this_process(kind: str) -> Process:
    """The process that asks, running the command ``kind``."""
    return Process(kind, __version__, REVISION, platform.node() or "unknown", os.getpid())


def database_now(connection: Connection) -> datetime:
    """Time of the database's clock, which machines share; of an SQLite file, this machine's."""
    if connection.dialect.name == "postgresql":
        now: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
        return now.astimezone(UTC)
    return datetime.now(UTC)


def join(connection: Connection, one: Process) -> None:
    """Note that ``one`` works here from now on."""
    now = database_now(connection)
    connection.execute(
        insert(processes).values(
            id=one.id,
            kind=one.kind,
            release=one.release,
            revision=one.revision,
            host=one.host,
            pid=one.pid,
            started_at=now,
            seen_at=now,
        )
    )


def forget_silent(connection: Connection, *, all_of_them: bool = False) -> None:
    """Drop the rows of processes that are dead, by their silence; ``all_of_them``: the caller knows it."""
    gone = delete(processes)
    if not all_of_them:
        gone = gone.where(not_(_lives(database_now(connection))))
    connection.execute(gone)


def _lives(now: datetime) -> ColumnElement[bool]:
    """A sign of life lately; one from hours ahead was given before the clock was set back."""
    return processes.c.seen_at.between(now - SILENT, now + SILENT)


def living(connection: Connection) -> list[Process]:
    """Processes that work here; on PostgreSQL also those that no row tells of, by their connections."""
    known = _with_rows(connection) if inspect(connection).has_table(processes.name) else []
    return known + _connected(connection, {one.revision for one in known})


def _with_rows(connection: Connection) -> list[Process]:
    rows = connection.execute(
        select(processes)
        .where(_lives(database_now(connection)))
        .order_by(processes.c.started_at, processes.c.id)
    )
    return [Process(r.kind, r.release, r.revision, r.host, r.pid, r.id) for r in rows]


# A paused process says nothing, and has its connections still; releases before 0036 have no rows at all.
_CONNECTED = text(
    "SELECT DISTINCT ON (name, host) split_part(application_name, ' ', 2) AS name,"
    " coalesce(host(client_addr), 'the server') AS host, pid FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    " AND split_part(application_name, ' ', 1) = :program ORDER BY name, host, pid"
)


def _connected(connection: Connection, told: set[str]) -> list[Process]:
    """A process for each revision and host that has connections, but for revisions that are ``told`` of."""
    if connection.dialect.name != "postgresql":
        return []
    rows = connection.execute(_CONNECTED, {"program": PROGRAM})
    return [
        Process("connection", "", row.name, row.host, row.pid, "")
        for row in rows
        if row.name not in told and row.name != REVISION
    ]


class Presence:
    """The row of this process in an open database: it says that it lives, and hears that it is too old."""

    def __init__(self, database: Database, me: Process, known: Sequence[str]) -> None:
        self._database = database
        self._me = me
        self._known = known

    async def beat(self) -> None:
        """Say that this process lives.

        Raises :class:`~aggregator.errors.TooOld` where a later release has changed the database so
        that this one cannot work on it, :class:`~aggregator.errors.StoreError` when it is down.
        """
        await self._database.write(_beat, self._me, self._known)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        """Take the row away; where the database is down, its silence will tell."""
        with suppress(StoreError):
            await self._database.write(_leave, self._me.id)


def _beat(connection: Connection, me: Process, known: Sequence[str]) -> None:
    own = update(processes).where(processes.c.id == me.id)
    if not connection.execute(own.values(seen_at=database_now(connection))).rowcount:
        # It was silent for so long that it was given up: who contracts meanwhile does not count on it.
        acquire(connection, AdvisoryLock.MIGRATE)
        must_work(connection, known)
        join(connection, me)
    must_work(connection, known)


def _leave(connection: Connection, process_id: str) -> None:
    connection.execute(delete(processes).where(processes.c.id == process_id))
