"""Scope of a cooldown after "too many requests": the host, or its whole registrable domain.

One publisher often answers under many names (``feeds.``, ``www.``, ``img.``), and a limit is the
publisher's. Which part of a name is a publisher's own is known to the Public Suffix List alone;
its private section counts too, so that two people's pages at one hoster do not cool down together.
Private hosts (address literals, single labels, names for local use, names that resolve to
addresses that are not public) are machines of one's own: each cools down alone.
"""

from __future__ import annotations

import socket
from collections import OrderedDict
from ipaddress import ip_address

from aiohttp.abc import AbstractResolver, ResolveResult

from aggregator.model import CooldownScope
from aggregator.urls import registrable_domain
from aggregator.urls.networks import verdict

_MOST_PRIVATE = 10_000  # names remembered


class CooldownGroups:
    """``kind`` as in ``fetch.cooling_scope``."""

    def __init__(self, kind: CooldownScope = CooldownScope.HOST) -> None:
        self._kind = kind
        self._private: OrderedDict[str, None] = OrderedDict()

    def group(self, host: str) -> str:
        """The name under which ``host`` (lower case, ASCII) cools down: its own, or its domain."""
        if self._kind is CooldownScope.HOST or host in self._private:
            return host
        return registrable_domain(host) or host

    def note_private(self, host: str) -> None:
        """Remember that ``host`` is at an address that is not public."""
        self._private[host] = None
        self._private.move_to_end(host)
        if len(self._private) > _MOST_PRIVATE:
            self._private.popitem(last=False)

    def watching(self, names: AbstractResolver) -> AbstractResolver:
        """``names``, with a note of those that resolve to private addresses, where that counts."""
        return names if self._kind is CooldownScope.HOST else _WatchingResolver(names, self)


class _WatchingResolver(AbstractResolver):
    def __init__(self, names: AbstractResolver, scope: CooldownGroups) -> None:
        self._names = names
        self._scope = scope

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._names.resolve(host, port, family)
        if found and all(verdict(ip_address(one["host"])) is not None for one in found):
            self._scope.note_private(host.rstrip(".").lower())
        return found

    async def close(self) -> None:
        await self._names.close()
