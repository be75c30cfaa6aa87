"""``aggregator restore``: the database of a backup in the place of the present one."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Engine, create_engine, func, inspect, select

from aggregator.errors import StoreError
from aggregator.store.db.database import sqlite_path
from aggregator.store.db.lock import instance_lock
from aggregator.store.db.migrations import UNFINISHED, Opening, migrate, newest_revision
from aggregator.store.moving import rows
from aggregator.store.moving.backup_file import (
    PAGES,
    Backup,
    make_private_file,
    open_to_read,
    remove,
    strip,
    sync,
)
from aggregator.store.moving.in_use import alone_with, opened
from aggregator.store.moving.rows import TABLES, Told, errors_of

_FEEDS, _ENTRIES = (next(t for t in TABLES if t.name == name) for name in ("feeds", "entries"))


def present(url: str) -> str:
    """The contents that a restoring would replace, in a few words; empty where nothing is there."""
    path = sqlite_path(url)
    if path is not None and not path.exists():
        return ""
    try:
        with errors_of("cannot look at the database"), opened(url) as engine:
            return _counted(engine)
    except StoreError:
        if path is None:
            raise
        return "a file that cannot be read"  # why somebody restores


def must_be_unused(url: str) -> None:
    """Raise :class:`AlreadyRunning` while a daemon uses the database."""
    file = sqlite_path(url)
    if file is not None:
        with instance_lock(file):
            return
    with errors_of("cannot look at the database"), opened(url) as engine, alone_with(engine):
        return


def _counted(engine: Engine) -> str:
    with engine.connect() as connection:
        names = inspect(connection).get_table_names()
        if UNFINISHED in names:
            return "an unfinished copy"
        counts = [
            connection.execute(select(func.count()).select_from(one)).scalar_one()
            for one in (_FEEDS, _ENTRIES)
            if one.name in names
        ]
    if len(counts) < 2:
        return "other tables" if names else ""
    return f"{counts[0]} feeds and {counts[1]} entries"


def restore(backup: Path, known: Backup, url: str, *, now: datetime, told: Told) -> Path | None:
    """Put the database in ``backup``, which was proven and is ``known``, in the place of that at ``url``.

    It happens whole or not at all. The SQLite file that was there before is kept: the path is
    returned. Raises :class:`StoreError`, :class:`AlreadyRunning` when a daemon uses it.
    """
    file = sqlite_path(url)
    with errors_of("cannot restore the backup"):
        if file is not None:
            return _into_file(backup, file, now, told)
        with (
            opened(url) as engine,
            alone_with(engine),
            tempfile.TemporaryDirectory(prefix="aggregator-restore-") as folder,
        ):
            of_this_release = backup
            if known.revision != newest_revision():
                of_this_release = Path(folder, "upgraded.db")
                _unpack(backup, of_this_release, told)
            _into_server(of_this_release, engine, told)
    return None


def _into_file(backup: Path, file: Path, now: datetime, told: Told) -> Path | None:
    with instance_lock(file):
        part = file.with_name(f"{file.name}.restoring")
        try:
            _unpack(backup, part, told)
            return _put(part, file, now)
        finally:
            remove(part)


def _unpack(backup: Path, part: Path, told: Told) -> None:
    """Put the database of ``backup`` alone at ``part``, brought to this release."""
    make_private_file(part)
    with open_to_read(backup) as own, closing(sqlite3.connect(part)) as other:
        own.backup(other, pages=PAGES, progress=lambda _, left, of: told("pages", of - left, of))
    strip(part)
    with opened(f"sqlite:///{part}") as engine:
        migrate(engine)


def _into_server(backup: Path, target: Engine, told: Told) -> None:
    uri = f"file:{quote(str(backup.resolve()))}?mode=ro"
    source = create_engine("sqlite://", creator=lambda: sqlite3.connect(uri, uri=True))
    try:
        _replace_rows(source, target, told)
    finally:
        source.dispose()


def _replace_rows(source: Engine, target: Engine, told: Told) -> None:
    """All rows of ``target`` replaced, in one transaction."""
    migrate(target, opening=Opening(being_copied=True))
    with source.begin() as given, target.begin() as taken:
        rows.clear(taken)
        taken.exec_driver_sql(f"DROP TABLE IF EXISTS {UNFINISHED}")
        rows.fill(given, taken, told)


def _put(part: Path, file: Path, now: datetime) -> Path | None:
    """Have ``part`` take the place of ``file``; the former is kept under the name returned."""
    try:
        sync(part)
        kept = _set_aside(file, now) if file.exists() else None
        part.replace(file)
        sync(file.parent)
    except OSError as error:
        raise StoreError(f"cannot write {file}: {error.strerror}") from error
    return kept


def _set_aside(file: Path, now: datetime) -> Path:
    """Give ``file`` a second name, with all that SQLite wrote beside it and would take for the new one's."""
    kept = file.with_name(f"{file.name}.before-{now:%Y%m%dT%H%M%SZ}")
    try:
        with closing(sqlite3.connect(file, timeout=1)) as connection:
            # Without -wal from here on: whoever has the file open keeps it so, and is refused.
            connection.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise StoreError(
                f"{file} is in use: {error}",
                hint="end what else reads or writes it, then try again",
            ) from error
        _move_beside(file, kept)
    except sqlite3.DatabaseError:  # what is damaged is replaced as it is
        _move_beside(file, kept)
    try:
        os.link(file, kept)
    except OSError:  # a file system without second names
        shutil.copy2(file, kept)
    return kept


def _move_beside(file: Path, kept: Path) -> None:
    for ending in ("-wal", "-shm"):
        with suppress(FileNotFoundError):
            Path(f"{file}{ending}").replace(f"{kept}{ending}")
