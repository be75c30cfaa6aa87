"""The merged feeds as files, for a web server, a synchronised folder or a backup.

A reader of a file sees the old bytes or the new ones, never a part: each is written beside its
place, flushed to the disk and renamed over it. What stands there stays when that fails.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from aggregator.errors import PublishError
from aggregator.model import OutputFeed, Rendered
from aggregator.publish import feed_addresses
from aggregator.publish.archive_addresses import split_page
from aggregator.publish.file_siblings import (
    are_beside,
    beside,
    bodies_of,
    remove_siblings,
    write_siblings,
)
from aggregator.publish.formats import FORMATS
from aggregator.publish.replacing import replace_file, write_failed

_NAME = re.compile(feed_addresses.NAME)
_LEFTOVER = re.compile(r"\.(?P<file>.+)\.[0-9a-f]{16}\.tmp")


def output_file(file_name: str) -> tuple[str, str] | None:
    """The output and format whose file is called ``file_name``; None for a file of other people's."""
    name, kind = feed_addresses.split(file_name)
    return (name, kind) if _NAME.fullmatch(name) and kind in FORMATS else None


def outputs_of(files: Iterable[Path]) -> set[str]:
    """Names of the outputs whose files, compressed or not, these are; of leftovers nothing."""
    found = (output_file(beside(one.name)) for one in files)
    return {one[0] for one in found if one is not None}


class FilePublisher:
    """Writes ``feeds/NAME.FORMAT`` below a directory, which is made when it is missing.

    The folder ``feeds`` belongs to it: :meth:`prune` removes outputs that are no longer wanted.
    Other files in it are left alone. Of an output with tokens nothing is ever written there, but to
    the folder of its own, if it has one. ``directory`` None writes no others. ``compressed``: beside each
    stand its compressed forms. Calls block on the disk; they are for one thread at a time.
    """

    def __init__(self, directory: Path | None, *, compressed: bool = False) -> None:
        self._compressed = compressed
        self._folder = None if directory is None else directory / feed_addresses.FOLDER
        self._others_may = bool(~_umask() & 0o077)  # read what is made

    def publish(self, output: OutputFeed, rendered: Sequence[Rendered]) -> None:
        """Write every rendering without a token whose bytes differ from its file's.

        A file's modification time is the rendering's. Tries all of them, then raises
        :class:`~aggregator.errors.PublishError` for the first that failed (disk full, folder
        read-only, …).
        """
        folder = self._folder
        if output.private:
            self._withdraw(output)
            folder = Path(output.folder) if output.folder else None
        if folder is None:
            return
        first: PublishError | None = None
        for one in rendered:
            try:
                if not one.token:
                    self._write(folder, one, output)
            except PublishError as error:
                first = first or error
        if first is not None:
            raise first

    def body(self, name: str, kind: str) -> bytes | None:
        """The bytes in the file of an output without tokens; None where there is none to be read."""
        if self._folder is None:
            return None
        try:
            return (self._folder / feed_addresses.file_name(name, kind)).read_bytes()
        except OSError:
            return None

    def prune(self, names_and_formats: Collection[tuple[str, str]]) -> list[Path]:
        """Remove the files of all other outputs and formats, and what a crash left half written.

        Returns what was removed. Raises :class:`~aggregator.errors.PublishError`.
        """
        removed: list[Path] = []
        if self._folder is None:
            return removed
        try:
            if not self._folder.is_dir():
                return removed
            for path in sorted(self._folder.iterdir()):
                plain = path.with_name(beside(path.name))
                ours = output_file(plain.name)
                dropped = ours is not None and (
                    ours not in names_and_formats
                    or (plain != path and not (self._compressed and plain.exists()))
                )
                if dropped or _LEFTOVER.fullmatch(path.name):
                    path.unlink(missing_ok=True)
                    removed.append(path)
        except OSError as error:
            raise write_failed(self._folder, error) from error
        return removed

    @staticmethod
    def prune_leftovers(folder: Path) -> list[Path]:
        """Remove what a crash left half written of output files in ``folder``, where others may have theirs.

        Returns what was removed. Raises :class:`~aggregator.errors.PublishError`.
        """
        removed: list[Path] = []
        try:
            for path in sorted(folder.iterdir()) if folder.is_dir() else ():
                left = _LEFTOVER.fullmatch(path.name)
                name = beside(left["file"]) if left else ""
                if output_file(name) or split_page(feed_addresses.split(name)[0]):
                    path.unlink(missing_ok=True)
                    removed.append(path)
        except OSError as error:
            raise write_failed(folder, error) from error
        return removed

    def _withdraw(self, output: OutputFeed) -> None:
        """Remove what was written of ``output`` while everybody might read it."""
        if self._folder is None:
            return
        for kind in FORMATS:
            path = self._folder / feed_addresses.file_name(output.name, kind)
            try:
                remove_siblings(path)
                path.unlink(missing_ok=True)
            except OSError as error:
                raise write_failed(path, error) from error

    def _write(self, folder: Path, rendered: Rendered, output: OutputFeed) -> None:
        file_name = feed_addresses.file_name(rendered.name, rendered.format)
        path = folder / file_name
        if output_file(file_name) is None:  # a name is never a path
            raise PublishError(f"{file_name!r} is no name of an output file")
        modified = _nanoseconds(rendered.modified.timestamp())
        owner_only = output.private or output.owner_only
        mode = 0o600 if owner_only else 0o666
        forms = bodies_of(rendered) if self._compressed else {}
        try:
            as_wanted = owner_only or not self._others_may
            if _holds(path, rendered.body) and _is_for_owner(path) == as_wanted:
                if path.stat().st_mtime_ns == modified and are_beside(path, forms, modified):
                    return
                remove_siblings(path)
                os.utime(path, ns=(modified, modified))
            else:
                folder.mkdir(0o700 if output.private else 0o777, parents=True, exist_ok=True)
                remove_siblings(path)
                replace_file(path, rendered.body, modified, mode)
            write_siblings(path, forms, modified, mode)
        except OSError as error:
            raise write_failed(path, error) from error


def _holds(path: Path, body: bytes) -> bool:
    """Whether the file is there with exactly these bytes; the size is compared first."""
    try:
        return path.stat().st_size == len(body) and path.read_bytes() == body
    except FileNotFoundError:
        return False


def _is_for_owner(path: Path) -> bool:
    return not path.stat().st_mode & 0o077


def _umask() -> int:
    """What the process takes from the modes of files it makes; it can only be read by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _nanoseconds(modified: float) -> int:
    return int(modified) * 10**9  # renderings are of whole seconds
