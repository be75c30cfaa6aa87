"""``aggregator health``: one question to the daemon of this machine, for whoever watches containers."""

from __future__ import annotations

import json

import click

from aggregator.cli.exits import say
from aggregator.cli.invocation import Invocation, config_fault, pass_invocation
from aggregator.errors import AggregatorError
from aggregator.fetch.own_daemon import ask_health


@click.command()
@pass_invocation
def health(invocation: Invocation) -> None:
    """Ask the daemon of this configuration whether it works.

    Exit status 1 if it does not, or nobody answers.
    """
    server = invocation.config().settings.server
    if not server.enabled or not server.port:
        raise config_fault(
            "[server]",
            "the daemon has no port that is known; `aggregator status` reads the database",
        )
    works, body = ask_health(server.host, server.port)
    if not works:
        raise AggregatorError(f"the daemon fails: {_told(body)}", hint="see its log")
    say(_told(body))


def _told(body: bytes) -> str:
    try:
        told = json.loads(body)
        return ", ".join(f"{name} {value}" for name, value in told.items())
    except (ValueError, AttributeError):
        return "what answers is no aggregator"
