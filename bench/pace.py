"""A made store at its real pace: a daemon polls its feeds, each when the cadence has it, for minutes or hours.

``python -m bench pace FOLDER MINUTES``, of what ``python -m bench made-store`` made. What comes is as much as what
retention drops. Printed: a line a minute; then CPU, memory, lateness of polls, times of requests, and what a poll
costs the network and the database.
"""

from __future__ import annotations

import json
import os
import re
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from sqlalchemy import Connection, Engine, bindparam, func, select, text, update

from aggregator.store.db.database import open_engine, sqlite_path
from aggregator.store.db.tables import entries, feeds
from bench.growing import Running, free_port
from bench.long_run import levels_off
from bench.made_config import write_config
from bench.made_farm import made_farm
from bench.made_rows import INTERVAL_S
from bench.made_store import Made
from bench.meter import server_cpu, stat_fields

_CONFIG = "aggregator.toml"
_TICKS = os.sysconf("SC_CLK_TCK")
_ASKED_EVERY_S = 3
_PATHS = ("/", "/feeds/all.atom", "/feeds/few.json", "/read/all", "/search?q=w4211", "/health")
_MB = 1 << 20


def plan(engine: Engine, made: Made) -> timedelta:
    """Spread the polls over the next hours, as they are in a daemon that has run for weeks; give the retention.

    Older than that is the oldest entry.
    """
    now = datetime.now(UTC).replace(microsecond=0)
    due = (
        {"row": n, "when": now + timedelta(seconds=n * 7919 % INTERVAL_S)}
        for n in range(1, made.feeds + 1)
    )
    with engine.execution_options(writes=True).begin() as connection:
        connection.execute(
            update(feeds).where(feeds.c.id == bindparam("row")).values(next_poll_at=bindparam("when"), lease_until=None),
            list(due),
        )  # fmt: skip
        oldest: datetime = connection.execute(
            select(entries.c.first_seen_at).order_by(entries.c.first_seen_at).limit(1)
        ).scalar_one()
    return now - oldest


@dataclass(slots=True)
class Watched:
    """What was seen so far; sizes in MB, CPU in seconds, times of requests in milliseconds by path."""

    memory: list[float] = field(default_factory=list)
    others: list[float] = field(default_factory=list)
    kept: list[float] = field(default_factory=list)  # MB that rows take in the database
    log: list[float] = field(default_factory=list)
    late: list[float] = field(default_factory=list)  # seconds, of the poll that is due longest
    asked: dict[str, list[float]] = field(default_factory=dict)


class Watch:
    """Looks at a daemon, its database and its pages."""

    def __init__(self, running: Running, engine: Engine, web: int) -> None:
        self._running, self._engine, self._web = running, engine, web
        self._file = sqlite_path(engine.url.render_as_string(hide_password=False))
        self._server = "" if self._file is not None else _server_of(engine)
        self.seen = Watched()

    def cpu(self) -> tuple[float, float]:
        """Seconds of the daemon's own process and its workers, and of the database's server."""
        ours = 0.0
        for pid in self._running.family():
            with suppress(OSError):
                ours += sum(map(int, stat_fields(str(pid))[11:15])) / _TICKS
        return ours, server_cpu(self._server) if self._server else 0.0

    def written(self) -> int:
        """Bytes that the daemon wrote into files, SQLite's, or the server to its log."""
        if self._file is not None:
            said = Path(f"/proc/{self._running.process.pid}/io").read_text()
            return int(re.findall(r"^wchar: (\d+)", said, re.MULTILINE)[0])
        with self._engine.connect() as connection:
            position = "SELECT pg_current_wal_lsn() - '0/0'::pg_lsn"
            return int(connection.execute(text(position)).scalar_one())

    def rows(self) -> int:
        """Rows written, as PostgreSQL counts them; 0 on SQLite."""
        if self._file is not None:
            return 0
        with self._engine.connect() as connection:
            return int(
                connection.execute(
                    text(
                        "SELECT tup_inserted + tup_updated + tup_deleted FROM pg_stat_database"
                        " WHERE datname = current_database()"
                    )
                ).scalar_one()
            )

    def ask(self) -> None:
        """Ask for each page once."""
        for path in _PATHS:
            before = time.perf_counter()
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self._web}{path}", timeout=60).read()
            except OSError as error:
                print(f"    {path}: {error}")
                continue
            taken = (time.perf_counter() - before) * 1000
            self.seen.asked.setdefault(path, []).append(taken)

    def look(self, minute: int) -> None:
        """Note and print how things are."""
        daemon, *others = self._running.family()
        seen = self.seen
        seen.memory.append(_resident(daemon))
        seen.others.append(sum(map(_resident, others)))
        with self._engine.connect() as connection:
            kept, log = self._sizes(connection)
            late, waiting = _late(connection)
        seen.kept.append(kept)
        seen.log.append(log)
        seen.late.append(late)
        print(
            f"  {minute:3} min: main {seen.memory[-1]:.0f} MB, others {seen.others[-1]:.0f} MB, database {kept:.0f} MB,"
            f" its log {log:.0f} MB, {waiting} polls due, the first for {late:.0f} s, load {os.getloadavg()[0]:.1f}",
            flush=True,
        )

    def _sizes(self, connection: Connection) -> tuple[float, float]:
        if self._file is not None:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            free = connection.exec_driver_sql("PRAGMA freelist_count").scalar_one()
            size = connection.exec_driver_sql("PRAGMA page_size").scalar_one()
            wal = Path(f"{self._file}-wal")
            log = wal.stat().st_size if wal.exists() else 0
            return (pages - free) * size / _MB, log / _MB
        size = connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one()
        log = connection.execute(text("SELECT sum(size) FROM pg_ls_waldir()")).scalar_one()
        return size / _MB, float(log) / _MB

    def lateness(self) -> str:
        """The shares of polls that began by some seconds after they were due, as the daemon counts them."""
        url = f"http://127.0.0.1:{self._web}/metrics"
        said = urllib.request.urlopen(url, timeout=60).read().decode()
        found = re.findall(r'poll_lateness_seconds_bucket{le="([^"]+)"} (\S+)', said)
        total = max((float(count) for _, count in found), default=0.0)
        shares = [f"{float(count) / total:.4f} by {le} s" for le, count in found if total]
        return ", ".join(shares)


def _server_of(engine: Engine) -> str:
    with engine.connect() as connection:
        pid = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
    return stat_fields(str(pid))[1]


def _resident(pid: int) -> float:
    with suppress(OSError):
        said = Path(f"/proc/{pid}/smaps_rollup").read_text()
        return int(re.findall(r"^Pss:\s+(\d+)", said, re.MULTILINE)[0]) / 1024
    return 0.0


def _late(connection: Connection) -> tuple[float, int]:
    now = datetime.now(UTC)
    polled = feeds.c.active & ~feeds.c.gone & ~feeds.c.paused
    due = polled & (feeds.c.next_poll_at <= now) & feeds.c.lease_until.is_(None)
    count, first = connection.execute(
        select(func.count(), func.min(feeds.c.next_poll_at)).where(due)
    ).one()
    return ((now - first).total_seconds() if first else 0.0), count


def _counts(made: Made) -> dict[str, int]:
    answer = urllib.request.urlopen(f"http://127.0.0.1:{made.port}/counts", timeout=10)
    found: dict[str, int] = json.load(answer)
    return found


@contextmanager
def _daemon(folder: Path, made: Made, url: str, engine: Engine, web: int) -> Iterator[Running]:
    age = int(plan(engine, made).total_seconds())
    more = f'[retention]\nmax_age = "{age}s"\n\n'
    write_config(folder / _CONFIG, made, url, web, more, metrics="local")
    running = Running(folder)
    try:
        running.until_started(300)
        yield running
    finally:
        running.end()


def main(folder: Path, minutes: int) -> None:
    """Print a line a minute, and at the end what it came to."""
    made = Made.read(folder)
    url = re.findall(r'^url = "(.*)"', (folder / _CONFIG).read_text("utf-8"), re.MULTILINE)[0]
    engine, web = open_engine(url), free_port()
    with made_farm(made), _daemon(folder, made, url, engine, web) as running:
        watch = Watch(running, engine, web)
        _watch(watch, made, minutes)
    engine.dispose()


def _watch(watch: Watch, made: Made, minutes: int) -> None:
    watch.look(0)
    began, cpu, counts = time.monotonic(), watch.cpu(), _counts(made)
    written, rows = watch.written(), watch.rows()
    for minute in range(1, minutes + 1):
        while time.monotonic() < began + 60 * minute:
            watch.ask()
            time.sleep(_ASKED_EVERY_S)
        watch.look(minute)
    lasted = time.monotonic() - began
    found = {name: n - counts.get(name, 0) for name, n in _counts(made).items()}
    polls = sum(found.get(kind, 0) for kind in ("304", "200", "500"))
    ours, server = (now - before for now, before in zip(watch.cpu(), cpu, strict=True))
    print(f"{made}, {lasted / 60:.0f} minutes: {polls / lasted:.1f} polls a second")
    print(f"  answers: {found}")
    for kind in ("304", "200", "pages"):
        if number := found.get(kind):
            asked, answered = (found[f"{kind}, bytes {what}"] for what in ("asked", "answered"))
            print(f"  {kind}: {asked / number:.0f} bytes asked, {answered / number:.0f} answered")
    print(f"  CPU: ours {ours / lasted:.3f}, database server {server / lasted:.3f} of a core,")
    print(f"    {(ours + server) / polls * 1000:.2f} ms a poll, with all that follows from it")
    print(f"  written: {(watch.written() - written) / polls:.0f} bytes a poll", end="")
    print(f", {(watch.rows() - rows) / polls:.1f} rows")
    print(f"  polls begun: {watch.lateness()}")
    for path, taken in watch.seen.asked.items():
        later = sorted(taken)
        print(
            f"  {path:18} median {median(taken):6.1f} ms, p95 {later[int(len(later) * 0.95)]:7.1f}, most {later[-1]:7.1f}"
        )
    seen = watch.seen
    print(f"  main {min(seen.memory):.0f} to {max(seen.memory):.0f} MB, {levels_off(seen.memory)}")
    print(f"  workers {max(seen.others):.0f} MB, {levels_off(seen.others)}")
    print(f"  database {levels_off(seen.kept)}, its log {max(seen.log):.0f} MB at most")
