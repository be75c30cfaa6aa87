"""A tiny HTTP proxy on loopback: absolute-form requests and CONNECT (RFC 9112 §3.2.2, §3.2.3)."""

from __future__ import annotations

import asyncio
import contextlib
from urllib.parse import urlsplit

from tests.support.servers import Listener, closing


class Proxy(Listener):
    """``refusal`` is what it answers instead of forwarding.

    ``at`` is the loopback address it reaches every target at, whatever its name: it stands for the
    proxy's own view of the DNS.
    """

    def __init__(self, *, refusal: bytes = b"", at: str = "127.0.0.1") -> None:
        super().__init__()
        self._refusal = refusal
        self._at = at

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        self.requests.append(head)
        if self._refusal:
            writer.write(self._refusal)
            await writer.drain()
        else:
            await self._forward(head, reader, writer)

    async def _forward(
        self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        method, target, _ = head.split(b" ", 2)
        tunnel = method == b"CONNECT"
        place = urlsplit(f"//{target.decode()}" if tunnel else target.decode())
        there_reader, there = await asyncio.open_connection(self._at, place.port or 80)
        async with closing(there):
            if tunnel:
                writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            else:
                lines = [
                    one for one in head.split(b"\r\n") if not one.lower().startswith(b"proxy-")
                ]
                path = f"{place.path or '/'}{'?' if place.query else ''}{place.query}".encode()
                there.write(b"\r\n".join([b"GET " + path + b" HTTP/1.1", *lines[1:]]))
            await asyncio.gather(pump(reader, there), pump(there_reader, writer))


async def pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    """Give on what ``source`` says until it ends."""
    with contextlib.suppress(OSError):
        while data := await source.read(65536):
            sink.write(data)
            await sink.drain()
    sink.close()
