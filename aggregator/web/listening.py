"""Listening sockets, and taking what comes to them: as much as there is room for.

asyncio's own server takes a hundred connections before any of them is looked at, and where there
are no more descriptors it logs each that it cannot take with a traceback.
"""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import Callable, Sequence

import structlog

from aggregator.web.clients import client_of
from aggregator.web.connections import Connections
from aggregator.web.silent import Silent

_LOG = structlog.get_logger(__name__)

_BACKLOG = 1024  # connections that the kernel keeps for us while there is no room
_AT_ONCE = 64  # taken before anything else has its turn
_SEND_BUFFER = 256 << 10  # bytes in the kernel for each client, so that what it takes is seen
_EXHAUSTED = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
_PAUSE_S = 1.0
_SAY_EVERY_S = 60.0
_NOT_HERE = frozenset({errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT})


async def bind(host: str, port: int) -> list[socket.socket]:
    """Sockets that listen on every address of ``host``; none of them: :class:`OSError`."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(
        host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )
    sockets: list[socket.socket] = []
    failed: OSError | None = None
    for family, _, _, _, address in dict.fromkeys(found):
        try:
            sockets.append(_listening(family, address))
        except OSError as error:
            failed = failed or error
            if error.errno not in _NOT_HERE:
                break
    else:
        if sockets:
            return sockets
    for one in sockets:
        one.close()
    raise failed or OSError(errno.EADDRNOTAVAIL, "no such address")


def _listening(family: int, address: tuple[object, ...]) -> socket.socket:
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setblocking(False)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind(address)
        listener.listen(_BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


class Acceptor:
    """Takes connections from ``sockets`` while there is room in ``table``.

    Those that speak go on with a protocol of ``factory``. Call :meth:`resume` when there may be
    room again.
    """

    def __init__(
        self,
        sockets: Sequence[socket.socket],
        factory: Callable[[], asyncio.BaseProtocol],
        table: Connections,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._sockets = list(sockets)
        self._factory = factory
        self._table = table
        self._coming: set[asyncio.Task[None]] = set()
        self._reading: set[socket.socket] = set()
        self._pause: asyncio.TimerHandle | None = None
        self._said_at = -_SAY_EVERY_S

    def resume(self) -> None:
        """Take connections (again)."""
        if self._pause is None:
            for listener in self._sockets:
                if listener not in self._reading:
                    self._loop.add_reader(listener, self._take, listener)
                    self._reading.add(listener)

    async def stop(self) -> None:
        """Listen no more; connections that were made stay."""
        self._rest()
        if self._pause is not None:
            self._pause.cancel()
        sockets, self._sockets = self._sockets, []
        for listener in sockets:
            listener.close()
        await asyncio.gather(*self._coming, return_exceptions=True)

    def _rest(self) -> None:
        for listener in self._reading:
            self._loop.remove_reader(listener)
        self._reading.clear()

    def _take(self, listener: socket.socket) -> None:
        for _ in range(_AT_ONCE):
            if not self._table.make_room(len(self._coming)):
                self._rest()
                return
            try:
                taken, address = listener.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as error:
                if error.errno in _EXHAUSTED:
                    self._out_of_descriptors(error)
                return
            taken.setblocking(False)
            Silent(taken, client_of(str(address[0])), self._table, self._speaks)

    def _speaks(self, taken: socket.socket) -> None:
        task = self._loop.create_task(self._connect(taken))
        self._coming.add(task)
        task.add_done_callback(self._coming.discard)

    async def _connect(self, taken: socket.socket) -> None:
        try:
            await self._loop.connect_accepted_socket(self._factory, taken)
        except OSError:
            taken.close()  # gone before it was looked at

    def _out_of_descriptors(self, error: OSError) -> None:
        self._rest()
        self._pause = self._loop.call_later(_PAUSE_S, self._go_on)
        if self._loop.time() - self._said_at >= _SAY_EVERY_S:
            self._said_at = self._loop.time()
            _LOG.warning(
                "no connections taken",
                error=error.strerror,
                hint="raise the limit on open files (ulimit -n, LimitNOFILE)",
            )

    def _go_on(self) -> None:
        self._pause = None
        self.resume()
