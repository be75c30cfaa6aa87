"""``aggregator deliver retry``: what was given up is tried again."""

from __future__ import annotations

import click

from aggregator.app.delivering import retry_road
from aggregator.cli.exits import say
from aggregator.cli.invocation import Invocation, pass_invocation, run_async


@click.command()
@click.argument("name")
@pass_invocation
def retry(invocation: Invocation, name: str) -> None:
    """Try again what was given up on the road NAME, and turn it on if it is off.

    The daemon does it within a second; without one, the next `run` or `once`. Each message has one
    more attempt; `deliver list` tells how it ended.
    """
    count = run_async(retry_road(invocation.config(), name))
    messages = "1 message is" if count == 1 else f"{count} messages are"
    say(f"{messages} tried again on {name}, and what waits there at once.")
