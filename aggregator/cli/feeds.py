"""``aggregator feeds list`` and ``export``: the subscriptions, shown."""

from __future__ import annotations

from pathlib import Path

import click

from aggregator.cli.context import Invocation, echo_json, pass_invocation
from aggregator.cli.exits import say
from aggregator.config.opml import export_opml


@click.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_invocation
def list_feeds(invocation: Invocation, *, as_json: bool) -> None:
    """List the subscriptions."""
    config = invocation.config()
    if as_json:
        echo_json(
            [
                feed.model_dump() | {"key": feed.key, "url": feed.address_key}
                for feed in config.feeds
            ]
        )
        return
    for feed in config.feeds:
        notes = " ".join(
            part for part in (feed.title, f"[{feed.category}]" if feed.category else "") if part
        )
        say(f"{feed.address_key}  {notes}".rstrip())


@click.command()
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="File.")
@pass_invocation
def export(invocation: Invocation, output: Path | None) -> None:
    """Write the subscriptions as OPML 2.0, to standard output or a file."""
    config = invocation.config()
    opml = export_opml(config.settings.title, config.feeds, {})
    if output is None:
        click.echo(opml, nl=False)
    else:
        output.write_text(opml, encoding="utf-8")
        say(f"{len(config.feeds)} feeds written to {output}", err=True)
