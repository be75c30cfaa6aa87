"""Locks between processes: one instance per SQLite file, one at a time on PostgreSQL."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import IntEnum
from pathlib import Path

from sqlalchemy import Connection, text

from aggregator.errors import AlreadyRunning, StoreError
from aggregator.store.db.database import make_private_folder

_ATTEMPTS, _PAUSE_S = 5, 0.02


class AdvisoryLock(IntEnum):
    """PostgreSQL advisory locks, for what one transaction does at a time; the numbers are ours."""

    MIGRATE = 0x6D696772
    RECONCILE = 0x72656363  # compare wanted subscriptions with stored ones
    SUBSCRIBE = 0x73756273  # make the active feeds those of a configuration
    SUM_UP = 0x73756D75  # write a summary of health events
    HUB = 0x68756273  # count subscriptions at our hub, and add one
    SETTLE = 0x61676772  # search for stories and attach entries to them


def acquire(connection: Connection, lock: AdvisoryLock) -> None:
    """Wait until no other transaction holds ``lock``, and hold it to the end of this one.

    On SQLite a transaction that writes is alone anyhow.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": lock.value})


@contextmanager
def instance_lock(database_file: Path | None) -> Iterator[None]:
    """Hold the lock beside ``database_file`` (None, as for PostgreSQL: nothing to lock).

    The operating system drops it when the process ends, however it ends. Raises
    :class:`AlreadyRunning` with the other's process id.
    """
    if database_file is None:
        yield
        return
    path = database_file.with_name(database_file.name + ".lock")
    try:
        make_private_folder(path.parent)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StoreError(
            f"cannot write {path}: {error.strerror}",
            hint="set database.url to a place that can be written",
        ) from error
    try:
        _take(handle, path, database_file)
        yield
    finally:
        os.close(handle)


def holder(database_file: Path) -> str | None:
    """The process that holds the lock of ``database_file``, as it wrote its number; None: nobody does."""
    path = database_file.with_name(database_file.name + ".lock")
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return _owner(path)
    finally:
        os.close(handle)
    return None


def _lock(handle: int) -> None:
    """Lock at once, but for a moment in which :func:`holder` may look."""
    for _ in range(_ATTEMPTS):
        with suppress(BlockingIOError):
            return fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        time.sleep(_PAUSE_S)
    return fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _owner(path: Path) -> str:
    return path.read_text(encoding="ascii", errors="replace").strip() or "unknown"


def _take(handle: int, path: Path, database_file: Path) -> None:
    try:
        _lock(handle)
    except OSError as error:
        raise AlreadyRunning(
            f"another aggregator (process {_owner(path)}) uses {database_file}",
            hint="stop it first, or set another database.url",
        ) from error
    with suppress(OSError):  # a full disk: the lock holds without its owner's name
        os.ftruncate(handle, 0)
        os.write(handle, f"{os.getpid()}\n".encode())
