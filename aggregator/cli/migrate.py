"""``aggregator migrate``: the database brought to another shape."""

from __future__ import annotations

import click

from aggregator.cli.invocation import Invocation, pass_invocation
from aggregator.store.db.database import open_engine
from aggregator.store.db.migrations import migrate as migrate_database


@click.command()
@click.option(
    "--to",
    "revision",
    default="head",
    show_default=True,
    help="Database revision; an older one goes back.",
)
@pass_invocation
def migrate(invocation: Invocation, revision: str) -> None:
    """Upgrade the database to this release (`run` and `once` do so by themselves)."""
    engine = open_engine(invocation.config().settings.database.url)
    try:
        before, after = migrate_database(engine, revision)
    finally:
        engine.dispose()
    if before == after:
        click.echo(f"already at {after or 'the empty database'}")
    else:
        click.echo(
            f"migrated from {before or 'the empty database'} to {after or 'the empty database'}"
        )
