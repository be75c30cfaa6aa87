"""Puts the parts together: which class stands behind which port is decided here and nowhere else."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from aggregator.config import choices
from aggregator.config.config import Config
from aggregator.config.secrets import secrets_of
from aggregator.config.settings import Settings
from aggregator.engine.inprocess import InProcessEngine
from aggregator.engine.push import PushEngine
from aggregator.engine.workers import ProcessWorkers
from aggregator.errors import StoreError
from aggregator.fetch.client import HttpFetcher
from aggregator.manners import open_manners
from aggregator.model import HostStatus, Status
from aggregator.pipeline import Pipeline
from aggregator.ports import Clock, Poster, Publisher, SubscriptionStore
from aggregator.privacy.masking import masked, register_secrets
from aggregator.publish.board import Board, Publishers
from aggregator.publish.explain import Explained
from aggregator.publish.files import FilePublisher
from aggregator.publish.scrub import Scrubbed, scrub
from aggregator.store import byhand
from aggregator.store.byhand import Rearranged
from aggregator.store.database import Database, open_engine, sqlite_path
from aggregator.store.explain import explain
from aggregator.store.feeds import FeedChanges, WantedFeed
from aggregator.store.hosts import read_hosts
from aggregator.store.lock import instance_lock
from aggregator.store.lookup import find_entries
from aggregator.store.migrations import migrate
from aggregator.store.push import SqlSubscriptions
from aggregator.store.sql import SqlStore
from aggregator.urls import use_tracking_parameters
from aggregator.websub.inbox import Inbox
from aggregator.websub.subscriber import Subscriber

_INBOX_SIZE = 64 << 20  # bytes of deliveries that wait; feeds of those beyond are polled


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Aware UTC."""
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Parts:
    """What a running aggregator consists of."""

    store: SqlStore
    engine: InProcessEngine
    push: PushEngine
    board: Board


@contextmanager
def open_database(config: Config) -> Iterator[Database]:
    """The configured database, migrated. Raises :class:`~aggregator.errors.StoreError`."""
    use_tracking_parameters(config.settings.urls.tracking_parameters)
    engine = open_engine(config.settings.database.url)
    try:
        migrate(engine)
        database = Database(engine)
        try:
            yield database
        finally:
            database.close()
    finally:
        engine.dispose()


def keep_secret(*configs: Config) -> None:
    """From now on no log line, error or list of this process holds a secret of ``configs``."""
    register_secrets(secret for one in configs for secret in secrets_of(one.settings))


@asynccontextmanager
async def open_parts(config: Config, clock: Clock) -> AsyncIterator[Parts]:
    """Everything that polls and publishes, ready to work; nothing runs yet.

    Raises :class:`~aggregator.errors.AlreadyRunning` when another instance holds the SQLite file,
    :class:`~aggregator.errors.StoreError` when the database cannot be opened.
    """
    keep_secret(config)
    settings = config.settings
    file = sqlite_path(settings.database.url)
    with instance_lock(file), open_database(config) as database:
        store = SqlStore(database, clock)
        if file is not None:
            # Whatever was leased was leased by a process that is no more: the lock says so.
            await store.free_leases()
        board = Board()
        async with (
            open_manners(settings.fetch, database, clock) as manners,
            HttpFetcher(settings.fetch, base_url=settings.base_url, manners=manners) as fetcher,
            ProcessWorkers(settings.extract.workers, settings.urls.tracking_parameters) as workers,
        ):
            pipeline = Pipeline(config, clock, fetcher, workers, store, _publisher(config, board))
            engine = InProcessEngine(pipeline)
            push = _push(engine, SqlSubscriptions(database), fetcher)
            # What is loaded by now stays as long as the process: the collector need not walk it
            # again and again (a tenth of the CPU of unchanged polls).
            gc.freeze()
            yield Parts(store, engine, push, board)


def _push(engine: InProcessEngine, store: SubscriptionStore, poster: Poster) -> PushEngine:
    def settings() -> Settings:  # a reload replaces the pipeline and its configuration
        return engine.pipeline.config.settings

    inbox = Inbox(_INBOX_SIZE)
    clock = engine.pipeline.clock
    return PushEngine(engine, Subscriber(store, poster, clock, settings, inbox), inbox)


def _publisher(config: Config, board: Board) -> Publisher:
    directory = config.settings.publish.directory
    return Publishers(board, FilePublisher(Path(directory) if directory else None))


async def subscribe(config: Config, store: SqlStore, now: datetime) -> FeedChanges:
    """Make the database's active feeds those of ``config``; new ones are due at once."""
    wanted = [WantedFeed(feed.key, feed.url, now, feed.former_keys) for feed in config.feeds]
    changes = await store.sync_feeds(wanted)
    # What was stored before this configuration's secrets were known may tell them.
    await store.mask_errors(masked)
    await store.reschedule(_next_polls(config, now))
    return changes


async def scrub_files(config: Config, store: SqlStore) -> list[Scrubbed]:
    """Remove output files of another release or configuration that tell of a private feed.

    Called after :func:`subscribe`, before anything is polled or served; they are then made anew.
    Raises :class:`~aggregator.errors.PublishError` and :class:`~aggregator.errors.StoreError`.
    """
    secrets, directory = choices.guarded(config), config.settings.publish.directory
    if not directory or not secrets:
        return []
    current = await store.renderings_by(choices.maker(config))
    fetched = await store.fetched_at(secrets.keys())
    sought = {key: told | {fetched.get(key, "")} - {""} for key, told in secrets.items()}
    return await asyncio.to_thread(scrub, Path(directory), current, sought)


def _next_polls(config: Config, now: datetime) -> Mapping[str, datetime]:
    """For feeds with a schedule of the operator's: the latest time of their next poll."""
    planned = {feed.key: choices.schedule(config, feed.key) for feed in config.feeds}
    return {
        key: schedule.next_after(None, now)
        for key, schedule in planned.items()
        if schedule is not None
    }


async def read_status(config: Config) -> Status:
    """How things stand in the configured database, whether or not a daemon runs."""
    with open_database(config) as database:
        store = SqlStore(database, SystemClock())
        return await store.status(choices.titles(config), choices.categories(config))


async def explain_entries(config: Config, what: str) -> list[Explained]:
    """Why the entries that ``what`` names are shown in each output, or not."""
    selections = {one.name: choices.selection(config, one) for one in config.settings.outputs}
    with open_database(config) as database:
        return await database.read(explain, what, selections)


async def find_entry(config: Config, what: str) -> int:
    """The one entry that ``what`` names. Raises :class:`StoreError` for none or several."""
    with open_database(config) as database:
        found = await database.read(find_entries, what)
    if len(found) == 1:
        return found[0]
    if not found:
        raise StoreError(f"no entry is known by {what}", hint="`aggregator explain` finds entries")
    raise StoreError(
        f"{what} names {len(found)} entries: {', '.join(map(str, found))}", hint="give one's number"
    )


async def split_story(config: Config, entry_id: int, apart_from: int | None) -> Rearranged:
    """Take an entry out of its story, for good. Raises :class:`StoreError`."""
    with open_database(config) as database:
        return await database.write(byhand.split, entry_id, apart_from)


async def merge_stories(config: Config, first_id: int, second_id: int) -> Rearranged:
    """Make the stories of two entries one, for good. Raises :class:`StoreError`."""
    with open_database(config) as database:
        return await database.write(byhand.merge, first_id, second_id)


async def read_host_status(config: Config) -> list[HostStatus]:
    """What each host was asked lately and which rest; a running daemon is half a minute ahead."""
    with open_database(config) as database:
        return await database.read(read_hosts, SystemClock().now())
