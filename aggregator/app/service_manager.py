"""Messages to a service manager, systemd or whatever speaks its protocol: sd_notify(3).

Without one, nothing is said. A library would be one more dependency for a datagram.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Mapping
from contextlib import suppress

_MICROSECONDS = 1_000_000
_PATIENCE_S = 0.2  # for a queue that is full: the event loop waits


class ServiceManager:
    """The socket in ``$NOTIFY_SOCKET``. Whatever goes wrong with it stops nothing."""

    def __init__(self, environment: Mapping[str, str], process: int | None = None) -> None:
        address = environment.get("NOTIFY_SOCKET", "")
        if address.startswith("@"):  # in the abstract namespace
            address = f"\0{address[1:]}"
        self._address = address if address[:1] in {"/", "\0"} else ""
        self._stopping = False
        self.ping_every = _half(environment, os.getpid() if process is None else process)
        """Seconds between two calls of :meth:`ping`; None: nobody waits for them."""

    def ready(self) -> None:
        """Started, or done with reloading; no more once the end has begun."""
        if not self._stopping:
            self._say("READY=1")

    def reloading(self) -> None:
        """A reload has begun; :meth:`ready` ends it."""
        self._say(f"RELOADING=1\nMONOTONIC_USEC={time.monotonic_ns() // 1000}")

    def stopping(self) -> None:
        """The end has begun."""
        self._stopping = True
        self._say("STOPPING=1")

    async def ping(self) -> None:
        """The event loop still runs: of one that hangs there is no ping, and it is started anew."""
        self._say("WATCHDOG=1")

    def _say(self, message: str) -> None:
        if not self._address:
            return
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as one:
            one.settimeout(_PATIENCE_S)
            one.sendto(message.encode(), self._address)


def _half(environment: Mapping[str, str], process: int) -> float | None:
    """Half of the time after which a silent process is restarted, as sd_watchdog_enabled(3) advises."""
    given = environment.get("WATCHDOG_USEC", "")
    meant = environment.get("WATCHDOG_PID", "") or str(process)
    if not (given.isascii() and given.isdigit()) or not int(given) or meant != str(process):
        return None
    return int(given) / 2 / _MICROSECONDS
