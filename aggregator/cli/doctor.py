"""``aggregator doctor``: what is wrong with this machine or configuration, and what to do."""

from __future__ import annotations

import sys
from dataclasses import asdict

import click

from aggregator.app.doctor.examination import examine
from aggregator.app.doctor.findings import Finding, Grade
from aggregator.cli.exits import EXIT_FAILED, say
from aggregator.cli.invocation import Invocation, echo_json, pass_invocation, run_async
from aggregator.config.config import Config

_SIGNS = {Grade.OK: "ok", Grade.WARNING: "WARNING", Grade.FAULT: "FAULT"}


@click.command()
@click.option("--offline", is_flag=True, help="Ask nobody: no name servers, no feeds.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_invocation
def doctor(invocation: Invocation, *, offline: bool, as_json: bool) -> None:
    """Examine this machine, the configuration, the database and the network; change nothing.

    Exit status 1 if something has to be mended.
    """
    config = invocation.config()
    found = run_async(_examined(config, online=not offline, quiet=as_json))
    if as_json:
        echo_json([asdict(finding) for finding in found])
    if any(finding.grade is Grade.FAULT for finding in found):
        sys.exit(EXIT_FAILED)


async def _examined(config: Config, *, online: bool, quiet: bool) -> list[Finding]:
    found = []
    async for finding in examine(config, online=online):
        found.append(finding)
        if not quiet:
            say(f"{_SIGNS[finding.grade]:<8}{finding.subject}: {finding.found}")
            if finding.hint:
                say(f"{'':<8}→ {finding.hint}")
    return found
