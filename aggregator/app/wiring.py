"""The parts, put together: the only place that says which class stands behind which port."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

import structlog

from aggregator.app.after_publish import AfterPublish
from aggregator.app.hub_news import OutputNews
from aggregator.app.politeness import open_politeness
from aggregator.app.publishers import Publishers
from aggregator.app.reader_stats import ReaderCountsWriter, counts_writer
from aggregator.app.road_sync import sync_roads
from aggregator.app.shared_clock import SharedClock, following
from aggregator.app.stored import open_database
from aggregator.app.telemetry_parts import Telemetry, telemetry
from aggregator.app.upgrading import say_unfinished
from aggregator.config import choices
from aggregator.config.config import Config
from aggregator.config.feed_id import feed_key
from aggregator.config.secrets import keep_secret
from aggregator.config.settings import Settings
from aggregator.control.socket_place import folder_of
from aggregator.deliver.hub_service import Hub
from aggregator.engine.distributed import DistributedEngine
from aggregator.engine.hub_lanes import HubEngine, Published
from aggregator.engine.in_process import InProcessEngine
from aggregator.engine.mail_smtp import MailSender
from aggregator.engine.notify_apprise import NotifySender
from aggregator.engine.road_ends import Senders
from aggregator.engine.road_engine import RoadsEngine
from aggregator.engine.websub import PushEngine
from aggregator.engine.workers import ProcessWorkers
from aggregator.fetch.client import HttpFetcher
from aggregator.fetch.hub_calls import HubCalls
from aggregator.fetch.webhook_post import WebhookPoster
from aggregator.flow.digesting import Digesting
from aggregator.flow.network_watch import NetworkWatch
from aggregator.flow.pipeline import Pipeline
from aggregator.flow.poll_budget import PollBudget
from aggregator.model import Role
from aggregator.ports import (
    Clock,
    Engine,
    Fetcher,
    HubCaller,
    Metrics,
    Poster,
    Publisher,
    RequestBox,
    SubscriptionStore,
)
from aggregator.privacy.masking import SHORTEST_SECRET, masked
from aggregator.privacy.tokens import secrets_in
from aggregator.publish.archive_files import ArchivePageFiles
from aggregator.publish.files import FilePublisher
from aggregator.publish.scrub import Scrubbed, scrub
from aggregator.publish.snapshot import Snapshot
from aggregator.select.guards import guards_of
from aggregator.store.db.database import Database, sqlite_path
from aggregator.store.db.lock import instance_lock
from aggregator.store.db.migrations import Opening, known_revisions
from aggregator.store.db.processes import Presence, this_process
from aggregator.store.deliveries.hub_store import SqlHub
from aggregator.store.feeds.feeds import FeedChanges, WantedFeed
from aggregator.store.jobs.store import SqlJobs
from aggregator.store.requests.posted import SqlRequests
from aggregator.store.store import SqlStore
from aggregator.store.websub.store import SqlSubscriptions
from aggregator.websub.inbox import Inbox
from aggregator.websub.subscriber import Subscriber

log = structlog.get_logger("aggregator")

_INBOX_SIZE = 64 << 20  # bytes of deliveries that wait; feeds of those beyond are polled


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Aware UTC."""
        return datetime.now(UTC)


def shared_clock() -> Clock:
    """The clock of processes that may have others beside them, on other machines."""
    return SharedClock(SystemClock())


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a running aggregator."""

    store: SqlStore
    engine: Engine
    push: PushEngine
    hub: HubEngine
    roads: RoadsEngine
    snapshot: Snapshot
    after: AfterPublish
    fetcher: Fetcher
    readers: ReaderCountsWriter
    budget: PollBudget
    telemetry: Telemetry
    presence: Presence
    control: Path | None = (
        None  # folder of the control socket, where the database is this process's own …
    )
    requests: RequestBox | None = None  # … and else the place where commands leave what they want


@asynccontextmanager
async def open_parts(
    config: Config, clock: Clock, roles: Collection[Role] | None = None, command: str = "run"
) -> AsyncIterator[Parts]:
    """Everything that polls and publishes, ready to work; nothing runs yet.

    ``roles`` are this process's where the configuration names a job engine; None: it works alone. Others
    are told of it as ``command``.

    Raises :class:`~aggregator.errors.AlreadyRunning` when another instance holds the SQLite file,
    :class:`~aggregator.errors.StoreError` when the database cannot be opened,
    :class:`~aggregator.errors.TooOld` when a later release has changed it.
    """
    # What is loaded by now stays as long as the process: the collector need not walk it again and
    # again (a tenth of the CPU of unchanged polls; more where feeds are many).
    gc.freeze()
    keep_secret(config.settings)
    settings = config.settings
    file = sqlite_path(settings.database.url)
    me = this_process(command)
    opening = Opening(joining=me, alone=file is not None)
    with (
        instance_lock(file),
        open_database(config, opening) as database,
        telemetry(config) as told,
    ):
        presence = Presence(database, me, known_revisions())
        await say_unfinished(database)
        store = SqlStore(database, clock)
        if file is not None:
            # Whatever was leased was leased by a process that is no more: the lock says so.
            await store.free_leases()
        snapshot, network, published = Snapshot(), NetworkWatch(), Published()
        after = AfterPublish(settings.publish.after if settings.publish.directory else ())
        budget = PollBudget()
        async with (
            following(clock, database),
            presence,
            open_politeness(settings.fetch, database, clock) as politeness,
            HttpFetcher(
                settings.fetch,
                base_url=settings.base_url,
                politeness=politeness,
                name_answered=lambda: network.names.answered(clock.now()),
            ) as fetcher,
            HubCalls(settings.fetch, base_url=settings.base_url) as calls,
            WebhookPoster(settings.fetch, base_url=settings.base_url) as hooks,
            ProcessWorkers(
                settings.extract.workers,
                settings.urls.tracking_parameters,
                settings.fetch.allowed(),
            ) as workers,
        ):
            pipeline = Pipeline(
                config,
                clock,
                fetcher,
                workers,
                store,
                _publisher(config, snapshot, after, published),
                network,
                _pages(config),
                budget,
                told.metrics,
                told.tracer,
            )
            engine = await _engine(pipeline, database, roles, told.metrics)
            push = _push(engine, SqlSubscriptions(database), fetcher)
            hub = _hub(engine, database, store, calls, fetcher, told.metrics)
            telling = HubEngine(engine, hub, published, clock, alone=file is not None)
            senders = Senders(hooks, NotifySender(), MailSender.ready())
            # A reload replaces the pipeline and its configuration.
            roads = RoadsEngine(
                store, clock, lambda: engine.pipeline.config, senders, metrics=told.metrics
            )
            gc.freeze()
            shared = SqlRequests(database) if file is None else None
            folder = folder_of(file) if file is not None else None
            readers = counts_writer(database, clock)
            yield Parts(
                store,
                engine,
                push,
                telling,
                roads,
                snapshot,
                after,
                fetcher,
                readers,
                budget,
                told,
                presence,
                folder,
                shared,
            )


async def _engine(
    pipeline: Pipeline,
    database: Database,
    roles: Collection[Role] | None,
    metrics: Metrics,
) -> InProcessEngine:
    """The engine that the configuration names; a job engine's tables are made where they are not."""
    settings = pipeline.config.settings
    if roles is None or settings.engine == "in_process":
        shared = sqlite_path(settings.database.url) is None
        return InProcessEngine(pipeline, shared=shared, metrics=metrics)
    # Its packages are an extra.
    from aggregator.engine.job_queue import PgQueuerJobs, enqueue, queued_jobs  # noqa: PLC0415

    queue = PgQueuerJobs(settings.database.url)
    await queue.install()
    return DistributedEngine(
        pipeline, SqlJobs(database, enqueue, queued_jobs), queue, roles, metrics=metrics
    )


def _push(engine: InProcessEngine, store: SubscriptionStore, poster: Poster) -> PushEngine:
    def settings() -> Settings:  # a reload replaces the pipeline and its configuration
        return engine.pipeline.config.settings

    inbox = Inbox(_INBOX_SIZE)
    clock = engine.pipeline.clock
    return PushEngine(engine, Subscriber(store, poster, clock, settings, inbox), inbox)


def _hub(
    engine: InProcessEngine,
    database: Database,
    store: SqlStore,
    calls: HubCaller,
    poster: Poster,
    metrics: Metrics,
) -> Hub:
    def config() -> Config:  # as above
        return engine.pipeline.config

    news, clock = OutputNews(config, store), engine.pipeline.clock
    return Hub(SqlHub(database), calls, poster, news, clock, lambda: config().settings, metrics)


def _publisher(
    config: Config, snapshot: Snapshot, after: AfterPublish, published: Published
) -> Publisher:
    settings = config.settings.publish
    folder = Path(settings.directory) if settings.directory else None
    files = FilePublisher(folder, compressed=settings.compressed)
    return Publishers(snapshot, files, after, published)  # who is told finds it there


def _pages(config: Config) -> ArchivePageFiles:
    files = config.settings.publish
    folder = Path(files.directory) if files.directory else None
    return ArchivePageFiles(folder, compressed=files.compressed)


async def subscribe(config: Config, store: SqlStore, now: datetime) -> FeedChanges:
    """Make the database's active feeds those of ``config``, and its outputs; new feeds are due at once."""
    facts = choices.feed_facts(config)
    wanted = [
        WantedFeed(feed.key, feed.url, now, feed.former_keys, feed.paused, facts[feed.key])
        for feed in config.feeds
    ]
    changes = await store.sync_feeds(wanted, choices.facts(config))
    await store.sync_outputs(choices.addresses(config), now)
    outputs = choices.selections(config).values()
    await store.sync_logs([one.basis for one in outputs if one.basis is not None])
    await store.sync_archives(choices.archived(config))
    await store.catch_up(outputs)
    await _look_through_archives(config, store)
    await Digesting(store, SystemClock()).begin(config)
    await sync_roads(config, store, now)
    # What was stored before this configuration's secrets were known may tell them.
    await store.mask_errors(masked)
    await store.mask_alarms(masked)
    await store.reschedule(_next_polls(config, now))
    return changes


async def _look_through_archives(config: Config, store: SqlStore) -> None:
    """Take out of closed pages what this configuration tells no more, before any is given out."""
    found = choices.selections(config)
    for output in config.settings.outputs:
        names = (output.name, *output.aliases)
        pages = await store.look_through(names, guards_of(found[output.name]))
        if pages:
            log.info("archive pages looked through", output=output.name, pages=pages)


async def scrub_files(
    config: Config, store: SqlStore, left: Mapping[str, str] = MappingProxyType({})
) -> list[Scrubbed]:
    """Remove output files of another release or configuration that tell of a private feed.

    Also of one that is configured no more, or with another secret: ``left`` are the addresses that
    :func:`subscribe` found changed, by feed. Called after it, before anything is polled or served;
    the files are then made anew.
    Raises :class:`~aggregator.errors.PublishError` and :class:`~aggregator.errors.StoreError`.
    """
    directory = config.settings.publish.directory
    secrets = {**choices.guarded(config)}
    for key, url in left.items():
        name = key if key in secrets else masked(key)
        secrets[name] = secrets.get(name, frozenset()) | _guarded_at(url)
    if not directory or not any(secrets.values()):
        return []
    maker, last = choices.maker(config), await store.last_renderings()
    current = {which: made.digest for which, made in last.items() if made.maker == maker}
    fetched = await store.fetched_at(secrets.keys())
    sought = {key: told | {fetched.get(key, "")} - {""} for key, told in secrets.items()}
    return await asyncio.to_thread(scrub, Path(directory), current, sought)


def _guarded_at(url: str) -> frozenset[str]:
    """What no output may hold of a feed of which nothing but its address is known any more."""
    told = frozenset(one for one in secrets_in(url) if len(one) >= SHORTEST_SECRET)
    return told | {url} if feed_key(url) != url else frozenset()


def _next_polls(config: Config, now: datetime) -> Mapping[str, datetime]:
    """For feeds with a schedule of the operator's: the latest time of their next poll."""
    scheduled = (feed.key for feed in config.feeds if feed.every is not None or feed.cron)
    planned = {key: choices.schedule(config, key) for key in scheduled}
    return {
        key: schedule.next_after(None, now)
        for key, schedule in planned.items()
        if schedule is not None
    }
