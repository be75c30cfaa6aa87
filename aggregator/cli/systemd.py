"""``aggregator systemd``: the unit that runs the daemon as a service."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from aggregator.app.unit import is_at_home, shipped_unit, unit_for
from aggregator.cli.exits import say
from aggregator.cli.invocation import Invocation, config_fault, pass_invocation


@click.command()
@pass_invocation
def systemd(invocation: Invocation) -> None:
    """Print a hardened unit for systemd, with the paths of this installation.

    It runs the daemon as the user `aggregator`, who is let do nothing but write to
    /var/lib/aggregator and use the network, and starts it anew should it hang.
    """
    path = invocation.config_path()
    config = None if path is None else os.path.abspath(path)  # noqa: PTH100 - no link is followed
    program = _program(Path(sys.executable))
    try:
        unit = unit_for(shipped_unit(), program, config)
    except ValueError as error:
        raise config_fault("systemd", str(error)) from None
    for place in (program[0], config or ""):
        if is_at_home(place):
            say(f"warning: may the user `aggregator` read {place}? It is in a home", err=True)
    click.echo(unit, nl=False)


def _program(python: Path) -> tuple[str, ...]:
    """The command beside ``python``, else the package as ``python`` runs it."""
    command = python.with_name("aggregator")
    return (str(command),) if command.is_file() else (str(python), "-m", "aggregator")
