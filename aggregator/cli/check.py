"""``aggregator config check``: what the configuration means, or what is wrong with it."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from aggregator.cli.exits import say
from aggregator.cli.invocation import Invocation, pass_invocation
from aggregator.config.config import describe
from aggregator.config.cron_changes import cron_changes


@click.command()
@pass_invocation
def check(invocation: Invocation) -> None:
    """Check the configuration: print its faults, or a summary. Starts nothing."""
    loaded = invocation.config()
    for warning in loaded.warnings:
        say(f"warning: {warning}", err=True)
    say("\n".join([*describe(loaded), *cron_changes(loaded, datetime.now(UTC))]))
