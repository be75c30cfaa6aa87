"""The caller's end of the control socket."""

from __future__ import annotations

import socket
from contextlib import suppress
from pathlib import Path

from aggregator.control import frames, messages, socket_place
from aggregator.control.messages import Reply, Request
from aggregator.errors import ControlError

PATIENCE_S = 60.0  # with a daemon that reads twenty thousand feeds again


class Caller:
    """A connection to a running daemon, which answers one request after the other."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def ask(self, request: Request) -> Reply:
        """The answer to ``request``. Raises :class:`~aggregator.errors.ControlError` without one."""
        try:
            with suppress(BrokenPipeError):  # it refuses whoever this is, and says so
                self._connection.sendall(frames.framed(messages.write(request)))
            length = frames.length_of(self._read(frames.HEAD))
            return messages.read_reply(self._read(length))
        except TimeoutError:
            raise ControlError(
                f"the daemon has not answered within {PATIENCE_S:.0f} s",
                hint="see its log; what was asked may still be done",
            ) from None
        except OSError as error:
            raise _ended(error.strerror or str(error)) from None

    def is_up(self) -> bool:
        """False when the daemon has ended, or let us go."""
        self._connection.setblocking(False)  # with a time limit Python would wait for it
        try:
            return bool(self._connection.recv(1, socket.MSG_PEEK))
        except BlockingIOError:
            return True
        except OSError:
            return False
        finally:
            self._connection.settimeout(PATIENCE_S)

    def _read(self, size: int) -> bytes:
        parts = bytearray()
        while len(parts) < size:
            part = self._connection.recv(min(size - len(parts), 1 << 16))
            if not part:
                raise _ended("it hung up")
            parts += part
        return bytes(parts)


def call(folder: Path) -> Caller | None:
    """A connection to the daemon that listens in ``folder``; None where none does.

    Raises :class:`~aggregator.errors.ControlError` where one may not be asked.
    """
    connection = socket_place.connect_in(folder, PATIENCE_S)
    return None if connection is None else Caller(connection)


def _ended(reason: str) -> ControlError:
    return ControlError(
        f"the daemon has not answered: {reason}", hint="is it stopping? See its log, and ask again"
    )
