"""``aggregator feeds``: the subscription list, edited where the operator keeps it."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from pydantic import ValidationError

from aggregator.cli.context import (
    EXIT_FAILED,
    Invocation,
    config_fault,
    echo_json,
    pass_invocation,
    run_async,
    say,
)
from aggregator.cli.discovery import described, find_feeds
from aggregator.config.config import Config
from aggregator.config.edit import add_feeds, remove_feed
from aggregator.config.opml import export_opml, scan_opml
from aggregator.config.settings import FeedSettings
from aggregator.errors import ConfigError, ConfigFault
from aggregator.privacy.masking import masked


@click.group()
def feeds() -> None:
    """Add, remove, list, import and export subscriptions."""


@feeds.command()
@click.argument("url")
@click.option("--title", default="", help="Name to show instead of the feed's own.")
@click.option("--category", default="", help="Category.")
@click.option("--tag", "tags", multiple=True, help="Tag; may be given several times.")
@click.option("--every", help='Poll at a fixed interval, such as "30m".')
@click.option("--no-check", is_flag=True, help="Do not ask the URL whether it is a feed.")
@pass_invocation
def add(
    invocation: Invocation,
    url: str,
    *,
    title: str,
    category: str,
    tags: tuple[str, ...],
    every: str | None,
    no_check: bool,
) -> None:
    """Subscribe to URL: a feed, or a page or site that has one.

    Where there are several, a terminal is asked which; elsewhere the likeliest is taken.
    Adds a [[feeds]] table to the config file and leaves the rest as it is. A running daemon takes
    it up on SIGHUP.
    """
    path = invocation.own_config_path()
    if not no_check:
        url = _chosen(invocation.config(), url)
    try:
        feed = FeedSettings.model_validate(
            {"url": url, "title": title, "category": category, "tags": tags, "every": every}
        )
    except ValidationError as error:
        raise ConfigError(
            [
                ConfigFault(
                    f"--{one['loc'][0]}" if one["loc"][0] != "url" else masked(url), one["msg"]
                )
                for one in error.errors()
            ]
        ) from None
    add_feeds(path, [feed])
    say(f"subscribed to {feed.url} in {path}")


def _chosen(config: Config, url: str) -> str:
    """The feed that ``url`` leads to; at a terminal, the one that the operator picks of several."""
    found = run_async(find_feeds(config, url))
    if len(found) == 1 or not sys.stdin.isatty():
        say(described(found[0]), err=True)
        for other in found[1:]:
            say(f"  also there: {described(other)}", err=True)
        return found[0].url
    for number, one in enumerate(found, 1):
        say(f"{number}  {described(one)}", err=True)
    numbers = click.IntRange(1, len(found))
    return found[click.prompt("which one", type=numbers, default=1, err=True) - 1].url


@feeds.command()
@click.argument("url")
@pass_invocation
def remove(invocation: Invocation, url: str) -> None:
    """Unsubscribe from URL, in whichever file it stands. Its entries age out."""
    path = invocation.config_path()
    if path is None:
        raise config_fault("feeds remove", "there is no config file here yet; give --config")
    say(f"removed from {remove_feed(path, url)}")


@feeds.command("list")
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


@feeds.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@pass_invocation
def import_opml(invocation: Invocation, file: Path) -> None:
    """Subscribe to every feed of an OPML FILE.

    Those already there are skipped. Exit status 1 when some outlines could not be taken; the
    others are.
    """
    placed, faults = scan_opml(file.read_bytes(), str(file))
    for fault in faults:
        say(f"{fault.where}: {fault.message}", err=True)
    added = add_feeds(invocation.own_config_path(), [one.feed for one in placed], skip_known=True)
    say(f"{len(added)} added, {len(placed) - len(added)} already there, {len(faults)} refused")
    if faults:
        sys.exit(EXIT_FAILED)


@feeds.command()
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
