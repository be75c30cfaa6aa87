"""Copies of an SQLite database, whole even while others use it."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from aggregator.errors import StoreError


def copy_of(file: Path, name: str) -> Path:
    """Copy the database in ``file`` to ``name`` beside it, for its owner only; return where it is.

    Raises :class:`StoreError`: a file of that name is there, the disk is full.
    """
    path = file.with_name(name)
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as error:
        raise _failed(path, error.strerror or str(error)) from error
    try:
        with closing(sqlite3.connect(file)) as own, closing(sqlite3.connect(path)) as other:
            own.backup(other)
    except sqlite3.Error as error:
        path.unlink(missing_ok=True)
        raise _failed(path, str(error)) from error
    return path


def _failed(path: Path, why: str) -> StoreError:
    return StoreError(f"cannot copy the database to {path}: {why}", hint="nothing was changed")
