"""The operator's command after output files changed, such as a push to an object store."""

from __future__ import annotations

import asyncio
import os
import signal
from asyncio.subprocess import Process
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from threading import Lock

import structlog

from aggregator.engine.repeated import RepeatedErrors
from aggregator.errors import PublishError
from aggregator.model import OutputFeed, Rendered
from aggregator.privacy.masking import masked

log = structlog.get_logger("aggregator")

_LONGEST_S = 300.0  # that the command may take
_STOP_S = 2.0
_AGAIN_S = 60.0  # until one that failed is tried again, unless files change
_SHOWN = 500  # characters of what it said last, where it failed
_KEPT = 16 << 10  # bytes of it that are kept: it may say gigabytes
_OURS = "AGGREGATOR_"  # variables that may hold secrets of the configuration


class AfterPublish:
    """Notes which outputs changed, as a :class:`~aggregator.ports.Publisher`, and runs ``command`` for them.

    One run at a time; what changes meanwhile is for the next one. It never holds up publishing.
    """

    def __init__(self, command: Sequence[str], *, longest_s: float = _LONGEST_S) -> None:
        self._command = tuple(command)
        self._longest_s = longest_s
        self._etags: dict[tuple[str, str, str], str] = {}
        self._changed: set[str] = set()
        self._changing = Lock()
        self._again_at = 0.0
        self._running: asyncio.Task[None] | None = None
        self._failing = RepeatedErrors("publish.after failed")

    def publish(self, output: OutputFeed, rendered: Sequence[Rendered]) -> None:
        """Note ``output`` where its bytes are not those of the last time."""
        found = {(one.name, one.format, one.token): one.etag for one in rendered}
        with self._changing:
            if any(self._etags.get(key) != etag for key, etag in found.items()):
                self._etags.update(found)
                self._changed.add(output.name)
                self._again_at = 0.0

    def removed(self, names: Iterable[str]) -> None:
        """Note outputs whose files were removed: where the command brings them, they stand as well."""
        with self._changing:
            for name in names:
                self._etags = {key: etag for key, etag in self._etags.items() if key[0] != name}
                self._changed.add(name)
                self._again_at = 0.0

    async def tick(self) -> None:
        """Start the command where files changed since it ran, and it does not run."""
        now = asyncio.get_running_loop().time()
        if not self._command or self._running is not None:
            return
        if not self._changed or now < self._again_at:
            return
        with self._changing:
            names, self._changed = sorted(self._changed), set()
        self._running = asyncio.create_task(self._run(names))

    async def stop(self) -> None:
        """Let a run end that is under way, for as long as a stopping daemon may take; then end it."""
        if (running := self._running) is not None:
            await asyncio.wait((running,), timeout=_STOP_S)
            running.cancel()
            await asyncio.wait((running,))

    async def _run(self, names: Sequence[str]) -> None:
        try:
            said = await self._called(names)
        except (PublishError, OSError) as error:
            self._failing.failed(error)
            with self._changing:
                self._changed.update(names)
            self._again_at = asyncio.get_running_loop().time() + _AGAIN_S
        else:
            self._failing.worked()
            log.debug("publish.after done", outputs=names, said=said)
        finally:
            self._running = None

    async def _called(self, names: Sequence[str]) -> str:
        """Run the command with the names on its standard input, a line each; what it said last.

        Raises :class:`~aggregator.errors.PublishError` where it fails or takes too long, and OSError
        where it cannot be started.
        """
        process = await asyncio.create_subprocess_exec(
            *self._command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env=_environment(os.environ),
            start_new_session=True,
        )
        try:
            async with asyncio.timeout(self._longest_s):
                told = "".join(f"{one}\n" for one in names).encode()
                _, out = await asyncio.gather(_give(process, told), _last_said(process))
                await process.wait()
        except TimeoutError:
            raise PublishError(
                f"publish.after took longer than {self._longest_s:.0f} s and was ended"
            ) from None
        finally:
            if process.returncode is None:
                with suppress(ProcessLookupError):  # with what it started
                    os.killpg(process.pid, signal.SIGKILL)
                await process.wait()
        # Masked before it is cut: of a secret cut in two neither half would be known.
        said = masked(out.decode(errors="replace"))[-_SHOWN:].strip()
        if process.returncode:
            raise PublishError(
                f"publish.after ended with {process.returncode}: {said}",
                hint="run it by hand, as the daemon's user",
            )
        return said


async def _give(process: Process, told: bytes) -> None:
    """Write to the command, which need not read."""
    if (pipe := process.stdin) is not None:
        with suppress(ConnectionError):
            pipe.write(told)
            await pipe.drain()
        pipe.close()


async def _last_said(process: Process) -> bytes:
    """The end of what the command says, however much that is."""
    said = b""
    while process.stdout is not None and (piece := await process.stdout.read(_KEPT)):
        said = (said + piece)[-_KEPT:]
    return said


def _environment(ours: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in ours.items() if not name.startswith(_OURS)}
