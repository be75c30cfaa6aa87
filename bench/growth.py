"""What grows with the store: every operation on a small store, and on one of a hundred times as many feeds.

On SQLite and PostgreSQL. CPU of this process and of the database server, as ratios between the two
sizes; beside it what a start of the daemon costs there, and its memory.

``python -m bench growth`` makes both stores. ``python -m bench made-store FOLDER FEEDS ENTRIES [URL]`` makes one that
stays, in SQLite or in the empty database at ``URL``, of so many entries a feed; ``python -m bench growth SMALL LARGE`` compares two of these.
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from aggregator.config.load import load
from aggregator.store.db.database import Database, open_engine
from bench.growing import free_port
from bench.made_config import write_config
from bench.made_farm import made_farm
from bench.made_rows import fill
from bench.made_store import SPAN_S, Made
from bench.meter import Meter, stat_fields
from bench.pace import plan
from bench.store_operations import Operations, Store, measured
from tests.support.postgres import PostgresUnavailable, shared_server

SMALL, FACTOR, ENTRIES = 1000, 100, 10  # feeds, how many times that, entries of each
MOST, MOST_START_S, MOST_MEMORY_MB = 3.0, 5.0, 400
_TICKS = os.sysconf("SC_CLK_TCK")
_ROOT = Path(__file__).resolve().parents[1]
_CONFIG = "aggregator.toml"


def make_store(folder: Path, feeds: int, per_feed: int, url: str = "") -> None:
    """Make a store of ``feeds`` feeds with so many entries each that ``folder`` describes, in it or in the database at ``url``."""
    folder.mkdir(parents=True, exist_ok=True)
    made = Made(feeds, int(time.time()) - SPAN_S, free_port(), per_feed)
    url = url or f"sqlite:///{folder / 'made.db'}"
    write_config(folder / _CONFIG, made, url)
    fill(url, made, load(folder / _CONFIG, {}))
    made.write(folder)


@dataclass(frozen=True, slots=True)
class Started:
    """What a start of the daemon cost: seconds of CPU, and MB of its main process after a few pages."""

    cpu: float
    memory: int


def started(folder: Path) -> Started:
    """Start the daemon on the store that ``folder`` describes, look at its page, stop it."""
    made = Made.read(folder)
    environment = {k: v for k, v in os.environ.items() if not k.startswith("AGGREGATOR_")}
    with (
        made_farm(made),
        subprocess.Popen(
            [sys.executable, "-m", "aggregator", "--config", str(folder / _CONFIG), "run"],
            cwd=folder,
            env=environment | {"PYTHONPATH": str(_ROOT)},
            stderr=subprocess.PIPE,
            text=True,
        ) as daemon,
    ):
        assert daemon.stderr is not None
        address = ""
        for line in daemon.stderr:
            if found := re.search(r'"address": ?"(http://[^"]+)"', line):
                address = found[1]
                break
            print(f"    {line.rstrip()[:200]}")
        cpu = sum(map(int, stat_fields(str(daemon.pid))[11:13])) / _TICKS
        # A log that nobody reads would hold the daemon up.
        reading = threading.Thread(target=daemon.stderr.read)
        reading.start()
        for _ in range(3):
            urllib.request.urlopen(address, timeout=120).read()
            time.sleep(6)
        status = Path(f"/proc/{daemon.pid}/status").read_text()
        memory = int(re.findall(r"VmRSS:\s+(\d+)", status)[0]) >> 10
        daemon.send_signal(signal.SIGTERM)
        reading.join()
    return Started(cpu, memory)


@contextmanager
def _databases(folder: Path) -> Iterator[dict[str, tuple[str, str]]]:
    """By kind two empty databases: for the small store and for the large one."""
    found = {"SQLite": ("", "")}
    try:
        with (
            shared_server(folder) as server,
            server.fresh_database() as one,
            server.fresh_database() as two,
        ):
            yield found | {"PostgreSQL": (one, two)}
    except PostgresUnavailable as error:
        print(f"PostgreSQL is left out: {error}")
        yield found


@contextmanager
def _opened(folder: Path) -> Iterator[Store]:
    made, config = Made.read(folder), load(folder / _CONFIG, {})
    database = Database(open_engine(config.settings.database.url))
    plan(database.engine, made)
    try:
        yield Store(Operations(database, made, config), Meter(database.engine))
    finally:
        database.close()


def compare(small: Path, large: Path) -> None:
    """Print CPU of each operation at both sizes, medians, and their ratio; then what a start costs."""
    print(f"{Made.read(small)} against {Made.read(large)}, load {os.getloadavg()[0]:.0f}")
    with _opened(small) as one, _opened(large) as other:
        asyncio.run(measured([one, other]))
    for what, spent in one.spent.items():
        few, many = median(spent), median(other.spent[what])
        ratio = many / max(few, 1e-4)
        mark = "" if ratio <= MOST else f"  more than {MOST:.0f}"
        print(f"  {what:27} {few * 1000:8.1f} ms {many * 1000:9.1f} ms {ratio:6.2f}{mark}")
    for folder in (small, large):
        cost = started(folder)
        print(
            f"  start with {Made.read(folder)}: {cost.cpu:.1f} s of CPU (aim {MOST_START_S:.0f}), "
            f"{cost.memory} MB (aim {MOST_MEMORY_MB})"
        )


def main() -> None:
    """Compare stores that are made for it, on both databases."""
    factor = int(os.environ.get("BENCH_FACTOR") or FACTOR)
    with tempfile.TemporaryDirectory() as name, _databases(Path(name)) as databases:
        for kind, urls in databases.items():
            print(kind)
            folders = [Path(name) / f"{kind} {size}" for size in ("small", "large")]
            for folder, url, feeds in zip(folders, urls, (SMALL, SMALL * factor), strict=True):
                make_store(folder, feeds, ENTRIES, url)
            compare(*folders)
