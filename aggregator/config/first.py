"""The first config file of somebody who has none yet: what was asked for, and nothing else."""

from __future__ import annotations

import os
from pathlib import Path

import tomlkit

from aggregator.errors import ConfigError, ConfigFault

PLACE = Path("config/aggregator.toml")
_HEAD = """\
# The configuration of aggregator: your feeds, and what differs from the defaults.
# `aggregator config check` tells what it means, or what is wrong with it.
"""


def first_config(title: str = "", base_url: str = "") -> str:
    """The text of a first config file, with those of the settings that are given."""
    document = tomlkit.document()
    given = {"title": title, "base_url": base_url}
    document.update({name: value for name, value in given.items() if value})
    settings = tomlkit.dumps(document)
    return f"{_HEAD}\n{settings}" if settings else _HEAD


def write_first(path: Path, text: str, *, owner_only: bool = False) -> None:
    """Write a first config file at ``path``; its folder is made if missing.

    ``owner_only``: nobody else may read it, whatever the umask.

    Raises :class:`~aggregator.errors.ConfigError`, and changes nothing, when there is a file
    already or the folder cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        mode = 0o600 if owner_only else 0o666
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise ConfigError([ConfigFault(str(path), "exists already")]) from None
    except OSError as error:
        message = f"cannot be written: {error.strerror}"
        raise ConfigError([ConfigFault(str(path), message)]) from None
