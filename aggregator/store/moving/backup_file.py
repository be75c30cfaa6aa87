"""The file of a backup: an SQLite database with all tables, whichever database they came from.

Beside them stand three tables that the database itself has not: when and by which release it was made,
the configuration's files, and number and digest of the rows of each table, to be proven when it is read.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from aggregator.errors import StoreError
from aggregator.store.moving.rows import SLICE, errors_of
from aggregator.store.moving.tally import Tally

PAGES = 2000  # of SQLite that are copied in one step

_FORMAT = "1"
_CONFIG, _LIST = 1, 2  # kinds of files; 0: any other of the configuration
_INDEX = "search_"  # made from the other tables; its rows differ between databases
_OWN = ("backup_about", "backup_files", "backup_tables")
_MAKE = """
CREATE TABLE backup_about (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE backup_files (name TEXT PRIMARY KEY, body BLOB NOT NULL, config INTEGER NOT NULL);
CREATE TABLE backup_tables (name TEXT PRIMARY KEY, rows INTEGER NOT NULL, digest TEXT NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file of the configuration: ``name`` is its path below that folder; one is ``the_config``.

    A ``list_copy`` is the last good copy of a reading list, and stands beside the data.
    """

    name: str
    body: bytes
    the_config: bool = False
    list_copy: bool = False


@dataclass(frozen=True, slots=True)
class Backup:
    """All that is known of a backup without its rows."""

    release: str
    made_at: datetime
    database: str  # name of the dialect that it was made from
    revision: str
    files: tuple[KeptFile, ...]
    tables: dict[str, Tally]


def make_private_file(path: Path) -> None:
    """Make an empty file at ``path`` for its owner only; what a killed run left there goes."""
    try:
        remove(path)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as error:
        raise StoreError(
            f"cannot write {path}: {error.strerror}",
            hint="give a file in a folder that can be written",
        ) from error


def remove(path: Path) -> None:
    """Remove the SQLite file at ``path``, if it is there, and what SQLite writes beside it."""
    for ending in ("", "-wal", "-shm", "-journal"):
        Path(f"{path}{ending}").unlink(missing_ok=True)


def sync(path: Path) -> None:
    """Have the disk keep the file at ``path``, or the names in the folder there."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def seal(
    path: Path, database: str, release: str, now: datetime, files: Sequence[KeptFile]
) -> Backup:
    """Write beside the rows in ``path`` what they are; the file is one that needs no other."""
    with errors_of(f"cannot write {path}"), closing(sqlite3.connect(path)) as connection:
        (revision,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        tables = _tallies(connection)
        connection.executescript(_MAKE)
        about = {
            "format": _FORMAT,
            "release": release,
            "made_at": now.isoformat(),
            "database": database,
            "revision": revision,
        }
        connection.executemany("INSERT INTO backup_about VALUES (?, ?)", about.items())
        connection.executemany(
            "INSERT INTO backup_files VALUES (?, ?, ?)",
            [(one.name, one.body, _LIST if one.list_copy else one.the_config) for one in files],
        )
        connection.executemany(
            "INSERT INTO backup_tables VALUES (?, ?, ?)",
            [(name, tally.rows, str(tally)) for name, tally in tables.items()],
        )
        connection.commit()
        connection.execute("PRAGMA journal_mode = DELETE")
    return read_backup(path)


def read_backup(path: Path) -> Backup:
    """The contents of ``path``, every page and row of it looked at.

    Raises :class:`StoreError`: it is no backup, one of a newer format, or damaged.
    """
    with errors_of(f"cannot read the backup {path}"), open_to_read(path) as connection:
        names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
        if not names.issuperset(_OWN):
            raise StoreError(
                f"{path} is no backup of aggregator",
                hint="`aggregator backup FILE` makes one; a copy of an SQLite database is put in its place",
            )
        about = dict(connection.execute("SELECT name, value FROM backup_about"))
        if about["format"] != _FORMAT:
            raise StoreError(
                f"the backup {path} has the format {about['format']}, this release reads {_FORMAT}",
                hint=f"install release {about['release']}, which made it",
            )
        tables = {
            name: Tally(rows, int(digest, 16))
            for name, rows, digest in connection.execute(
                "SELECT name, rows, digest FROM backup_tables"
            )
        }
        _prove(path, connection, tables)
        files = connection.execute("SELECT name, body, config FROM backup_files ORDER BY name")
        return Backup(
            about["release"],
            datetime.fromisoformat(about["made_at"]),
            about["database"],
            about["revision"],
            tuple(
                KeptFile(name, body, kind == _CONFIG, kind == _LIST) for name, body, kind in files
            ),
            tables,
        )


def strip(path: Path) -> None:
    """Leave of the backup in ``path`` the database alone."""
    with errors_of(f"cannot write {path}"), closing(sqlite3.connect(path)) as connection:
        for name in _OWN:
            connection.execute(f"DROP TABLE {name}")
        connection.commit()


@contextmanager
def open_to_read(path: Path) -> Iterator[sqlite3.Connection]:
    """The SQLite file at ``path``, never changed and never made."""
    if not path.is_file():
        raise StoreError(f"there is no file {path}")
    uri = f"file:{quote(str(path.resolve()))}?mode=ro"
    with closing(sqlite3.connect(uri, uri=True)) as connection:
        yield connection


def _prove(path: Path, connection: sqlite3.Connection, tables: dict[str, Tally]) -> None:
    said = [line for (line,) in connection.execute("PRAGMA integrity_check(3)")]
    lost = connection.execute("PRAGMA foreign_key_check").fetchone()
    found = _tallies(connection)
    wrong = sorted(name for name in tables | found if tables.get(name) != found.get(name))
    if said != ["ok"] or lost is not None or wrong:
        why = (
            "; ".join(said)
            if said != ["ok"]
            else f"rows of {', '.join(wrong) or lost[0]} are wrong"
        )
        raise StoreError(f"the backup {path} is damaged: {why}", hint="take another one")


def _tallies(connection: sqlite3.Connection) -> dict[str, Tally]:
    """What the rows of each table come to, as SQLite holds them."""
    names = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name"
    ).fetchall()
    return {
        name: _tally(connection, name)
        for (name,) in names
        if name not in _OWN and not name.startswith(_INDEX)
    }


def _tally(connection: sqlite3.Connection, name: str) -> Tally:
    tally, cursor = Tally(), connection.execute(f'SELECT * FROM "{name}"')
    while some := cursor.fetchmany(SLICE):
        tally = tally.plus(some)
    return tally
