"""A tiny SOCKS5 proxy on loopback: CONNECT, with or without a password (RFC 1928, RFC 1929)."""

from __future__ import annotations

import asyncio
from ipaddress import ip_address
from socket import inet_ntop

from tests.support.proxy import pump
from tests.support.servers import Listener, closing

_NONE, _PASSWORD, _UNFIT = 0, 2, 0xFF
_FAMILIES = {1: (2, 4), 4: (10, 16)}  # address type → family, bytes


class SocksProxy(Listener):
    """``asked`` holds each host that it was told, ``given`` each name and password.

    It reaches every target at ``at``, whatever its name; it refuses (RFC 1928 §6) with ``refusal``, and
    with 8 (address type not supported) where ``only`` does not fit.
    """

    def __init__(self, *, refusal: int = 0, at: str = "127.0.0.1", only: int | None = None) -> None:
        super().__init__()
        self._refusal = refusal
        self._at = at
        self._only = only
        self.asked: list[str] = []
        self.given: list[tuple[str, str]] = []

    @property
    def url(self) -> str:
        return f"socks5://127.0.0.1:{self.port}"

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        _, many = await reader.readexactly(2)
        methods = await reader.readexactly(many)
        method = _PASSWORD if _PASSWORD in methods else _NONE
        writer.write(bytes([5, method]))
        if method == _PASSWORD:
            await reader.readexactly(1)
            name, password = await _text(reader), await _text(reader)
            self.given.append((name, password))
            writer.write(b"\x01\x00")
        _, _, _, kind = await reader.readexactly(4)
        if kind == 3:
            host = await _text(reader)
        else:
            family, size = _FAMILIES[kind]
            host = inet_ntop(family, await reader.readexactly(size))
        port = int.from_bytes(await reader.readexactly(2), "big")
        self.asked.append(host)
        unfit = self._only is not None and ip_address(host).version != self._only
        refusal = 8 if unfit else self._refusal
        writer.write(bytes([5, refusal, 0, 1, 0, 0, 0, 0, 0, 0]))
        await writer.drain()
        if not refusal:
            there_reader, there = await asyncio.open_connection(self._at, port)
            async with closing(there):
                await asyncio.gather(pump(reader, there), pump(there_reader, writer))


async def _text(reader: asyncio.StreamReader) -> str:
    (size,) = await reader.readexactly(1)
    return (await reader.readexactly(size)).decode()
