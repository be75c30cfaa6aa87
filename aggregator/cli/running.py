"""The commands that poll: ``run``, ``once`` and ``demo``."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

import click

from aggregator.app.alarm_watch import look_for_alarms
from aggregator.app.budget import BudgetWatch
from aggregator.app.daemon import Daemon, log_scrubbed
from aggregator.app.last_outputs import put_back
from aggregator.app.reading_lists import refresh, versions
from aggregator.app.release_watch import ReleaseWatch
from aggregator.app.reload import prune_leftovers, prune_outputs
from aggregator.app.service_manager import ServiceManager
from aggregator.app.wiring import Parts, SystemClock, open_parts, scrub_files, subscribe
from aggregator.cli.exits import EXIT_FAILED, say
from aggregator.cli.invocation import (
    Invocation,
    echo_json,
    load_to_work,
    pass_invocation,
    run_async,
)
from aggregator.cli.progress import show_progress
from aggregator.cli.working import roles_of
from aggregator.config.config import Config
from aggregator.config.config_files import ConfigFiles
from aggregator.demo.internet import DemoInternet
from aggregator.logs import configure_logs
from aggregator.model import WORKING_ROLES, EngineStats, Role


@click.command()
@click.option(
    "--role",
    "roles",
    type=click.Choice([role.value for role in WORKING_ROLES]),
    multiple=True,
    help="With a job engine: a part of the work to do besides serving; can be given several times. "
    "Default: all of them.",
)
@pass_invocation
def run(invocation: Invocation, *, roles: Sequence[str]) -> None:
    """Poll, extract, deduplicate and publish until stopped.

    SIGTERM finishes running work and exits 0 (a second one stops at once); SIGHUP reloads the
    configuration.
    """
    path = invocation.present_config_path()
    files = ConfigFiles(lambda read: load_to_work(path, read=read))
    config = files.load()
    if roles and config.settings.engine == "in_process":
        raise click.UsageError(
            '--role needs engine = "pgqueuer": alone, a daemon does all there is'
        )
    _log_to_terminal(config)
    run_async(_serve(config, files, roles_of(roles)))


def _log_to_terminal(config: Config) -> None:
    """Log as configured, and say what the configuration probably does not mean."""
    configure_logs(config.settings.log.level, config.settings.log.format)
    for warning in config.warnings:
        say(f"warning: {warning}", err=True)


async def _serve(config: Config, files: ConfigFiles, roles: Collection[Role]) -> None:
    manager = ServiceManager(os.environ)
    await Daemon(config, files, manager=manager, roles={*roles, Role.SERVE}).run()


@click.command()
@click.option(
    "--all",
    "all_feeds",
    is_flag=True,
    help="Poll every feed, due or not, also those that are gone.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
@pass_invocation
def once(invocation: Invocation, *, all_feeds: bool, as_json: bool) -> None:
    """Poll due feeds once, process and publish everything, print a summary.

    Exit status 1 if any feed failed.
    """
    config = load_to_work(invocation.present_config_path())
    _log_to_terminal(config)
    # The summary says what the lines of every poll would; faults still show.
    configure_logs("warning", config.settings.log.format)
    path = invocation.present_config_path()
    stats = run_async(_poll_once(config, path, all_feeds=all_feeds))
    if as_json:
        echo_json(asdict(stats) | {"polled": stats.polled})
    else:
        say("\n".join(_summary(stats)))
    if stats.failed:
        sys.exit(EXIT_FAILED)


def _summary(stats: EngineStats) -> Iterator[str]:
    yield (
        f"feeds: {stats.polled} polled, {stats.updated} updated, "
        f"{stats.unchanged} unchanged, {stats.failed} failed"
    )
    yield f"entries: {stats.new_entries} new, {stats.changed_entries} changed"
    yield f"articles: {stats.articles} extracted, {stats.articles_failed} unavailable"
    duplicates = stats.settled - stats.new_stories
    yield f"stories: {stats.new_stories} new; {duplicates} entries joined or updated a story"
    yield f"published: {stats.published} items in all outputs"
    for error in stats.failures.values():
        yield f"failed: {error}"


async def _poll_once(config: Config, path: Path, *, all_feeds: bool) -> EngineStats:
    clock, release = SystemClock(), ReleaseWatch(lambda: None)  # it ends soon by itself
    with release.ending():
        async with (
            open_parts(config, clock, command="once") as parts,
            release.watching(parts.presence),
        ):
            return await _polled(parts, config, path, clock, all_feeds=all_feeds)


async def _polled(
    parts: Parts, config: Config, path: Path, clock: SystemClock, *, all_feeds: bool
) -> EngineStats:
    before = versions(config)
    await refresh(config, parts.fetcher, clock)
    if versions(config) != before:
        config = load_to_work(path)
        await parts.engine.reconfigure(config)
    changes = await subscribe(config, parts.store, clock.now())
    prune_outputs(config.settings, parts)
    prune_leftovers(config.settings)
    log_scrubbed(await scrub_files(config, parts.store, changes.left))
    await put_back(config, parts)  # files of another configuration tell what is secret now
    await BudgetWatch(clock).look(config, parts)
    async with show_progress(parts.engine, len(config.feeds)):
        await parts.engine.run_once(all_feeds=all_feeds)
    await look_for_alarms(config, parts.store, clock.now())
    await parts.roads.run_once()
    return parts.engine.stats


@click.command()
@click.option(
    "--port", default=8080, show_default=True, help="Port of the merged feed; 0 picks a free one."
)
@click.option("--every", default=4.0, show_default=True, help="Seconds between new stories.")
@click.option("--seconds", type=float, help="Stop after this many seconds.")
def demo(port: int, every: float, seconds: float | None) -> None:
    """Run a demonstration that needs no network.

    Starts a small internet on loopback (sites with feeds and articles, some syndicated, some slow
    or broken) and the daemon subscribed to all of it, in a folder that is removed afterwards.
    """
    with tempfile.TemporaryDirectory(prefix="aggregator-demo-") as folder:
        run_async(_demo(Path(folder), port, timedelta(seconds=every), seconds))


async def _demo(folder: Path, port: int, every: timedelta, seconds: float | None) -> None:
    async with DemoInternet(story_interval=every) as internet:
        path = folder / "aggregator.toml"
        database = f"sqlite:///{folder / 'aggregator.db'}"
        path.write_text(
            internet.config_toml(database, port, str(folder / "data")), encoding="utf-8"
        )
        files = ConfigFiles(lambda read: load_to_work(path, {}, read))
        config = files.load()
        configure_logs(config.settings.log.level, "auto")
        daemon = Daemon(config, files)
        running = asyncio.create_task(daemon.run())
        ready = asyncio.create_task(daemon.ready.wait())
        await asyncio.wait((running, ready), return_when=asyncio.FIRST_COMPLETED)
        if ready.done():
            _greet(config, daemon)
            if seconds is not None:
                asyncio.get_running_loop().call_later(seconds, daemon.stop)
        ready.cancel()
        await running


def _greet(config: Config, daemon: Daemon) -> None:
    base = f"http://{config.settings.server.host}:{daemon.port}"
    click.echo(f"\nOpen {base}/ in a browser, or subscribe a feed reader to", err=True)
    for output in config.settings.outputs:
        for kind in output.formats:
            click.echo(f"    {base}/feeds/{output.name}.{kind}", err=True)
    click.echo("New stories come every few seconds. Ctrl-C ends the demo.\n", err=True)
