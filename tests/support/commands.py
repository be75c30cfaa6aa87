"""``aggregator`` commands as processes, forked from one that has imported the program already.

That process (:mod:`tests.support.command_server`) is started by the first test that needs it and serves all
xdist workers of the run; the kernel tells it when the last of them has gone.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.patience import PATIENCE_S, wait_until

REPOSITORY = Path(__file__).resolve().parents[2]
RUN_FOLDER = (
    "TESTS_RUN_FOLDER"  # the variable that names the folder which the processes of a run share
)
_using: list[socket.socket] = []  # the connection that keeps the server running
_joining = threading.Lock()


def environment() -> dict[str, str]:
    """The environment without settings of the person who runs the tests."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("AGGREGATOR_")}
    return kept | {"PYTHONPATH": str(REPOSITORY)}


@dataclass(slots=True)
class Command:
    """A command that runs, or ran; ``returncode`` is its exit status, negative for a signal."""

    pid: int
    out: Path
    err: Path
    returncode: int | None = None
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    async def wait(self) -> int:
        """The exit status, once it ended."""
        await self.ended.wait()
        assert self.returncode is not None
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send the process a signal, if it still runs."""
        if self.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)

    def said(self) -> bytes:
        """What it wrote so far, to standard output and error."""
        files = dict.fromkeys((self.out, self.err))
        return b"\n".join(file.read_bytes() for file in files if file.exists())


@asynccontextmanager
async def command(
    arguments: Sequence[str],
    *,
    folder: Path,
    out: Path,
    err: Path,
    reads: str = os.devnull,
    module: str = "aggregator",
    more: Mapping[str, str] | None = None,
    fault: str = "",
) -> AsyncIterator[Command]:
    """``aggregator`` with ``arguments`` in ``folder``, killed at the end if it still runs.

    What it says is added to the files ``out`` and ``err``, which may be the same. It
    ``reads`` the file of that name, has ``more`` in its environment and, for tests of crashes, a
    ``fault`` in its code.
    Another ``module`` may be a program of the tests that needs what ``aggregator`` imports.
    """
    task = {
        "module": module,
        "arguments": list(arguments),
        "folder": str(folder),
        "environment": environment() | dict(more or {}),
        "in": reads,
        "out": str(out),
        "err": str(err),
        "fault": fault,
    }
    reader, writer = await asyncio.open_unix_connection(await asyncio.to_thread(_server))
    try:
        writer.write(json.dumps(task).encode() + b"\n")
        running = Command(json.loads(await reader.readline())["pid"], out, err)
        listening = asyncio.create_task(_listen(reader, running))
        try:
            yield running
        finally:
            running.kill()
            await listening
    finally:
        writer.close()
        await writer.wait_closed()


async def _listen(reader: asyncio.StreamReader, running: Command) -> None:
    line = await reader.readline()
    running.returncode = json.loads(line)["status"] if line else -signal.SIGKILL
    running.ended.set()


# ── the server ───────────────────────────────────────────────────────────────────────────────


def _server() -> str:
    """Where the run's server answers, which is started if there is none."""
    run = Path(os.environ[RUN_FOLDER])
    path = _socket(run)
    with _joining:
        if not _using:
            with (run / "commands.lock").open("w") as lock:
                fcntl.lockf(lock, fcntl.LOCK_EX)
                _using.append(_joined(path) or _started(path))
    return str(path)


def _socket(run: Path) -> Path:
    return run / "commands.sock"


def _joined(path: Path) -> socket.socket | None:
    """A connection as a user of the server; None where none is, or it is about to end."""
    one = socket.socket(socket.AF_UNIX)
    try:
        one.connect(str(path))
        one.sendall(b'{"user": true}\n')
        if one.recv(1024):
            return one
    except OSError:
        pass
    one.close()
    return None


def _started(path: Path) -> socket.socket:
    path.unlink(missing_ok=True)
    said = path.with_suffix(".log")
    with said.open("ab") as out:
        server = subprocess.Popen(
            [sys.executable, "-m", "tests.support.command_server", str(path)],
            cwd=REPOSITORY,
            env=environment() | {"OPENBLAS_NUM_THREADS": "1"},  # it must have one thread to fork
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,  # Ctrl-C is for the tests; it ends with them
        )
    end = time.monotonic() + PATIENCE_S
    while (user := _joined(path)) is None:
        assert server.poll() is None, f"no commands can be started: {said.read_text()}"
        assert time.monotonic() < end, "the server of commands did not start"
        time.sleep(0.02)
    server.returncode = 0  # it outlives this object; silences the warning about a running child
    return user


def leave() -> None:
    """Use the server no longer."""
    while _using:
        _using.pop().close()


def wait_until_left(run: Path) -> None:
    """Wait until all have left the server of the test run ``run``, and it has ended."""
    wait_until(lambda: _gone(_socket(run)), "the end of the server of commands")


def _gone(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as one:
        return one.connect_ex(str(path)) != 0
