"""``aggregator feeds lists`` and ``accept``: reading lists, and what waits for the operator's word."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from aggregator.app.reading_lists import ListCopy, accept, lists_of
from aggregator.cli.exits import say
from aggregator.cli.invocation import Invocation, config_fault, echo_json, pass_invocation
from aggregator.config.config import Config
from aggregator.errors import AggregatorError
from aggregator.text.durations import ago


@click.command("lists")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_invocation
def show_lists(invocation: Invocation, *, as_json: bool) -> None:
    """List the reading lists: OPML at an address, with the state of each."""
    config = invocation.config()
    found = lists_of(config)
    if as_json:
        echo_json(lists_as_json(config))
        return
    now = datetime.now(UTC)
    for one in found:
        say(f"{one.name}  {_count(config, one)} feeds, {_state(one, now)}")


def lists_in_trouble(config: Config) -> list[str]:
    """A line for each reading list that was never read, or not lately."""
    now = datetime.now(UTC)
    return [
        f"reading list {one.name}: {_state(one, now)}"
        for one in lists_of(config)
        if one.state.taken is None or one.state.trouble
    ]


def lists_as_json(config: Config) -> list[dict[str, object]]:
    """The reading lists with the state of each, for scripts."""
    return [_as_json(config, one) for one in lists_of(config)]


def _state(one: ListCopy, now: datetime) -> str:
    taken = f"taken {ago(one.state.taken, now)}" if one.state.taken else "not read yet"
    return f"{taken}; {one.state.trouble}" if one.state.trouble else taken


@click.command("accept")
@click.argument("url")
@pass_invocation
def accept_list(invocation: Invocation, url: str) -> None:
    """Take what the reading list at URL says now, though it lacks much of what it said before."""
    found = lists_of(invocation.config())
    one = next((one for one in found if url in (one.settings.url, one.name)), None)
    if one is None:
        raise config_fault("URL", "no `[[opml]]` has this address; see `aggregator feeds lists`")
    if not one.state.held:
        raise config_fault(one.name, "nothing of it waits to be accepted")
    try:
        accept(one, datetime.now(UTC))
    except OSError as error:
        raise AggregatorError(f"{one.file} cannot be replaced: {error.strerror}") from None
    say(f"accepted {one.name}; a running daemon takes it within a minute")


def _count(config: Config, one: ListCopy) -> int:
    return sum(address == one.settings.url for address in config.listed_at.values())


def _as_json(config: Config, one: ListCopy) -> dict[str, object]:
    return {
        "url": one.name,
        "feeds": _count(config, one),
        "every": one.settings.every,
        "asked": one.state.asked if one.state.asked.year > 1970 else None,
        "taken": one.state.taken,
        "trouble": one.state.trouble,
        "held": one.state.held,
    }
