"""So many costly requests for each client, and no more, in bounded memory."""

from __future__ import annotations

import asyncio
import math
from collections import OrderedDict
from collections.abc import Sequence

from aiohttp import web

from aggregator.web.clients import Network, asking

_CLIENTS = 4096  # remembered; the ones that asked least lately are forgotten first


class RateLimit:
    """Each client may ask ``burst`` times at once, and ``pace`` times a second in the long run."""

    def __init__(self, burst: float = 30, pace: float = 0.5) -> None:
        self._burst = burst
        self._pace = pace
        self._spent: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, client: str, now: float) -> int:
        """Seconds until ``client`` may ask; 0: now."""
        spent = self._left_of(client, now)
        return 0 if spent + 1 <= self._burst else math.ceil((spent + 1 - self._burst) / self._pace)

    def spend(self, client: str, now: float) -> None:
        """Note a costly request of ``client``."""
        self._spent[client] = (self._left_of(client, now) + 1, now)
        self._spent.move_to_end(client)
        if len(self._spent) > _CLIENTS:
            self._spent.popitem(last=False)

    def _left_of(self, client: str, now: float) -> float:
        spent, since = self._spent.get(client, (0.0, now))
        return max(0.0, spent - (now - since) * self._pace)


class CostlyRequests:
    """Refuses what costs to clients that ask too often; ``proxies`` themselves never."""

    def __init__(self, limit: RateLimit, proxies: Sequence[Network]) -> None:
        self._limit = limit
        self._proxies = tuple(proxies)

    def admit(self, request: web.Request) -> None:
        """Raise 429 where the client of ``request`` has asked too often."""
        client = self._client(request)
        if client is not None and (wait := self._limit.wait(client, _now())):
            raise web.HTTPTooManyRequests(headers={"Retry-After": str(wait)})

    def charge(self, request: web.Request) -> None:
        """Note that ``request`` has cost something."""
        client = self._client(request)
        if client is not None:
            self._limit.spend(client, _now())

    def _client(self, request: web.Request) -> str | None:
        forwarded = ",".join(request.headers.getall("X-Forwarded-For", []))
        return asking(request.remote or "", forwarded, self._proxies)


def _now() -> float:
    return asyncio.get_running_loop().time()
