"""The files that a configuration was read from, and signs that they have changed since.

Besides the config file these are its OPML files and the files that hold its secrets.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from aggregator.config.config import Config
from aggregator.config.environment import Read

Stamp = tuple[int, int, int, int]
"""Facts that differ once a file was written or replaced: size, times of change, inode."""
Stamps = Mapping[Path, Stamp | None]
"""Stamps of files; None: it cannot be looked at."""


@dataclass(frozen=True, slots=True)
class _Version:
    stamp: Stamp | None
    digest: bytes | None


class ConfigFiles:
    """A configuration in files. Calls block on the disk, each in whatever thread."""

    def __init__(self, load: Callable[[Read], Config]) -> None:
        self._load = load
        self._versions: Mapping[Path, _Version] = {}

    def load(self) -> Config:
        """Read the configuration; raises what the reading raises, and notes the files in any case."""
        versions: dict[Path, _Version] = {}

        def read(path: Path) -> bytes:
            stamp = stamp_of(path)  # first: a change from now on is seen
            versions[path] = _Version(stamp, None)
            data = path.read_bytes()
            versions[path] = _Version(stamp, hashlib.sha256(data).digest())
            return data

        try:
            return self._load(read)
        finally:
            self._versions = versions

    @property
    def as_read(self) -> Stamps:
        """Stamps of the files as they were last read."""
        return {path: version.stamp for path, version in self._versions.items()}

    def stamps(self) -> Stamps:
        """Stamps of the files as they are now."""
        return {path: stamp_of(path) for path in self._versions}

    def same_bytes(self) -> bool:
        """True where each file holds what was read; then their present stamps count as read."""
        versions = {}
        for path, version in self._versions.items():
            stamp = stamp_of(path)
            try:
                digest = hashlib.sha256(path.read_bytes()).digest()
            except OSError:
                digest = None
            if digest != version.digest:
                return False
            versions[path] = _Version(stamp, digest)
        self._versions = versions
        return True


def stamp_of(path: Path) -> Stamp | None:
    """Stamp of the file that ``path`` leads to, through links; None where it cannot be looked at."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino
