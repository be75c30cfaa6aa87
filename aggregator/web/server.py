"""Listening: the application on a socket, on the running event loop."""

from __future__ import annotations

import errno
import logging

from aiohttp import web

from aggregator.errors import AggregatorError

_HINTS = {
    errno.EADDRINUSE: "is another aggregator running? Set server.port to another port, or 0",
    errno.EACCES: "ports below 1024 need a privilege: set server.port to a higher one",
    errno.EADDRNOTAVAIL: "this machine has no such address: set server.host",
}

# The application catches and logs its own faults. What would be logged below it are requests that
# are no HTTP, each with a traceback: anybody could fill the disk with them.
_BELOW = logging.getLogger("aggregator.web.http")
_BELOW.setLevel(logging.CRITICAL)


class WebServer:
    """One application on one address, started once and stopped once."""

    def __init__(self, app: web.Application, host: str, port: int) -> None:
        self._app = app
        self._host = host
        self._port = port
        self._runner: web.AppRunner | None = None
        self._bound = 0

    @property
    def port(self) -> int:
        """The port that is listened on; the one picked, when 0 was asked for. 0 when stopped."""
        return self._bound

    async def start(self) -> None:
        """Listen. Raises :class:`~aggregator.errors.AggregatorError` when the address is not to
        be had.
        """
        runner = web.AppRunner(
            self._app,
            access_log=None,
            logger=_BELOW,
            shutdown_timeout=5,
            auto_decompress=False,  # nobody has reason to send us compressed bodies, or bombs
        )
        await runner.setup()
        try:
            await web.TCPSite(runner, self._host, self._port).start()
        except OSError as error:
            await runner.cleanup()
            raise AggregatorError(
                f"cannot listen on {self._address()}: {error.strerror or error}",
                hint=_HINTS.get(error.errno or 0, "set server.host and server.port"),
            ) from error
        self._runner = runner
        self._bound = int(runner.addresses[0][1])

    async def stop(self) -> None:
        """Stop listening; requests under way get a few seconds. Does nothing when stopped."""
        runner, self._runner, self._bound = self._runner, None, 0
        if runner is not None:
            await runner.cleanup()

    def _address(self) -> str:
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"{host}:{self._port}"
