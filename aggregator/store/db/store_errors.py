"""Errors for what a database says when it cannot be opened, or does not do what it is asked."""

from __future__ import annotations

from aggregator.errors import StoreError

READ_ONLY = "is the file system mounted read-only, or the server a standby?"
"""Hint where a database can be read and not written."""

_REFUSED = "check database.url, the disk's free space and the server"
_CLOSED = "check database.url (place, user, password), that the server runs and that the folder can be written"


def refusal(said: str) -> StoreError:
    """The error for what an open database ``said``."""
    return _for_readers(said) or StoreError(f"the database refused: {said}", hint=_REFUSED)


def unopened(said: str) -> StoreError:
    """The error for what ``said`` a database that cannot be opened, or not be brought to its shape."""
    return _for_readers(said) or StoreError(f"cannot open the database: {said}", hint=_CLOSED)


def _for_readers(said: str) -> StoreError | None:
    if "readonly" not in said and "read-only" not in said:
        return None
    return StoreError(f"the database cannot be written, only read: {said}", hint=READ_ONLY)
