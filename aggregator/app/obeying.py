"""Requests of commands, obeyed by the daemon: by the control socket, or by rows of a shared database."""

from __future__ import annotations

from collections import deque
from datetime import timedelta
from typing import Protocol

import structlog

from aggregator.app.reloader import Reloader
from aggregator.app.wiring import Parts
from aggregator.control import messages
from aggregator.control.messages import Asked, Poll, Refused, Reply, Request
from aggregator.engine.repeated import RepeatedErrors
from aggregator.errors import ControlError, StoreError
from aggregator.ports import Clock, RequestBox

log = structlog.get_logger("aggregator")

_HEARD = ""  # an answer will follow, which may take a while
_REMEMBERED = 1000  # requests, which last a minute at most
_AHEAD = timedelta(hours=1)  # of what is merely due: somebody waits


class Obedient(Protocol):
    """Whoever does what is asked for."""

    async def obey(self, request: Request) -> Reply:
        """Do it, and answer."""
        ...


class Obeying(Obedient):
    """Does what requests ask for, and answers."""

    def __init__(self, parts: Parts, clock: Clock, reloader: Reloader) -> None:
        self._parts = parts
        self._clock = clock
        self._reloader = reloader

    async def obey(self, request: Request) -> Reply:
        """Do it; a poll is answered when it is due, and a reload when it has ended."""
        match request:
            case Poll(keys):
                return await self._poll(keys)
            case _:
                return await self._reloader.reload()

    async def _poll(self, keys: tuple[str, ...]) -> Asked:
        parts = self._parts
        states = await parts.store.ask_for_polls(frozenset(keys), self._clock.now(), _AHEAD)
        parts.engine.tick()
        log.info("polls asked for", feeds=len(keys))
        return Asked(states, parts.engine.network_down)


class Mailbox:
    """Requests that lie in a database which machines share: looked for whenever it is told to."""

    def __init__(self, box: RequestBox, obeying: Obedient) -> None:
        self._box = box
        self._obeying = obeying
        self._first: int | None = None  # None: not looked yet; older ones are for those before us
        self._seen: deque[int] = deque(maxlen=_REMEMBERED)
        self._looking = RepeatedErrors("requests not looked for")

    async def look(self) -> None:
        """Obey and answer what has come."""
        try:
            if self._first is None:
                self._first = await self._box.newest()
            for posted in await self._box.take(self._first, self._seen):
                self._seen.append(posted.id)
                await self._box.answer(posted.id, _HEARD)
                reply = await self._answer(posted.body)
                await self._box.answer(posted.id, messages.write(reply).decode())
        except StoreError as error:
            self._looking.failed(error)
        else:
            self._looking.worked()

    async def _answer(self, body: str) -> Reply:
        try:
            return await self._obeying.obey(messages.read_request(body))
        except (ControlError, StoreError) as error:
            return Refused(str(error))
