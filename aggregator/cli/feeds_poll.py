"""``aggregator feeds poll``: feeds polled now, and what came of it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

import click

from aggregator.app.poll_requests import FeedPoll, PollRequests, poll_requests
from aggregator.cli.exits import EXIT_FAILED, say
from aggregator.cli.invocation import (
    Invocation,
    config_fault,
    echo_json,
    pass_invocation,
    run_async,
)
from aggregator.cli.poll_words import named, poll_words
from aggregator.config import choices
from aggregator.config.config import Config
from aggregator.config.edit import find_key
from aggregator.model import AskedPoll, PollResult
from aggregator.store.db.database import sqlite_path

_FAILED = frozenset({PollResult.FAILED, PollResult.GONE, PollResult.OFFLINE})
_NOT_POLLED = {
    AskedPoll.PAUSED: "paused, and not polled; `aggregator feeds resume` ends that",
    AskedPoll.UNKNOWN: "not subscribed in the daemon's configuration",
}


@click.command()
@click.argument("urls", metavar="[URL]...", nargs=-1)
@click.option("--category", "categories", multiple=True, help="All feeds of a category or folder.")
@click.option("--failing", is_flag=True, help="All feeds whose last poll failed.")
@click.option("--no-wait", is_flag=True, help="Ask for the polls, and do not wait for their ends.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_invocation
def poll(
    invocation: Invocation,
    urls: tuple[str, ...],
    *,
    categories: tuple[str, ...],
    failing: bool,
    no_wait: bool,
    as_json: bool,
) -> None:
    """Poll feeds now: those at URL, of a category, or those that fail.

    The running daemon does it, before all that are due and as politely as ever: one request to a host
    at a time, none during its cooldown. Where none runs, the feeds are polled when one starts. Exit
    status 1 if a poll failed or did not take place.
    """
    if not (urls or categories or failing):
        raise click.UsageError("give a URL, --category or --failing")
    config = invocation.config()
    file = sqlite_path(config.settings.database.url)
    if file is not None and not file.exists():
        say("nothing was ever polled here: `aggregator run` begins with all feeds", err=True)
        return
    keys = _keys(config, urls, categories)
    if not run_async(_poll(config, keys, failing=failing, wait=not no_wait, as_json=as_json)):
        sys.exit(EXIT_FAILED)


def _keys(config: Config, urls: Sequence[str], categories: Sequence[str]) -> list[str]:
    keys = [find_key(url, config) for url in urls]
    for category in categories:
        inside = choices.keys_in(config, category)
        if not inside:
            raise config_fault("--category", f"no feed is in the category `{category}`")
        keys += inside
    return list(dict.fromkeys(keys))


async def _poll(
    config: Config, keys: list[str], *, failing: bool, wait: bool, as_json: bool
) -> bool:
    """Ask for polls and say what came of them; False where one failed or has not ended."""
    async with poll_requests(config) as requests:
        if failing:
            keys = list(dict.fromkeys([*keys, *(await requests.failing())]))
        asked = await requests.ask(keys)
        if not as_json:
            _say_asked(requests, asked, wait=wait)
        found = {one.key: one for one in asked}
        wait = wait and requests.has_daemon
        if wait and not requests.network_down:
            async for end in requests.ends():
                found[end.key] = end
                if not as_json:
                    say(_line(end))
        polls = list(found.values())
        if as_json:
            network = {"daemon": requests.has_daemon, "network_down": requests.network_down}
            echo_json({**network, "feeds": [asdict(one) for one in polls]})
        return not any(_failed(one, waited=wait) for one in polls)


def _failed(one: FeedPoll, *, waited: bool) -> bool:
    if one.state in _NOT_POLLED:
        return one.state is AskedPoll.UNKNOWN
    return one.result in _FAILED or (waited and one.result is None)


def _say_asked(requests: PollRequests, asked: Sequence[FeedPoll], *, wait: bool) -> None:
    """Lines on what cannot be polled, and on who polls the rest."""
    if not asked:
        say("no feed fails", err=True)
        return
    for one in asked:
        if one.state in {AskedPoll.PAUSED, AskedPoll.UNKNOWN}:
            say(_line(one))
    count = sum(one.state in {AskedPoll.SOON, AskedPoll.UNDER_WAY} for one in asked)
    feeds = "1 feed is" if count == 1 else f"{count} feeds are"
    if not count:
        return
    if requests.busy is not None:
        say(f"process {requests.busy} works on the database, and takes no requests; {feeds} polled "
            "when it, or a daemon, starts again", err=True)  # fmt: skip
    elif not requests.has_daemon:
        say(f"no daemon runs: {feeds} polled when one starts, or by `aggregator once`", err=True)
    elif requests.network_down:
        say(f"no host answers at present: {feeds} polled when the network is back", err=True)
    elif not wait:
        say(f"{feeds} polled by the daemon now", err=True)


def _line(one: FeedPoll) -> str:
    return f"{named(one.title, one.url)}: {_said(one)}"


def _said(one: FeedPoll) -> str:
    if one.state in _NOT_POLLED:
        return _NOT_POLLED[one.state]
    if one.result is PollResult.POSTPONED:
        return f"put off until {_time(one.next_poll)}: its host is to be left alone"
    if one.result is None:
        return "not polled yet, as its host or the daemon is busy; it stays due"
    return poll_words(one.result, one.url, new_entries=one.new_entries, error=one.error)


def _time(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC" if moment else "later"
