"""A file put in the place of another in one step."""

from __future__ import annotations

import errno
import os
import secrets
from pathlib import Path

from aggregator.errors import PublishError


def replace_file(path: Path, body: bytes, modified: int, mode: int) -> None:
    """Put ``body`` in the place of ``path`` in one step that a crash cannot halve.

    ``modified`` is in nanoseconds; ``mode`` is less what the process's umask takes away.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}.tmp")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        with os.fdopen(descriptor, "wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        os.utime(temporary, ns=(modified, modified))
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make a rename in ``folder`` survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_failed(path: Path, error: OSError) -> PublishError:
    """The error for a file that could not be written or removed."""
    if error.errno == errno.EROFS:
        return PublishError(
            f"cannot write {path}: its file system is read-only",
            hint="mount it for writing (a disk with errors is made read-only), or set publish.directory",
        )
    return PublishError(
        f"cannot write {path}: {error.strerror or error}",
        hint="check the disk's free space and the folder's owner, or set publish.directory",
    )
