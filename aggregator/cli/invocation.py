"""Context of every command: the configuration, running, printing."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import wraps
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import click
from pydantic import SecretStr

from aggregator.config.config import Config
from aggregator.config.environment import Read
from aggregator.config.first import PLACE, first_config, write_first
from aggregator.config.load import find_config, load_with
from aggregator.config.secrets import keep_secret
from aggregator.errors import ConfigError, ConfigFault
from aggregator.privacy.masking import masked
from aggregator.text.controls import for_terminal_json

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Invocation:
    """One call of the command: the ``--config`` given, if any."""

    explicit_config: str | None

    def config_path(self) -> Path | None:
        """The config file that applies; None where there is none yet."""
        return find_config(self.explicit_config, os.environ, Path())

    def config(self) -> Config:
        """The configuration; the defaults where there is none yet."""
        return load_to_work(self.config_path())

    def present_config_path(self) -> Path:
        """The config file that applies. Raises ``ConfigError`` where there is none yet."""
        path = self.config_path()
        if path is None:
            raise config_fault(
                str(PLACE),
                "no configuration yet; `aggregator init` writes one, and so do "
                "`aggregator feeds add URL` and `aggregator feeds import FILE`",
            )
        return path

    def own_config_path(self) -> Path:
        """The config file that applies; where there is none yet, an empty one is written."""
        path = self.config_path()
        if path is None:
            path = PLACE
            write_first(path, first_config())
            click.echo(f"wrote {path}", err=True)
        return path


def load_to_work(
    path: Path | None, env: Mapping[str, str] | None = None, read: Read = Path.read_bytes
) -> Config:
    """The configuration in ``path``; from now on nothing that this process says holds its secrets."""
    config = load_with(path, os.environ if env is None else env, read)
    keep_secret(config.settings)
    return config


def pass_invocation(command: Callable[Concatenate[Invocation, P], T]) -> Callable[P, T]:
    """Give ``command`` the call that it belongs to, made of what the root noted."""

    @wraps(command)
    def with_invocation(*args: P.args, **kwargs: P.kwargs) -> T:
        return command(Invocation(click.get_current_context().obj), *args, **kwargs)

    return with_invocation


def config_fault(where: str, message: str) -> ConfigError:
    """An error in what the operator typed."""
    return ConfigError([ConfigFault(where, message)])


def log_faults() -> None:
    """Log what goes wrong to standard error, beside what the command prints; ``run`` logs its own way."""
    import structlog  # noqa: PLC0415 - commands that only read files start faster without

    from aggregator.logs import configure_logs  # noqa: PLC0415

    if not structlog.is_configured():
        configure_logs("warning", "auto")


def run_async(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run to the end; Ctrl-C ends quietly."""
    log_faults()
    try:
        return asyncio.run(coroutine)
    except KeyboardInterrupt:
        sys.exit(130)


def echo_json(value: object, *, indent: int | None = 2) -> None:
    """``value`` for scripts: one JSON document, times in ISO 8601, durations in seconds.

    ``indent`` None: in one line. No secret stands in it, however deep; what would steer a terminal is escaped.
    """
    document = json.dumps(_masked(value), default=_jsonable, ensure_ascii=False, indent=indent)
    click.echo(for_terminal_json(document))


def _masked(value: object) -> object:
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, Mapping):
        return {_masked(name): _masked(one) for name, one in value.items()}
    return [_masked(one) for one in value] if isinstance(value, list | tuple) else value


def _jsonable(value: object) -> object:
    if isinstance(value, date):  # or a time
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Path | SecretStr):  # a secret's text is asterisks
        return str(value)
    raise TypeError(f"no JSON for {type(value).__name__}")
