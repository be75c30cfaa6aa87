"""``aggregator migrate``: the database brought to another shape."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path

import click
from sqlalchemy import Engine

from aggregator.app.upgrading import HOW_TO_FINISH, unfinished_upgrade
from aggregator.cli.exits import say
from aggregator.cli.invocation import Invocation, log_faults, pass_invocation
from aggregator.errors import AggregatorError
from aggregator.store.db.copies import copy_of
from aggregator.store.db.database import open_engine, sqlite_path
from aggregator.store.db.lock import instance_lock
from aggregator.store.db.migrations import Opening, lost_by
from aggregator.store.db.migrations import migrate as migrate_database
from aggregator.urls import use_tracking_parameters

_DUMP = "pg_dump --format=custom --file=backup.dump"


@click.command()
@click.option(
    "--to",
    "revision",
    default="head",
    show_default=True,
    help="Database revision; an older one goes back.",
)
@click.option("--yes", is_flag=True, help="Go back without asking.")
@click.option(
    "--contract",
    is_flag=True,
    help="Also take away what processes of a former release rest on: these end, and lose nothing.",
)
@pass_invocation
def migrate(invocation: Invocation, revision: str, *, yes: bool, contract: bool) -> None:
    """Upgrade the database to this release (`run` and `once` do so by themselves).

    What processes of a former release rest on is left until they have ended. An older revision loses
    data: what, is said, and asked before. An SQLite database is copied first.
    """
    settings = invocation.config().settings
    url = settings.database.url
    use_tracking_parameters(settings.urls.tracking_parameters)  # addresses are keyed by them
    log_faults()
    engine, file = open_engine(url), sqlite_path(url)
    try:
        lost = lost_by(engine, revision)
        with instance_lock(file) if lost else nullcontext():
            if lost and not _may_go_back(lost, engine, file, yes=yes):
                raise AggregatorError("the database is left as it is")
            before, after = migrate_database(engine, revision, Opening(forced=contract))
        with engine.connect() as connection:
            left = unfinished_upgrade(connection)
    finally:
        engine.dispose()
    if before == after:
        click.echo(f"already at {after or 'the empty database'}")
    else:
        click.echo(
            f"migrated from {before or 'the empty database'} to {after or 'the empty database'}"
        )
    if left and revision == "head":
        say(f"{left}; {HOW_TO_FINISH}", err=True)


def _may_go_back(lost: list[str], engine: Engine, file: Path | None, *, yes: bool) -> bool:
    """Say what is ``lost`` and have it copied; True when somebody agrees, or has with ``yes``."""
    say("going back loses:", err=True)
    for one in lost:
        say(f"  {one}", err=True)
    if file is None:
        name = engine.url.render_as_string(hide_password=True)
        say(f"no copy is made of a PostgreSQL database: first run {_DUMP} for {name}", err=True)
    if not yes:
        if not (sys.stdin.isatty() and sys.stderr.isatty()):
            say("nobody is here to be asked: --yes agrees", err=True)
            return False
        if not click.confirm("go back?", err=True):
            return False
    if file is not None:
        revision, now = lost[0].partition(":")[0], datetime.now(UTC)
        say(f"copied to {copy_of(file, f'{file.name}.{revision}-{now:%Y%m%dT%H%M%SZ}')}", err=True)
    return True
