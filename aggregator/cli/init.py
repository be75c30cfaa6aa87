"""``aggregator init``: a first config file, from three questions or from flags."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from pydantic import ValidationError

from aggregator.cli.exits import say
from aggregator.cli.invocation import Invocation, config_fault, pass_invocation
from aggregator.config.choices import is_private
from aggregator.config.edit import add_feeds
from aggregator.config.faults import said
from aggregator.config.first import PLACE, first_config, write_first
from aggregator.config.opml import Reading, read_opml
from aggregator.config.own_address import own_base
from aggregator.config.settings import Settings


@click.command()
@click.option("--title", help="Title of the merged feeds.")
@click.option("--base-url", help="Address under which your feed readers reach this server.")
@click.option(
    "--opml",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Subscriptions to begin with, as your reader exports them.",
)
@pass_invocation
def init(
    invocation: Invocation, *, title: str | None, base_url: str | None, opml: Path | None
) -> None:
    """Write a first configuration file.

    On a terminal it asks for what is not given: a title, the address for readers, subscriptions to
    begin with. Elsewhere what is not given keeps its default. A file that is there stays.
    """
    path = invocation.config_path() or PLACE
    if path.exists():
        raise config_fault(str(path), "exists already; edit it, or give another with --config FILE")
    if sys.stdin.isatty():
        title = _asked("Title of your merged feed", title, str(_default("title")))
        base_url = _asked("Address that your readers use", base_url, own_base(Settings()))
        opml = opml or _asked_file()
    reading = read_opml(opml.read_bytes(), str(opml)) if opml else Reading(())
    for one in reading.said(str(opml)):
        say(f"{one.where}: {one.message}", err=True)
    feeds = [one.feed for one in reading.feeds]
    secret = any(is_private(feed) for feed in feeds)
    write_first(path, _text(title or "", (base_url or "").rstrip("/")), owner_only=secret)
    say(f"wrote {path}{', for its owner only: addresses in it are secret' if secret else ''}")
    added = add_feeds(path, feeds, skip_known=True) if feeds else ()
    say(f"{len(added)} feeds; `aggregator feeds add URL` adds more, `aggregator run` starts")


def _default(name: str) -> object:
    return Settings.model_fields[name].default


def _asked(question: str, given: str | None, default: str) -> str:
    """``given``, else the answer to ``question``; empty where it is the default anyway."""
    answer = click.prompt(question, default=default, err=True) if given is None else given
    return "" if answer == default else str(answer)


def _asked_file() -> Path | None:
    kind = click.Path(exists=True, dir_okay=False, path_type=Path)
    answer = click.prompt(
        "OPML file to subscribe to (Enter: none)", default="", show_default=False, err=True
    )
    return kind.convert(answer, None, None) if answer else None


def _text(title: str, base_url: str) -> str:
    """The file's text, checked as if it had been read. Raises ``ConfigError``."""
    given = {name: one for name, one in (("title", title), ("base_url", base_url)) if one}
    try:
        Settings.model_validate(given)
    except ValidationError as error:
        one = error.errors()[0]
        flag = str(one["loc"][0]).replace("_", "-")
        raise config_fault(f"--{flag}", said(one)) from None
    return first_config(title, base_url)
