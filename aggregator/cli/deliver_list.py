"""``aggregator deliver list``: how webhooks, notifications and mail fare."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime

import click

from aggregator.app.delivering import read_letters, read_roads
from aggregator.cli.delivery_words import road_words
from aggregator.cli.exits import say
from aggregator.cli.invocation import Invocation, echo_json, pass_invocation, run_async


@click.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_invocation
def list_deliveries(invocation: Invocation, *, as_json: bool) -> None:
    """List webhooks, notifications and mail: what each has told, what waits, what was given up."""
    config = invocation.config()
    roads, letters = run_async(read_roads(config)), run_async(read_letters(config))
    if as_json:
        shown = [asdict(one) for one in letters]
        echo_json({"roads": [asdict(one) for one in roads], "dead_letters": shown})
        return
    now = datetime.now(UTC)
    for one in roads:
        say(road_words(one, now))
    for letter in letters:
        count = letter.upto - letter.first + 1
        lines = f"line {letter.upto}" if count == 1 else f"lines {letter.first} to {letter.upto}"
        again = "; is tried again" if letter.is_wanted else ""
        say(
            f"given up: {letter.key}: {lines}, {letter.at:%Y-%m-%d %H:%M} UTC: {letter.error}{again}"
        )
    if not roads:
        say("no webhook, notification or mail is configured, or no daemon has read it yet")
