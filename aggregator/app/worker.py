"""A worker: does what the scheduler hands out, and keeps no subscriptions and serves nobody."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection

import structlog

from aggregator import __version__
from aggregator.app import descriptors
from aggregator.app.budget import BUDGET_EVERY_S, BudgetWatch
from aggregator.app.libraries import log_parsers, parser_versions
from aggregator.app.release_watch import ReleaseWatch
from aggregator.app.reload import changeable, read_again
from aggregator.app.signals import listening
from aggregator.app.ticking import repeat
from aggregator.app.wiring import Parts, SystemClock, open_parts
from aggregator.config.config import Config
from aggregator.config.config_files import ConfigFiles
from aggregator.config.secrets import keep_secret
from aggregator.errors import ConfigError
from aggregator.model import Role
from aggregator.ports import Clock
from aggregator.privacy.masking import masked

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
        self._clock = clock or SystemClock()
        self._stop = asyncio.Event()
        self._release = ReleaseWatch(self.stop)
        self._reload = asyncio.Event()
        self.ready = asyncio.Event()

    async def run(self) -> None:
        """Work until :meth:`stop` or SIGTERM/SIGINT; then drain.

        Raises :class:`AggregatorError` when it cannot start: no database, none of this release;
        :class:`~aggregator.errors.TooOld` also later, after draining.
        """
        descriptors.raise_limit()
        with listening(self.stop, self._reload.set), self._release.ending():
            async with (
                open_parts(self.config, self._clock, self._roles, "worker") as parts,
                self._release.watching(parts.presence),
            ):
                log_parsers(parser_versions())
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
            asyncio.create_task(self._reload_forever(parts)),
        ]
        log.info(
            "started",
            version=__version__,
            roles=sorted(self._roles),
            database=masked(self.config.settings.database.url, is_url=True),
        )
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


def _ticking(parts: Parts) -> Callable[[], Awaitable[None]]:
    async def tick() -> None:
        parts.engine.tick()

    return tick
