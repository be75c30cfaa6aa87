"""Migrated databases without rows: made once, copied for each test."""

from __future__ import annotations

import functools
import tempfile
from pathlib import Path

import psycopg
from sqlalchemy import Engine

from aggregator.store.db.database import open_engine
from aggregator.store.db.migrations import migrate
from tests.support.postgres import Address

_TEMPLATE = "migrated"
_LOCK = 1  # PostgreSQL advisory lock: one test process makes the template


def _migrate(engine: Engine) -> None:
    try:
        migrate(engine)
    finally:
        engine.dispose()


@functools.cache
def _sqlite_file() -> bytes:
    """The file of a migrated SQLite database; made once per process."""
    with tempfile.TemporaryDirectory(prefix="aggregator-tests-") as folder:
        path = Path(folder, "migrated.db")
        _migrate(open_engine(f"sqlite:///{path}"))  # closing it leaves nothing in a -wal file
        return path.read_bytes()


def copy_sqlite(path: Path) -> None:
    """Put a migrated database at ``path``, where nothing stands yet."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_sqlite_file())


def postgres_template(server: Address) -> str:
    """The name of a migrated database of ``server`` to make others from; made by the first call."""
    with psycopg.connect(server.url("postgres", "postgresql"), autocommit=True) as admin:
        admin.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))  # given back with the connection
        made = admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", (_TEMPLATE,))
        if made.fetchone() is None:
            # A part that was left behind by a process that was killed is of no use.
            admin.execute("DROP DATABASE IF EXISTS migrating WITH (FORCE)")
            admin.execute("CREATE DATABASE migrating TEMPLATE template0")
            _migrate(open_engine(server.url("migrating")))
            admin.execute("ALTER DATABASE migrating RENAME TO migrated")
    return _TEMPLATE
