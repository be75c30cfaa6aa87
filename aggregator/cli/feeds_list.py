"""``aggregator feeds list`` and ``export``: the subscriptions, shown."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

import click

from aggregator.cli.exits import say
from aggregator.cli.invocation import Invocation, echo_json, pass_invocation
from aggregator.config import choices
from aggregator.config.opml_export import export_opml
from aggregator.config.settings import FeedSettings
from aggregator.errors import AggregatorError
from aggregator.text.controls import for_terminal


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
            part
            for part in (
                feed.title,
                *(f"[{name}]" for name in feed.categories),
                "(paused)" if feed.paused else "",
            )
            if part
        )
        say(f"{feed.address_key}  {notes}".rstrip())


@click.command()
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file."
)
@click.option(
    "--with-secrets",
    is_flag=True,
    help="Include private feeds, with the secrets in their addresses.",
)
@pass_invocation
def export(invocation: Invocation, output: Path | None, *, with_secrets: bool) -> None:
    """Write the subscriptions as OPML 2.0, to standard output or a file.

    Private feeds are left out, since their addresses are secret; on a terminal it asks.
    """
    config = invocation.config()
    private = [feed for feed in config.feeds if choices.is_private(feed)]
    if private and not with_secrets and not _may_tell(private):
        say(
            f"private feeds left out: {', '.join(map(_name, private))}; --with-secrets includes them",
            err=True,
        )
        config = replace(config, feeds=tuple(f for f in config.feeds if f not in private))
    opml = export_opml(config.settings.title, config.feeds, {})
    if output is None:
        click.echo(for_terminal(opml), nl=False)
    else:
        _write(output, opml, for_owner=any(map(choices.is_private, config.feeds)))
        say(f"{len(config.feeds)} feeds written to {output}", err=True)


def _write(path: Path, text: str, *, for_owner: bool) -> None:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600 if for_owner else 0o666)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            if for_owner:
                os.fchmod(handle, 0o600)  # it may have been there
            file.write(text)
    except OSError as error:
        raise AggregatorError(f"{path} cannot be written: {error.strerror}") from None


def _may_tell(private: list[FeedSettings]) -> bool:
    """True where somebody at a terminal says that the secrets may be written."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    say(f"private feeds: {', '.join(map(_name, private))}", err=True)
    return click.confirm("write their addresses, secrets included?", err=True)


def _name(feed: FeedSettings) -> str:
    return feed.title or feed.key
