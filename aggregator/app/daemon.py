"""The daemon: starts the parts, ticks, answers signals, drains, stops.

Which feed is polled when is decided by the database's index of due feeds, so that poll times survive
restarts and any number of feeds costs one timer.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from datetime import timedelta

import structlog

from aggregator import __version__
from aggregator.app import descriptors, heaps
from aggregator.app.alarm_watch import look_for_alarms
from aggregator.app.budget import BUDGET_EVERY_S, BudgetWatch
from aggregator.app.control import Control
from aggregator.app.descriptors import connections_for_readers
from aggregator.app.health_report import keep_health
from aggregator.app.history import OutputHistory
from aggregator.app.last_outputs import put_back
from aggregator.app.libraries import log_parsers, parser_versions
from aggregator.app.reader_stats import EVERY as _COUNTS_EVERY
from aggregator.app.reading_lists import refresh, versions
from aggregator.app.release_watch import ReleaseWatch
from aggregator.app.reload import (
    Applied,
    apply_config,
    changeable,
    log_changes,
    prune_leftovers,
    prune_outputs,
)
from aggregator.app.reloader import Reloader
from aggregator.app.running_site import RunningSite
from aggregator.app.service_manager import ServiceManager
from aggregator.app.signals import listening
from aggregator.app.telemetry_parts import MEASURE_EVERY_S, BacklogWatch
from aggregator.app.ticking import repeat
from aggregator.app.wiring import Parts, open_parts, scrub_files, shared_clock, subscribe
from aggregator.config.config import Config
from aggregator.config.config_files import ConfigFiles
from aggregator.config.own_address import listening_on, own_base
from aggregator.config.secrets import keep_secret
from aggregator.engine.repeated import RepeatedErrors
from aggregator.errors import AggregatorError, StoreError
from aggregator.model import (
    Role,
)
from aggregator.observe.loop_lag import watch_lag
from aggregator.ports import NO_METRICS, Clock
from aggregator.privacy.masking import masked
from aggregator.publish.scrub import Scrubbed
from aggregator.schedule.clock_jumps import Reading, set_back
from aggregator.web.app import create_app
from aggregator.web.patience import Limits
from aggregator.web.server import WebServer

log = structlog.get_logger("aggregator")

_FORGET_EVERY = timedelta(minutes=10)
_LISTS_EVERY = timedelta(seconds=20)
_ALARMS_EVERY = timedelta(seconds=30)


class Daemon:
    """One running aggregator. ``files`` are what ``config`` was read from; ``manager`` started us.

    ``roles`` are its part of the work where a job engine distributes it.
    """

    def __init__(
        self,
        config: Config,
        files: ConfigFiles | None = None,
        clock: Clock | None = None,
        steady: Callable[[], float] = time.monotonic,
        manager: ServiceManager | None = None,
        roles: Collection[Role] = frozenset(Role),
    ) -> None:
        self._roles = frozenset(roles)
        self._files = files
        self.clock = clock or shared_clock()
        self._steady = steady
        self._manager = manager or ServiceManager({})
        self._read = Reading(self.clock.now(), steady())
        self.port: int | None = None
        self.ready = asyncio.Event()
        self._pulling = RepeatedErrors("plans not brought forward")
        self._budget = BudgetWatch(self.clock)
        self._alarming = RepeatedErrors("alarms not looked for")
        self._stop = asyncio.Event()
        self._lists = versions(config)
        self._release = ReleaseWatch(self.stop)
        self.site = RunningSite(config, self.clock, self._stop.is_set)
        self._reloader: Reloader | None = None

    @property
    def config(self) -> Config:
        """The configuration of the moment."""
        return self.site.config

    async def run(self) -> None:
        """Work until :meth:`stop` or SIGTERM/SIGINT; then drain.

        Raises :class:`AggregatorError` when it cannot start: another instance, no database, a
        port in use; :class:`~aggregator.errors.TooOld` also later, after draining.
        """
        descriptors.raise_limit()
        heaps.limit()
        # Signals first and last: whatever hangs, closing the parts too, the process ends in time.
        with listening(self.stop, self._begin_reload), self._release.ending():
            await self._run()

    async def _run(self) -> None:
        async with (
            open_parts(self.config, self.clock, self._roles) as parts,
            self._release.watching(parts.presence),
        ):
            self.site.parts = parts
            # Only now is it known what time it is for all who share the database.
            self._read = Reading(self.clock.now(), self._steady())
            self._reloader = reloader = self._reloads(parts)
            log_parsers(parser_versions())
            changes = await subscribe(self.config, parts.store, self.clock.now())
            log_changes(changes)
            self.site.dropped_outputs = await parts.store.dropped_outputs()
            prune_outputs(self.config.settings, parts)
            prune_leftovers(self.config.settings)
            log_scrubbed(await scrub_files(self.config, parts.store, changes.left))
            if pulled := await parts.store.pull_back(self.clock.now()):
                log.warning("plans of a clock that was ahead brought forward", feeds=pulled)
            if self.config.settings.server.enabled:
                await put_back(self.config, parts)
            server = await self._serve(parts)
            control = Control(parts, self.clock, reloader, self._files)
            await control.start()
            ticking = self._ticking(parts, control)
            await parts.push.subscriber.catch_up()
            await parts.hub.begin()
            working = asyncio.create_task(_all(parts))
            await self._keep_budget()
            parts.engine.tick()
            reading = asyncio.create_task(self._read_lists())
            log.info("started", **self._facts())
            self.ready.set()
            self._manager.ready()
            try:
                await self._stopped_or_broken(working)
                log.info("draining", hint="a second signal stops at once")
            finally:
                self._manager.stopping()
                for one in (reading, *ticking):
                    one.cancel()
                await control.stop()
                await parts.push.stop()  # first, so that what it took is published
                await asyncio.gather(parts.engine.stop(), parts.roads.stop())
                await parts.after.tick()  # of what was published last
                await parts.after.stop()
                await parts.hub.stop()  # last, with what was published last
                await working
                if server is not None:
                    await server.stop()
                await parts.readers.write()
            log.info("stopped")

    def stop(self) -> None:
        """Drain and end."""
        self._stop.set()

    async def _stopped_or_broken(self, working: asyncio.Task[None]) -> None:
        stopped = asyncio.create_task(self._stop.wait())
        await asyncio.wait((stopped, working), return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        if working.done():
            working.result()  # an engine that ends by itself has failed: say how

    def _ticking(self, parts: Parts, control: Control) -> Sequence[asyncio.Task[None]]:
        tick = self.config.settings.schedule.tick.total_seconds()
        return [
            asyncio.create_task(repeat(name, seconds, work))
            for name, seconds, work in (
                ("tick", tick, self._tick),
                ("push", tick, parts.push.tick),
                ("hub", tick, parts.hub.tick),
                ("after publishing", tick, parts.after.tick),
                ("deliveries", tick, parts.roads.tick),
                ("alarms", _ALARMS_EVERY.total_seconds(), self._look_for_alarms),
                ("reader counts", _COUNTS_EVERY.total_seconds(), parts.readers.write),
                ("poll budget", BUDGET_EVERY_S, self._keep_budget),
                ("forget", _FORGET_EVERY.total_seconds(), self._forget),
                ("memory", heaps.TRIM_EVERY_S, heaps.trim_aside),
                ("reading lists", _LISTS_EVERY.total_seconds(), self._read_lists),
                ("watchdog", self._manager.ping_every, self._manager.ping),
                *control.ticks(tick),
            )
            if seconds
        ] + self._watching(parts)

    def _watching(self, parts: Parts) -> list[asyncio.Task[None]]:
        """What is measured now and then, where somebody looks at it."""
        metrics = parts.telemetry.metrics
        if metrics is NO_METRICS:
            return []
        watch = BacklogWatch(metrics, self.clock)

        async def measure() -> None:
            await watch.look(parts.store, parts.engine, parts.budget.stretch)

        return [
            asyncio.create_task(watch_lag(metrics.lagged)),
            asyncio.create_task(repeat("backlog", MEASURE_EVERY_S, measure, at_once=True)),
        ]

    async def _tick(self) -> None:
        if self.site.parts is None:
            return
        try:
            await self._follow_the_clock(self.site.parts)
        except AggregatorError as error:  # the next tick tries it again
            self._pulling.failed(error)
        self.site.parts.engine.tick()

    async def _follow_the_clock(self, parts: Parts) -> None:
        """When the clock was set back, bring the plans back with it, or nothing were due for as long."""
        read = Reading(self.clock.now(), self._steady())
        if by := set_back(self._read, read):
            await parts.store.pull_back(read.wall, by)
            log.warning("the clock was set back", seconds=by.total_seconds())
            self._pulling.worked()
        self._read = read

    async def _forget(self) -> None:
        if self.site.parts is None:
            return
        try:
            dropped = await self.site.parts.engine.forget()
            await keep_health(self.config, self.site.parts.store, self.clock.now())
        except AggregatorError as error:
            log.error("cannot forget", error=str(error))
        else:
            log.info("forgotten", entries=dropped)

    async def _look_for_alarms(self) -> None:
        if self.site.parts is None:
            return
        try:
            await look_for_alarms(self.config, self.site.parts.store, self.clock.now())
        except AggregatorError as error:
            self._alarming.failed(error)
        else:
            self._alarming.worked()

    async def _keep_budget(self) -> None:
        if self.site.parts is not None:
            await self._budget.look(self.config, self.site.parts)

    async def _read_lists(self) -> None:
        """Ask for the reading lists that are due; another copy than that which is subscribed is loaded."""
        if self.site.parts is None or not self.config.settings.opml:
            return
        try:
            await refresh(self.config, self.site.parts.fetcher, self.clock)
        except AggregatorError as error:
            log.error("reading lists not kept", error=str(error))
        if versions(self.config) != self._lists:
            self._begin_reload()

    # the web server

    async def _serve(self, parts: Parts) -> WebServer | None:
        settings = self.config.settings.server
        if not settings.enabled:
            return None
        server = WebServer(
            create_app(
                parts.snapshot,
                self.site,
                listener=parts.push.subscriber,
                hub=parts.hub.hub,
                stories=self.site,
                searcher=self.site if self.config.settings.search.enabled else None,
                history=OutputHistory(lambda: self.config, parts.store),
                reporter=self.site,
                readiness=self.site.readiness,
                scrape=parts.telemetry.scrape,
                metrics=parts.telemetry.metrics,
                tracer=parts.telemetry.tracer,
                proxies=settings.trusted_proxies,
                publish_interval=lambda: self.config.settings.publish.min_interval,
                now=self.clock.now,
                counts=parts.readers.counts,
            ),
            settings.host,
            settings.port,
            Limits(
                connections_for_readers(self.config.settings, descriptors.allowed()),
                settings.head_timeout.total_seconds(),
                settings.idle_timeout.total_seconds(),
                settings.send_timeout.total_seconds(),
            ),
        )
        await server.start()
        self.port = server.port
        return server

    # reload

    def _reloads(self, parts: Parts) -> Reloader:
        name = str(self.config.path.absolute()) if self.config.path else ""
        return Reloader(self._load, lambda fresh: self._apply(fresh, parts), name, self._manager)

    def _load(self) -> Config:
        self._lists = versions(self.config)
        return self._files.load() if self._files is not None else self.config

    def _begin_reload(self) -> None:
        if self._reloader is not None:
            self._reloader.ask()

    async def _apply(self, fresh: Config, parts: Parts) -> Applied:
        keep_secret(fresh.settings, self.config.settings)
        before = self.config
        # Whatever is asked from now on is answered by it, though all else needs a while to follow.
        self.site.config, _ = changeable(before, fresh)
        self.site.revision += 1
        applied = await apply_config(before, fresh, parts, self.clock)
        self.site.config = applied.config
        with suppress(StoreError):  # said already; what was dropped before is told still
            self.site.dropped_outputs = await parts.store.dropped_outputs()
        log.info("configuration reloaded", **self._facts())
        return applied

    def _facts(self) -> dict[str, object]:
        settings = self.config.settings
        return {
            "version": __version__,
            "feeds": len(self.config.feeds),
            "database": masked(settings.database.url, is_url=True),
            "address": f"{own_base(settings, self.port)}/" if self.port else "none",
            **({"listening": listening_on(settings, self.port)} if self.port else {}),
        }


async def _all(parts: Parts) -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(parts.engine.serve())
        group.create_task(parts.push.serve())
        group.create_task(parts.hub.serve())
        group.create_task(parts.roads.serve())


def log_scrubbed(files: Sequence[Scrubbed]) -> None:
    """A line for each file that was removed, and why."""
    for one in files:
        log.warning(
            "old output file removed",
            file=str(one.path),
            reason="another release or configuration wrote what is secret of a feed into it",
            feed=one.feed,
        )
