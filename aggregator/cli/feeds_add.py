"""``aggregator feeds add``: a feed found and written where the operator keeps the others."""

from __future__ import annotations

import sys

import click
from pydantic import ValidationError

from aggregator.cli.discover import described, find_feeds
from aggregator.cli.exits import say
from aggregator.cli.invocation import Invocation, pass_invocation, run_async
from aggregator.cli.take_up import tell_daemons
from aggregator.config.config import Config
from aggregator.config.edit import add_feeds
from aggregator.config.faults import said
from aggregator.config.settings import FeedSettings
from aggregator.errors import ConfigError, ConfigFault
from aggregator.privacy.masking import masked


@click.command()
@click.argument("url")
@click.option("--title", default="", help="Title to show instead of the feed's own.")
@click.option(
    "--category",
    "categories",
    multiple=True,
    help="Category, by which outputs can select; can be repeated.",
)
@click.option("--tag", "tags", multiple=True, help="Tag; can be repeated.")
@click.option("--every", help='Poll at a fixed interval, such as "30m".')
@click.option("--no-check", is_flag=True, help="Subscribe without checking that URL is a feed.")
@pass_invocation
def add(
    invocation: Invocation,
    url: str,
    *,
    title: str,
    categories: tuple[str, ...],
    tags: tuple[str, ...],
    every: str | None,
    no_check: bool,
) -> None:
    """Subscribe to URL: a feed, or a page or site that has one.

    If there are several, it asks on a terminal; elsewhere it takes the likeliest. The feed is
    added to the configuration file, the rest of which stays as it is. A running daemon polls it at
    once.
    """
    if not no_check:
        url = _chosen(invocation.config(), url)
    try:
        feed = FeedSettings.model_validate(
            {"url": url, "title": title, "categories": categories, "tags": tags, "every": every}
        )
    except ValidationError as error:
        faults = [
            ConfigFault(_option(str(one["loc"][0]), url), said(one)) for one in error.errors()
        ]
        raise ConfigError(faults) from None
    path = invocation.own_config_path()
    add_feeds(path, [feed])
    say(f"subscribed to {feed.url} in {path}")
    tell_daemons(path, without="it is polled when one starts, by `aggregator run`")


def _option(setting: str, url: str) -> str:
    """The option that gave ``setting``; the address itself has none."""
    names = {"url": masked(url), "categories": "--category", "tags": "--tag"}
    return names.get(setting, f"--{setting}")


def _chosen(config: Config, url: str) -> str:
    """The feed that ``url`` leads to; at a terminal, the one that the operator picks of several."""
    found = run_async(find_feeds(config, url))
    if len(found) == 1 or not sys.stdin.isatty():
        say(described(found[0]), err=True)
        for other in found[1:]:
            say(f"  other feed: {described(other)}", err=True)
        return found[0].url
    for number, one in enumerate(found, 1):
        say(f"{number}  {described(one)}", err=True)
    numbers = click.IntRange(1, len(found))
    return found[click.prompt("which feed", type=numbers, default=1, err=True) - 1].url
