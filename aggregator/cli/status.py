"""``aggregator status``: how the feeds fare."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime

import click
from rich.console import Console
from rich.table import Table

from aggregator.app.stored import read_host_status, read_status
from aggregator.cli.cells import cell
from aggregator.cli.hosts import show_hosts
from aggregator.cli.invocation import Invocation, echo_json, pass_invocation, run_async
from aggregator.model import FeedStatus, Status
from aggregator.store.db.database import sqlite_path
from aggregator.text.durations import short_ago


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--failing", is_flag=True, help="Only feeds whose last poll failed.")
@click.option("--hosts", is_flag=True, help="Show request counts and cooldowns of hosts instead.")
@pass_invocation
def status(invocation: Invocation, *, as_json: bool, failing: bool, hosts: bool) -> None:
    """Show each feed's last poll, result, next poll and error, then totals."""
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
    now = run_async(read_status(config)) if exists else Status()
    shown = [feed for feed in now.feeds if feed.failures or not failing]
    if as_json:
        echo_json(asdict(now) | {"feeds": [asdict(feed) for feed in shown]})
        return
    console = Console(width=None if Console().is_terminal else 160)
    console.print(_table(shown))
    for line in _totals(now):
        console.print(line, markup=False, highlight=False)


def _table(feeds: list[FeedStatus]) -> Table:
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
    failing = sum(1 for feed in now.feeds if feed.failures)
    outage = []
    if now.outage_since is not None:
        since = f"{now.outage_since:%Y-%m-%d %H:%M} UTC"
        outage = [
            f"no host has answered since {since}; is the network up? No feed is blamed for it"
        ]
    return [
        "",
        *outage,
        f"{len(now.feeds)} feeds ({failing} failing), {now.entries} entries, {now.stories} stories",
        (
            f"pages: {now.articles} extracted, {now.articles_waiting} waiting, "
            f"{now.articles_failed} given up; {now.unsettled} entries in progress"
        ),
    ]
