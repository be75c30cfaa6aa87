"""``aggregator restore``: what a backup holds, put in place."""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import click

from aggregator.app.backed_up_files import put_back, put_lists_back
from aggregator.cli.exits import say
from aggregator.cli.invocation import Invocation, load_to_work, log_faults, pass_invocation
from aggregator.cli.local_file import LocalFile
from aggregator.cli.row_progress import row_progress
from aggregator.config.first import PLACE
from aggregator.config.list_copies import copies_folder
from aggregator.errors import AggregatorError, ConfigError
from aggregator.privacy.masking import masked
from aggregator.store.moving.backup_file import read_backup
from aggregator.store.moving.restoring import must_be_unused, present
from aggregator.store.moving.restoring import restore as restore_database
from aggregator.urls import use_tracking_parameters


@click.command()
@click.argument("file", type=LocalFile())
@click.option("--yes", is_flag=True, help="Replace the database that is there without asking.")
@click.option(
    "--replace-config", is_flag=True, help="Replace files of the configuration that differ."
)
@pass_invocation
def restore(invocation: Invocation, file: Path, *, yes: bool, replace_config: bool) -> None:
    """Put the database of the backup FILE in place of ours.

    Files of the configuration that are missing are written; those that differ stay, unless
    `--replace-config`. The configuration then says which database: SQLite or PostgreSQL, whichever
    the backup was made from. No daemon may run on it.
    """
    log_faults()
    known, now, begun = read_backup(file), datetime.now(UTC), time.monotonic()
    say(
        f"backup of {known.made_at:%Y-%m-%d %H:%M} UTC by release {known.release}, from "
        f"{known.database}: {known.tables['feeds'].rows} feeds, {known.tables['entries'].rows} entries"
    )
    path = invocation.config_path() or PLACE
    stamp = f"{now:%Y%m%dT%H%M%SZ}"
    agreed = _agreed_before(path, yes=yes)
    for one, done in put_back(known.files, path, replace=replace_config, stamp=stamp):
        say(f"{one}: {done}")
    settings = load_to_work(path if path.exists() else None).settings
    use_tracking_parameters(settings.urls.tracking_parameters)  # a migration keys addresses by them
    name = masked(settings.database.url, is_url=True)
    if settings.database.url != agreed:
        _must_agree(settings.database.url, yes=yes)
    with row_progress() as told:
        kept = restore_database(file, known, settings.database.url, now=now, told=told)
    folder = copies_folder(settings.database.url)
    for one, done in put_lists_back(known.files, folder, replace=replace_config, stamp=stamp):
        say(f"{one}, the copy of a reading list: {done}")
    if kept is not None:
        say(f"the former database is {kept}; remove it when all is well")
    say(f"restored to {name} in {time.monotonic() - begun:.1f} s")


def _agreed_before(path: Path, *, yes: bool) -> str:
    """The database of the configuration at ``path``, if it may be replaced; empty where none is known.

    Asked before any file is written: a refused restoring is to leave a running daemon its configuration.
    """
    try:
        url = load_to_work(path if path.exists() else None).settings.database.url
    except ConfigError:
        return ""  # it may be what is to be replaced
    _must_agree(url, yes=yes)
    return url


def _must_agree(url: str, *, yes: bool) -> None:
    there = present(url)
    if there:
        must_be_unused(url)
    if there and not yes and not _agreed(masked(url, is_url=True), there):
        raise AggregatorError("the database is left as it is")


def _agreed(name: str, there: str) -> bool:
    say(f"{name} has {there}, which this replaces", err=True)
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        say("nobody is here to be asked: --yes agrees", err=True)
        return False
    return click.confirm("replace?", err=True)
