"""The real daemon as a process of its own, and what subscribers read from it."""

from __future__ import annotations

import asyncio
import io
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import feedparser
import tomlkit

from tests.support.patience import PATIENCE_S, patience

REPOSITORY = Path(__file__).resolve().parents[2]


def free_port() -> int:
    """A port nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(slots=True)
class Running:
    """A started ``aggregator`` process."""

    process: asyncio.subprocess.Process
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


def command(*arguments: str) -> list[str]:
    """The command line of ``aggregator``, from this checkout's environment."""
    return [sys.executable, "-m", "aggregator", *arguments]


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


def environment() -> dict[str, str]:
    """The environment without settings of the person who runs the tests."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("AGGREGATOR_")}
    return kept | {"PYTHONPATH": str(REPOSITORY)}


@asynccontextmanager
async def started(config: Path, port: int, folder: Path) -> AsyncIterator[Running]:
    """``aggregator run``, answering; killed at the end if it still runs."""
    log = folder / "log.txt"
    with log.open("ab") as out:
        process = await asyncio.create_subprocess_exec(
            *command("--config", str(config), "run"),
            cwd=folder,
            env=environment(),
            stdout=out,
            stderr=out,
        )
    running = Running(process, f"http://127.0.0.1:{port}", log)
    try:
        await _answering(running)
        yield running
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


async def call(folder: Path, *arguments: str) -> tuple[int, str, str]:
    """Run one ``aggregator`` command to its end: exit status, output, errors."""
    process = await asyncio.create_subprocess_exec(
        *command(*arguments),
        cwd=folder,
        env=environment(),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with patience():
        out, err = await process.communicate()
    return process.returncode or 0, out.decode(), err.decode()
