"""A database kept from everybody else while it is copied or replaced."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from aggregator.errors import AlreadyRunning, StoreError
from aggregator.store.db.database import PROGRAM, open_engine, sqlite_path
from aggregator.store.db.lock import instance_lock
from aggregator.store.db.migrations import (
    UNFINISHED,
    current_revision,
    is_workable,
    newest_revision,
)

_PATIENCE_S, _PAUSE_S = 3.0, 0.1  # a server notices a moment late that a client has ended
_OTHERS = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    " AND split_part(application_name, ' ', 1) = :name AND pid <> pg_backend_pid()"
)


def file_of(engine: Engine) -> Path | None:
    """The SQLite file of ``engine``; None for PostgreSQL."""
    return sqlite_path(engine.url.render_as_string(hide_password=False))


def name_of(engine: Engine) -> str:
    """The database for people, and for ever: without its password, a file with all of its path."""
    path = file_of(engine)
    if path is not None:
        return str(path.resolve())
    return engine.url.set(password=None, query={}).render_as_string()


@contextmanager
def alone_with(*engines: Engine) -> Iterator[None]:
    """Hold the databases of ``engines`` while the block runs; raises :class:`AlreadyRunning`.

    An SQLite file cannot be taken by a daemon meanwhile. Of PostgreSQL it is seen whether any other
    process of this program has a connection now.
    """
    with ExitStack() as held:
        for engine in engines:
            if engine.dialect.name == "sqlite":
                held.enter_context(instance_lock(file_of(engine)))
            else:
                with engine.connect() as connection:
                    refuse_others(connection)
        yield


def refuse_others(connection: Connection) -> None:
    """Raise :class:`AlreadyRunning` while another process of ours is connected to this PostgreSQL."""
    until = time.monotonic() + _PATIENCE_S
    while others := connection.execute(_OTHERS, {"name": PROGRAM}).scalar_one():
        if time.monotonic() > until:
            raise AlreadyRunning(
                f"the database {name_of(connection.engine)} is in use: {others} connections of aggregator",
                hint="stop the daemons that use it first",
            )
        time.sleep(_PAUSE_S)


@contextmanager
def opened(url: str, *, there: bool = False) -> Iterator[Engine]:
    """An engine for ``url``, disposed of at the end.

    Raises :class:`StoreError` where an SQLite file is to be ``there`` and is not: opening it would make it.
    """
    path = sqlite_path(url)
    if there and url.startswith("sqlite") and (path is None or not path.is_file()):
        raise StoreError(
            f"there is no database at {path or 'a place in memory'}",
            hint="see `database.url`; a relative path starts in the folder of the command",
        )
    engine = open_engine(url)
    try:
        yield engine
    finally:
        engine.dispose()


def must_be_present(connection: Connection) -> None:
    """Raise :class:`StoreError` unless the database is whole and of this release's shape."""
    name = name_of(connection.engine)
    if inspect(connection).has_table(UNFINISHED):
        raise StoreError(f"{name} is an unfinished copy itself", hint="finish that copy first")
    if not is_workable(connection):
        revision, newest = current_revision(connection), newest_revision()
        raise StoreError(
            f"{name} has revision {revision or 'none'}, this release reads {newest}",
            hint="`aggregator migrate`, with this database in database.url, upgrades it; what a newer "
            "release made is for that release",
        )
