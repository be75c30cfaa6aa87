"""``aggregator status``: how the feeds fare."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime

import click
from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from aggregator.app.stored import read_host_status, read_hub, read_status
from aggregator.app.upgrading import HOW_TO_FINISH, UnfinishedUpgrade, read_upgrade
from aggregator.cli.cells import cell
from aggregator.cli.delivery_words import is_in_trouble, road_words
from aggregator.cli.exits import EXIT_FAILED
from aggregator.cli.feeds_lists import lists_as_json, lists_in_trouble
from aggregator.cli.hosts import show_hosts
from aggregator.cli.hub_lines import hub_lines
from aggregator.cli.invocation import Invocation, echo_json, pass_invocation, run_async
from aggregator.cli.watching import watch
from aggregator.config.config import Config
from aggregator.config.roads import roads_of
from aggregator.model import FeedPlace, FeedStatus, HubReport, RoadStatus, Status
from aggregator.privacy.masking import masked
from aggregator.store.db.database import sqlite_path
from aggregator.text.durations import short_ago
from aggregator.text.named_failures import without_address

_PAGE = 200  # feeds
_MOST = 1_000_000_000  # what every database can count to
_COLUMNS = ("feed", "category", "result", "last poll", "next poll", "entries")
_WIDEST_CATEGORY, _NARROWEST_NAME = 16, 20  # characters


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--failing", is_flag=True, help="Only feeds whose last poll failed.")
@click.option(
    "--exit-code", is_flag=True, help="Exit with 1 if any feed is in trouble, for alarms."
)
@click.option(
    "--limit",
    type=click.IntRange(0, _MOST),
    help=f"Show that many feeds, 0: all. {_PAGE} unless given; as JSON all.",
)
@click.option("--after", metavar="PLACE", help="Go on behind the feed where the page before ended.")
@click.option("--hosts", is_flag=True, help="Show request counts and cooldowns of hosts instead.")
@click.option(
    "--watch",
    "watching",
    is_flag=True,
    help="Go on until Ctrl-C: in place on a terminal, a line for each poll elsewhere.",
)
@pass_invocation
def status(
    invocation: Invocation,
    *,
    as_json: bool,
    failing: bool,
    exit_code: bool,
    limit: int | None,
    after: str | None,
    hosts: bool,
    watching: bool,
) -> None:
    """Show each feed's last poll, result, next poll and error, then totals.

    Feeds in trouble come first, that with most failures at the top, then the latest added.
    """
    place = _place(after)
    if hosts and exit_code:
        raise click.UsageError("--exit-code is about feeds, and not with --hosts")
    if watching and (hosts or exit_code or place):
        raise click.UsageError("--watch is not with --hosts, --exit-code and --after")
    if limit is None:
        limit = 0 if as_json else _PAGE
    config = invocation.config()
    exists = _exists(config)
    if watching:
        if exists:
            run_async(watch(config, limit or None, _show, failing=failing, as_json=as_json))
        return
    if hosts:
        show_hosts(run_async(read_host_status(config)) if exists else [], as_json=as_json)
        return
    now, hub, roads, upgrade = Status(), HubReport(), list[RoadStatus](), UnfinishedUpgrade()
    if exists:
        now = run_async(read_status(config, limit or None, place, failing=failing))
        hub = run_async(read_hub(config))
        roads += _roads(config)
        upgrade = run_async(read_upgrade(config))
    _print(config, now, hub, roads, upgrade, as_json=as_json)
    if exit_code and now.in_trouble:
        sys.exit(EXIT_FAILED)


def _place(after: str | None) -> FeedPlace | None:
    place = FeedPlace.read(after) if after is not None else None
    if after is not None and place is None:
        raise click.BadParameter("not what a page before told", param_hint="--after")
    return place


def _exists(config: Config) -> bool:
    """True where there is a database; else a line says that there is none."""
    file = sqlite_path(config.settings.database.url)
    if file is None or file.exists():
        return True
    click.echo(
        f"nothing polled yet: the database {file} does not exist; start with `aggregator run`",
        err=True,
    )
    return False


def _roads(config: Config) -> Sequence[RoadStatus]:
    if not roads_of(config):
        return ()
    # What reads the logs of outputs takes as long to import as all the rest.
    from aggregator.app.delivering import read_roads  # noqa: PLC0415

    return run_async(read_roads(config))


def _print(
    config: Config,
    now: Status,
    hub: HubReport,
    roads: Sequence[RoadStatus],
    upgrade: UnfinishedUpgrade,
    *,
    as_json: bool,
) -> None:
    if as_json:
        more = {
            "lists": lists_as_json(config),
            "hub": asdict(hub),
            "deliveries": [asdict(one) for one in roads],
            "upgrade": asdict(upgrade),
        }
        echo_json(asdict(now) | more)
        return
    console = Console(width=None if Console().is_terminal else 160)
    _show(console, now)
    for road in roads:
        said = Text(road_words(road, datetime.now(UTC)), "red" if is_in_trouble(road) else "")
        console.print(said, soft_wrap=not console.is_terminal)
    left = [f"{upgrade}; {HOW_TO_FINISH}"] if upgrade else []
    for line in (*hub_lines(hub), *lists_in_trouble(config), *left):
        console.print(cell(line), soft_wrap=not console.is_terminal)


def _show(console: Console, now: Status) -> None:
    _show_feeds(console, now.feeds)
    for line in _totals(now):
        console.print(line, markup=False, highlight=False)


def _show_feeds(console: Console, feeds: Sequence[FeedStatus]) -> None:
    """A line for each feed, and below it what went wrong: that has the whole width."""
    now = datetime.now(UTC)
    rows = [_cells(feed, now) for feed in feeds]
    widths = [max(map(cell_len, column)) for column in zip(_COLUMNS, *rows, strict=True)]
    widths[1] = min(widths[1], _WIDEST_CATEGORY)
    others = sum(widths[1:]) + len(widths) - 1
    widths[0] = min(widths[0], max(console.width - others, _NARROWEST_NAME))
    table = _table(widths)
    table.add_row(*_COLUMNS, style="bold")
    for feed, row in zip(feeds, rows, strict=True):
        styles = ("", "", "red" if feed.failures else "", "", "", "")
        table.add_row(*(Text(text, style) for text, style in zip(row, styles, strict=True)))
        if feed.error:
            console.print(table)
            table = _table(widths)
            _show_failure(console, feed)
    if table.row_count:
        console.print(table)


def _cells(feed: FeedStatus, now: datetime) -> tuple[str, ...]:
    return (
        cell(feed.title).plain,
        cell(", ".join(feed.categories)).plain,
        cell(feed.result or "-").plain,
        short_ago(feed.last_poll, now),
        _next(feed, now),
        str(feed.entries),
    )


def _next(feed: FeedStatus, now: datetime) -> str:
    if feed.paused:
        return "paused"
    return short_ago(feed.next_poll, now) if feed.next_poll else "stopped"


def _table(widths: Sequence[int]) -> Table:
    table = Table.grid(padding=(0, 1, 0, 0))
    for number, width in enumerate(widths):
        table.add_column(width=width, overflow="ellipsis" if number else "fold", no_wrap=number > 0)
    return table


def _show_failure(console: Console, feed: FeedStatus) -> None:
    address = masked(feed.url)
    error = without_address(masked(feed.error or ""), address)
    named = "" if feed.title == feed.url else f"{address}: "
    times = f"{feed.failures}x " if feed.failures else ""
    said = cell(f"{named}{times}{error}")
    if console.is_terminal:
        console.print(Padding(said, (0, 0, 0, 2), expand=False))
    else:  # one line, for whoever looks through it
        console.print(Text.assemble("  ", said), soft_wrap=True)


def _totals(now: Status) -> list[str]:
    outage = []
    if now.outage_since is not None:
        since = f"{now.outage_since:%Y-%m-%d %H:%M} UTC"
        outage = [
            f"no host has answered since {since}; is the network up? No feed is blamed for it"
        ]
    counted = [f"{now.in_trouble} failing", *([f"{now.paused} paused"] if now.paused else [])]
    entries = f"{now.entries} entries" + (f" ({now.dropped} dropped)" if now.dropped else "")
    more = [f"more feeds: --after {now.next}, or all of them: --limit 0"] if now.next else []
    return [
        *more,
        "",
        *outage,
        f"{now.total} feeds ({', '.join(counted)}), {entries}, {now.stories} stories",
        (
            f"pages: {now.articles} extracted, {now.articles_waiting} waiting, "
            f"{now.articles_failed} given up; {now.unsettled} entries in progress"
        ),
    ]
