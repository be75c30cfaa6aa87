"""``aggregator outputs list``: what each output shows, and how its log stands."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import click

from aggregator.app.explaining import read_outputs
from aggregator.cli.exits import say
from aggregator.cli.invocation import Invocation, echo_json, pass_invocation, run_async
from aggregator.model import OutputSummary
from aggregator.text.durations import short_ago


@click.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_invocation
def list_outputs(invocation: Invocation, *, as_json: bool) -> None:
    """List the outputs: what each shows, and the latest line of its log."""
    found = run_async(read_outputs(invocation.config()))
    if as_json:
        echo_json({"outputs": [asdict(one) for one in found]})
        return
    now = datetime.now(UTC)
    for one in found:
        zone = ZoneInfo(invocation.config().settings.timezone)
        say(f"{one.name}  {one.shown} shown, {_log(one, now)}{_edition(one, now, zone)}")


def _edition(one: OutputSummary, now: datetime, zone: ZoneInfo) -> str:
    if one.next_edition is None:
        return ""
    is_due = one.next_edition <= now
    when = "is due" if is_due else f"{one.next_edition.astimezone(zone):%a %Y-%m-%d %H:%M %Z}"
    return f"; next edition {when}"


def _log(one: OutputSummary, now: datetime) -> str:
    if one.epoch is None:
        return "no log yet: the next start begins one"
    when = f", {short_ago(one.changed, now)}" if one.changed is not None else ""
    waits = "" if one.up_to_date else "; more is decided before it is published next"
    return f"{one.standing} stand in log {one.epoch}; latest line {one.lines}{when}{waits}"
