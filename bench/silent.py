"""Thousands of silent connections to the web server, under ``ulimit -n 1024``: who is kept waiting?

Everything runs in processes of its own: a farm of feeds, the clients that say nothing (one that the
server closes comes again), and what is measured: polls of all feeds, one after another, while the
web server answers a reader every so often.
"""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import resource
import selectors
import socket
import tempfile
import time
from collections import deque
from ipaddress import ip_network
from multiprocessing.connection import Connection
from pathlib import Path
from typing import cast

import aiohttp

from aggregator.app.daemon import Daemon
from aggregator.app.wiring import Parts
from aggregator.config.config import Config
from aggregator.config.settings import FeedSettings, Settings
from aggregator.logs import configure_logs
from bench.farm import farm, served_by, url

SILENT = 5000
FEEDS = 300
SECONDS = 10.0
_DESCRIPTORS = 1024
_ASK_EVERY_S = 0.1
_ASK_FOR_S = 5.0
_AGAIN_S = 15.0  # until one that was closed comes again


def _process(port: int, count: int, ready: Connection) -> None:
    """Keep ``count`` connections open and say nothing; those that are closed come again."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(count + 200, hard), hard))
    waiting = selectors.DefaultSelector()
    coming = deque((0.0, number) for number in range(count))
    told = False
    while True:
        now = time.monotonic()
        while coming and coming[0][0] <= now:
            coming.popleft()
            one = socket.socket()
            one.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                one.connect(("127.0.0.1", port))
            waiting.register(one, selectors.EVENT_READ)
        for key, _ in waiting.select(0.05):
            waiting.unregister(key.fileobj)
            cast("socket.socket", key.fileobj).close()
            coming.append((time.monotonic() + _AGAIN_S, 0))
        if not told:
            told = True
            ready.send(port)


class _Reader:
    """A reader that asks for the page's style, on a new connection each time."""

    def __init__(self, port: int) -> None:
        self.took: list[float] = []
        self.failed = 0
        self._address = f"http://127.0.0.1:{port}/style.css"

    async def ask(self) -> None:
        """Ask until cancelled."""
        limit = aiohttp.ClientTimeout(total=_ASK_FOR_S)
        while True:
            start = time.perf_counter()
            try:
                async with aiohttp.request("GET", self._address, timeout=limit) as answer:
                    await answer.read()
                    self.took.append(time.perf_counter() - start)
            except (aiohttp.ClientError, OSError, TimeoutError):
                self.failed += 1
            await asyncio.sleep(_ASK_EVERY_S)

    def __str__(self) -> str:
        took = sorted(self.took)
        if not took:
            return f"no answer to {self.failed} requests"
        return (
            f"{len(took)} answers, {self.failed} failures, median {took[len(took) // 2]:.3f} s, "
            f"p95 {took[int(len(took) * 0.95)]:.3f} s"
        )


async def _polls(parts: Parts, seconds: float) -> tuple[float, int, float]:
    """Polls a second, how many failed, and CPU milliseconds for each that did not."""
    before, start, cpu = parts.engine.stats, time.perf_counter(), time.process_time()
    while time.perf_counter() - start < seconds:
        await parts.engine.run_once(all_feeds=True)
    after = parts.engine.stats
    done = after.updated + after.unchanged - before.updated - before.unchanged
    cpu = (time.process_time() - cpu) * 1000 / max(done, 1)
    return done / (time.perf_counter() - start), after.failed - before.failed, cpu


async def _measure(daemon: Daemon, parts: Parts, folder: Path, label: str) -> tuple[float, float]:
    reader = _Reader(daemon.port or 0)
    asking = asyncio.create_task(reader.ask())
    pace, failed, cpu = await _polls(parts, SECONDS)
    asking.cancel()
    written = "written"
    try:
        (folder / "proof").write_text("x")
    except OSError as error:
        written = f"not written ({error.strerror})"
    log = (folder / "log").stat().st_size
    print(f"  {label}: {pace:.0f} polls a second ({cpu:.2f} ms CPU each), {failed} failed;")
    print(f"    a reader got {reader}; files {written}; {log} bytes of log so far", flush=True)
    return pace, cpu


async def _run(farm_port: int, folder: Path, parent: Connection) -> None:
    feeds = tuple(FeedSettings(url=url("304", number, farm_port)) for number in range(FEEDS))
    settings = Settings.model_validate(
        {
            "database": {"url": f"sqlite:///{folder / 'bench.db'}"},
            "fetch": {"allow_networks": (ip_network("127.0.0.0/8"),), "host_gap": 0},
            "extract": {"mode": "never"},
            "publish": {"directory": ""},
            "server": {"port": 0},
        }
    )
    daemon = Daemon(Config(settings, None, feeds))
    running = asyncio.create_task(daemon.run())
    await daemon.ready.wait()
    parts = daemon.site.parts
    assert parts is not None
    await parts.engine.run_once(all_feeds=True)
    alone, cpu_alone = await _measure(daemon, parts, folder, "alone")
    parent.send(daemon.port)
    await asyncio.to_thread(parent.recv)  # the silent ones are there
    among, cpu_among = await _measure(daemon, parts, folder, f"beside {SILENT} silent connections")
    parent.send(0)
    await asyncio.to_thread(parent.recv)  # they are gone
    again, cpu_again = await _measure(daemon, parts, folder, "alone again")
    pace, cpu = (alone + again) / 2, (cpu_alone + cpu_again) / 2
    print(f"  ratio of the pace: {among / pace:.2f} (of the second run alone to the first: ")
    print(f"  {again / alone:.2f}, which is what the machine's other work makes of it);")
    print(f"  for the same CPU: {cpu / cpu_among:.2f}", flush=True)
    daemon.stop()
    await running


def _child(farm_port: int, folder: str, parent: Connection) -> None:
    """The daemon, in a process that may open so many files and no more."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (_DESCRIPTORS, _DESCRIPTORS))
    with (Path(folder) / "log").open("w") as log:
        configure_logs("warning", "text", log)
        asyncio.run(_run(farm_port, Path(folder), parent))


def main() -> None:
    """Print what polls and readers get, alone and beside silent connections."""
    print(f"{FEEDS} feeds, at most {_DESCRIPTORS} open files", flush=True)
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    with farm(FEEDS) as farm_port, tempfile.TemporaryDirectory() as folder:
        child = context.Process(target=_child, args=(farm_port, folder, theirs))
        child.start()
        theirs.close()  # so that a child that dies ends the waits below
        with served_by(_process, ours.recv(), SILENT):
            ours.send(0)
            ours.recv()
        ours.send(0)
        child.join()
