"""Several daemons on one PostgreSQL at everything that writes, all at once: do any lock each other out?

Each *daemon* is a store of its own with its own connections; all of them work on a handful of feeds,
pages and hosts, in orders that chance gives, so that they meet at the same rows all the time. Two
transactions that lock each other out show in the server's log, and as an error of the one that lost.
"""

from __future__ import annotations

import asyncio
import os
import random
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import make_url, text

from aggregator.dedupe.keys import story_keys
from aggregator.errors import LeaseLost, StoreError
from aggregator.model import (
    Article,
    ChangedEntry,
    ClaimedFeed,
    Entry,
    EntryDelta,
    HostCount,
    KnownEntry,
    NewEntry,
    ParsedFeed,
    PollOutcome,
    PollResult,
    RereadEntry,
    Selection,
    SettleOrder,
)
from aggregator.store.db.database import Database, open_engine
from aggregator.store.db.migrations import migrate
from aggregator.store.feeds.feeds import WantedFeed
from aggregator.store.hosts.counts import SqlHosts
from aggregator.store.hosts.leases import SqlHostLeases
from aggregator.store.store import SqlStore
from aggregator.store.websub.store import SqlSubscriptions
from tests.support.postgres import PostgresUnavailable, shared_server

SECONDS = 300
DAEMONS = 3
_FEEDS, _PAGES, _HOSTS, _TEXTS = 10, 25, 6, 8
_START = datetime(2026, 11, 2, 12, tzinfo=UTC)
_LEASE = timedelta(minutes=5)
_WINDOW = timedelta(days=30)
_BASE = "https://hub-callbacks.example"
DEADLOCK = "deadlock detected"


@dataclass(slots=True)
class Contended:
    """Transactions that were made, by what they did, and what the database refused."""

    done: Counter[str] = field(default_factory=Counter)
    refused: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        kinds = ", ".join(f"{count} {name}" for name, count in sorted(self.done.items()))
        return f"{self.done.total()} pieces of work ({kinds}); {len(self.refused)} refused"


class _Clock:
    def now(self) -> datetime:
        return datetime.now(UTC)


def _feed(number: int) -> str:
    return f"https://feed{number}.example/feed"


def _text(number: int) -> str:
    """One of a few texts, so that stories meet, part and merge."""
    return " ".join(f"word{number}x{place}" for place in range(120))


class _Daemon:
    """One daemon's writers over a database of its own; ``chance`` decides what they find."""

    def __init__(self, url: str, chance: random.Random, contended: Contended) -> None:
        engine = open_engine(url)
        self.is_sqlite = engine.dialect.name == "sqlite"
        self.database = Database(engine)
        self.store = SqlStore(self.database, _Clock())
        self.hosts = SqlHosts(self.database)
        self.leases = SqlHostLeases(self.database)
        self.push = SqlSubscriptions(self.database)
        self.chance = chance
        self.contended = contended

    @property
    def roles(self) -> Mapping[str, Callable[[], Awaitable[object]]]:
        on_postgres = {} if self.is_sqlite else {"host leases": self.host_leases}
        return on_postgres | {
            "polls": self.polls,
            "articles": self.articles,
            "settled": self.settle,
            "retention": self.retention,
            "host counts": self.host_counts,
            "edits": self.edit,
            "plans": self.plans,
            "subscriptions": self.subscriptions,
        }

    async def work(self, name: str, done: Callable[[int], bool]) -> None:
        """Do one role again and again until ``done(times)``."""
        times = 0
        while not done(times):
            times += 1
            try:
                await self.roles[name]()
            except LeaseLost:
                self.contended.done["leases lost"] += 1
            except StoreError as error:
                if error.hint and "database.url" in error.hint:
                    self.contended.refused.append(f"{name}: {error}")
            except Exception as error:  # noqa: BLE001 - counted: what it did must not end the others
                self.contended.refused.append(f"{name}: {error!r}")
            self.contended.done[name] += 1

    def shuffled(self, values: Sequence[int]) -> list[int]:
        return self.chance.sample(list(values), len(values))

    async def polls(self) -> None:
        claimed = await self.store.claim_due(_Clock().now() + timedelta(days=400), _LEASE, 4)
        self.chance.shuffle(claimed)
        outcomes = [await self._outcome(one) for one in claimed]
        until = _Clock().now() + _LEASE
        results = await asyncio.gather(
            *(self.store.commit_poll(o, c.lease) for o, c in zip(outcomes, claimed, strict=True)),
            self.store.renew(self.chance.sample(claimed, len(claimed)), until),
            return_exceptions=True,
        )
        _raise_first(results)

    async def _outcome(self, claimed: ClaimedFeed) -> PollOutcome:
        now = _Clock().now()
        known = await self.store.known_entries(claimed.feed.id, [])
        self.chance.shuffle(known)
        fresh = [
            NewEntry(self._entry(), uuid.uuid4().urn, now, self._page())
            for _ in range(self.chance.randint(0, 3))
        ]
        parts = [known[start::4] for start in range(4)]
        return PollOutcome(
            feed_id=claimed.feed.id,
            result=PollResult.UPDATED,
            polled_at=now,
            next_poll=now,
            parsed=ParsedFeed(title=f"Title {self.chance.randint(1, 3)}"),
            delta=EntryDelta(
                new=tuple(fresh),
                changed=tuple(ChangedEntry(k.id, self._again(k), self._page()) for k in parts[0]),
                unlisted=tuple(k.id for k in parts[1]),
                relisted=tuple(k.id for k in parts[2]),
                reread=tuple(RereadEntry(k.id, self._again(k)) for k in parts[3]),
                rewritten=tuple((k.id, "digest") for k in parts[2]),
            ),
        )

    def _entry(self) -> Entry:
        said = f"<p>{_text(self.chance.randrange(_TEXTS))}</p>"
        return Entry(
            identity=uuid.uuid4().hex, title="A title", content_html=said, url=self._page()
        )

    def _again(self, known: KnownEntry) -> Entry:
        said = f"<p>{_text(self.chance.randrange(_TEXTS))}</p>"
        return Entry(identity=known.identity, title="A title", content_html=said, url=self._page())

    def _page(self) -> str | None:
        number = self.chance.randrange(_PAGES)
        return (
            f"https://page{number % _HOSTS}.example/{number}"
            if self.chance.random() < 0.7
            else None
        )

    async def articles(self) -> None:
        tasks = await self.store.claim_articles(_Clock().now(), _LEASE, 6, ())
        self.chance.shuffle(tasks)
        until = _Clock().now() + _LEASE
        work: list[Awaitable[object]] = [
            self.store.renew_articles(self.chance.sample(tasks, len(tasks)), until)
        ]
        for number, task in enumerate(tasks):
            if number % 3 == 2:
                work.append(self.store.fail_article(task, "HTTP 500", None))
            else:
                said = _text(self.chance.randrange(_TEXTS))
                found = Article(html=f"<p>{said}</p>", text=said, confidence=0.9)
                work.append(self.store.commit_article(task, found, task.url, b"digests."))
        _raise_first(await asyncio.gather(*work, return_exceptions=True))

    async def settle(self) -> None:
        now = _Clock().now()
        await self.store.release_overdue(now, timedelta(0))
        await self.store.settle(
            20, now, _WINDOW, story_keys, order=self.chance.choice(list(SettleOrder))
        )

    async def retention(self) -> None:
        shown = [Selection(3)]
        await self.store.drop_old(_Clock().now(), timedelta(seconds=2), 4, shown)

    async def host_leases(self) -> None:
        names = [f"page{number}.example" for number in range(_HOSTS)]
        self.chance.shuffle(names)
        rest = (
            {self.chance.choice([*names, "example"]): 0.001} if self.chance.random() < 0.4 else {}
        )
        _raise_first(
            await asyncio.gather(
                *(self.leases.acquire(name, "example") for name in names[:3]),
                *(self.leases.release(name, 0.001, rest) for name in names[3:]),
                self.leases.renew(names),
                return_exceptions=True,
            )
        )

    async def host_counts(self) -> None:
        counts = [HostCount(f"page{n}.example", 1) for n in self.shuffled(range(_HOSTS))]
        now = _Clock().now()
        await self.hosts.note(counts, {one.host: now for one in counts}, now)
        await self.hosts.forget(now + timedelta(hours=2))

    async def edit(self) -> None:
        found = await self.database.read(_some_entries)
        if len(found) < 2:
            return
        first, second = self.chance.sample(found, 2)
        if self.chance.random() < 0.5:
            await self.store.split(first)
        else:
            await self.store.merge(first, second)

    async def plans(self) -> None:
        now = _Clock().now()
        numbers = self.shuffled(range(_FEEDS))
        kept = numbers[: _FEEDS - self.chance.randint(0, 2)]
        await self.store.sync_feeds([WantedFeed(_feed(n), _feed(n), now) for n in kept])
        await self.store.reschedule({_feed(n): now for n in self.shuffled(numbers)})
        await self.store.forgive({n + 1: now for n in self.shuffled(numbers)})
        await self.store.spread_due(now, timedelta(minutes=1), {})
        await self.store.mask_errors(lambda said: said.replace("5", "6"))
        await self.store.pull_back(now - timedelta(seconds=1), timedelta(seconds=1))

    async def subscriptions(self) -> None:
        now = _Clock().now()
        await self.push.reconcile(self.chance.choice([_BASE, f"{_BASE}/2"]), now)
        claimed = await self.push.claim_requests(now, 5, lambda _: now + timedelta(minutes=1))
        for one in claimed:
            if self.chance.random() < 0.5:
                await self.push.confirm(one, now, now + _LEASE, now + _LEASE)
            else:
                await self.push.deny(one, "no", now, now)
        await self.push.catch_up(now, timedelta(minutes=1))
        await self.push.poll_by(self.chance.randint(1, _FEEDS), now)


def _raise_first(results: Sequence[object]) -> None:
    for one in results:
        if isinstance(one, BaseException):
            raise one


def _some_entries(connection: object) -> list[int]:
    rows = connection.execute(  # type: ignore[attr-defined]
        text("SELECT id FROM entries WHERE story_id IS NOT NULL ORDER BY id DESC LIMIT 30")
    )
    return list(rows.scalars())


async def contend(
    url: str, done: Callable[[int], bool], *, daemons: int = DAEMONS, seed: int = 1
) -> Contended:
    """Have ``daemons`` write to the migrated database at ``url``, each role until ``done(times)``."""
    contended = Contended()
    several = [_Daemon(url, random.Random(f"{seed} {n}"), contended) for n in range(daemons)]
    try:
        first = several[0].store
        await first.sync_feeds([WantedFeed(_feed(n), _feed(n), _START) for n in range(_FEEDS)])
        await several[0].database.write(_name_hubs)
        async with asyncio.TaskGroup() as group:
            for one in several:
                for name in one.roles:
                    group.create_task(one.work(name, done))
    finally:
        for one in several:
            one.database.close()
    return contended


def _name_hubs(connection: object) -> None:
    connection.execute(  # type: ignore[attr-defined]
        text("UPDATE feeds SET hub_url = 'https://hub.example/', topic_url = url")
    )


def deadlocks(log: Path, url: str) -> list[str]:
    """The server's lines about transactions of the database at ``url`` that locked each other out."""
    name = f" {make_url(url).database} "
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return [line for line in lines if name in line and DEADLOCK in line]


def main() -> None:
    """Print what was done in some minutes, and each deadlock."""
    seconds = float(os.environ.get("BENCH_SECONDS") or SECONDS)
    with tempfile.TemporaryDirectory() as folder:
        try:
            with shared_server(Path(folder)) as server, server.fresh_database() as url:
                migrate(open_engine(url))
                end = time.monotonic() + seconds
                contended = asyncio.run(contend(url, lambda _: time.monotonic() > end))
                found = deadlocks(server.log, url)
        except PostgresUnavailable as error:
            print(f"contention: not run: {error}")
            return
    print(f"{DAEMONS} daemons on one PostgreSQL for {seconds:.0f} s: {contended}")
    print(f"  {len(found)} deadlocks in the server's log")
    for kind, count in Counter(contended.refused).most_common(10):
        print(f"  {count} times {kind[:300]}")
