"""The files of a configuration, for a backup; and what of it stands elsewhere, to be kept in another way."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import tomli

from aggregator.config.config import Config
from aggregator.config.feed_id import REFERENCE
from aggregator.config.list_copies import copies_folder, copy_of, held_copy_of, state_of
from aggregator.config.schema import ENV_CONFIG, ENV_PREFIX
from aggregator.errors import ConfigError, ConfigFault
from aggregator.store.moving.backup_file import KeptFile


@dataclass(frozen=True, slots=True)
class ConfigFiles:
    """Files to keep, and the names of what is left out."""

    kept: tuple[KeptFile, ...]
    left_out: tuple[str, ...]


def files_of(config: Config, env: Mapping[str, str]) -> ConfigFiles:
    """The files that ``config`` was read from; those outside of its folder, and secrets, are left out."""
    if config.path is None:
        return ConfigFiles((), ("no configuration file is used",))
    folder = config.path.resolve().parent
    body = config.path.read_bytes()
    kept = [KeptFile(config.path.name, body, the_config=True)]
    left_out = []
    for path in _others(config, folder):
        if path.resolve().is_relative_to(folder):
            kept.append(KeptFile(str(path.resolve().relative_to(folder)), path.read_bytes()))
        else:
            left_out.append(f"{path}: outside of {folder}")
    raw = tomli.loads(body.decode("utf-8-sig"))
    kept += _copies_of_lists(config)
    left_out += [f"{name}: a secret of its own" for name in sorted(set(_references(raw)))]
    names = (name for name in env if name.startswith(ENV_PREFIX) and name != ENV_CONFIG)
    left_out += [f"the variable {name}" for name in sorted(names)]
    return ConfigFiles(tuple(kept), tuple(left_out))


def _others(config: Config, folder: Path) -> Iterator[Path]:
    for name in config.settings.feeds_files:
        if "://" not in name and (folder / name).is_file():
            yield folder / name
    if rules := config.settings.extract.rules:
        yield from sorted(one for one in Path(rules).glob("*.txt") if one.is_file())


def _copies_of_lists(config: Config) -> Iterator[KeptFile]:
    """The last good copies of reading lists: without one its feeds are gone until the list answers."""
    folder = copies_folder(config.settings.database.url)
    for one in config.settings.opml:
        copy = copy_of(folder, one.url)
        if copy.is_file():
            yield KeptFile(f"opml/{copy.name}", copy.read_bytes(), list_copy=True)


def _references(value: Any) -> Iterator[str]:
    """Where ``value``, a part of the file, refers to for a secret."""
    match value:
        case {"env": str() as name, **rest} if not rest:
            yield f"the variable {name}"
        case {"file": str() as name, **rest} if not rest:
            yield name
        case dict():
            for member in value.values():
                yield from _references(member)
        case list():
            for member in value:
                yield from _references(member)
        case str():
            for match in REFERENCE.finditer(value):
                name = match["name"].strip()
                yield name if match["kind"] == "file" else f"the variable {name}"


def put_back(
    files: tuple[KeptFile, ...], config: Path, *, replace: bool, stamp: str
) -> Iterator[tuple[Path, str]]:
    """Write ``files`` to where ``config`` is; yields each path and what was done about it.

    A file that is there and differs stays, or keeps a second name with ``stamp`` (``replace``).
    """
    for file in files:
        if file.list_copy:
            continue
        name = PurePosixPath(file.name)
        if name.is_absolute() or ".." in name.parts:
            yield Path(name), "left out: it would be written outside of the configuration's folder"
            continue
        path = config if file.the_config else config.parent / name
        with _writing(path):
            yield path, _put(path, file.body, replace=replace, stamp=stamp)


def put_lists_back(
    files: tuple[KeptFile, ...], folder: Path, *, replace: bool, stamp: str
) -> Iterator[tuple[Path, str]]:
    """Write the copies of reading lists among ``files`` to ``folder``, as :func:`put_back` does.

    The lists are asked anew, as what is known of an answer belongs to another copy.
    """
    for file in files:
        path = folder / PurePosixPath(file.name).name
        if not file.list_copy or path.suffix != ".opml":
            continue
        with _writing(path):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            done = _put(path, file.body, replace=replace, stamp=stamp)
            if path.read_bytes() == file.body and not done.startswith("is"):
                state_of(path).unlink(missing_ok=True)
                held_copy_of(path).unlink(missing_ok=True)
            yield path, done


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        fault = ConfigFault(str(path), f"cannot be written: {error.strerror}")
        raise ConfigError([fault]) from error


def _put(path: Path, body: bytes, *, replace: bool, stamp: str) -> str:
    former = path.with_name(f"{path.name}.before-{stamp}")
    if path.exists():
        if path.read_bytes() == body:
            return "is the same"
        if not replace:
            return "differs and stays: --replace-config replaces it"
        shutil.copy2(path, former)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as out:
        out.write(body)
        out.flush()
        os.fsync(handle)
    part.replace(path)
    return f"replaced; the former is {former.name}" if former.exists() else "written"
