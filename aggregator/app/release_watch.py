"""A process says that it lives, and hears that a later release has made it too old for the database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial

import structlog

from aggregator.app.ticking import repeat
from aggregator.engine.repeated import RepeatedErrors
from aggregator.errors import AggregatorError, StoreError, TooOld
from aggregator.store.db.processes import BEAT_S, Presence

log = structlog.get_logger("aggregator")


class ReleaseWatch:
    """Says now and then that this process lives; stops it when a later release has made it too old."""

    def __init__(self, stop: Callable[[], None]) -> None:
        self._stop = stop
        self._failing = RepeatedErrors("no sign of life given")
        self._too_old: TooOld | None = None

    async def look(self, presence: Presence) -> None:
        """Give a sign of life; where this release is too old, say so and have the process drain."""
        try:
            await presence.beat()
        except TooOld as error:
            if self._too_old is None:
                log.error("too old for the database", error=error.message, hint=error.hint)
            self._too_old = error
            self._stop()
        except AggregatorError as error:
            self._failing.failed(error)
        else:
            self._failing.worked()

    @asynccontextmanager
    async def watching(self, presence: Presence) -> AsyncIterator[None]:
        """Look every :data:`BEAT_S` seconds while the block runs."""
        looking = asyncio.create_task(repeat("release", BEAT_S, partial(self.look, presence)))
        try:
            yield
        finally:
            looking.cancel()

    @contextmanager
    def ending(self) -> Iterator[None]:
        """Raise :class:`TooOld` at the end of the block where that was its end, whatever else went wrong then."""
        try:
            yield
        except StoreError as error:
            if self._too_old is None or isinstance(error, TooOld):
                raise
            raise self._too_old from error
        if self._too_old is not None:
            raise self._too_old
