"""The connection to SQLite or PostgreSQL: engine, transactions, and the threads they run in.

SQLAlchemy's synchronous Core runs in threads of its own, so the event loop never waits for a disk.
SQLite has one writer thread (it has one writer anyway) and readers beside it, which WAL lets read
while it writes; PostgreSQL has as many as its pool has connections.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import structlog
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from aggregator.errors import StoreError
from aggregator.store.db.store_errors import refusal
from aggregator.store.db.tables import REVISION

log = structlog.get_logger("aggregator.store")

P = ParamSpec("P")
T = TypeVar("T")

PROGRAM = "aggregator"
APPLICATION = f"{PROGRAM} {REVISION}"
"""Name of connections on a PostgreSQL server. Those of releases before 0036 had no revision in it."""

_POSTGRES_CONNECTIONS = 8
_SQLITE_READERS = 2
_BUSY_TIMEOUT_S = 30
_CONNECT_TIMEOUT_S = 5
# A process that stands still in a transaction, or a machine that is gone, keeps locks that all others wait for.
_IDLE_IN_TRANSACTION = "20s"
_WAL_ATTEMPTS, _WAL_PAUSE_S = 100, 0.05


def open_engine(url: str) -> Engine:
    """An engine for ``url``; for SQLite the file's folder is made, WAL and foreign keys are on.

    Raises :class:`StoreError` when the folder cannot be made. Nothing is connected yet.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite_engine(parsed)
    # pool_pre_ping: a server that restarted must cost one reconnect, not one failed poll each.
    return create_engine(
        parsed,
        pool_size=_POSTGRES_CONNECTIONS,
        max_overflow=2,
        pool_pre_ping=True,
        connect_args=_connecting(parsed),
    )


def bound_idle_transactions(engine: Engine) -> None:
    """Have the server end connections of ``engine`` that wait for us within a transaction for too long.

    For the work of every day: a migration or a copy may think longer. Connections that are open are closed.
    """
    if engine.dialect.name == "sqlite":
        return
    event.listen(engine, "connect", _set_idle_limit)
    engine.dispose()


def _set_idle_limit(connection: DBAPIConnection, _record: object) -> None:
    with contextlib.closing(connection.cursor()) as cursor:
        cursor.execute(f"SET idle_in_transaction_session_timeout = '{_IDLE_IN_TRANSACTION}'")
    connection.commit()  # or a rollback took it back


def _connecting(url: URL) -> dict[str, Any]:
    """Parameters of libpq that ``url`` does not give."""
    given: dict[str, Any] = {}
    # By which whoever moves or replaces the database sees that it is in use.
    given["fallback_application_name"] = APPLICATION
    # Where nothing answers, that is said soon and not when the kernel gives up.
    if "connect_timeout" not in url.query and "PGCONNECT_TIMEOUT" not in os.environ:
        given["connect_timeout"] = _CONNECT_TIMEOUT_S
    return given


def sqlite_path(url: str) -> Path | None:
    """The file behind an SQLite URL; None for PostgreSQL and in-memory databases."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        return None
    return None if parsed.database == ":memory:" else Path(parsed.database)


def _sqlite_engine(url: URL) -> Engine:
    path = sqlite_path(url.render_as_string(hide_password=False))
    if path is not None:
        try:
            make_private_folder(path.parent)
        except OSError as error:
            raise StoreError(
                f"cannot make the folder {path.parent}: {error.strerror}",
                hint="set database.url to a place that can be written",
            ) from error
        _own(path)
    engine = create_engine(
        url, connect_args={"timeout": _BUSY_TIMEOUT_S, "check_same_thread": False}
    )
    event.listen(engine, "connect", _configure_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def make_private_folder(folder: Path) -> None:
    """Make ``folder`` and those above it that are missing for the owner only, whatever the umask."""
    if folder.is_dir():
        return
    make_private_folder(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)


def _own(path: Path) -> None:
    """Make the file at ``path`` its owner's only: SQLite gives -wal and -shm the same mode."""
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        _tighten(path)
    except OSError:  # connecting says what is wrong
        return


def _tighten(path: Path) -> None:
    for one in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
        with contextlib.suppress(
            FileNotFoundError, PermissionError
        ):  # another user's: it is theirs
            if one.stat().st_mode & 0o077:
                one.chmod(0o600)
                log.warning("made readable for its owner only", file=str(one))


def _configure_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # The driver must not begin transactions by itself: see _begin_sqlite.
    connection.isolation_level = None
    _use_wal(connection)
    for pragma in (
        # NORMAL: a power cut may lose the last commits, never the database; what they held is
        # polled again, and ids are derived from content, so nothing is emitted twice.
        "synchronous = NORMAL",
        "foreign_keys = ON",
        "temp_store = MEMORY",
        "journal_size_limit = 67108864",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _use_wal(connection: sqlite3.Connection) -> None:
    # The file remembers the mode. Two processes that switch a new file at once lock each other out,
    # and SQLite does not wait by itself there: the one that fails finds it switched soon.
    for _ in range(_WAL_ATTEMPTS):
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            time.sleep(_WAL_PAUSE_S)
        else:
            return
    connection.execute("PRAGMA journal_mode = WAL")


def _begin_sqlite(connection: Connection) -> None:
    # A writer takes the lock at once: upgrading later can fail without waiting (SQLITE_BUSY).
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


class Database:
    """Runs functions over a connection, each in one transaction, in a thread.

    Every method raises :class:`StoreError` when the database is down, locked or full; the
    transaction is rolled back then.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._is_sqlite = engine.dialect.name == "sqlite"
        self._writers = ThreadPoolExecutor(
            1 if self._is_sqlite else _POSTGRES_CONNECTIONS, thread_name_prefix="db-write"
        )
        self._readers = ThreadPoolExecutor(
            _SQLITE_READERS if self._is_sqlite else _POSTGRES_CONNECTIONS,
            thread_name_prefix="db-read",
        )
        self._writing = engine.execution_options(writes=True)
        # PostgreSQL's default gives every statement a snapshot of its own; SQLite's is the
        # transaction's anyway.
        self._reading = (
            engine
            if self._is_sqlite
            else engine.execution_options(isolation_level="REPEATABLE READ")
        )

    async def write(
        self, function: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """``function(connection, …)`` in one transaction that may write."""
        return await self._run(self._writers, self._writing, function, *args, **kwargs)

    async def read(
        self, function: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """``function(connection, …)`` over one consistent snapshot."""
        return await self._run(self._readers, self._reading, function, *args, **kwargs)

    async def _run(
        self,
        executor: ThreadPoolExecutor,
        engine: Engine,
        function: Callable[..., T],
        *args: Any,
        **kwargs: Any,
    ) -> T:
        def in_transaction() -> T:
            try:
                with engine.begin() as connection:
                    return function(connection, *args, **kwargs)
            except (DBAPIError, PoolTimeout) as error:
                reason = " ".join(str(getattr(error, "orig", None) or error).split())
                raise refusal(reason) from error

        return await asyncio.get_running_loop().run_in_executor(executor, in_transaction)

    def close(self) -> None:
        """Wait for running transactions, then close every connection."""
        self._writers.shutdown(wait=True)
        self._readers.shutdown(wait=True)
        self.engine.dispose()
