"""The open connections: so many and no more, and none that keeps us waiting for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from aggregator.web.patience import Limits, Phase, overdue, stalled
from aggregator.web.table import Entry

_LOOK_EVERY_S = 1.0
_FINISHED_EVERY_S = 0.05
_TOO_MANY = 4  # of a full table, a client's share may be one in so many


class Connections:
    """Those that are open, within ``limits``.

    Where there are too many, the client with most of those that wait loses its oldest; then one
    that takes nothing of what it asked for; then one of a client that has more than its share.
    ``on_room`` is called when one has gone.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.on_room: Callable[[], None] = _nobody
        self._all: dict[Entry, None] = {}  # the oldest first
        self._waiting: dict[str, dict[Entry, None]] = {}  # client → the longest waiting first
        self._dropped: set[Entry] = set()
        self._timer: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._all)

    def make_room(self, coming: int = 0) -> bool:
        """True if one more may come beside those that are ``coming``; another goes, if need be."""
        if len(self._all) - len(self._dropped) + coming < self.limits.connections:
            return True
        victim = self._victim()
        if victim is None:
            return False
        self._drop(victim)
        return True

    # what connections call

    def opened(self, connection: Entry) -> None:
        """See :class:`aggregator.web.table.Table`."""
        self._all[connection] = None
        self._wait(connection)
        if self._timer is None:
            self._look_later()

    def moved(self, connection: Entry, before: Phase) -> None:
        """See :class:`aggregator.web.table.Table`."""
        if before.waits:
            self._wait_no_more(connection)
        if connection.phase.waits and connection not in self._dropped:
            self._wait(connection)

    def closed(self, connection: Entry) -> None:
        """See :class:`aggregator.web.table.Table`."""
        self._all.pop(connection, None)
        self._dropped.discard(connection)
        self._wait_no_more(connection)
        self.on_room()

    # looking after them

    def look(self) -> None:
        """Drop those that have had their time."""
        now = asyncio.get_running_loop().time()
        for one in list(self._all):
            one.look(now)
            late = overdue(one.phase, one.since, now, self.limits) or (
                one.sending is not None and overdue(Phase.SEND, one.sending.since, now, self.limits)
            )
            if late:
                self._drop(one)

    async def finish(self, seconds: float) -> None:
        """Give clients so long to take what was written to them."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while any(one.sending for one in self._all) and loop.time() < end:  # noqa: ASYNC110 - once, at the end of the process
            await asyncio.sleep(_FINISHED_EVERY_S)

    def stop(self) -> None:
        """Drop what is left."""
        for one in list(self._all):
            self._drop(one)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look_later(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(_LOOK_EVERY_S, self._look_again)

    def _look_again(self) -> None:
        self._timer = None
        self.look()
        if self._all:
            self._look_later()
        self.on_room()

    def _victim(self) -> Entry | None:
        if self._waiting:
            _, crowd = max(self._waiting.items(), key=lambda item: len(item[1]))
            return next(iter(crowd))
        now = asyncio.get_running_loop().time()
        receiving = [one for one in self._all if one.sending and one not in self._dropped]
        for one in receiving:
            one.look(now)
        place = stalled((one.sending for one in receiving if one.sending), now)
        if place is not None:
            return receiving[place]
        return self._greedy(receiving)

    def _greedy(self, receiving: list[Entry]) -> Entry | None:
        """The oldest of the client that has most of ``receiving``, if that is more than its share."""
        by_client: dict[str, list[Entry]] = {}
        for one in receiving:
            by_client.setdefault(one.client, []).append(one)
        most = max(by_client.values(), key=len, default=[])
        return most[0] if len(most) * _TOO_MANY > self.limits.connections else None

    def _drop(self, connection: Entry) -> None:
        self._dropped.add(connection)
        self._wait_no_more(connection)
        connection.drop()

    def _wait(self, connection: Entry) -> None:
        self._waiting.setdefault(connection.client, {})[connection] = None

    def _wait_no_more(self, connection: Entry) -> None:
        mine = self._waiting.get(connection.client)
        if mine is not None:
            mine.pop(connection, None)
            if not mine:
                del self._waiting[connection.client]


def _nobody() -> None:
    """Nobody waits for room yet."""
