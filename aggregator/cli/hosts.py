"""``aggregator status --hosts``: request counts and cooldowns of hosts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime

from rich.console import Console
from rich.table import Table

from aggregator.cli.cells import cell
from aggregator.cli.invocation import echo_json
from aggregator.model import HostStatus
from aggregator.text.durations import short_ago

_COLUMNS = ("host", "last hour", "24 h", "feeds", "pages", "robots.txt", "waited", "cooldown")


def show_hosts(hosts: Sequence[HostStatus], *, as_json: bool) -> None:
    """Print ``hosts`` as a table, or as JSON."""
    if as_json:
        echo_json({"hosts": [asdict(host) for host in hosts]})
        return
    console = Console(width=None if Console().is_terminal else 160)
    console.print(_table(hosts))
    asked = sum(host.day for host in hosts)
    resting = sum(1 for host in hosts if host.resting_until)
    console.print(
        f"\n{len(hosts)} hosts, {asked} requests in 24 hours; {resting} in a cooldown",
        markup=False,
        highlight=False,
    )


def _table(hosts: Sequence[HostStatus]) -> Table:
    now = datetime.now(UTC)
    table = Table(box=None, pad_edge=False)
    for name in _COLUMNS:
        numbers = name not in ("host", "cooldown")
        table.add_column(name, justify="right" if numbers else "left", overflow="fold")
    for host in hosts:
        counts = (host.hour, host.day, host.feeds, host.pages, host.robots, host.waited)
        until = f"ends {short_ago(host.resting_until, now)}" if host.resting_until else ""
        table.add_row(cell(host.host), *map(str, counts), cell(until, style="yellow"))
    return table
