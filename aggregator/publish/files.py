"""The merged feeds as files, for a web server, a synchronised folder or a backup.

A reader of a file sees the old bytes or the new ones, never a part: each is written beside its
place, flushed to the disk and renamed over it. What stands there stays when that fails.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Collection, Sequence
from pathlib import Path

from aggregator.errors import PublishError
from aggregator.model import OutputFeed, Rendered
from aggregator.publish import addresses
from aggregator.publish.formats import FORMATS

_NAME = re.compile(addresses.NAME)
_LEFTOVER = re.compile(r"\..+\.[0-9a-f]{16}\.tmp")


class FilePublisher:
    """Writes ``feeds/NAME.FORMAT`` below a directory, which is made when it is missing.

    The folder ``feeds`` belongs to it: :meth:`prune` removes outputs that are no longer wanted.
    Other files in it are left alone. Calls block on the disk; they are for one thread at a time.
    """

    def __init__(self, directory: Path) -> None:
        self._folder = directory / addresses.FOLDER

    def publish(self, output: OutputFeed, rendered: Sequence[Rendered]) -> None:
        """Write every rendering whose bytes differ from its file's; ``output`` is not looked at.

        A file's modification time is the rendering's. Tries all of them, then raises
        :class:`~aggregator.errors.PublishError` for the first that failed (disk full, folder
        read-only, …).
        """
        del output
        first: PublishError | None = None
        for one in rendered:
            try:
                self._write(one)
            except PublishError as error:
                first = first or error
        if first is not None:
            raise first

    def prune(self, names_and_formats: Collection[tuple[str, str]]) -> list[Path]:
        """Remove the files of all other outputs and formats, and what a crash left half written.

        Returns what was removed. Raises :class:`~aggregator.errors.PublishError`.
        """
        removed: list[Path] = []
        try:
            if not self._folder.is_dir():
                return removed
            for path in sorted(self._folder.iterdir()):
                output = _output_of(path.name)
                dropped = output is not None and output not in names_and_formats
                if dropped or _LEFTOVER.fullmatch(path.name):
                    path.unlink(missing_ok=True)
                    removed.append(path)
        except OSError as error:
            raise _failed(self._folder, error) from error
        return removed

    def _write(self, rendered: Rendered) -> None:
        file_name = addresses.file_name(rendered.name, rendered.format)
        path = self._folder / file_name
        if _output_of(file_name) is None:  # a name is never a path
            raise PublishError(f"{file_name!r} is no name of an output file")
        modified = rendered.modified.timestamp()
        try:
            if _holds(path, rendered.body):
                if path.stat().st_mtime != modified:
                    os.utime(path, (modified, modified))
                return
            self._folder.mkdir(parents=True, exist_ok=True)
            _replace(path, rendered.body, modified)
        except OSError as error:
            raise _failed(path, error) from error


def _output_of(file_name: str) -> tuple[str, str] | None:
    """Name and format of the output in a file of ours; None for a file that is not ours."""
    name, kind = addresses.split(file_name)
    return (name, kind) if _NAME.fullmatch(name) and kind in FORMATS else None


def _holds(path: Path, body: bytes) -> bool:
    """Whether the file is there with exactly these bytes; the size is compared first."""
    try:
        return path.stat().st_size == len(body) and path.read_bytes() == body
    except FileNotFoundError:
        return False


def _replace(path: Path, body: bytes, modified: float) -> None:
    """Put ``body`` in the place of ``path`` in one step that a crash cannot halve."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}.tmp")
    try:
        # "x" makes it with the process's umask, so that a web server may read the result.
        with temporary.open("xb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        os.utime(temporary, (modified, modified))
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Make a rename in ``folder`` survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _failed(path: Path, error: OSError) -> PublishError:
    return PublishError(
        f"cannot write {path}: {error.strerror or error}",
        hint="check the disk's free space and the folder's owner, or set publish.directory",
    )
