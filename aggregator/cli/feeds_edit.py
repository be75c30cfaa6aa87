"""``aggregator feeds remove`` and ``import``: the subscription list, edited where it is kept."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from aggregator.cli.exits import EXIT_FAILED, say
from aggregator.cli.invocation import Invocation, config_fault, pass_invocation
from aggregator.cli.take_up import tell_daemons
from aggregator.config.edit import add_feeds, remove_feed
from aggregator.config.opml import read_opml

_WITHOUT = "it counts from the next start on"


@click.command()
@click.argument("url")
@pass_invocation
def remove(invocation: Invocation, url: str) -> None:
    """Unsubscribe from URL, in the file that lists it. Its entries age out."""
    path = invocation.config_path()
    if path is None:
        raise config_fault("feeds remove", "no configuration file here; give --config FILE")
    say(f"removed from {remove_feed(path, url)}")
    tell_daemons(path, without=_WITHOUT)


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@pass_invocation
def import_opml(invocation: Invocation, file: Path) -> None:
    """Subscribe to every feed of an OPML FILE.

    Or of a newsboat URLS file. Feeds already subscribed are skipped. What the list says and cannot
    be taken is told line by line; exit status 1 if some outlines give no feed. The others are added.
    """
    reading = read_opml(file.read_bytes(), str(file))
    for one in reading.said(str(file)):
        say(f"{one.where}: {one.message}", err=True)
    feeds = [one.feed for one in reading.feeds]
    path = invocation.own_config_path()
    added = add_feeds(path, feeds, skip_known=True)
    known, faulty = len(feeds) - len(added), len(reading.faults)
    say(f"{len(added)} added, {known} already subscribed, {faulty} faulty")
    if added:
        tell_daemons(path, without=_WITHOUT)
    if faulty:
        sys.exit(EXIT_FAILED)
