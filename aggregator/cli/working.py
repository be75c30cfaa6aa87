"""The command ``worker``: one of many machines that share the work."""

from __future__ import annotations

from collections.abc import Sequence

import click

from aggregator.app.worker import Worker
from aggregator.cli.exits import say
from aggregator.cli.invocation import Invocation, load_to_work, pass_invocation, run_async
from aggregator.config.config_files import ConfigFiles
from aggregator.logs import configure_logs
from aggregator.model import WORKING_ROLES, Role


def roles_of(names: Sequence[str]) -> frozenset[Role]:
    """The roles of these names; without any, all that are work."""
    return frozenset(Role(name) for name in names or WORKING_ROLES)


@click.command()
@click.option(
    "--role",
    "roles",
    type=click.Choice([role.value for role in WORKING_ROLES]),
    multiple=True,
    help="A part of the work to do; can be given several times. Default: all of them.",
)
@pass_invocation
def worker(invocation: Invocation, *, roles: Sequence[str]) -> None:
    """Work for the daemons on the same PostgreSQL, on this machine, until stopped.

    Polls feeds, reads pages, settles and publishes what the elected scheduler hands out; any
    number of workers may run. Needs `engine = "pgqueuer"` and a daemon (`run`) that keeps the
    subscriptions and serves. SIGTERM finishes running work and exits 0; SIGHUP reloads the configuration.
    """
    path = invocation.present_config_path()
    files = ConfigFiles(lambda read: load_to_work(path, read=read))
    config = files.load()
    if config.settings.engine == "in_process":
        raise click.UsageError(
            'a worker needs engine = "pgqueuer" in the configuration, and database.url of the '
            "daemon's PostgreSQL"
        )
    configure_logs(config.settings.log.level, config.settings.log.format)
    for warning in config.warnings:
        say(f"warning: {warning}", err=True)
    run_async(Worker(config, files, roles_of(roles)).run())
