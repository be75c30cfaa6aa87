"""``aggregator db copy``: the database moved to another place or another kind."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

import click
from pydantic import ValidationError

from aggregator.cli.exits import say
from aggregator.cli.invocation import Invocation, config_fault, log_faults, pass_invocation
from aggregator.cli.row_progress import row_progress
from aggregator.config.environment import read_secret
from aggregator.config.faults import said
from aggregator.config.feed_id import REFERENCE, substituted
from aggregator.config.secrets import keep_secret
from aggregator.config.settings import DatabaseSettings, Settings
from aggregator.store.moving.copying import Copied, copy_database
from aggregator.urls import use_tracking_parameters


@click.command()
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO")
@pass_invocation
def copy(invocation: Invocation, source: str, target: str) -> None:
    """Copy all of the database FROM to the empty database TO, SQLite or PostgreSQL.

    Each is an address as in `database.url`, or the path of an SQLite file; `${env:NAME}` and
    `${file:PATH}` stand for all of it or for the password. No daemon may run on either. Called again after it was
    ended, it goes on.
    """
    settings = invocation.config().settings
    given, taken = _address("FROM", source), _address("TO", target)
    keep_secret(settings, *(Settings(database=one) for one in (given, taken)))
    use_tracking_parameters(settings.urls.tracking_parameters)  # a migration keys addresses by them
    log_faults()
    begun = time.monotonic()
    with row_progress() as told:
        copied = copy_database(given.url, taken.url, told)
    for line in _report(copied, time.monotonic() - begun):
        say(line)


def _address(name: str, text: str) -> DatabaseSettings:
    """The database that ``text`` names. Raises ``ConfigError``, which holds no secret."""
    try:
        whole = REFERENCE.fullmatch(text)  # an address, or a part of one that is encoded for it
        told = _referred({whole["kind"]: whole["name"]}) if whole else substituted(text, _referred)
        return DatabaseSettings(url=told if "://" in told else f"sqlite:///{told}")
    except ValidationError as error:
        raise config_fault(name, said(error.errors()[0])) from None
    except ValueError as error:
        raise config_fault(name, str(error)) from None


def _referred(reference: Mapping[str, str]) -> str:
    if (name := reference.get("env")) is None:
        return read_secret(Path(reference["file"]), Path.read_bytes)
    if name not in os.environ:
        raise ValueError(f"the environment has no variable `{name}`")
    return os.environ[name]


def _report(copied: Copied, seconds: float) -> Iterable[str]:
    if copied.resumed:
        yield "went on with an unfinished copy"
    yield f"{'table':<18}{'rows':>10}  digest (the same on both sides)"
    for name, tally in copied.tables.items():
        yield f"{name:<18}{tally.rows:>10}  {tally.short}"
    total = sum(tally.rows for tally in copied.tables.values())
    yield f"copied {total} rows in {seconds:.1f} s; set database.url to the new address, then start"
