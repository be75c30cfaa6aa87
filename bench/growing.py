"""Feeds that grow on loopback, in a process of their own, and a daemon beside them."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import AbstractContextManager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import IO

from bench.farm import HOSTS, NOT_MODIFIED, feed_answer, feed_document, serve_feeds, served_by

_ROOT = Path(__file__).resolve().parents[1]
_STARTED = re.compile(rb"\] started |\"event\": \"started\"")


@dataclass(frozen=True, slots=True)
class Growth:
    """Growth of ``feeds`` feeds: one entry each ``every`` seconds in one of them, in turn, for ``seconds``."""

    feeds: int
    every: float
    seconds: float
    start: float  # by the time of day
    listed: int = 20  # entries that a feed lists: its newest

    def entries(self, feed: int, now: float) -> int:
        """The entries that ``feed`` has published by ``now``."""
        steps = int(min(max(now - self.start, 0), self.seconds) / self.every)
        return 1 + steps // self.feeds + (feed < steps % self.feeds)


def title(feed: int, entry: int) -> str:
    """The title of an entry, which no other has."""
    return f"entry {entry} of feed {feed}"


def document(feed: int, count: int, listed: int) -> bytes:
    """What ``feed`` shows of its ``count`` entries: the newest ``listed``."""
    items = "".join(
        f"<item><title>{title(feed, one)}</title><guid isPermaLink='false'>{feed}-{one}</guid>"
        f"<description>{_text(feed, one)}</description></item>"
        for one in range(count - 1, max(count - listed, 0) - 1, -1)
    )
    head = "<?xml version='1.0'?><rss version='2.0'><channel>"
    return f"{head}<title>Feed {feed}</title>{items}</channel></rss>".encode()


def _text(feed: int, entry: int) -> str:
    """Some words that no two entries share, so that none is a copy of another."""
    whole = feed_document(feed * 100_000 + entry, 1).decode()
    return whole.partition("<description>")[2].partition("<description>")[2].partition("</desc")[0]


async def _serve(growth: Growth, ready: Connection) -> None:
    def respond(head: bytes) -> bytes:
        feed = int(head.split(b" ", 2)[1].strip(b"/"))
        count = growth.entries(feed, time.time())
        tag = f'"{count}"'.encode()
        return (
            NOT_MODIFIED % tag
            if tag in head
            else feed_answer(document(feed, count, growth.listed), tag)
        )

    await serve_feeds(respond, ready)


def _process(growth: Growth, ready: Connection) -> None:
    asyncio.run(_serve(growth, ready))


def growing(growth: Growth) -> AbstractContextManager[int]:
    """Serve the feeds of ``growth``; give the port."""
    return served_by(_process, growth)


def free_port() -> int:
    """A port that nobody listens on right now."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


class Running:
    """``aggregator run`` in ``folder``, a process group of its own."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "log"
        self._log: IO[bytes] = self._path.open("ab")
        self._from = self._log.tell()
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith("AGGREGATOR_")
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "aggregator", "--config", "aggregator.toml", "run"],
            cwd=folder,
            env={**kept, "PYTHONPATH": str(_ROOT)},
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
        )

    def until_started(self, seconds: float) -> None:
        """Wait until it says that it has started; raises RuntimeError when it ends, or takes longer."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and self.process.poll() is None:
            with self._path.open("rb") as log:
                log.seek(self._from)
                if _STARTED.search(log.read()):
                    return
            time.sleep(0.05)
        raise RuntimeError(f"not started, see {self._path}")

    def family(self) -> list[int]:
        """Process ids: the daemon's, then those of its workers and what they are forked from."""
        group = str(self.process.pid)
        others = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and entry.name != group:
                try:
                    fields = (entry / "stat").read_text().rpartition(")")[2].split()
                except OSError:
                    continue
                if fields[2] == group:
                    others.append(int(entry.name))
        return [self.process.pid, *others]

    def end(self, number: int = signal.SIGTERM) -> int:
        """Send the daemon a signal; its exit status."""
        self.process.send_signal(number)
        try:
            return self.process.wait(60)
        finally:
            self._log.close()


def write_config(
    folder: Path, port: int, feeds: int, every: str, web: int, more: str = "", limit: int = 10_000
) -> None:
    """The configuration of a daemon that polls the ``feeds`` feeds at ``port``."""
    lines = [
        f'[database]\nurl = "sqlite:///a.db"\n[server]\nport = {web}\n{more}',
        '[fetch]\nallow_networks = ["127.0.0.0/8"]\nhost_gap = 0\n[extract]\nmode = "never"\n',
        f'[[outputs]]\nname = "all"\nlimit = {limit}\nformats = ["json", "atom"]\n',
    ]
    lines += [
        f'[[feeds]]\nurl = "http://127.0.0.{1 + n % HOSTS}:{port}/{n}"\nevery = "{every}"\n'
        for n in range(feeds)
    ]
    (folder / "aggregator.toml").write_text("".join(lines), "utf-8")
