"""The machine: versions of what reads strangers' bytes, disk, descriptors, permissions."""

from __future__ import annotations

import os
import shutil
import sqlite3
import ssl
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from aggregator.app.descriptors import allowed, connections_for_readers
from aggregator.app.doctor.findings import Finding, fault, ok, warning
from aggregator.app.libraries import Version, outdated, written
from aggregator.config.settings import Settings

_LEAST_FREE = 1 << 30  # bytes; a busy database grows by some 30 MB an hour
_LEAST_TO_GO_ON = 100 << 20
_OTHERS = 0o077


def versions(parsers: Mapping[str, Version]) -> Iterator[Finding]:
    """Versions that run here; a warning for each parser that is not safe with hostile feeds."""
    running = {
        "Python": written(sys.version_info[:3]),
        "SQLite": sqlite3.sqlite_version,
        "OpenSSL": ssl.OPENSSL_VERSION.removeprefix("OpenSSL ").split(" ")[0],
        **{name: written(version) for name, version in parsers.items()},
    }
    yield ok("versions", ", ".join(f"{name} {one}" for name, one in running.items()))
    for name, least in outdated(parsers).items():
        hint = f"{least} or later is safe with hostile feeds: update Python or the system's {name}"
        yield warning("versions", f"{name} {written(parsers[name])} is old", hint)


def descriptors(settings: Settings, limit: int | None = None) -> Finding:
    """Descriptors for the connections that the settings allow."""
    limit = allowed() if limit is None else limit
    left, wanted = connections_for_readers(settings, limit), settings.server.max_connections
    if left < wanted:
        return warning(
            "descriptors",
            f"{limit} open files allow {left} connections of readers, not {wanted}",
            "raise the limit (LimitNOFILE= in the unit, `ulimit -n`), or lower server.max_connections",
        )
    return ok("descriptors", f"{limit} open files allow {wanted} connections of readers")


def disk(
    folder: Path, free: Callable[[Path], int] = lambda path: shutil.disk_usage(path).free
) -> Finding:
    """Room in ``folder``, or in the nearest one above it that is there."""
    there = next((one for one in (folder, *folder.absolute().parents) if one.exists()), Path("/"))
    try:
        left = free(there)
    except OSError as error:
        return fault("disk", f"{folder}: {error.strerror}", "see that the folder can be read")
    said = f"{folder}: {left / (1 << 30):.1f} GB free"
    if left < _LEAST_TO_GO_ON:
        return fault("disk", said, "nothing can be stored soon: make room")
    if left < _LEAST_FREE:
        return warning("disk", said, "make room, or shorten retention.max_age")
    return ok("disk", said)


def writable(subject: str, folder: Path) -> Finding:
    """Right to make files in ``folder``, which may still have to be made itself."""
    there = next((one for one in (folder, *folder.absolute().parents) if one.exists()), Path("/"))
    if not there.is_dir():
        return fault(subject, f"{there} is no folder", "set another place in the configuration")
    if not os.access(there, os.W_OK | os.X_OK):
        hint = f"let user {os.getuid()} write there (chown, or ReadWritePaths= in the unit)"
        return fault(subject, f"{there} cannot be written", hint)
    return ok(subject, f"{folder} can be written")


def for_owner(path: Path, *, secret: bool) -> Finding | None:
    """A warning where others can read what is the owner's; None where there is no such file."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return None
    if mode & _OTHERS and secret:
        return warning("permissions", f"{path} can be read by others", f"chmod go= {path}")
    return ok("permissions", f"{path}: mode {mode & 0o777:o}")
