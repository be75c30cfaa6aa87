"""A connection from which nothing has come yet: a descriptor, and next to nothing else."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

from aggregator.web.patience import Phase, Sending
from aggregator.web.table import Table


class Silent:
    """Waits for the first byte on ``taken``, and then has ``speaks`` called with it.

    Thousands of these may come a second: each costs a tenth of a connection that speaks HTTP.
    """

    __slots__ = ("_loop", "_speaks", "_table", "_taken", "client", "since")

    phase = Phase.HEAD
    sending: Sending | None = None

    def __init__(
        self,
        taken: socket.socket,
        client: str,
        table: Table,
        speaks: Callable[[socket.socket], None],
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._taken = taken
        self._table = table
        self._speaks = speaks
        self.client = client
        self.since = self._loop.time()
        self._loop.add_reader(taken, self._heard)
        table.opened(self)

    def look(self, now: float) -> None:
        """Nothing has been sent to it."""

    def drop(self) -> None:
        """Close it."""
        self._leave()
        self._taken.close()

    def _heard(self) -> None:
        try:
            speaks = bool(self._taken.recv(1, socket.MSG_PEEK))
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            speaks = False
        if not speaks:
            self.drop()
            return
        self._leave()
        self._speaks(self._taken)

    def _leave(self) -> None:
        self._loop.remove_reader(self._taken)
        self._table.closed(self)
