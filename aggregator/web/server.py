"""Listening: the application on a socket, on the running event loop."""

from __future__ import annotations

import errno
import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus

from aiohttp import HttpVersion10, web

from aggregator.errors import AggregatorError
from aggregator.web.answers import refusal
from aggregator.web.connection import HOT, Connection, FindAnswer
from aggregator.web.connections import Connections
from aggregator.web.framed import Framed, Owner
from aggregator.web.hot.prepared import Answer
from aggregator.web.hot.request_head import PlainRequest
from aggregator.web.listening import Acceptor, bind
from aggregator.web.patience import Limits

_HINTS = {
    errno.EADDRINUSE: "is another aggregator running? Set {0}.port to another port, or 0",
    errno.EACCES: "ports below 1024 need a privilege: set {0}.port to a higher one",
    errno.EADDRNOTAVAIL: "this machine has no such address: set {0}.host",
}
_HINT = "set {0}.host and {0}.port"

_GRACE_S = 5.0  # for answers under way, when it stops
_NEVER_S = 1e8  # the table of connections ends what is idle

# The application catches and logs its own faults. What would be logged below it are requests that
# are no HTTP, each with a traceback: anybody could fill the disk with them.
_BELOW = logging.getLogger("aggregator.web.http")
_BELOW.setLevel(logging.CRITICAL)


class WebServer:
    """One application on one address, started once and stopped once.

    ``find`` knows answers to plain requests that need no application; if it is not given, the application's
    own does. ``section`` is where the configuration names the address.
    """

    def __init__(
        self,
        app: web.Application,
        host: str,
        port: int,
        limits: Limits | None = None,
        find: FindAnswer | None = None,
        section: str = "server",
    ) -> None:
        self._app = app
        self._find = find or app.get(HOT, _nothing)
        self._host = host
        self._port = port
        self._section = section
        self._runner: web.AppRunner | None = None
        self._acceptor: Acceptor | None = None
        self._bound = 0
        self.connections = Connections(limits or Limits())

    @property
    def port(self) -> int:
        """The port that is listened on; the one picked, when 0 was asked for. 0 when stopped."""
        return self._bound

    async def start(self) -> None:
        """Listen. Raises :class:`~aggregator.errors.AggregatorError` when the address is not to
        be had.
        """
        try:
            sockets = await bind(self._host, self._port)
        except OSError as error:
            raise AggregatorError(
                f"cannot listen on {self._address()}: {error.strerror or error}",
                hint=_HINTS.get(error.errno or 0, _HINT).format(self._section),
            ) from error
        self._runner = web.AppRunner(self._app, shutdown_timeout=_GRACE_S)
        await self._runner.setup()
        factory = _connections(self._runner, self.connections, self._find)
        self._acceptor = Acceptor(sockets, factory, self.connections)
        self.connections.on_room = self._acceptor.resume
        self._acceptor.resume()
        self._bound = int(sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Stop listening; requests under way get a few seconds. Does nothing when stopped."""
        runner, self._runner, self._bound = self._runner, None, 0
        acceptor, self._acceptor = self._acceptor, None
        if acceptor is not None:
            await acceptor.stop()
        if runner is not None:
            await runner.cleanup()
            await self.connections.finish(_GRACE_S)
        self.connections.stop()

    def _address(self) -> str:
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"{host}:{self._port}"


Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


def _connections(
    runner: web.AppRunner, table: Connections, find: FindAnswer
) -> Callable[[], Connection]:
    server = runner.server
    if server is None:
        raise RuntimeError("the application has not been set up")
    server.request_handler = _beginning(server.request_handler)

    def framed(owner: Owner) -> Framed:
        return Framed(owner, server, keepalive_s=_NEVER_S, logger=_BELOW)

    return lambda: Connection(table, framed, find)


def _nothing(_asked: PlainRequest) -> Answer | None:
    """Every request is the application's."""
    return None


def _beginning(handler: Handler) -> Handler:
    """``handler``, whose connection is told first that a request of its is whole."""

    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        handler_of_it = request.protocol
        if isinstance(handler_of_it, Framed):
            handler_of_it.owner.begin()
        if request.version < HttpVersion10:  # which knows no status and no header
            return refusal(HTTPStatus.HTTP_VERSION_NOT_SUPPORTED)
        return await handler(request)

    return handle
