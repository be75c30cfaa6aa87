"""``aggregator backup``: database and configuration in one file."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from pathlib import Path

import click

from aggregator import __version__
from aggregator.app.backed_up_files import files_of
from aggregator.cli.exits import say
from aggregator.cli.invocation import Invocation, config_fault, log_faults, pass_invocation
from aggregator.cli.local_file import LocalFile
from aggregator.cli.row_progress import row_progress
from aggregator.store.db.database import sqlite_path
from aggregator.store.moving.backups import back_up


@click.command()
@click.argument("file", type=LocalFile())
@click.option("--yes", is_flag=True, help="Replace FILE if it is there.")
@pass_invocation
def backup(invocation: Invocation, file: Path, *, yes: bool) -> None:
    """Write the database and the configuration's files to FILE, while a daemon runs or not.

    FILE is for its owner only: addresses and tokens stand in it. Secrets that the configuration
    takes from other files or from the environment are not in it; they are named.
    """
    config = invocation.config()
    url = config.settings.database.url
    log_faults()
    if sqlite_path(url) is not None and _same(file, sqlite_path(url)):
        raise config_fault("FILE", "is the database itself; give another name")
    if file.exists() and not yes:
        raise config_fault("FILE", f"{file} is there already; --yes replaces it")
    files = files_of(config, os.environ)
    begun = time.monotonic()
    with row_progress() as told:
        made = back_up(url, file, files.kept, release=__version__, now=datetime.now(UTC), told=told)
    rows = sum(tally.rows for tally in made.tables.values())
    size, seconds = file.stat().st_size / 1e6, time.monotonic() - begun
    say(
        f"wrote {file}: {rows} rows of {len(made.tables)} tables, {size:.1f} MB, in {seconds:.1f} s"
    )
    names = [one.name for one in made.files if not one.list_copy]
    say(f"configuration: {', '.join(names) or 'none'}")
    if copies := len(made.files) - len(names):
        say(f"copies of reading lists: {copies}")
    for name in files.left_out:
        say(f"not in it: {name}", err=True)


def _same(one: Path, other: Path | None) -> bool:
    return other is not None and one.resolve() == other.resolve()
