"""``aggregator reload``: running daemons read their files again."""

from __future__ import annotations

import sys
from dataclasses import asdict

import click

from aggregator.app.reload_request import ask_for_reload
from aggregator.cli.exits import EXIT_CONFIG, EXIT_FAILED, say
from aggregator.cli.invocation import Invocation, echo_json, pass_invocation, run_async
from aggregator.cli.take_up import busy_line, taken_up
from aggregator.control.messages import Reloaded


@click.command("reload")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_invocation
def reload_config(invocation: Invocation, *, as_json: bool) -> None:
    """Have running daemons read their configuration again, as by SIGHUP.

    They do so by themselves a moment after a file has changed; this waits until it is done. A faulty
    configuration changes nothing. Exit status 1 if none runs, 2 for faults.
    """
    answers = run_async(ask_for_reload(invocation.config()))
    if as_json:
        echo_json([asdict(one) for one in answers.replies])
    elif not answers.replies:
        say(busy_line(answers.busy) or "no daemon runs on this database", err=True)
    for reply in answers.replies if not as_json else ():
        for line in taken_up(reply, None):
            say(line)
    if any(isinstance(one, Reloaded) and one.faults for one in answers.replies):
        sys.exit(EXIT_CONFIG)
    if not answers.replies or not all(isinstance(one, Reloaded) for one in answers.replies):
        sys.exit(EXIT_FAILED)
