"""The real daemon as a process of its own, and what subscribers read from it."""

from __future__ import annotations

import asyncio
import io
import json
import os
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import aiohttp
import feedparser
import tomlkit

from tests.support.commands import command, environment
from tests.support.patience import PATIENCE_S, patience


def free_port() -> int:
    """A port nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Process(Protocol):
    """A process that this one started."""

    @property
    def pid(self) -> int: ...
    @property
    def returncode(self) -> int | None: ...
    async def wait(self) -> int: ...
    def send_signal(self, number: int, /) -> None: ...
    def kill(self) -> None: ...


@dataclass(slots=True)
class Running:
    """A started ``aggregator`` process."""

    process: Process
    base_url: str
    log: Path

    async def get(
        self, path: str, headers: Mapping[str, str] | None = None
    ) -> tuple[int, Mapping[str, str], bytes]:
        """Status, headers and body of one GET."""
        async with (
            aiohttp.ClientSession() as session,
            session.get(self.base_url + path, headers=headers) as answer,
        ):
            return answer.status, answer.headers, await answer.read()

    async def feed(self, name: str = "all", kind: str = "atom") -> Any:
        """The merged feed as a feed reader understands it."""
        status, _, body = await self.get(f"/feeds/{name}.{kind}")
        if status != 200:
            return feedparser.FeedParserDict(entries=[], bozo=False)
        if kind == "json":
            return json.loads(body)
        return feedparser.parse(io.BytesIO(body), sanitize_html=False)

    async def until(self, true: Callable[[Any], bool], name: str = "all") -> Any:
        """The merged feed, once ``true`` of it; fails with the log when that takes too long."""
        feed: Any = None
        try:
            async with patience():
                while True:
                    feed = await self.feed(name)
                    if true(feed):
                        return feed
                    await asyncio.sleep(0.1)
        except TimeoutError:
            titles = sorted(entry.title for entry in feed.entries)
            raise AssertionError(f"not so in time; shown: {titles}\n{self.said()}") from None

    async def stop(self, number: int = signal.SIGTERM) -> int:
        """Send a signal and wait for the end; the exit status."""
        if self.process.returncode is None:
            self.process.send_signal(number)
        async with patience():
            return await self.process.wait()

    def said(self) -> str:
        """The log so far."""
        return self.log.read_text(encoding="utf-8")


def patient(config: str) -> str:
    """The configuration ``config`` with limits that a busy machine keeps."""
    document: Any = tomlkit.parse(config).unwrap()
    limit = f"{round(PATIENCE_S)}s"
    for section, name in (
        ("fetch", "timeout"),
        ("parse", "timeout"),
        ("extract", "timeout"),
        ("extract", "max_wait"),
    ):
        document.setdefault(section, {})[name] = limit
    return tomlkit.dumps(document)


@asynccontextmanager
async def started(
    config: Path, port: int, folder: Path, *, fresh: bool = False
) -> AsyncIterator[Running]:
    """``aggregator run``, answering; killed at the end if it still runs.

    With ``fresh`` it is started as an operator starts it, with a Python of its own.
    """
    log, arguments = folder / "log.txt", ("--config", str(config), "run")
    process: AbstractAsyncContextManager[Process] = (
        _fresh(arguments, folder, log)
        if fresh
        else command(arguments, folder=folder, out=log, err=log)
    )
    async with process as one:
        running = Running(one, f"http://127.0.0.1:{port}", log)
        await _answering(running)
        yield running


@asynccontextmanager
async def _fresh(arguments: Sequence[str], folder: Path, log: Path) -> AsyncIterator[Process]:
    with log.open("ab") as out:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "aggregator", *arguments,
            cwd=folder, env=environment(), stdout=out, stderr=out,
        )  # fmt: skip
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _answering(running: Running) -> None:
    async with patience():
        while running.process.returncode is None:
            try:
                status, _, _ = await running.get("/health")
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0.05)
            else:
                if status == 200:
                    return
    raise AssertionError(f"the daemon did not start:\n{running.said()}")


async def call(folder: Path, *arguments: str, reads: str = os.devnull) -> tuple[int, str, str]:
    """Run one ``aggregator`` command to its end: exit status, output, errors."""
    with tempfile.TemporaryDirectory() as place:
        out, err = Path(place, "out"), Path(place, "err")
        async with (
            patience(),
            command(arguments, folder=folder, out=out, err=err, reads=reads) as one,
        ):
            status = await one.wait()
        return status, _text(out), _text(err)


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8")
