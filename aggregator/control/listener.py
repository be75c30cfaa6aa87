"""The daemon's end of the control socket: few connections, bounded frames, one answer to a request.

A connection stays open as long as its caller likes: that it ends tells that the daemon has ended.
Whoever sends nothing is let go when there are too many.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import structlog

from aggregator.control import frames, messages, peer, socket_place
from aggregator.control.messages import Refused, Reply, Request
from aggregator.errors import AggregatorError, ControlError

log = structlog.get_logger("aggregator")

MOST = 16
"""Connections at once; beyond it the one that has been silent longest is closed."""
_FRAME_S = 10.0  # in which a frame must have come, and an answer been taken


class ControlListener:
    """Answers requests by ``obey`` until it is stopped."""

    def __init__(
        self, folder: Path, obey: Callable[[Request], Awaitable[Reply]], frame_s: float = _FRAME_S
    ) -> None:
        self._folder = folder
        self._obey = obey
        self._frame_s = frame_s
        self._server: asyncio.Server | None = None
        self._open: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self._silent: dict[asyncio.Task[None], None] = {}  # the longest first

    async def start(self) -> None:
        """Listen. Raises :class:`~aggregator.errors.ControlError`."""
        listening = socket_place.listen_in(self._folder)
        self._server = await asyncio.start_unix_server(self._connected, sock=listening)

    async def stop(self) -> None:
        """Let everybody go; does nothing where it never started."""
        if self._server is None:
            return
        self._server.close()
        socket_place.leave(self._folder)
        tasks = list(self._open)
        for task in tasks:
            self._drop(task)
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._server.wait_closed()

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._open[task] = writer
        self._silent[task] = None
        task.add_done_callback(self._ended)
        if len(self._open) > MOST and self._silent:
            self._drop(next(iter(self._silent)))

    def _drop(self, task: asyncio.Task[None]) -> None:
        """Close a connection at once; its task may not have begun."""
        self._open[task].transport.abort()
        self._silent.pop(task, None)
        task.cancel()

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._open.pop(task, None)
        self._silent.pop(task, None)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if not peer.may_ask(user := peer.user_of(writer.get_extra_info("socket"))):
                log.warning("control refused", user=user)
                await self._say(writer, messages.write(Refused("this daemon is another user's")))
                return
            await self._converse(reader, writer)
        except (OSError, EOFError, TimeoutError):
            return  # it hung up, or may as well have done so
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task, asked_before = asyncio.current_task(), False
        assert task is not None  # noqa: S101 - every coroutine here runs in one
        while True:
            async with asyncio.timeout(None if asked_before else self._frame_s):
                begun = await reader.readexactly(1)
            self._silent.pop(task, None)
            try:
                async with asyncio.timeout(self._frame_s):
                    head = begun + await reader.readexactly(frames.HEAD - 1)
                    request = messages.read_request(
                        await reader.readexactly(frames.length_of(head))
                    )
            except ControlError as error:
                log.warning("control refused", reason=error.message)
                await self._say(writer, messages.write(Refused(str(error))))
                return
            await self._say(writer, await self._answer(request))
            asked_before = True
            self._silent[task] = None

    async def _answer(self, request: Request) -> bytes:
        try:
            return messages.write(await self._obey(request))
        except AggregatorError as error:
            refused = Refused(str(error))
        except Exception as error:
            # One request must not end the daemon, nor go without an answer.
            log.exception("unexpected failure", kind="control")
            refused = Refused(f"unexpected {type(error).__name__}; see the daemon's log")
        return messages.write(refused)

    async def _say(self, writer: asyncio.StreamWriter, message: bytes) -> None:
        writer.write(frames.framed(message))
        async with asyncio.timeout(self._frame_s):
            await writer.drain()
