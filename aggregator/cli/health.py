"""``aggregator health``: one question to the daemon of this machine, for whoever watches containers."""

from __future__ import annotations

import http.client
import json
from contextlib import closing

import click

from aggregator.cli.exits import say
from aggregator.cli.invocation import Invocation, config_fault, pass_invocation
from aggregator.errors import AggregatorError

_TIMEOUT_S = 4
# Where a server that listens everywhere is reached from here.
_HERE = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}  # noqa: S104 - nothing listens here


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
    host = _HERE.get(server.host, server.host)
    try:
        # Not urllib, which would ask a proxy that the environment may name.
        with closing(http.client.HTTPConnection(host, server.port, timeout=_TIMEOUT_S)) as asked:
            asked.request("GET", "/health")
            answer = asked.getresponse()
            body = answer.read()
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise AggregatorError(
            f"nobody answers at {host} port {server.port}: {reason}", hint="does the daemon run?"
        ) from error
    if answer.status != http.client.OK:
        raise AggregatorError(f"the daemon fails: {_told(body)}", hint="see its log")
    say(_told(body))


def _told(body: bytes) -> str:
    try:
        told = json.loads(body)
        return ", ".join(f"{name} {value}" for name, value in told.items())
    except (ValueError, AttributeError):
        return "what answers is no aggregator"
