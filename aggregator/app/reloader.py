"""Reloads one after the other: whoever asks for one gets one that has begun after that."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from aggregator.app.reload import Applied, read_again
from aggregator.app.service_manager import ServiceManager
from aggregator.config.config import Config
from aggregator.control.messages import Reloaded
from aggregator.errors import ConfigError

log = structlog.get_logger("aggregator")


class Reloader:
    """Reads the configuration by ``load`` and has ``apply`` take it over.

    Those who ask while one runs share the next one, so that a storm of requests makes two. ``name`` is
    the daemon's config file, for answers; ``manager`` hears of each.
    """

    def __init__(
        self,
        load: Callable[[], Config],
        apply: Callable[[Config], Awaitable[Applied]],
        name: str,
        manager: ServiceManager,
    ) -> None:
        self._load = load
        self._apply = apply
        self._name = name
        self._manager = manager
        self._running: asyncio.Task[Reloaded] | None = None
        self._next: asyncio.Task[Reloaded] | None = None

    def ask(self) -> asyncio.Task[Reloaded]:
        """The reload that begins next."""
        if self._next is None:
            self._next = asyncio.create_task(self._after(self._running))
            self._next.add_done_callback(_look_at)
        return self._next

    async def reload(self) -> Reloaded:
        """The end of the reload that begins next, which goes on where nobody waits any more."""
        return await asyncio.shield(self.ask())

    async def _after(self, running: asyncio.Task[Reloaded] | None) -> Reloaded:
        if running is not None:
            await asyncio.wait((running,))
        self._running, self._next = self._next, None
        self._manager.reloading()
        try:
            applied = await self._apply(await read_again(self._load))
        except ConfigError as error:
            return Reloaded(self._name, faults=error.faults)
        finally:
            self._manager.ready()
        return Reloaded(self._name, applied.counts, tuple(applied.restart))


def _look_at(task: asyncio.Task[Reloaded]) -> None:
    """Nobody may wait for a reload: what went wrong in it is in the log."""
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("configuration not reloaded", exc_info=error)
