"""``aggregator plan``: polls to be expected, and what other settings would make of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any, Final

import click
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table

from aggregator.app.poll_plans import Plan, read_plans
from aggregator.cli.cells import cell
from aggregator.cli.exits import say
from aggregator.cli.invocation import (
    Invocation,
    config_fault,
    echo_json,
    pass_invocation,
    run_async,
)
from aggregator.config.config import Config
from aggregator.config.settings import ScheduleSettings
from aggregator.config.values import parse_duration

_WORST: Final = 10
_BAR: Final = 40  # characters


class _Length(click.ParamType[timedelta]):
    name = "duration"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> timedelta:
        try:
            return parse_duration(value)
        except ValueError as error:
            self.fail(f"expected {error}", param, ctx)


@click.command()
@click.option("--min-interval", type=_Length(), help="With this `schedule.min_interval`.")
@click.option("--max-interval", type=_Length(), help="With this `schedule.max_interval`.")
@click.option(
    "--max-polls-per-hour",
    type=click.IntRange(0),
    help="With this `schedule.max_polls_per_hour`; 0: no limit.",
)
@click.option(
    "--worst",
    type=click.IntRange(0, 1000),
    default=_WORST,
    show_default=True,
    help="Show that many feeds whose entries wait longest, and hosts that are asked most.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_invocation
def plan(
    invocation: Invocation,
    *,
    min_interval: timedelta | None,
    max_interval: timedelta | None,
    max_polls_per_hour: int | None,
    worst: int,
    as_json: bool,
) -> None:
    """Show the polls to be expected, from what is stored of feeds; with settings, what they would change.

    Only the database is read: no feed is asked, and nothing is changed.
    """
    config = invocation.config()
    changed = {
        "min_interval": min_interval,
        "max_interval": max_interval,
        "max_polls_per_hour": max_polls_per_hour,
    }
    given = {name: value for name, value in changed.items() if value is not None}
    others = [_with(config, given)] if given else []
    plans = run_async(read_plans(config, others, worst))
    if as_json:
        names = ("now", "then")
        told = zip(names, plans, strict=False)
        echo_json({name: asdict(one) | {"busiest": one.busiest} for name, one in told})
        return
    _show(plans)


def _with(config: Config, given: Mapping[str, Any]) -> Config:
    """``config`` with other settings of the schedule."""
    before = config.settings.schedule
    values = {name: getattr(before, name) for name in ScheduleSettings.model_fields}
    try:
        schedule = ScheduleSettings.model_validate({**values, **given})
    except ValidationError:
        raise config_fault("--min-interval", "expected no more than the longest interval") from None
    return replace(config, settings=config.settings.model_copy(update={"schedule": schedule}))


def _show(plans: Sequence[Plan]) -> None:
    console = Console(width=None if Console().is_terminal else 120)
    if not plans[0].feeds:
        say("no feed is polled yet: start the daemon once")
        return
    console.print(_totals(plans))
    last = plans[-1]
    console.print()
    console.print(_hours(plans))
    if last.worst:
        console.print()
        console.print(_worst(last))
    if last.hosts:
        console.print()
        console.print(_hosts(last))


_ROWS: Sequence[tuple[str, Callable[[Plan], str]]] = (
    ("shortest interval", lambda one: _length(one.min_interval)),
    ("longest interval", lambda one: _length(one.max_interval)),
    ("most polls an hour", lambda one: str(one.max_polls_per_hour or "no limit")),
    ("intervals stretched by", lambda one: f"{one.stretch:.2f}"),
    ("feeds polled", lambda one: str(one.feeds)),
    ("… at fixed intervals", lambda one: str(one.fixed)),
    ("polls an hour", lambda one: f"{one.polls:.1f}"),
    ("… in the busiest hour", lambda one: f"{one.busiest:.1f}"),
    ("an entry waits", lambda one: _length(one.delay_of_entries)),
    ("… in the mean of feeds", lambda one: _length(one.delay_of_feeds)),
)


def _totals(plans: Sequence[Plan]) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("")
    for name in ("now", "then")[: len(plans)]:
        table.add_column(name, justify="right")
    for name, told in _ROWS:
        table.add_row(name, *(told(one) for one in plans))
    return table


def _hours(plans: Sequence[Plan]) -> Table:
    last = plans[-1]
    table = Table(box=None, pad_edge=False)
    table.add_column("UTC")
    for name in ("polls", "then")[: len(plans)]:
        table.add_column(name, justify="right")
    table.add_column("")
    for hour in range(24):
        bar = "█" * round(_BAR * last.by_hour[hour] / last.busiest) if last.busiest else ""
        table.add_row(f"{hour:02}", *(f"{one.by_hour[hour]:.1f}" for one in plans), bar)
    return table


def _worst(one: Plan) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("entries wait longest", overflow="fold")
    for name in ("entries a day", "polls a day", "wait"):
        table.add_column(name, justify="right")
    for feed in one.worst:
        told = feed.title or feed.feed
        numbers = (f"{feed.entries_a_day:.2f}", f"{feed.polls * 24:.1f}", _length(feed.delay))
        table.add_row(cell(told), *numbers)
    return table


def _hosts(one: Plan) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("asked most", overflow="fold")
    for name in ("feeds", "polls an hour"):
        table.add_column(name, justify="right")
    for host in one.hosts:
        table.add_row(cell(host.host), str(host.feeds), f"{host.polls:.2f}")
    return table


def _length(seconds: float) -> str:
    hours, minutes = divmod(round(seconds / 60), 60)
    if hours >= 48:
        return f"{hours / 24:.1f} d"
    return f"{hours} h {minutes:02} m" if hours else f"{minutes} m"
