"""What every command shares: which config, how to run, how to fail."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import click
from pydantic import SecretStr

from aggregator.config.config import Config
from aggregator.config.load import find_config, load
from aggregator.config.shipped import shipped_folder, write_default
from aggregator.errors import AggregatorError, ConfigError, ConfigFault
from aggregator.logs import configure_logs

T = TypeVar("T")

EXIT_FAILED = 1  # something went wrong, or a feed failed
EXIT_CONFIG = 2  # the configuration or the command line; nothing was started


@dataclass(frozen=True, slots=True)
class Invocation:
    """One call of the command: the ``--config`` given, if any."""

    explicit_config: str | None

    def config_path(self) -> Path | None:
        """The config file that applies; None where there is none yet."""
        return find_config(self.explicit_config, os.environ, Path())

    def config(self) -> Config:
        """The configuration; the shipped one, in place, where there is none yet."""
        return load(self.config_path() or shipped_folder() / "aggregator.toml", os.environ)

    def own_config_path(self) -> Path:
        """The config file that applies; where there is none yet, the shipped one is copied."""
        path = self.config_path()
        if path is None:
            path = write_default(Path("config"))
            click.echo(f"wrote {path}: edit it, or use `aggregator feeds add URL`", err=True)
        return path

    def log_to_terminal(self, config: Config) -> None:
        """Log as configured, and say what the configuration probably does not mean."""
        configure_logs(config.settings.log.level, config.settings.log.format)
        for warning in config.warnings:
            click.echo(f"warning: {warning}", err=True)


pass_invocation = click.make_pass_decorator(Invocation)


@contextmanager
def clear_errors() -> Iterator[None]:
    """Turn the error tree into messages and exit statuses; anything else is a bug, and shows."""
    try:
        yield
    except ConfigError as error:
        for fault in error.faults:
            click.echo(f"{fault.where}: {fault.message}", err=True)
        number = len(error.faults)
        click.echo(f"{number} fault{'s' if number > 1 else ''} in the configuration", err=True)
        sys.exit(EXIT_CONFIG)
    except AggregatorError as error:
        click.echo(f"error: {error.message}", err=True)
        if error.hint:
            click.echo(f"hint: {error.hint}", err=True)
        sys.exit(EXIT_FAILED)


def config_fault(where: str, message: str) -> ConfigError:
    """An error in what the operator typed."""
    return ConfigError([ConfigFault(where, message)])


def run_async(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run to the end; Ctrl-C ends quietly."""
    try:
        return asyncio.run(coroutine)
    except KeyboardInterrupt:
        sys.exit(130)


def echo_json(value: object) -> None:
    """``value`` for scripts: one JSON document, times in ISO 8601, durations in seconds."""
    click.echo(json.dumps(value, default=_jsonable, ensure_ascii=False, indent=2))


def _jsonable(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Path | SecretStr):  # a secret's text is asterisks
        return str(value)
    raise TypeError(f"no JSON for {type(value).__name__}")
