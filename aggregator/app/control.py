"""The daemon as commands reach it: the control socket, requests in a shared database, changed files."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import structlog

from aggregator.app.config_watch import LOOK_EVERY_S, ConfigWatch
from aggregator.app.obeying import Mailbox, Obeying
from aggregator.app.reloader import Reloader
from aggregator.app.wiring import Parts
from aggregator.config.config_files import ConfigFiles
from aggregator.control.listener import ControlListener
from aggregator.errors import ControlError
from aggregator.ports import Clock

log = structlog.get_logger("aggregator")

Tick = tuple[str, float, Callable[[], Awaitable[None]]]
"""Name of some work, seconds between two times that it is done, and the work."""


class Control:
    """Everything by which a running daemon hears of what its operator wants, but signals."""

    def __init__(
        self, parts: Parts, clock: Clock, reloader: Reloader, files: ConfigFiles | None
    ) -> None:
        obeying = Obeying(parts, clock, reloader)
        self._listener: ControlListener | None = None
        self._mailbox: Mailbox | None = None
        self._watch: ConfigWatch | None = None
        if parts.control is not None:
            self._listener = ControlListener(parts.control, obeying.obey)
        if parts.requests is not None:
            self._mailbox = Mailbox(parts.requests, obeying)
        if files is not None:
            self._watch = ConfigWatch(files, reloader.reload, asyncio.get_running_loop().time)

    async def start(self) -> None:
        """Listen; a daemon that cannot be talked to polls all the same."""
        if self._listener is None:
            return
        try:
            await self._listener.start()
        except ControlError as error:
            log.warning("no control socket", error=str(error))
            self._listener = None

    async def stop(self) -> None:
        """Listen no more."""
        if self._listener is not None:
            await self._listener.stop()

    def ticks(self, tick: float) -> Sequence[Tick]:
        """Work to be done again and again; requests are looked for every ``tick`` seconds."""
        found: list[Tick] = []
        if self._mailbox is not None:
            found.append(("requests", tick, self._mailbox.look))
        if self._watch is not None:
            found.append(("configuration", LOOK_EVERY_S, self._watch.look))
        return found
