"""A worker: does what the scheduler hands out; keeps no subscriptions and serves no readers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import AsyncExitStack, suppress

import structlog

from aggregator import __version__
from aggregator.app import descriptors, heaps
from aggregator.app.budget import BUDGET_EVERY_S, BudgetWatch
from aggregator.app.libraries import log_parsers, parser_versions
from aggregator.app.liveness import ticks
from aggregator.app.release_watch import ReleaseWatch
from aggregator.app.reload import changeable, read_again
from aggregator.app.signals import listening
from aggregator.app.telemetry_parts import MEASURE_EVERY_S, BacklogWatch
from aggregator.app.ticking import repeat
from aggregator.app.wiring import Parts, open_parts, shared_clock
from aggregator.config.config import Config
from aggregator.config.config_files import ConfigFiles
from aggregator.config.secrets import keep_secret
from aggregator.errors import ConfigError, StoreError
from aggregator.model import Role
from aggregator.observe.loop_lag import watch_lag
from aggregator.ports import NO_METRICS, Clock
from aggregator.privacy.masking import masked
from aggregator.web.patience import Limits
from aggregator.web.server import WebServer
from aggregator.web.worker_app import create_worker_app

_WATCHERS = Limits(connections=32)  # whoever watches it; nobody else is served

log = structlog.get_logger("aggregator")


class Worker:
    """One worker in its ``roles``. ``files`` are what ``config`` was read from."""

    def __init__(
        self,
        config: Config,
        files: ConfigFiles,
        roles: Collection[Role],
        clock: Clock | None = None,
    ) -> None:
        self.config = config
        self._files = files
        self._roles = frozenset(roles)
        self._clock = clock or shared_clock()
        self._stop = asyncio.Event()
        self._release = ReleaseWatch(self.stop)
        self._reload = asyncio.Event()
        self._parts: Parts | None = None
        self.port: int | None = None
        self.ready = asyncio.Event()

    async def run(self) -> None:
        """Work until :meth:`stop` or SIGTERM/SIGINT; then drain.

        Raises :class:`AggregatorError` when it cannot start: no database, none of this release, a
        port in use; :class:`~aggregator.errors.TooOld` also later, after draining.
        """
        descriptors.raise_limit()
        heaps.limit()
        with listening(self.stop, self._reload.set), self._release.ending():
            async with (
                open_parts(self.config, self._clock, self._roles, "worker") as parts,
                self._release.watching(parts.presence),
                AsyncExitStack() as watched,
            ):
                log_parsers(parser_versions())
                await self._compare(parts)
                if (server := await self._listen(parts)) is not None:
                    watched.push_async_callback(server.stop)
                await self._work(parts)
        log.info("stopped")

    def stop(self) -> None:
        """Drain and end."""
        self._stop.set()

    async def _work(self, parts: Parts) -> None:
        tick = self.config.settings.schedule.tick.total_seconds()
        budget = BudgetWatch(self._clock)

        async def keep_budget() -> None:
            await budget.look(self.config, parts)

        await keep_budget()
        working = asyncio.create_task(parts.engine.serve())
        others = [
            asyncio.create_task(repeat("tick", tick, _ticking(parts))),
            asyncio.create_task(repeat("after publishing", tick, parts.after.tick)),
            asyncio.create_task(repeat("poll budget", BUDGET_EVERY_S, keep_budget)),
            asyncio.create_task(repeat("memory", heaps.TRIM_EVERY_S, heaps.trim_aside)),
            asyncio.create_task(self._reload_forever(parts)),
            *_watching(parts, self._clock),
        ]
        parts.engine.tick()
        self._parts = parts
        log.info("started", **self._facts())
        self.ready.set()
        try:
            stopped = asyncio.create_task(self._stop.wait())
            await asyncio.wait((stopped, working), return_when=asyncio.FIRST_COMPLETED)
            stopped.cancel()
            log.info("draining", hint="a second signal stops at once")
        finally:
            for one in others:
                one.cancel()
            await parts.engine.stop()
            await working
            await parts.after.stop()

    async def _compare(self, parts: Parts) -> None:
        """Say where the configuration is another one than the daemon's, as far as a number can tell."""
        known = (await parts.store.backlog(self._clock.now())).feeds["configured"]
        if known and known != len(self.config.feeds):
            log.warning(
                "other feeds than the daemon's",
                configured=len(self.config.feeds),
                subscribed=known,
                hint="give each machine the same configuration: feeds that are not in it are polled by its defaults",
            )

    def _facts(self) -> Mapping[str, object]:
        settings = self.config.settings
        return {
            "version": __version__,
            "roles": sorted(self._roles),
            "database": masked(settings.database.url, is_url=True),
            **({"listening": f"{settings.worker.host}:{self.port}"} if self.port else {}),
        }

    # whoever watches it

    async def _listen(self, parts: Parts) -> WebServer | None:
        settings = self.config.settings.worker
        if not settings.port:
            return None
        app = create_worker_app(self.healthy, self.readiness, parts.telemetry.scrape)
        server = WebServer(app, settings.host, settings.port, _WATCHERS, section="worker")
        await server.start()
        self.port = server.port
        return server

    def healthy(self) -> tuple[bool, Mapping[str, object]]:
        """True while it ticks, and facts for ``/health``."""
        if self._parts is None or (last := self._parts.engine.last_tick) is None:
            return False, {"last_tick": None}
        return ticks(last, self._clock.now()), {
            "last_tick": last.isoformat(),
            "roles": sorted(self._roles),
        }

    async def readiness(self) -> str:
        """The reason why it does not work now; empty: none."""
        if self._stop.is_set():
            return "stopping"
        if self._parts is None:
            return "starting"
        await self._parts.store.version()
        return self._parts.engine.trouble

    async def _reload_forever(self, parts: Parts) -> None:
        while True:
            await self._reload.wait()
            self._reload.clear()
            try:
                fresh = await read_again(self._files.load)
            except ConfigError:
                continue  # said
            keep_secret(fresh.settings)
            self.config, changed = changeable(self.config, fresh)
            if changed:
                log.warning("restart to apply", settings=", ".join(changed))
            await parts.engine.reconfigure(self.config)
            log.info("reloaded")
            with suppress(StoreError):  # said by others
                await self._compare(parts)


def _watching(parts: Parts, clock: Clock) -> list[asyncio.Task[None]]:
    """What is measured now and then, where somebody looks at it; what waits is counted by the daemon."""
    metrics = parts.telemetry.metrics
    if metrics is NO_METRICS:
        return []
    watch = BacklogWatch(metrics, clock)

    async def measure() -> None:
        watch.note(parts.engine, parts.budget.stretch)

    return [
        asyncio.create_task(watch_lag(metrics.lagged)),
        asyncio.create_task(repeat("metrics", MEASURE_EVERY_S, measure, at_once=True)),
    ]


def _ticking(parts: Parts) -> Callable[[], Awaitable[None]]:
    async def tick() -> None:
        parts.engine.tick()

    return tick
