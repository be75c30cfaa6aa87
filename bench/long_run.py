"""A long run: do memory, descriptors, the log of SQLite and its file level off?

``python -m bench long-run [MINUTES [FEEDS]]``: a line a minute. ``FEEDS`` bounds the pace as well, so that a
machine with other work keeps up: 2,000 feeds make 34 polls and 3 new entries a second.
"""

from __future__ import annotations

import json
import tempfile
import time
import urllib.request
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bench.growing import Growth, Running, free_port, growing, write_config

MINUTES, FEEDS = 60, 2000
_INTERVAL_S = 59  # of each feed: 34 polls a second for 2,000
_NEW = 3 / 2000  # entries a second, for each feed
_LISTED, _SHOWN = 3, 1000  # few, so that all that grows is full within the hour
_MORE = f"[retention]\nmax_entries = {_LISTED}\n"


@dataclass(frozen=True, slots=True)
class Sample:
    """Sizes at one moment, in MB but for ``descriptors``."""

    main: float
    workers: float
    descriptors: int
    file: float
    wal: float

    def __str__(self) -> str:
        return (
            f"main {self.main:6.1f} MB, others {self.workers:6.1f} MB, {self.descriptors:4} descriptors, "
            f"file {self.file:7.1f} MB, WAL {self.wal:6.1f} MB"
        )


def _resident(pid: int) -> float:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    return 0.0


def _size(path: Path) -> float:
    return path.stat().st_size / (1 << 20) if path.exists() else 0.0


def sample(running: Running, folder: Path) -> Sample:
    """The sizes of the processes (a page that several share counts in parts) and of the files."""
    daemon, *others = running.family()
    return Sample(
        _resident(daemon),
        sum(map(_resident, others)),
        len(list(Path(f"/proc/{daemon}/fd").iterdir())),
        _size(folder / "a.db"),
        _size(folder / "a.db-wal"),
    )


def levels_off(values: list[float]) -> str:
    """A word on a row of values: does the last third grow less than what went before it?"""
    third = len(values) // 3
    if third < 2:
        return "too short to tell"
    middle, last = values[2 * third - 1] - values[third - 1], values[-1] - values[2 * third - 1]
    small = last <= 0.02 * max(values[-1], 1.0)
    word = "levels off" if small or last < middle / 2 else "grows"
    return f"{word} ({middle:+.1f} in the middle third, {last:+.1f} in the last)"


def _health(web: int) -> str:
    with suppress(OSError, ValueError):
        answer = urllib.request.urlopen(f"http://127.0.0.1:{web}/health", timeout=10)
        return f"unsettled for {json.load(answer)['oldest_unsettled_s']:.0f} s"
    return "no answer of /health"


def main(minutes: int = MINUTES, feeds: int = FEEDS) -> None:
    """Print a line a minute, and at the end what levels off."""
    with tempfile.TemporaryDirectory() as name:
        folder, web = Path(name), free_port()
        growth = Growth(feeds, 1 / (_NEW * feeds), minutes * 60, time.time(), _LISTED)
        with growing(growth) as port:
            write_config(folder, port, feeds, f"{_INTERVAL_S}s", web, _MORE, _SHOWN)
            running, seen = Running(folder), list[Sample]()
            print(
                f"{feeds} feeds, each every {_INTERVAL_S} s, {_NEW * feeds:.1f} new entries a second"
            )
            start = time.monotonic()
            for minute in range(1, minutes + 1):
                time.sleep(max(start + 60 * minute - time.monotonic(), 0))
                seen.append(sample(running, folder))
                print(f"  {minute:3} min: {seen[-1]}, {_health(web)}", flush=True)
            stopping = time.monotonic()
            status = running.end()
            print(f"  SIGTERM: exit status {status} after {time.monotonic() - stopping:.1f} s")
        for field in ("main", "workers", "descriptors", "file", "wal"):
            print(f"  {field}: {levels_off([float(getattr(one, field)) for one in seen])}")
