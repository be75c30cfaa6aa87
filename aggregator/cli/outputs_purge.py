"""``aggregator outputs purge``: what must not be in closed archive pages and editions."""

from __future__ import annotations

import click

from aggregator.app.purging import purge_archive
from aggregator.cli.exits import say
from aggregator.cli.invocation import Invocation, pass_invocation, run_async


@click.command()
@click.argument("name")
@click.option("--item", metavar="ID", help="The item with this id, as readers see it.")
@click.option("--feed", metavar="URL", help="All items that tell of this feed.")
@pass_invocation
def purge(invocation: Invocation, name: str, item: str | None, feed: str | None) -> None:
    """Take items out of the closed archive pages and the editions of the output NAME, for good.

    In their place stands that they are gone. What the window shows is decided elsewhere: remove the
    feed, or mark it as private, to have it gone there too.
    """
    if (item is None) == (feed is None):
        raise click.UsageError("give either --item or --feed")
    count = run_async(purge_archive(invocation.config(), name, item, feed))
    say(f"{count} {'item' if count == 1 else 'items'} taken out of what {name} has stored.")
