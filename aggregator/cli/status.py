"""``aggregator status``: how the feeds fare."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime

import click
from rich.console import Console
from rich.table import Table

from aggregator.app.stored import read_host_status, read_status
from aggregator.cli.cells import cell
from aggregator.cli.hosts import show_hosts
from aggregator.cli.invocation import Invocation, echo_json, pass_invocation, run_async
from aggregator.model import FeedPlace, FeedStatus, Status
from aggregator.store.db.database import sqlite_path
from aggregator.text.durations import short_ago

_PAGE = 200  # feeds


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--failing", is_flag=True, help="Only feeds whose last poll failed.")
@click.option(
    "--limit",
    type=click.IntRange(min=0),
    help=f"Show that many feeds, 0: all. {_PAGE} unless given; as JSON all.",
)
@click.option("--after", metavar="PLACE", help="Go on behind the feed where the page before ended.")
@click.option("--hosts", is_flag=True, help="Show request counts and cooldowns of hosts instead.")
@pass_invocation
def status(
    invocation: Invocation,
    *,
    as_json: bool,
    failing: bool,
    limit: int | None,
    after: str | None,
    hosts: bool,
) -> None:
    """Show each feed's last poll, result, next poll and error, then totals.

    Feeds in trouble come first, that with most failures at the top, then the latest added.
    """
    place = FeedPlace.read(after) if after is not None else None
    if after is not None and place is None:
        raise click.BadParameter("not what a page before told", param_hint="--after")
    if limit is None:
        limit = 0 if as_json else _PAGE
    config = invocation.config()
    file = sqlite_path(config.settings.database.url)
    exists = file is None or file.exists()
    if not exists:
        click.echo(
            f"nothing polled yet: the database {file} does not exist; start with `aggregator run`",
            err=True,
        )
    if hosts:
        show_hosts(run_async(read_host_status(config)) if exists else [], as_json=as_json)
        return
    now = Status()
    if exists:
        now = run_async(read_status(config, limit or None, place, failing=failing))
    if as_json:
        echo_json(asdict(now))
        return
    console = Console(width=None if Console().is_terminal else 160)
    console.print(_table(now.feeds))
    for line in _totals(now):
        console.print(line, markup=False, highlight=False)


def _table(feeds: Sequence[FeedStatus]) -> Table:
    now = datetime.now(UTC)
    table = Table(box=None, pad_edge=False)
    for name in ("feed", "category", "result", "last poll", "next poll", "entries", "error"):
        table.add_column(name, overflow="fold" if name in ("feed", "error") else "ellipsis")
    for feed in feeds:
        table.add_row(
            cell(feed.title),
            cell(feed.category),
            cell(feed.result or "-", style="red" if feed.failures else ""),
            short_ago(feed.last_poll, now),
            short_ago(feed.next_poll, now) if feed.next_poll else "stopped",
            str(feed.entries),
            cell(f"{feed.failures}x {feed.error}" if feed.error else ""),
        )
    return table


def _totals(now: Status) -> list[str]:
    outage = []
    if now.outage_since is not None:
        since = f"{now.outage_since:%Y-%m-%d %H:%M} UTC"
        outage = [
            f"no host has answered since {since}; is the network up? No feed is blamed for it"
        ]
    more = [f"more feeds: --after {now.next}, or all of them: --limit 0"] if now.next else []
    return [
        *more,
        "",
        *outage,
        f"{now.total} feeds ({now.in_trouble} failing), {now.entries} entries, {now.stories} stories",
        (
            f"pages: {now.articles} extracted, {now.articles_waiting} waiting, "
            f"{now.articles_failed} given up; {now.unsettled} entries in progress"
        ),
    ]
