"""Sessions to addresses that others named: guarded, and with nothing of ours in them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver

from aggregator.fetch.guard.sockets import Guard


def bare_session(
    guard: Guard,
    names: AbstractResolver,
    headers: Mapping[str, str],
    connecting: Mapping[str, Any],
    **more: Any,
) -> aiohttp.ClientSession:
    """A session that connects where ``guard`` lets it, keeps no cookies and heeds no environment.

    Bodies stay as they come. ``connecting`` is for aiohttp's connector, ``more`` for its session.
    """
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(socket_factory=guard.socket, resolver=names, **connecting),
        headers=headers,
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        trust_env=False,
        **more,
    )
