"""What grows with the store: every operation at 1,000 feeds and 10,000 entries, and at a hundred times that.

On SQLite and PostgreSQL. CPU of this process and of the database server, as ratios between the two
sizes; beside it what a start of the daemon costs there, its memory, and the migration of such a store.
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, text

from aggregator.dedupe.keys import story_keys
from aggregator.model import (
    Basis,
    ClaimedFeed,
    Entry,
    EntryDelta,
    FeedPlace,
    NewEntry,
    ParsedFeed,
    PollOutcome,
    PollResult,
    Selection,
    SettleOrder,
    Status,
)
from aggregator.privacy.public import Disclosure
from aggregator.store.db.database import Database, open_engine
from aggregator.store.db.migrations import migrate
from aggregator.store.store import SqlStore
from aggregator.web.page import FEEDS_PER_PAGE, render_page
from tests.support.postgres import PostgresUnavailable, shared_server

SMALL, FACTOR, ENTRIES = 1000, 100, 10  # feeds, how many times that, entries of each
MOST, MOST_START_S, MOST_MEMORY_MB = 3.0, 5.0, 400
_BEFORE = "0011"  # the shape in which rows are made: they are migrated from there
_AT_ONCE = 20
_LEASE = timedelta(minutes=5)
_TICKS = os.sysconf("SC_CLK_TCK")
_ROOT = Path(__file__).resolve().parents[1]

_SERIES = {
    "sqlite": "WITH RECURSIVE series(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM series WHERE n < {})",
    "postgresql": "WITH series AS (SELECT n FROM generate_series(1, {}) AS n)",
}
_TIMES = {
    "sqlite": "strftime('%Y-%m-%d %H:%M:%S.000000', {}, 'unixepoch')",
    "postgresql": "to_timestamp({})",
}

Steps = tuple[tuple[str, Callable[[], Awaitable[None]]], ...]


@dataclass(frozen=True, slots=True)
class Size:
    """How much is stored."""

    feeds: int

    @property
    def entries(self) -> int:
        """Entries in it."""
        return self.feeds * ENTRIES

    def __str__(self) -> str:
        return f"{self.feeds:,} feeds and {self.entries:,} entries"


def feed_url(number: int) -> str:
    """The address of feed ``number``, from 1."""
    return f"https://host{number % 5000}.example/feed{number}"


def page_url(entry: int, size: Size) -> str:
    """The address of entry ``entry``."""
    return f"https://host{((entry - 1) % size.feeds + 1) % 5000}.example/news/a-story-{entry}"


def fill(engine: Engine, size: Size) -> None:
    """Make the rows, in SQL: settled entries of the last two months, the older half listed no more."""
    now = int(time.time())
    dialect = engine.dialect.name

    def series(count: int) -> str:
        return _SERIES[dialect].format(count)

    def at(seconds: str) -> str:
        return _TIMES[dialect].format(seconds)

    yes, no = ("1", "0") if dialect == "sqlite" else ("true", "false")
    feed = f"((n - 1) % {size.feeds} + 1)"
    page = f"'https://host' || ({feed} % 5000) || '.example/news/a-story-' || n"
    seen = at(f"{now} - 5000000 + n * (4900000.0 / {size.entries})")
    said = "'<p>' || replace('word ', 'word', 'text of entry ' || n || ' ') || '</p>'"
    host = "'host' || (n % 5000) || '.example'"
    address = f"'https://' || {host} || '/feed' || n"
    polled = at(f"{now} - 3000 + n % 2000")
    statements = (
        f"""INSERT INTO feeds (id, key, url, configured_url, host, active, title, hints, recent, polls,
            failures, last_poll_at, last_success_at, next_poll_at, last_result, last_error, gone,
            added_at) {series(size.feeds)}
            SELECT n, {address}, {address}, {address}, {host}, {yes}, 'Feed ' || n, '{{}}', '[]', 30,
            CASE WHEN n % 50 = 0 THEN 3 ELSE 0 END, {polled}, {polled},
            {at(f"{now} + 3600 + n % 2000")},
            CASE WHEN n % 50 = 0 THEN 'failed' ELSE 'not_modified' END,
            CASE WHEN n % 50 = 0 THEN 'HTTP status 500' END, {no}, {at(f"{now} - 6000000")}
            FROM series""",
        f"""INSERT INTO articles (id, url, host, state, next_attempt_at, final_url, html, text, source,
            confidence, reason, fetched_at) {series(size.entries)}
            SELECT n, {page}, 'host' || ({feed} % 5000) || '.example',
            CASE WHEN n % 10 = 0 THEN 2 ELSE 1 END, {seen}, {page}, {said}, {said}, 'page', 0.9, '',
            {seen} FROM series""",
        f"""INSERT INTO stories (id, public_id, representative_id, sort_at, seen_at)
            {series(size.entries)} SELECT n, 'urn:story:' || n, n, {seen}, {seen} FROM series""",
        f"""INSERT INTO entries (id, feed_id, identity, public_id, content_hash, guid, url, title,
            authors, categories, enclosures, first_seen_at, sort_at, listed, state, state_since,
            article_id, story_id, join_rule, exact_id, text_length) {series(size.entries)}
            SELECT n, {feed}, {page}, 'urn:entry:' || n, 'hash' || n, {page}, {page}, 'Title ' || n,
            '[]', '[]', '[]', {seen}, {seen}, n > {size.entries // 2}, 2, {seen}, n, n, 'new',
            'urn:entry:' || n, 500 FROM series""",
        f"""INSERT INTO entry_texts (entry_id, summary_html, content_html) {series(size.entries)}
            SELECT n, {said}, {said} FROM series""",
        f"""INSERT INTO story_keys (key, story_id, seen_at, entry_id) {series(size.entries)}
            SELECT 'url:' || {page}, n, {seen}, n FROM series""",
    )
    with engine.execution_options(writes=True).begin() as connection:
        for statement in statements:
            connection.execute(text(statement.replace(":", "\\:")))
        if dialect == "postgresql":
            for table in ("feeds", "articles", "stories", "entries"):
                connection.execute(
                    text(
                        f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"
                    )
                )
    if dialect == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))


# ── what is measured ─────────────────────────────────────────────────────────────────────────


class Meter:
    """CPU of this process, and of the server behind ``engine``, if there is one."""

    def __init__(self, engine: Engine) -> None:
        self._server = ""
        if engine.dialect.name == "postgresql":
            with engine.connect() as connection:
                pid = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
            self._server = _stat(str(pid))[1]

    def cpu(self) -> float:
        """Seconds so far."""
        return time.process_time() + (self._server_cpu() if self._server else 0.0)

    def _server_cpu(self) -> float:
        # Its own time, that of processes that ended, and that of those that are there.
        ticks = sum(map(int, _stat(self._server)[11:15]))
        for name in (one.name for one in Path("/proc").iterdir() if one.name.isdigit()):
            try:
                fields = _stat(name)
            except OSError:
                continue
            if fields[1] == self._server:
                ticks += int(fields[11]) + int(fields[12])
        return ticks / _TICKS


def _stat(pid: str) -> list[str]:
    """The fields of ``/proc/PID/stat`` from the state on."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


_ALL = Selection(100, basis=Basis("all", "", "", ""))
_ONE_FEED = Selection(100, frozenset({feed_url(7)}), basis=Basis("one", "", "", ""))
_OUTPUTS = (_ALL, _ONE_FEED)


class Operations:
    """One of each kind of work on a store of this size."""

    def __init__(self, database: Database, size: Size) -> None:
        self.database = database
        self.size = size
        self.store = SqlStore(database, _Clock())
        self.claimed: list[ClaimedFeed] = []
        self.number = 0

    async def claim(self) -> None:
        """Lease feeds of several hosts."""
        self.claimed = await self.store.claim_due(
            _Clock().now() + 2 * timedelta(hours=1), _LEASE, _AT_ONCE, (), 2
        )

    async def commit_unchanged(self) -> None:
        """End their polls, which found nothing."""
        await self._commit(0)

    async def commit_new(self) -> None:
        """End their polls, which found two entries each."""
        await self._commit(2)

    async def _commit(self, fresh: int) -> None:
        now = _Clock().now()
        outcomes = [
            PollOutcome(
                feed_id=one.feed.id,
                result=PollResult.UPDATED if fresh else PollResult.NOT_MODIFIED,
                polled_at=now,
                next_poll=now + timedelta(hours=3),
                parsed=ParsedFeed(title=one.feed.title) if fresh else None,
                delta=EntryDelta(new=tuple(self._new(now) for _ in range(fresh))),
            )
            for one in self.claimed
        ]
        await asyncio.gather(
            *(
                self.store.commit_poll(o, c.lease)
                for o, c in zip(outcomes, self.claimed, strict=True)
            )
        )

    def _new(self, now: datetime) -> NewEntry:
        self.number += 1
        name = f"new {id(self)} {self.number}"
        said = " ".join(f"{name}word{place}" for place in range(60))
        url = f"https://fresh.example/{id(self)}/{self.number}"
        entry = Entry(identity=name, title=name, url=url, content_html=f"<p>{said}</p>")
        return NewEntry(entry, f"urn:{name}", now, None)

    async def settle(self) -> None:
        """Give these their stories."""
        await self.store.settle(
            500,
            _Clock().now(),
            timedelta(days=30),
            story_keys,
            order=SettleOrder.NEWEST,
            outputs=_OUTPUTS,
        )

    async def begin(self) -> None:
        """Fill the logs of the outputs from the store, as the first start does."""
        await self.store.sync_logs([])
        await self.store.sync_logs([one.basis for one in _OUTPUTS if one.basis is not None])
        await self.store.catch_up(_OUTPUTS)

    async def load(self) -> None:
        """Read the items of an output of all feeds."""
        await self.store.catch_up(_OUTPUTS)
        await self.store.load_items(_ALL)

    async def load_one_feed(self) -> None:
        """Read those of an output of one."""
        await self.store.load_items(_ONE_FEED)

    async def start_page(self) -> None:
        """Read and render the first page of the list."""
        status = await self.store.status({}, {}, FEEDS_PER_PAGE)
        self._render(status)

    def _render(self, status: Status) -> None:
        told = {feed.key: Disclosure() for feed in status.feeds}
        render_page(
            title="T", base_url="", version="1", outputs=(), status=status, told=told, now=_Clock().now()
        )  # fmt: skip

    async def later_page(self) -> None:
        """Likewise one in the middle."""
        place = FeedPlace(self.size.feeds // 2)
        self._render(await self.store.status({}, {}, FEEDS_PER_PAGE, place))

    async def status(self) -> None:
        """Read what ``aggregator status`` shows."""
        await self.store.status({}, {}, 200)

    async def retention(self) -> None:
        """Look for what there is to drop."""
        await self.store.drop_old(_Clock().now(), timedelta(days=90), 1000, [_ALL])

    async def explain(self) -> None:
        """Explain an entry by another form of its address."""
        asked = page_url(self.size.entries // 3, self.size).replace("https://", "http://www.")
        found = await self.store.explain(f"{asked}/?utm_source=x", {"all": _ALL})
        assert len(found) == 1

    async def explain_unknown(self) -> None:
        """Explain an address that no entry has."""
        asked = "https://host1.example/news/never-seen"
        assert not await self.store.explain(asked, {"all": _ALL})


class _Clock:
    def now(self) -> datetime:
        return datetime.now(UTC)


async def measured(engine: Engine, size: Size) -> dict[str, float]:
    """CPU of each operation, in seconds."""
    database = Database(engine)
    of, meter = Operations(database, size), Meter(engine)
    steps: list[tuple[str, Callable[[], Awaitable[None]], int]] = [
        ("output of all feeds", of.load, 10),
        ("output of one feed", of.load_one_feed, 40),
        ("start page", of.start_page, 20),
        ("start page, later", of.later_page, 20),
        ("status", of.status, 20),
        ("retention, nothing to drop", of.retention, 5),
        ("explain URL", of.explain, 10),
        ("explain unknown URL", of.explain_unknown, 10),
    ]
    spent: dict[str, float] = {}
    try:
        rounds: Steps = ("claim", of.claim), ("commit unchanged", of.commit_unchanged)
        news: Steps = ("claim", of.claim), ("commit new", of.commit_new), ("settle", of.settle)
        before = meter.cpu()
        await of.begin()
        spent["outputs filled"] = meter.cpu() - before
        for turn in (*[rounds] * 12, *[news] * 12):
            for name, work in turn:
                before = meter.cpu()
                await work()
                spent[name] = spent.get(name, 0.0) + (meter.cpu() - before) / (
                    24 if name == "claim" else 12
                )
        for name, work, times in steps:
            await work()
            before = meter.cpu()
            for _ in range(times):
                await work()
            spent[name] = (meter.cpu() - before) / times
    finally:
        database._writers.shutdown()  # noqa: SLF001 - the engine is used on
        database._readers.shutdown()  # noqa: SLF001
    return spent


@dataclass(frozen=True, slots=True)
class Started:
    """What a start of the daemon cost: seconds of CPU, and MB of its main process after a few pages."""

    cpu: float
    memory: int


def started(url: str, size: Size, folder: Path) -> Started:
    """Start the daemon on the database at ``url``, look at its page, stop it."""
    config = folder / f"{size.feeds}.toml"
    top = (
        f'[database]\nurl = "{url}"\n\n[server]\nport = 0\n\n[publish]\ndirectory = ""\n\n'
        '[log]\nformat = "json"\n\n'
    )
    feeds = (f'[[feeds]]\nurl = "{feed_url(n)}"\n' for n in range(1, size.feeds + 1))
    config.write_text(top + "\n".join(feeds), "utf-8")
    environment = {k: v for k, v in os.environ.items() if not k.startswith("AGGREGATOR_")}
    with subprocess.Popen(
        [sys.executable, "-m", "aggregator", "--config", str(config), "run"],
        cwd=folder,
        env=environment | {"PYTHONPATH": str(_ROOT)},
        stderr=subprocess.PIPE,
        text=True,
    ) as daemon:
        assert daemon.stderr is not None
        address = ""
        for line in daemon.stderr:
            if found := re.search(r'"address": ?"(http://[^"]+)"', line):
                address = found[1]
                break
            print(f"    {line.rstrip()[:200]}")
        cpu = sum(map(int, _stat(str(daemon.pid))[11:13])) / _TICKS
        for _ in range(3):
            urllib.request.urlopen(address, timeout=120).read()
            time.sleep(6)
        status = Path(f"/proc/{daemon.pid}/status").read_text()
        memory = int(re.findall(r"VmRSS:\s+(\d+)", status)[0]) >> 10
        daemon.send_signal(signal.SIGTERM)
        daemon.stderr.read()
    return Started(cpu, memory)


@contextmanager
def _databases(folder: Path) -> Iterator[dict[str, tuple[str, str]]]:
    """By kind two empty databases: for the small store and for the large one."""
    found = {"SQLite": (f"sqlite:///{folder}/small.db", f"sqlite:///{folder}/large.db")}
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


def _prepared(url: str, size: Size) -> tuple[Engine, float]:
    """A migrated store of this size, and the CPU that its migration took, in seconds."""
    engine = open_engine(url)
    migrate(engine, _BEFORE)
    fill(engine, size)
    before = Meter(engine).cpu()
    migrate(engine)
    spent = Meter(engine).cpu() - before
    # Opened anew, as a daemon finds it, with the log of the migration written back.
    engine.dispose()
    return open_engine(url), spent


def main() -> None:
    """Print CPU at both sizes and their ratio, per operation and database; then what a start costs."""
    factor = int(os.environ.get("BENCH_FACTOR") or FACTOR)
    sizes = Size(SMALL), Size(SMALL * factor)
    with tempfile.TemporaryDirectory() as name, _databases(Path(name)) as databases:
        for kind, urls in databases.items():
            print(f"{kind}: {sizes[0]} against {sizes[1]}")
            figures = []
            for url, size in zip(urls, sizes, strict=True):
                engine, migrated = _prepared(url, size)
                figures.append(asyncio.run(measured(engine, size)))
                engine.dispose()
                print(f"  migration of {size}: {migrated:.1f} s of CPU")
            for what, small in figures[0].items():
                large = figures[1][what]
                ratio = large / max(small, 1e-4)
                mark = "" if ratio <= MOST else f"  more than {MOST:.0f}"
                print(
                    f"  {what:27} {small * 1000:8.1f} ms {large * 1000:9.1f} ms {ratio:6.2f}{mark}"
                )
            for url, size in zip(urls, sizes, strict=True):
                one = started(url, size, Path(name))
                print(
                    f"  start with {size}: {one.cpu:.1f} s of CPU (aim {MOST_START_S:.0f}), "
                    f"{one.memory} MB (aim {MOST_MEMORY_MB})"
                )
