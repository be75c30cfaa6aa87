"""Name resolution in threads of its own, so that dead name servers hold up nothing else.

The event loop's default executor has few threads and is shared with files and databases; a few
names whose servers do not answer would block all of them.
"""

from __future__ import annotations

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from aiohttp.abc import AbstractResolver, ResolveResult

_FLAGS = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV


class PooledResolver(AbstractResolver):
    """``getaddrinfo`` in at most ``threads`` threads, started as they are needed."""

    def __init__(self, threads: int = 32) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="resolve")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Every address of ``host``; raises ``OSError`` when there is none."""
        loop = asyncio.get_running_loop()
        look_up = partial(
            socket.getaddrinfo,
            "localhost" if _is_local(host) else host,
            port,
            family=family,
            type=socket.SOCK_STREAM,
            flags=socket.AI_ADDRCONFIG,
        )
        found = await loop.run_in_executor(self._pool, look_up)
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


def _is_local(host: str) -> bool:
    """RFC 6761 §6.3: such a name means this machine; it is never asked for in the DNS."""
    name = host.rstrip(".").lower()
    return name == "localhost" or name.endswith(".localhost")
