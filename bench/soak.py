"""Many feeds, a tenth of them hostile: are the good ones polled in time, and what does it cost?

Every feed is due once, spread evenly over a while. The same good feeds are polled twice in one run
of the bench: alone, and among the hostile ones. Lateness is from when a poll was due to when it was
stored.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import tempfile
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Self

from aggregator.app.wiring import Parts, SystemClock, open_parts
from aggregator.config.config import Config
from aggregator.config.settings import FeedSettings, Settings
from aggregator.logs import configure_logs
from aggregator.store.feeds.feeds import WantedFeed
from bench.hostile import KINDS, address, hostile_farm

FEEDS = 10_000
SECONDS = 240
SHARE = 0.1
_PATIENCE_S = 300


@dataclass(frozen=True, slots=True)
class Soaked:
    """What came of one run. Times are in seconds, memory in MB, all processes of ours together."""

    good: int
    polled: int
    failed: int
    hostile_answered: int
    p50: float
    p95: float
    worst: float
    memory: int
    cpu: float

    def __str__(self) -> str:
        return (
            f"{self.polled} of {self.good} good feeds polled, {self.failed} failed; lateness "
            f"median {self.p50:.2f} s, p95 {self.p95:.2f} s, worst {self.worst:.2f} s; "
            f"{self.hostile_answered} hostile ones refused; peak {self.memory} MB, "
            f"{self.cpu:.0f} s CPU of the main process"
        )


def _family() -> list[str]:
    """Process ids of this process and its descendants."""
    parents: dict[str, str] = {}
    for name in (one.name for one in Path("/proc").iterdir() if one.name.isdigit()):
        try:
            parents[name] = Path(f"/proc/{name}/stat").read_text().rpartition(")")[2].split()[1]
        except OSError:
            continue
    found = [str(os.getpid())]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return found


def _resident() -> int:
    total = 0
    for name in _family():
        try:
            total += int(Path(f"/proc/{name}/statm").read_text().split()[1])
        except OSError:
            continue
    return total * os.sysconf("SC_PAGE_SIZE") >> 20


class MemoryWatch:
    """Samples the resident memory of all our processes (pages they share count in each)."""

    def __init__(self) -> None:
        self.peak = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def _watch(self) -> None:
        while not self._stop.wait(0.5):
            self.peak = max(self.peak, _resident())

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()


def _config(folder: Path, urls: list[str]) -> Config:
    settings = Settings.model_validate(
        {
            "database": {"url": f"sqlite:///{folder / 'soak.db'}"},
            "fetch": {
                "allow_networks": (ip_network("127.0.0.0/8"),),
                "timeout": 10,
                "concurrency": 256,
            },
            "extract": {"mode": "never", "timeout": 5},
            "publish": {"directory": ""},
        }
    )
    return Config(settings, None, tuple(FeedSettings(url=url) for url in urls))


async def soak(
    port: int, good: int, hostile: int, seconds: float, kinds: Sequence[str] = KINDS
) -> Soaked:
    """Poll ``good`` feeds, and ``hostile`` ones of ``kinds`` among them, all due in ``seconds``.

    Memory is that of the calling process and of all that descend from it, whoever started them:
    :func:`soak_apart` measures this alone.
    """
    urls = [address("good", number, port) for number in range(good)]
    bad = [address(kinds[n % len(kinds)], good + n, port) for n in range(hostile)]
    with tempfile.TemporaryDirectory() as folder, MemoryWatch() as memory:
        config = _config(Path(folder), urls + bad)
        clock, cpu = SystemClock(), time.process_time()
        async with open_parts(config, clock) as parts:
            # The workers are up before the first poll is due: they are not what is measured.
            start = clock.now() + timedelta(seconds=2)
            due = {url: start + timedelta(seconds=seconds * n / good) for n, url in enumerate(urls)}
            for n, url in enumerate(bad):
                due[url] = start + timedelta(seconds=seconds * n / max(hostile, 1))
            await parts.store.sync_feeds([WantedFeed(url, url, when) for url, when in due.items()])
            await _serve_until_polled(parts, set(urls), set(bad))
            status = await parts.store.status({}, {})
        polled = [feed for feed in status.feeds if feed.last_poll is not None]
        late = sorted(
            _seconds(feed.last_poll, due[feed.key])
            for feed in polled
            if feed.key in due and "/good/" in feed.key
        )
        return Soaked(
            good=good,
            polled=len(late),
            failed=sum(1 for feed in polled if "/good/" in feed.key and feed.failures),
            hostile_answered=sum(
                1 for feed in polled if "/good/" not in feed.key and feed.failures
            ),
            p50=late[len(late) // 2],
            p95=late[int(len(late) * 0.95)],
            worst=late[-1],
            memory=memory.peak,
            cpu=time.process_time() - cpu,
        )


def soak_apart(
    port: int, good: int, hostile: int, seconds: float, kinds: Sequence[str] = KINDS
) -> Soaked:
    """:func:`soak` in a process of its own, so that nothing else of the caller's is counted."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as process:
        return process.submit(_soak, port, good, hostile, seconds, tuple(kinds)).result()


def _soak(port: int, good: int, hostile: int, seconds: float, kinds: Sequence[str]) -> Soaked:
    configure_logs("error", "text")
    return asyncio.run(soak(port, good, hostile, seconds, kinds))


def _seconds(polled: datetime | None, due: datetime) -> float:
    return (polled - due).total_seconds() if polled else 0.0


async def _serve_until_polled(parts: Parts, good: set[str], bad: set[str]) -> None:
    working = asyncio.create_task(parts.engine.serve())
    deadline = time.monotonic() + SECONDS + _PATIENCE_S
    while time.monotonic() < deadline:
        parts.engine.tick()
        await asyncio.sleep(1)
        stats = parts.engine.stats
        if stats.updated + stats.unchanged >= len(good) and stats.failed >= len(bad):
            break
    await parts.engine.stop()
    await working


def main() -> None:
    """Print both runs and their ratio."""
    hostile = int(FEEDS * SHARE)
    good = FEEDS - hostile
    with hostile_farm() as port:
        alone = soak_apart(port, good, 0, SECONDS)
        print(f"{good} good feeds alone, due over {SECONDS} s\n  {alone}")
        among = soak_apart(port, good, hostile, SECONDS)
        print(f"the same with {hostile} hostile ones ({', '.join(KINDS)})\n  {among}")
        print(f"  ratio of p95 lateness: {among.p95 / max(alone.p95, 0.001):.2f}")
