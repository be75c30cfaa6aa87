"""The place of the control socket: a folder beside the database that is its owner's only.

Whoever listens holds the database's lock (:mod:`aggregator.store.db.lock`), so that there is one for
each database, and what lies there from a process that was killed is nobody's any more.
"""

from __future__ import annotations

import os
import socket
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from aggregator.errors import ControlError

_NAME = "socket"
_ATTEMPTS, _PAUSE_S = 100, 0.05
# Bytes of `sun_path`, the last of them NUL: 104 on macOS and the BSDs, 108 on Linux.
_LONGEST = 103


def folder_of(database_file: Path) -> Path:
    """The folder of the control socket of the daemon that works on ``database_file``."""
    return database_file.with_name(database_file.name + ".control")


def listen_in(folder: Path) -> socket.socket:
    """A socket that listens in ``folder``, which is made for its owner only.

    For the holder of the lock. Raises :class:`~aggregator.errors.ControlError`.
    """
    one = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        _secure(folder)
        (folder / _NAME).unlink(missing_ok=True)
        with _short(folder) as place:
            one.bind(str(place / _NAME))
        (folder / _NAME).chmod(0o600)
        one.listen()
    except OSError as error:
        one.close()
        raise ControlError(f"cannot listen in {folder}: {error.strerror or error}") from error
    except ControlError:
        one.close()
        raise
    return one


def leave(folder: Path) -> None:
    """Remove the socket in ``folder``; for its listener."""
    try:
        (folder / _NAME).unlink(missing_ok=True)
    except OSError:
        return  # what listens there no more is found out by the first who asks


def connect_in(folder: Path, patience: float) -> socket.socket | None:
    """A connection to whoever listens in ``folder``; None: nobody does.

    What it does takes at most ``patience`` seconds. Raises :class:`~aggregator.errors.ControlError`
    where the folder is another user's.
    """
    one = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    one.settimeout(patience)
    try:
        with _short(folder) as place:
            _connect(one, str(place / _NAME))
    except PermissionError:
        one.close()
        raise ControlError(
            f"{folder} belongs to the user who runs the daemon",
            hint="run this command as that user",
        ) from None
    except (FileNotFoundError, NotADirectoryError, ConnectionRefusedError):
        one.close()
        return None
    except OSError as error:
        one.close()
        raise ControlError(f"cannot ask at {folder}: {error.strerror or error}") from error
    return one


def _connect(one: socket.socket, path: str) -> None:
    """Connect, with some patience where too many do so at once: Linux has no queue for those."""
    for _ in range(_ATTEMPTS):
        with suppress(BlockingIOError):
            return one.connect(path)
        time.sleep(_PAUSE_S)
    return one.connect(path)


def _secure(folder: Path) -> None:
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise ControlError(
            f"{folder} is no folder of this user's own", hint="remove it, and start the daemon anew"
        )
    if found.st_mode & 0o077:
        folder.chmod(0o700)


@contextmanager
def _short(folder: Path) -> Iterator[Path]:
    """A path to ``folder`` that an address of a socket has room for: itself, or a link for a moment."""
    if len(os.fsencode(folder / _NAME)) <= _LONGEST:
        yield folder
        return
    with tempfile.TemporaryDirectory(prefix="agg-") as place:
        link = Path(place, "f")
        link.symlink_to(folder.absolute())
        yield link
