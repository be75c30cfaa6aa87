"""A daemon that serves and workers that do the work, as processes on one PostgreSQL."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Self
from urllib.request import urlopen

import psycopg

from bench.farm import HOSTS
from bench.growing import free_port

_ROOT = Path(__file__).resolve().parents[1]
_TICK = os.sysconf("SC_CLK_TCK")
_PATIENCE_S = 180.0


def cpu_of(pids: Sequence[int]) -> float:
    """Seconds of CPU of these processes and all that descend from them, dead ones too."""
    parents, used = {}, {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                parents[int(entry.name)] = int(fields[1])
                used[int(entry.name)] = sum(map(int, fields[11:15])) / _TICK
    return sum(one for pid, one in used.items() if _descends(pid, parents, set(pids)))


def _descends(pid: int, parents: dict[int, int], roots: set[int]) -> bool:
    while pid and pid not in roots:
        pid = parents.get(pid, 0)
    return bool(pid)


def config_of(url: str, web: int, port: int, feeds: int, interval: str) -> str:
    """The configuration of daemon and workers: all feeds every ``interval``, served at ``web``."""
    lines = [
        f'engine = "pgqueuer"\n[database]\nurl = "{url}"\n[server]\nport = {web}\n',
        '[log]\nformat = "json"\n[fetch]\nallow_networks = ["127.0.0.0/8"]\nhost_gap = 0\n',
        f'[schedule]\nmin_interval = "{interval}"\nmax_interval = "{interval}"\n',
        '[extract]\nmode = "never"\n[[outputs]]\nname = "all"\nlimit = 10000\nformats = ["json"]\n',
    ]
    lines += [
        f'[[feeds]]\nurl = "http://127.0.0.{1 + n % HOSTS}:{port}/{n}"\n' for n in range(feeds)
    ]
    return "".join(lines)


class Cluster:
    """Processes over the PostgreSQL at ``url`` (SQLAlchemy's form) that poll the ``feeds`` feeds at ``port``."""

    def __init__(self, folder: Path, url: str, port: int, feeds: int, interval: str) -> None:
        self.folder, self.url, self.web = folder, url, free_port()
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        text = config_of(url, self.web, port, feeds, interval)
        (folder / "aggregator.toml").write_text(text, "utf-8")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for name in list(self.running):
            self.kill(name)

    def start(self, name: str, *arguments: str) -> None:
        """Start ``aggregator ARGUMENTS`` under this ``name``, and return when it says that it has started."""
        log = self.folder / f"{name}.log"
        since = log.stat().st_size if log.exists() else 0
        kept = {key: one for key, one in os.environ.items() if not key.startswith("AGGREGATOR_")}
        with log.open("ab") as out:
            process = subprocess.Popen(
                [sys.executable, "-m", "aggregator", "--config", "aggregator.toml", *arguments],
                cwd=self.folder,
                env={**kept, "PYTHONPATH": str(_ROOT), "AGGREGATOR_FETCH__USER_AGENT": name},
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        self.running[name] = process
        end = time.monotonic() + _PATIENCE_S
        while b'"event": "started"' not in log.read_bytes()[since:]:
            if process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"not started, see {log}:\n{log.read_text()[-2000:]}")
            time.sleep(0.05)

    def kill(self, name: str) -> None:
        """End a process, and what it started, at once."""
        process = self.running.pop(name)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def signal(self, name: str, number: int) -> None:
        """Send a signal to a process and to what it started."""
        os.killpg(self.running[name].pid, number)

    def cpu(self) -> float:
        """Seconds of CPU of all processes that run."""
        return cpu_of([one.pid for one in self.running.values()])

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of a query to the database."""
        with psycopg.connect(self.url.replace("+psycopg", ""), autocommit=True) as connection:
            return connection.execute(query.encode()).fetchall()

    def stored(self) -> Counter[str]:
        """Titles of the entries in the store."""
        return Counter(row[0] for row in self.rows("SELECT title FROM entries"))

    def shown(self) -> Counter[str]:
        """Titles of the items that the daemon serves."""
        with urlopen(f"http://127.0.0.1:{self.web}/feeds/all.json") as answer:
            return Counter(item["title"] for item in json.load(answer)["items"])

    def complaints(self) -> Counter[str]:
        """Lines of warning and error in all logs, and ends of trouble, by process and what they say."""
        found: Counter[str] = Counter()
        for log in sorted(self.folder.glob("*.log")):
            for line in log.read_text("utf-8", "replace").splitlines():
                if not line.startswith("{"):
                    found[f"{log.stem}: {line[:100]}"] += 1
                    continue
                said = json.loads(line)
                if said["level"] in ("warning", "error") or said["event"] == "works again":
                    kind = said.get("kind") or said.get("after") or ""
                    found[f"{log.stem}: {said['event']} {kind}".strip()] += 1
        return found
