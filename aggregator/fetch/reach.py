"""Reachability of names and addresses, asked without a request: for those who look for a fault."""

from __future__ import annotations

import asyncio
import socket

_WAIT_S = 10


async def is_found(host: str) -> bool:
    """True for a ``host`` for which the system finds an address, within ten seconds."""
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(_WAIT_S):
            return bool(await loop.getaddrinfo(host, None, type=socket.SOCK_STREAM))
    except (OSError, TimeoutError, UnicodeError):
        return False


async def listens(host: str, port: int) -> bool:
    """True where somebody takes connections at our own ``host`` and ``port``; nothing is sent there."""
    try:
        async with asyncio.timeout(_WAIT_S):
            _, writer = await asyncio.open_connection(host, port)
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True
