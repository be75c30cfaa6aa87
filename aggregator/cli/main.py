"""The command line's root, and the commands that only look at the configuration or database."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from aggregator import __version__
from aggregator.cli.context import Invocation, clear_errors, pass_invocation
from aggregator.cli.dedupe import dedupe
from aggregator.cli.discovery import discover
from aggregator.cli.explain import explain
from aggregator.cli.feeds import feeds
from aggregator.cli.preview import preview
from aggregator.cli.running import demo, once, run
from aggregator.cli.status import status
from aggregator.cli.stories import merge, split
from aggregator.config.config import describe
from aggregator.config.cron_changes import cron_changes
from aggregator.logs import mask_crashes
from aggregator.store.database import open_engine
from aggregator.store.migrations import migrate as migrate_database

_EPILOG = """\b
Exit status: 0 all went well; 1 something failed, or `once` met a feed that failed;
2 the configuration or the command line is wrong, and nothing was started.
"""


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=_EPILOG,
)
@click.version_option(__version__, prog_name="aggregator")
@click.option(
    "--config",
    "config_file",
    metavar="FILE",
    help="The config file. Default: $AGGREGATOR_CONFIG, config/aggregator.toml, aggregator.toml.",
)
@click.pass_context
def cli(context: click.Context, config_file: str | None) -> None:
    """Turn any number of RSS, Atom and JSON feeds into one feed worth subscribing to."""
    context.obj = Invocation(config_file)


@cli.group()
def config() -> None:
    """Look at the configuration."""


@config.command()
@pass_invocation
def check(invocation: Invocation) -> None:
    """Say what is wrong with the configuration, or what it means. Starts nothing."""
    loaded = invocation.config()
    for warning in loaded.warnings:
        click.echo(f"warning: {warning}", err=True)
    click.echo("\n".join([*describe(loaded), *cron_changes(loaded, datetime.now(UTC))]))


@cli.command()
@click.option("--to", "revision", default="head", show_default=True, help="Revision to go to.")
@pass_invocation
def migrate(invocation: Invocation, revision: str) -> None:
    """Bring the database to the present shape (`run` and `once` do so by themselves)."""
    engine = open_engine(invocation.config().settings.database.url)
    try:
        before, after = migrate_database(engine, revision)
    finally:
        engine.dispose()
    if before == after:
        click.echo(f"already at {after or 'the empty database'}")
    else:
        click.echo(f"migrated from {before or 'the empty database'} to {after or 'nothing'}")


for command in (
    run,
    once,
    feeds,
    discover,
    status,
    preview,
    explain,
    split,
    merge,
    dedupe,
    demo,
):
    cli.add_command(command)


def main() -> None:
    """The entry point of the ``aggregator`` command."""
    mask_crashes()
    with clear_errors():
        cli()
