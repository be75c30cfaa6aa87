"""A PostgreSQL server of one user's own, to be stopped, killed and started again under load.

The shared one of :mod:`tests.support.postgres` is of all tests, so nobody may restart it.
"""

from __future__ import annotations

import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from types import MappingProxyType
from typing import Any

from tests.support import postgres_keeper as keeper
from tests.support.postgres import Address, installed_binaries, reachable_temp


class Shutdown(Enum):
    """How a server is stopped, as ``pg_ctl stop -m`` names it."""

    FAST = signal.SIGINT  # ends sessions, writes all down
    IMMEDIATE = signal.SIGQUIT  # as in a crash: recovers at the next start


class OwnServer:
    """A server that runs; ``address`` stays over restarts."""

    def __init__(self, folder: Path, settings: Mapping[str, str]) -> None:
        # What was committed must be there after a crash, or nothing would be proven by one.
        self._settings = {
            **keeper.SERVER_SETTINGS,
            "synchronous_commit": "on",
            **settings,
        }
        self._data = folder / "home" / "data"
        self._identity: dict[str, Any] = keeper.unprivileged()
        password = secrets.token_urlsafe(16)
        self._install = keeper.installed(folder, installed_binaries(), password, self._identity)
        keeper.initialise(folder, self._install, self._identity)
        self.address = Address(keeper.free_port(), password, folder / "server.log")
        self._server: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and return when it answers."""
        with self.address.log.open("ab") as log:
            self._server = server = subprocess.Popen(
                [
                    self._install / "bin" / "postgres",
                    *("-D", self._data, "-p", str(self.address.port)),
                    *(f"--{name}={value}" for name, value in self._settings.items()),
                ],
                cwd=self._data,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for who uses it
                **self._identity,
            )
        keeper.wait(
            lambda: server.poll() is not None or keeper.answers(self._data), keeper.START_SECONDS
        )
        if not keeper.answers(self._data):
            raise RuntimeError(f"PostgreSQL did not start:\n{self.address.log.read_text('utf-8')}")

    @property
    def pid(self) -> int:
        """Process id of the server that runs."""
        if self._server is None:
            raise RuntimeError("it does not run")
        return self._server.pid

    def stop(self, how: Shutdown) -> None:
        """Stop it, and return when it has ended."""
        if self._server is not None:
            self._server.send_signal(how.value)
            self._server.wait(keeper.STOP_SECONDS)
            self._server = None


@contextmanager
def own_server(settings: Mapping[str, str] = MappingProxyType({})) -> Iterator[OwnServer]:
    """A server that runs, with these ``settings`` over those of tests; all of it is removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="aggregator-own-postgres-", dir=reachable_temp()))
    server: OwnServer | None = None
    try:
        server = OwnServer(folder, settings)
        server.start()
        yield server
    finally:
        if server is not None:
            server.stop(Shutdown.IMMEDIATE)
        shutil.rmtree(folder, ignore_errors=True)
