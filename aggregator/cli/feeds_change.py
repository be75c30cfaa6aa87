"""``aggregator feeds edit``, ``pause`` and ``resume``: settings of a feed, changed in its file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click
from pydantic import ValidationError

from aggregator.cli.exits import say
from aggregator.cli.invocation import Invocation, config_fault, pass_invocation
from aggregator.cli.take_up import tell_daemons
from aggregator.config.edit import change_feeds
from aggregator.config.faults import said
from aggregator.config.settings import FeedSettings

_WITHOUT = "it counts from the next start on"
_ANY = "https://example.org/"  # for checks of all else


@click.command()
@click.argument("url")
@click.option("--title", help='Title to show; "": the feed\'s own.')
@click.option("--category", help='Category, by which outputs can select; "": none.')
@click.option("--tag", "tags", multiple=True, help='Tag, in place of those it has; "": none.')
@click.option(
    "--every", help='Poll at a fixed interval, such as "30m"; "": as the feed\'s own pace is.'
)
@click.option(
    "--cron", help='Poll at these times, such as "0 7 * * *"; "": as the feed\'s own pace is.'
)
@pass_invocation
def edit(invocation: Invocation, /, url: str, **given: Any) -> None:
    """Change settings of the feed at URL, in the file that lists it; all else stays as it is there.

    URL may be its `id`. What is not given stays; an empty text gives the default back. A running
    daemon takes it up at once.
    """
    tags = given.pop("tags")
    changes: dict[str, Any] = {
        name: text or None for name, text in given.items() if text is not None
    }
    if tags:
        changes["tags"] = [tag for tag in tags if tag] or None
    if not changes:
        raise click.UsageError("say what to change: see --help")
    for one, other in (("every", "cron"), ("cron", "every")):
        if changes.get(one) and other not in changes:
            changes[other] = None  # there is one schedule
    _check(changes)
    _change_all(invocation, (url,), changes, "changed")


@click.command()
@click.argument("urls", metavar="URL...", nargs=-1, required=True)
@pass_invocation
def pause(invocation: Invocation, urls: tuple[str, ...]) -> None:
    """Poll the feeds at URL no more, until they are resumed; their entries stay.

    All of them or, where one of them is unknown, none. `paused = true` is written to every file that
    lists a feed. A running daemon takes it up at once.
    """
    _change_all(invocation, urls, {"paused": True}, "paused")


@click.command()
@click.argument("urls", metavar="URL...", nargs=-1, required=True)
@pass_invocation
def resume(invocation: Invocation, urls: tuple[str, ...]) -> None:
    """Poll the paused feeds at URL again, at once where a daemon runs."""
    _change_all(invocation, urls, {"paused": None}, "polled again")


def _check(changes: Mapping[str, Any]) -> None:
    """Refuse what is no value of an option, by the option's name."""
    given = {name: tuple(value) if name == "tags" else value for name, value in changes.items()}
    try:
        FeedSettings.model_validate(
            {"url": _ANY, **{name: value for name, value in given.items() if value is not None}}
        )
    except ValidationError as error:
        one = error.errors()[0]
        name = str(one["loc"][0]) if one["loc"] else "feeds edit"
        raise config_fault(f"--{name.removesuffix('s')}", said(one)) from None


def _change_all(
    invocation: Invocation, urls: tuple[str, ...], changes: Mapping[str, Any], done: str
) -> None:
    path = invocation.config_path()
    if path is None:
        raise config_fault("feeds", "no configuration file here; give --config FILE")
    for where, feed in change_feeds(path, urls, changes):
        name = f"{feed.title} ({feed.key})" if feed.title else feed.key
        say(f"{name}: {done}, in {where}")
    tell_daemons(path, without=_WITHOUT)
