"""Compressed files beside a file, for web servers that send them in its place: ``.gz``, ``.br``, ``.zst``.

A server must never pair an old one with a new file, wherever we are stopped. So they go first, then the file
is renamed over, then they come again; each has the file's modification time.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from aggregator.model import Coding, Rendered
from aggregator.publish.replacing import replace_file, sync_folder

SUFFIXES = {Coding.GZIP: ".gz", Coding.BROTLI: ".br", Coding.ZSTD: ".zst"}


def siblings_of(path: Path) -> list[Path]:
    """Paths of all compressed files that may stand beside ``path``."""
    return [path.with_name(path.name + suffix) for suffix in SUFFIXES.values()]


def beside(file_name: str) -> str:
    """Name of the file that ``file_name`` is a compressed form of; itself where it is none."""
    for suffix in SUFFIXES.values():
        if file_name.endswith(suffix):
            return file_name.removesuffix(suffix)
    return file_name


def remove_siblings(path: Path) -> None:
    """Remove what stands beside ``path``, for good before anything else is done. Raises ``OSError``."""
    found = [one for one in siblings_of(path) if one.exists()]
    for one in found:
        one.unlink(missing_ok=True)
    if found:
        sync_folder(path.parent)


def write_siblings(path: Path, bodies: Mapping[Coding, bytes], modified: int, mode: int) -> None:
    """Write what stands beside ``path``, whose bytes are new; ``modified`` in nanoseconds. Raises ``OSError``."""
    for coding, body in bodies.items():
        replace_file(path.with_name(path.name + SUFFIXES[coding]), body, modified, mode)


def are_beside(path: Path, bodies: Mapping[Coding, bytes], modified: int) -> bool:
    """True where these forms, and no others, were written beside ``path`` when it was."""
    for coding, suffix in SUFFIXES.items():
        try:
            found: int | None = path.with_name(path.name + suffix).stat().st_mtime_ns
        except FileNotFoundError:
            found = None
        if found != (modified if coding in bodies else None):
            return False
    return True


def bodies_of(rendered: Rendered) -> dict[Coding, bytes]:
    """The compressed forms of ``rendered`` that are worth a file."""
    forms = {one: rendered.in_coding(one) for one in rendered.codings if one in SUFFIXES}
    return {coding: body for coding, body in forms.items() if body}
