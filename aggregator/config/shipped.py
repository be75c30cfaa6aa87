"""The configuration that comes with the program, for those who have none yet."""

from __future__ import annotations

import shutil
from pathlib import Path

from aggregator.errors import ConfigError, ConfigFault

FILE_NAME = "aggregator.toml"
_PACKAGE = Path(__file__).resolve().parent.parent


def shipped_folder() -> Path:
    """The folder with the default config: in the package when installed, beside it in a checkout."""
    installed = _PACKAGE / "_config"
    return installed if installed.is_dir() else _PACKAGE.parent / "config"


def write_default(to: Path) -> Path:
    """Copy the default config into the folder ``to`` (made if missing); return the TOML file's path.

    Raises :class:`~aggregator.errors.ConfigError`, and copies nothing, when a file of that name is
    there already or the folder cannot be written.
    """
    source = shipped_folder()
    names = sorted(file.name for file in source.iterdir() if file.suffix in {".toml", ".opml"})
    if taken := [to / name for name in names if (to / name).exists()]:
        raise ConfigError([ConfigFault(str(path), "exists already") for path in taken])
    try:
        to.mkdir(parents=True, exist_ok=True)
        for name in names:
            shutil.copyfile(source / name, to / name)
    except OSError as error:
        raise ConfigError([ConfigFault(str(to), f"cannot be written: {error.strerror}")]) from None
    return to / FILE_NAME
