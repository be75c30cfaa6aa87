"""Loopback servers for tests: a well-behaved one (aiohttp) and one that sends any bytes it likes."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from aiohttp import web

from tests.support.patience import turns

_TLS = Path(__file__).parents[1] / "data" / "tls"
Answer = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]


def server_tls() -> ssl.SSLContext:
    """A TLS context with the test-only key pair (``localhost``, ``feeds.test``, ``127.0.0.1``)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_TLS / "cert.pem", _TLS / "key.pem")
    return context


def client_tls() -> ssl.SSLContext:
    """A TLS context that trusts the test-only certificate and nothing else."""
    return ssl.create_default_context(cafile=_TLS / "cert.pem")


@contextlib.asynccontextmanager
async def run_app(
    app: web.Application, *, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None
) -> AsyncIterator[str]:
    """Serve ``app`` on a free loopback port; gives its base URL without a trailing slash."""
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, 0, ssl_context=tls)
        await site.start()
        port = runner.addresses[0][1]
        shown = f"[{host}]" if ":" in host else host
        yield f"{'https' if tls else 'http'}://{shown}:{port}"
    finally:
        await runner.cleanup()


class Listener:
    """Accepts connections on loopback and has :meth:`talk` with each; a base for servers.

    ``requests`` holds every request head received, ``connections`` counts what connected and
    ``open`` what is still connected. Use as ``async with``; ``url`` has no slash at its end.
    """

    def __init__(self, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> None:
        self._host = host
        self._tls = tls
        self.requests: list[bytes] = []
        self.connections = 0
        self.open = 0
        self._tasks: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """All that is said on one connection, which is closed after it."""
        raise NotImplementedError

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, self._host, 0, ssl=self._tls)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.close()
        under_way = dict(self._tasks)
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)
        for writer in under_way.values():
            writer.transport.abort()  # a task that had not begun has closed nothing
        await turns()

    @property
    def url(self) -> str:
        """The base URL, at 127.0.0.1 where it listens on all of loopback."""
        host = "127.0.0.1" if self._host == "0.0.0.0" else self._host
        return f"{'https' if self._tls else 'http'}://{host}:{self.port}"

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._connected(reader, writer))
        self._tasks[task] = writer
        task.add_done_callback(self._tasks.pop)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.open += 1
        try:
            async with closing(writer):
                await self.talk(reader, writer)
        finally:
            self.open -= 1


@contextlib.asynccontextmanager
async def closing(writer: asyncio.StreamWriter) -> AsyncIterator[None]:
    """Close ``writer`` in the end; that one side hung up is no error: several tests want it."""
    try:
        yield
    except (asyncio.IncompleteReadError, OSError):
        pass
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


class RawServer(Listener):
    """A server that answers each request head with whatever ``answer`` writes, then hangs up.

    ``answer`` is bytes, or an async function of the request head and the writer. ``host``
    ``0.0.0.0`` listens on every 127.x.y.z, each of them a host of its own.
    """

    def __init__(
        self,
        answer: bytes | Answer,
        *,
        host: str = "127.0.0.1",
        tls: ssl.SSLContext | None = None,
        keep_alive: bool = False,
    ) -> None:
        super().__init__(host, tls)
        self._answer = answer
        self._keep_alive = keep_alive

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            self.requests.append(head)
            if isinstance(self._answer, bytes):
                writer.write(self._answer)
            else:
                await self._answer(head, writer)
            await writer.drain()
            if not self._keep_alive:
                return


def reply(
    status: str = "200 OK", body: bytes = b"", headers: dict[str, str] | None = None
) -> bytes:
    """A whole HTTP/1.1 response with a right Content-Length."""
    fields = {"Content-Length": str(len(body)), **(headers or {})}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"HTTP/1.1 {status}\r\n{head}\r\n".encode() + body
