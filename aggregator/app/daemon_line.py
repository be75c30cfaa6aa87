"""The line from a command to the daemons that work on its database; there may be none of them.

On SQLite there is one daemon at most, at the control socket. On PostgreSQL there may be several, on other
machines too: a request is a row, and they have a moment to answer.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Protocol

from aggregator.app.stored import open_database
from aggregator.config.config import Config
from aggregator.control import messages
from aggregator.control.caller import PATIENCE_S, Caller, call
from aggregator.control.messages import Poll, Reply, Request
from aggregator.control.socket_place import folder_of
from aggregator.errors import ControlError
from aggregator.ports import RequestBox
from aggregator.store.db.database import sqlite_path
from aggregator.store.db.lock import holder
from aggregator.store.requests.posted import SqlRequests

_HEARD_S = 5.0  # in which a daemon takes a request up: its ticks, and a busy database
_OTHERS_S = 2.0  # in which others answer, too, once one has
_LOOK_EVERY_S = 0.1


class Line(Protocol):
    """A way to ask daemons."""

    async def ask(self, request: Request) -> list[Reply]:
        """An answer of each daemon that ``request`` reached; []: none runs.

        Raises :class:`~aggregator.errors.ControlError` when one that runs gives no answer.
        """
        ...

    def is_up(self) -> bool:
        """False when a daemon that answered is known to have ended since."""
        ...

    @property
    def busy(self) -> str | None:
        """The process that has the database to itself without being asked, such as `once`."""
        ...


@asynccontextmanager
async def line_to_daemons(config: Config) -> AsyncIterator[Line]:
    """The line to those who work on the database of ``config``."""
    file = sqlite_path(config.settings.database.url)
    if file is None:
        with open_database(config) as database:
            yield RowLine(SqlRequests(database))
        return
    line = SocketLine(file, await asyncio.to_thread(call, folder_of(file)))
    try:
        yield line
    finally:
        line.close()


class SocketLine:
    """A line over the control socket beside ``database_file``, where ``caller`` found a daemon."""

    def __init__(self, database_file: Path, caller: Caller | None) -> None:
        self._file = database_file
        self._caller = caller

    async def ask(self, request: Request) -> list[Reply]:
        """See :class:`Line`."""
        if self._caller is None:
            return []
        return [await asyncio.to_thread(self._caller.ask, request)]

    def is_up(self) -> bool:
        """See :class:`Line`."""
        if self._caller is None or self._caller.is_up():
            return self._caller is not None
        self._caller.close()  # it may have let us go, to make room for others
        self._caller = call(folder_of(self._file))
        return self._caller is not None

    def close(self) -> None:
        """Hang up."""
        if self._caller is not None:
            self._caller.close()

    @property
    def busy(self) -> str | None:
        """See :class:`Line`."""
        return holder(self._file) if self._caller is None else None


class RowLine:
    """A line through a database that machines share."""

    def __init__(
        self, box: RequestBox, heard_s: float = _HEARD_S, others_s: float = _OTHERS_S
    ) -> None:
        self._box = box
        self._heard_s = heard_s
        self._others_s = others_s

    async def ask(self, request: Request) -> list[Reply]:
        """See :class:`Line`. A poll is for one daemon, a reload for all of them."""
        for_all = not isinstance(request, Poll)
        body = messages.write(request).decode()
        lasts = timedelta(seconds=self._heard_s + PATIENCE_S)
        posted = await self._box.post(body, lasts, for_all=for_all)
        found: list[str] = []
        try:
            found = await self._answers(posted, for_all=for_all)
        finally:
            if not (for_all and found):  # some daemon may be too busy to have seen it yet
                await self._box.withdraw(posted)
        return [messages.read_reply(one) for one in found]

    async def _answers(self, posted: int, *, for_all: bool) -> list[str]:
        """Answers to a request; a daemon that has heard it says nothing (``""``) first."""
        began = heard_at = time.monotonic()
        heard = 0
        while True:
            await asyncio.sleep(_LOOK_EVERY_S)
            said, now = await self._box.answers(posted), time.monotonic()
            given = [one for one in said if one]
            if (count := len(said) - len(given)) != heard:
                heard, heard_at = count, now
            others = for_all and now - heard_at < self._others_s
            if heard and len(given) >= heard and not others:
                return given
            if not heard and now - began >= self._heard_s:
                return []
            if now - began >= PATIENCE_S:
                raise ControlError(
                    f"a daemon took the request, and has not answered within {PATIENCE_S:.0f} s",
                    hint="see its log; what was asked may still be done",
                )

    def is_up(self) -> bool:
        """Whoever answered may be anywhere: nobody tells when it ends."""
        return True

    @property
    def busy(self) -> None:
        """A database that machines share is nobody's own."""
        return None
