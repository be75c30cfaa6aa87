"""The database: that it can be opened, its shape, and whether what is in it is whole."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.exc import DBAPIError

from aggregator.app.doctor.findings import Finding, fault, ok, warning
from aggregator.app.upgrading import HOW_TO_FINISH, unfinished_upgrade
from aggregator.errors import StoreError, TooOld
from aggregator.privacy.masking import masked
from aggregator.store.db.database import open_engine, sqlite_path
from aggregator.store.db.migrations import current_revision, known_revisions, newest_revision
from aggregator.store.db.releases import must_work, says_what_works
from aggregator.store.db.store_errors import READ_ONLY

_SUBJECT = "database"
_SHOWN = 3  # complaints of the integrity check


def database(url: str) -> Iterator[Finding]:
    """The database at ``url``, looked at and not changed; one that is not there yet is fine."""
    file = sqlite_path(url)
    if file is not None and not file.exists():
        yield ok(_SUBJECT, f"{file} is not there yet: the first start makes it")
        return
    try:
        engine = _only_to_look(file) if file else open_engine(url)
        try:
            with engine.connect() as connection:
                name = str(file or engine.url.render_as_string(hide_password=True))
                yield _shape(connection, masked(name))
                yield from _integrity(connection)
        finally:
            engine.dispose()
    except (DBAPIError, StoreError, OSError) as error:
        reason = " ".join(str(getattr(error, "orig", None) or error).split())
        yield fault(
            _SUBJECT,
            masked(reason),
            "see database.url, that its server runs and that its folder can be written",
        )


def _only_to_look(file: Path) -> Engine:
    """The SQLite file as it is: nothing is made, migrated or given other permissions."""
    uri = f"file:{quote(str(file))}?mode=ro"
    return create_engine("sqlite://", creator=lambda: sqlite3.connect(uri, uri=True))


def _shape(connection: Connection, name: str) -> Finding:
    present, newest = current_revision(connection), newest_revision()
    if present == newest:
        return ok(_SUBJECT, f"{name}: revision {present}")
    if present is None:
        return ok(_SUBJECT, f"{name}: empty; the first start fills it")
    if left := unfinished_upgrade(connection):
        return warning(_SUBJECT, f"{name}: revision {present}; {left}", HOW_TO_FINISH)
    found = f"{name}: revision {present}, this release has {newest}"
    if present in known_revisions():
        return warning(_SUBJECT, found, "the next start migrates it")
    return _of_later(connection, found)


def _of_later(connection: Connection, found: str) -> Finding:
    """What a database is to this release that a later one has made."""
    if not says_what_works(connection):
        return fault(_SUBJECT, found, "install the release that made it")
    try:
        must_work(connection, known_revisions())
    except TooOld as error:
        return fault(_SUBJECT, error.message, error.hint)
    hint = "a later release works on it, too; install that one here when you like"
    return warning(_SUBJECT, f"{found}, which may go on", hint)


def _integrity(connection: Connection) -> Iterator[Finding]:
    if connection.dialect.name != "sqlite":
        version = connection.exec_driver_sql("SHOW server_version").scalar()
        yield ok(_SUBJECT, f"PostgreSQL {version}")
        if connection.exec_driver_sql("SHOW transaction_read_only").scalar() == "on":
            yield fault(_SUBJECT, "it can be read, and not written", READ_ONLY)
        return
    found = [str(line) for (line,) in connection.exec_driver_sql("PRAGMA quick_check(10)")]
    if found == ["ok"]:
        yield ok(_SUBJECT, "integrity: ok")
    else:
        hint = "restore a backup, or `sqlite3 OLD .recover | sqlite3 NEW`"
        yield fault(_SUBJECT, f"integrity: {'; '.join(found[:_SHOWN])}", hint)
