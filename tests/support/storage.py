"""A store on a real database, and short ways to say what happens to it."""

from __future__ import annotations

import asyncio
import uuid
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Row, Table, func, select

from aggregator.config.feed_id import feed_key
from aggregator.dedupe.keys import story_keys
from aggregator.model import (
    Article,
    ArticleTask,
    ChangedEntry,
    ClaimedFeed,
    Entry,
    EntryDelta,
    Item,
    NewEntry,
    ParsedFeed,
    PollOutcome,
    PollResult,
    Selection,
    SettleOrder,
    SettleStats,
    StoryCandidate,
    StoryKey,
    Validators,
)
from aggregator.store.db.database import Database, open_engine, sqlite_path
from aggregator.store.feeds.feeds import WantedFeed
from aggregator.store.store import SqlStore
from aggregator.store.stories import settle as story_rows
from tests.support.migrated import copy_sqlite

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
_DELTA = ("changed", "unlisted", "relisted", "rewritten", "reread", "renamed")
LEASE = timedelta(minutes=5)
WINDOW = timedelta(days=30)


class FakeClock:
    """A clock that stands still until told otherwise."""

    def __init__(self, now: datetime = NOW) -> None:
        self.time = now

    def now(self) -> datetime:
        return self.time

    def advance(self, by: timedelta) -> datetime:
        self.time += by
        return self.time


def entry(name: str, **fields: Any) -> Entry:
    """An entry whose identity, title and guid come from ``name``; no link unless given."""
    given = Entry(
        identity=name, title=f"Title {name}", guid=name, summary_html=f"<p>Title {name}</p>"
    )
    made = replace(given, **fields)
    said = f"{made.title}\n{made.html}\n{made.url}"
    return replace(made, content_hash=str(uuid.uuid5(uuid.NAMESPACE_OID, said)))


def new(name: str, page: str | None = None, at: datetime = NOW, **fields: Any) -> NewEntry:
    """A new entry that sorts at ``at``; ``page`` is the article page it waits for."""
    one = entry(name, url=fields.pop("url", page), **fields)
    return NewEntry(one, uuid.uuid5(uuid.NAMESPACE_URL, name).urn, at, page)


def changed(entry_id: int, name: str, page: str | None = None, **fields: Any) -> ChangedEntry:
    """A change of the entry that :func:`new` made of ``name``."""
    return ChangedEntry(entry_id, entry(name, url=fields.pop("url", page), **fields), page)


def article(text: str = "The whole text.", **fields: Any) -> Article:
    """An extracted article that says ``text``."""
    return replace(Article(html=f"<p>{text}</p>", text=text), **fields)


def long_text(word: str, count: int = 120) -> str:
    """A text long enough to find its story by."""
    return " ".join(f"{word}{i}" for i in range(count))


def wanted(first_polls: Mapping[str, datetime]) -> list[WantedFeed]:
    """Feeds without `id`, as the configuration asks for them: address → first poll."""
    return [WantedFeed(feed_key(url), url, when) for url, when in first_polls.items()]


@dataclass
class Stored:
    """A migrated, empty database with its store, and a clock to move."""

    store: SqlStore
    database: Database
    clock: FakeClock

    async def subscribe(self, *keys: str) -> None:
        """Make exactly these feeds the active ones; new ones are due now."""
        await self.store.sync_feeds(wanted(dict.fromkeys(keys, self.clock.now())))

    async def claim(self, limit: int = 100) -> list[ClaimedFeed]:
        """Lease what is due now."""
        return await self.store.claim_due(self.clock.now(), LEASE, limit)

    async def claim_one(self, key: str) -> ClaimedFeed:
        """Lease the feed ``key``, due or not; the others stay free."""
        keys = {key, feed_key(key) if "://" in key else key}
        everything = await self.store.claim_due(self.clock.now() + 1000 * DAY, LEASE, 1000)
        for other in everything:
            if other.feed.key not in keys:
                await self.store.release(other.feed.id, other.lease)
        return next(one for one in everything if one.feed.key in keys)

    async def poll(self, key: str, *news: NewEntry, **fields: Any) -> list[int]:
        """Poll the feed ``key`` successfully; ``fields`` are those of the outcome or its delta."""
        claimed = await self.claim_one(key)
        outcome = self.outcome(claimed, *news, **fields)
        return await self.store.commit_poll(outcome, claimed.lease)

    def outcome(self, claimed: ClaimedFeed, *news: NewEntry, **fields: Any) -> PollOutcome:
        """What a successful poll of ``claimed`` found."""
        parts = {name: fields.pop(name, ()) for name in _DELTA}
        facts = {
            "result": PollResult.UPDATED,
            "polled_at": self.clock.now(),
            "next_poll": self.clock.now() + HOUR,
            "parsed": ParsedFeed(title=f"Feed {claimed.feed.key}"),
            "validators": Validators(claimed.feed.url, '"v"'),
        }
        return PollOutcome(
            feed_id=claimed.feed.id,
            delta=EntryDelta(new=news, **{name: tuple(ids) for name, ids in parts.items()}),
            **{**facts, **fields},
        )

    async def pages(self, limit: int = 100, busy: Sequence[str] = ()) -> list[ArticleTask]:
        """Lease the pages that are to be fetched now."""
        return await self.store.claim_articles(self.clock.now(), LEASE, limit, busy)

    async def settle(
        self,
        limit: int = 500,
        keys_of: Callable[[StoryCandidate], Sequence[StoryKey]] = story_keys,
        *,
        order: SettleOrder = SettleOrder.FIRST_COME,
        searchable: bool = True,
        outputs: Collection[Selection] = (),
    ) -> SettleStats:
        """Settle what is ready; what that changes is written in the logs of ``outputs``."""
        now = self.clock.now()
        given = (limit, now, WINDOW, keys_of)
        return await self.store.settle(*given, order=order, searchable=searchable, outputs=outputs)

    async def items(self, limit: int = 100, keys: Sequence[str] | None = None) -> list[Item]:
        """What an output of the feeds ``keys`` shows."""
        chosen = None if keys is None else frozenset(keys)
        return await self.store.load_items(Selection(limit, chosen))

    def rows(self, table: Table, *where: Any) -> list[Row[Any]]:
        """The rows of ``table``, in order of their first primary key column."""
        with self.database.engine.connect() as connection:
            ordered = select(table).where(*where).order_by(*table.primary_key.columns)
            return list(connection.execute(ordered))

    def row(self, table: Table, *where: Any) -> Row[Any]:
        """The only such row."""
        (only,) = self.rows(table, *where)
        return only

    def count(self, table: Table) -> int:
        """How many rows ``table`` has."""
        with self.database.engine.connect() as connection:
            return connection.execute(select(func.count()).select_from(table)).scalar_one()


class _Compiled(dict[Any, Any]):
    """Statements that were compiled, for all engines of one kind of database.

    Each test has an engine, and compiling anew for it took more than half of all the time.
    SQLAlchemy's keys begin with the engine's dialect, which is here the same for all.
    """

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get(key[1:], default)

    def __setitem__(self, key: Any, compiled: Any) -> None:
        super().__setitem__(key[1:], compiled)


_COMPILED: defaultdict[str, _Compiled] = defaultdict(_Compiled)


@contextmanager
def stored_at(url: str) -> Iterator[Stored]:
    """Open a store on the migrated database at ``url``; a new SQLite file is a copy of one."""
    path = sqlite_path(url)
    if path is not None and not path.exists():
        copy_sqlite(path)
    engine = open_engine(url)
    engine.update_execution_options(compiled_cache=_COMPILED[engine.dialect.name])
    database = Database(engine)
    try:
        clock = FakeClock()
        yield Stored(SqlStore(database, clock), database, clock)
    finally:
        database.close()


async def settled_by_three(
    url: str, limit: int, keys_of: Callable[[StoryCandidate], Sequence[StoryKey]]
) -> SettleStats:
    """Have three settle the database at ``url`` at once, each to the end in batches of ``limit``."""

    def settle_all() -> SettleStats:
        engine, total = open_engine(url), SettleStats()
        try:
            while True:
                with engine.begin() as connection:
                    one = story_rows.settle(connection, limit, NOW, WINDOW, keys_of)
                if not one.entries:
                    return total
                total += one
        finally:
            engine.dispose()

    with ThreadPoolExecutor(3) as pool:
        loop = asyncio.get_running_loop()
        settled = await asyncio.gather(*(loop.run_in_executor(pool, settle_all) for _ in range(3)))
    return sum(settled, SettleStats())
