"""``aggregator backup``: the database as of one moment, however much is written to it meanwhile."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine

from aggregator.errors import StoreError
from aggregator.store.db.migrations import UNFINISHED, migrate
from aggregator.store.db.tables import processes
from aggregator.store.moving import rows
from aggregator.store.moving.backup_file import (
    PAGES,
    Backup,
    KeptFile,
    make_private_file,
    remove,
    seal,
    sync,
)
from aggregator.store.moving.in_use import file_of, must_be_present, opened
from aggregator.store.moving.rows import Told, errors_of


def back_up(
    url: str,
    path: Path,
    files: Sequence[KeptFile],
    *,
    release: str,
    now: datetime,
    told: Told,
) -> Backup:
    """Write the database at ``url`` and ``files`` to ``path``, proven by reading it again.

    What stood at ``path`` is replaced at the end, in one step. Raises :class:`StoreError`; then
    nothing is left but what was there before.
    """
    with opened(url, there=True) as engine:
        return _back_up(engine, path, files, release=release, now=now, told=told)


def _back_up(
    engine: Engine,
    path: Path,
    files: Sequence[KeptFile],
    *,
    release: str,
    now: datetime,
    told: Told,
) -> Backup:
    part = path.with_name(f"{path.name}.part")
    make_private_file(part)
    try:
        with errors_of(f"cannot back up the database to {path}"):
            if engine.dialect.name == "sqlite":
                _copy_pages(engine, part, told)
            else:
                _copy_rows(engine, part, told)
        backup = seal(part, engine.dialect.name, release, now, files)
        _put(part, path)
    finally:
        remove(part)
    return backup


def _put(part: Path, path: Path) -> None:
    try:
        sync(part)
        part.replace(path)
        sync(path.parent)
    except OSError as error:
        raise StoreError(f"cannot write {path}: {error.strerror}") from error


def _copy_pages(engine: Engine, part: Path, told: Told) -> None:
    file = file_of(engine)
    assert file is not None  # noqa: S101 - it exists
    with closing(sqlite3.connect(file, timeout=30)) as own, closing(sqlite3.connect(part)) as other:
        own.isolation_level = None
        own.execute("BEGIN")  # from the first read on one snapshot, whoever writes
        names = {name for (name,) in own.execute("SELECT name FROM sqlite_master")}
        if "alembic_version" not in names or UNFINISHED in names:
            raise StoreError(
                f"{file} is no whole database of aggregator", hint="see `aggregator doctor`"
            )
        own.backup(other, pages=PAGES, progress=lambda _, left, of: told("pages", of - left, of))
        own.execute("ROLLBACK")
        if processes.name in names:  # who works on it now is none of a backup's business
            other.execute(f"DELETE FROM {processes.name}")
            other.commit()


def _copy_rows(engine: Engine, part: Path, told: Told) -> None:
    with engine.execution_options(isolation_level="REPEATABLE READ").begin() as given:
        must_be_present(given)
        with opened(f"sqlite:///{part}") as other:
            migrate(other)
            with other.execution_options(writes=True).begin() as target:
                rows.clear(target)
                rows.fill(given, target, told)
