"""Name resolution in threads of its own, so that dead name servers hold up nothing else.

The event loop's default executor has few threads and is shared with files and databases; a few
names whose servers do not answer would block all of them.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from aiohttp.abc import AbstractResolver, ResolveResult

from aggregator.urls import is_address

_FLAGS = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
# What getaddrinfo says when name servers are silent, fail or refuse; all else is an answer of theirs.
_NO_ANSWER = frozenset({socket.EAI_AGAIN, socket.EAI_FAIL, socket.EAI_SYSTEM})
PATIENCE_S = 10.0
"""Longer than a system waits that has two name servers, and a few seconds for each."""


def no_answer(error: OSError) -> bool:
    """True where ``error`` of a resolution says that no name server has answered."""
    return isinstance(error, socket.gaierror) and error.errno in _NO_ANSWER


class PooledResolver(AbstractResolver):
    """``getaddrinfo`` in at most ``threads`` threads, started as they are needed.

    One that takes longer than ``patience`` seconds, from when it began, ends as one that was not
    answered: before the request is over, which would not tell what it waited for.
    """

    def __init__(self, threads: int = 32, patience: float = PATIENCE_S) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="resolve")
        self._patience = patience

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Every address of ``host``; raises ``OSError`` when there is none."""
        loop = asyncio.get_running_loop()
        began = asyncio.Event()

        def look_up() -> list[tuple[int, int, int, str, tuple[object, ...]]]:
            loop.call_soon_threadsafe(began.set)
            return socket.getaddrinfo(  # type: ignore[return-value]
                "localhost" if _is_local(host) else host,
                port,
                family=family,
                type=socket.SOCK_STREAM,
                flags=socket.AI_ADDRCONFIG,
            )

        looking = loop.run_in_executor(self._pool, look_up)
        looking.add_done_callback(lambda _: began.set())  # closed before its turn came
        await began.wait()
        try:
            found = await asyncio.wait_for(looking, self._patience)
        except TimeoutError:
            raise socket.gaierror(socket.EAI_AGAIN, "no answer in time") from None
        results = [
            ResolveResult(
                hostname=host, host=str(to[0]), port=port, family=kind, proto=proto, flags=_FLAGS
            )
            for kind, _, proto, _, to in found
        ]
        if not results:
            raise OSError(None, "no address")
        return results

    async def close(self) -> None:
        """Take no more questions; those under way end by themselves."""
        self._pool.shutdown(wait=False, cancel_futures=True)


class HeardResolver(AbstractResolver):
    """``names``; ``answered`` is called whenever a name server has given an answer, be it a no."""

    def __init__(self, names: AbstractResolver, answered: Callable[[], None]) -> None:
        self._names = names
        self._answered = answered

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """See :class:`aiohttp.abc.AbstractResolver`."""
        try:
            found = await self._names.resolve(host, port, family)
        except OSError as error:
            if not no_answer(error):
                self._hear(host)
            raise
        self._hear(host)
        return found

    async def close(self) -> None:
        """See :class:`aiohttp.abc.AbstractResolver`."""
        await self._names.close()

    def _hear(self, host: str) -> None:
        if not is_address(host.rstrip(".").lower()):
            self._answered()


def _is_local(host: str) -> bool:
    """RFC 6761 §6.3: such a name means this machine; it is never asked for in the DNS."""
    name = host.rstrip(".").lower()
    return name == "localhost" or name.endswith(".localhost")
