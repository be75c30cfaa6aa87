"""``/ready``: may readers be sent here? For whatever stands in front of several daemons, or waits for one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import web

from aggregator.errors import AggregatorError
from aggregator.web.kept import Kept

_PATIENCE_S = 3.0  # for the database
_FRESH_S = 1.0


class ReadyPage:
    """The handler. Whoever asks, ``readiness`` is asked once a second.

    It gives the reason in a few words, empty where there is none against it; what it raises is the database's.
    """

    def __init__(self, readiness: Callable[[], Awaitable[str]], fresh: float = _FRESH_S) -> None:
        self._readiness = readiness
        self._known = Kept(self._look, fresh)

    async def get(self, _request: web.Request) -> web.Response:
        """200 while the database answers and outputs can be had, else 503 with the reason."""
        reason = await self._known.get(None)
        body = {"status": "not ready", "reason": reason} if reason else {"status": "ready"}
        headers = {"Cache-Control": "no-store"}
        return web.json_response(body, status=503 if reason else 200, headers=headers)

    async def _look(self, _: None) -> str:
        try:
            async with asyncio.timeout(_PATIENCE_S):
                return await self._readiness()
        except (TimeoutError, AggregatorError):
            return "the database does not answer"
