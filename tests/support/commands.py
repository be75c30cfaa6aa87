"""``aggregator`` commands as processes, started from one that has imported the program already."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.patience import PATIENCE_S
from tests.support.running import REPOSITORY, environment


@dataclass(slots=True)
class Command:
    """A command that runs, or ran; ``status`` is its exit status."""

    out: Path
    err: Path
    pid: asyncio.Future[int]
    status: asyncio.Future[int]

    async def ended(self) -> int:
        """The exit status, once it ended."""
        async with asyncio.timeout(PATIENCE_S):
            return await self.status

    async def send(self, number: int) -> None:
        """Send the process a signal."""
        os.kill(await self.pid, number)

    def said(self) -> bytes:
        """What it wrote so far, to standard output and error."""
        files = dict.fromkeys((self.out, self.err))
        return b"\n".join(file.read_bytes() for file in files if file.exists())


@dataclass(slots=True)
class Commands:
    """Starts commands in ``folder``; made by :func:`command_server`."""

    process: asyncio.subprocess.Process
    folder: Path
    environment: Mapping[str, str]
    _numbers: itertools.count[int] = field(default_factory=itertools.count)
    _running: dict[int, Command] = field(default_factory=dict)

    async def start(
        self,
        arguments: Sequence[str],
        *,
        folder: Path | None = None,
        more: Mapping[str, str] | None = None,
        fault: str = "",
    ) -> Command:
        """Begin ``aggregator`` with ``arguments``; ``more`` is put into its environment."""
        number = next(self._numbers)
        loop = asyncio.get_running_loop()
        said = self.folder.parent / f"said-{number}"
        command = Command(
            said.with_suffix(".out"), said.with_suffix(".err"), loop.create_future(), loop.create_future()
        )  # fmt: skip
        self._running[number] = command
        task = {
            "id": number,
            "arguments": list(arguments),
            "folder": str(folder or self.folder),
            "environment": {**self.environment, **(more or {})},
            "out": str(command.out),
            "err": str(command.err),
            "fault": fault,
        }
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(task).encode() + b"\n")
        return command

    async def listen(self) -> None:
        """Take the server's answers until it ends."""
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            said = json.loads(line)
            command = self._running[said["id"]]
            if "pid" in said:
                command.pid.set_result(said["pid"])
            else:
                command.status.set_result(said["status"])

    async def kill(self) -> None:
        """End what still runs."""
        for command in self._running.values():
            if command.pid.done() and not command.status.done():
                os.kill(command.pid.result(), signal.SIGKILL)


@asynccontextmanager
async def command_server(folder: Path, more: Mapping[str, str]) -> AsyncIterator[Commands]:
    """Commands in ``folder`` with ``more`` in their environment; none is left running."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.support.command_server",
        cwd=REPOSITORY,
        env=environment() | {"OPENBLAS_NUM_THREADS": "1"},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=1 << 20,
    )
    commands = Commands(process, folder, {**environment(), **more})
    listening = asyncio.create_task(commands.listen())
    try:
        yield commands
    finally:
        await commands.kill()
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()
        await listening
