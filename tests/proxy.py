"""A tiny HTTP proxy on loopback: absolute-form requests and CONNECT (RFC 9112 §3.2.2, §3.2.3)."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit


class Proxy:
    """Use as ``async with Proxy() as proxy``. ``requests`` holds every request head it was given.

    ``refusal`` is what it answers instead of forwarding; ``at`` the loopback address it reaches
    every target at, whatever its name: it stands for the proxy's own view of the DNS.
    """

    def __init__(
        self, *, host: str = "127.0.0.1", refusal: bytes = b"", at: str = "127.0.0.1"
    ) -> None:
        self._host = host
        self._refusal = refusal
        self._at = at
        self.requests: list[bytes] = []
        self.connections = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, self._host, 0)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def url(self) -> str:
        """The proxy's address."""
        return f"http://{self._host}:{self.port}"

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        async with _closing(writer):
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
        async with _closing(there):
            if tunnel:
                writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            else:
                lines = [
                    one for one in head.split(b"\r\n") if not one.lower().startswith(b"proxy-")
                ]
                path = f"{place.path or '/'}{'?' if place.query else ''}{place.query}".encode()
                there.write(b"\r\n".join([b"GET " + path + b" HTTP/1.1", *lines[1:]]))
            await asyncio.gather(_pump(reader, there), _pump(there_reader, writer))


@contextlib.asynccontextmanager
async def _closing(writer: asyncio.StreamWriter) -> AsyncIterator[None]:
    try:
        yield
    except (OSError, asyncio.IncompleteReadError):
        pass  # one side hung up
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await source.read(65536):
            sink.write(data)
            await sink.drain()
    sink.close()
