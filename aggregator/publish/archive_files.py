"""Archive pages as files, each written once, beside the windows: ``feeds/all.17-3.atom``."""

from __future__ import annotations

import os
from collections.abc import Collection
from datetime import datetime
from pathlib import Path

from aggregator.errors import PublishError
from aggregator.model import OutputFeed
from aggregator.publish import feed_addresses
from aggregator.publish.archive_addresses import split_page
from aggregator.publish.compression import compressed_forms
from aggregator.publish.file_siblings import beside, remove_siblings, write_siblings
from aggregator.publish.formats import FORMATS
from aggregator.publish.replacing import replace_file, write_failed

_SECOND = 10**9  # nanoseconds


class ArchivePageFiles:
    """Writes pages to the folder ``feeds`` below a directory; those of a private output to its own folder.

    A file's modification time is that of its page; its fraction of a second tells which address of
    the server stands in it, so that nothing has to be read to find those that are to be written anew.
    """

    def __init__(self, directory: Path | None, *, compressed: bool = False) -> None:
        self._compressed = compressed
        self._folder = None if directory is None else directory / feed_addresses.FOLDER

    def keeps(self, output: OutputFeed) -> bool:
        """True where files are written of ``output``."""
        return self._folder_of(output) is not None

    def has_page(self, output: OutputFeed, file: str, version: str, modified: datetime) -> bool:
        """True where ``file`` is as :meth:`write_page` left it."""
        folder = self._folder_of(output)
        if folder is None:
            return False
        try:
            found = (folder / file).stat()
        except OSError:
            return False
        open_to_others = bool(found.st_mode & 0o077)
        only_owner = output.private or output.owner_only
        return found.st_mtime_ns == _stamp(version, modified) and not (
            only_owner and open_to_others
        )

    def write_page(
        self, output: OutputFeed, file: str, version: str, modified: datetime, body: bytes
    ) -> None:
        """Write a page, whole or not at all; raises :class:`~aggregator.errors.PublishError`."""
        folder = self._folder_of(output)
        if folder is None:
            return
        if not _is_page(file):  # a name is never a path
            raise PublishError(f"{file!r} is no name of an archive page")
        only_owner = output.private or output.owner_only
        try:
            folder.mkdir(0o700 if output.private else 0o777, parents=True, exist_ok=True)
            path, stamp = folder / file, _stamp(version, modified)
            mode = 0o600 if only_owner else 0o666
            remove_siblings(path)
            replace_file(path, body, stamp, mode)
            if self._compressed:
                item_end = FORMATS[feed_addresses.split(file)[1]].item_end
                write_siblings(path, compressed_forms(body, item_end), stamp, mode)
        except OSError as error:
            raise write_failed(folder / file, error) from error

    def prune_pages(self, output: OutputFeed, wanted: Collection[str]) -> None:
        """Remove the files of all other pages of ``output``."""
        folder = self._folder_of(output)
        if folder is None:
            return
        for path, name in _pages_in(folder):
            if name == output.name and beside(path.name) not in wanted:
                _remove(path)

    def prune(self, names: Collection[str]) -> None:
        """Remove the files of all pages of other outputs than those of ``names`` from the common folder."""
        if self._folder is None:
            return
        for path, name in _pages_in(self._folder):
            if name not in names:
                _remove(path)

    def _folder_of(self, output: OutputFeed) -> Path | None:
        if output.private:
            return Path(output.folder) if output.folder else None
        return self._folder


def _pages_in(folder: Path) -> list[tuple[Path, str]]:
    """Files of archive pages, with the names of their outputs."""
    try:
        names = sorted(os.listdir(folder)) if folder.is_dir() else []  # noqa: PTH208 - paths of all are many
    except OSError as error:
        raise write_failed(folder, error) from error
    # Compressed forms come first: they must not outlast what they stand beside.
    names.sort(key=lambda name: (beside(name), beside(name) == name))
    found = (
        (name, split_page(feed_addresses.split(beside(name))[0]))
        for name in names
        if _is_page(beside(name))
    )
    return [(folder / name, page[0]) for name, page in found if page]


def _is_page(file: str) -> bool:
    stem, kind = feed_addresses.split(file)
    return kind in FORMATS and split_page(stem) is not None


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise write_failed(path, error) from error


def _stamp(version: str, modified: datetime) -> int:
    """Modification time in nanoseconds; ``version`` is in hexadecimal digits."""
    return int(modified.timestamp()) * _SECOND + int(version[:12], 16) % _SECOND
