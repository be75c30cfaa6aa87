"""The steps of the flow on one page: poll · extract · settle · publish · forget.

Every step does its I/O through a port and leaves every decision to a pure function. Each step is
one claimed piece of work, written in one transaction, harmless to repeat: whatever moment the
process dies, the lease ends and another takes the work up where the last transaction left it.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import structlog

from aggregator.config import choices
from aggregator.config.config import Config
from aggregator.config.own_address import has_pages, hubs, id_base, own_base
from aggregator.config.settings import OutputSettings
from aggregator.config.sieves import judge_text, waits_for_texts
from aggregator.dedupe.candidates import EntrySource
from aggregator.dedupe.keys import no_keys, story_keys
from aggregator.dedupe.readings import Reading, read_all
from aggregator.errors import (
    AggregatorError,
    HostOnCooldown,
    HttpStatus,
    LeaseLost,
    NoArticle,
    StoreError,
    WorkerError,
    WorkerUnavailable,
    error_line,
)
from aggregator.flow.archiving import Archive, Archiving, paging_of
from aggregator.flow.article_pages import ArticleReader, article_retry
from aggregator.flow.digesting import Digesting, next_run
from aggregator.flow.network_watch import NetworkWatch
from aggregator.flow.older_pages import OlderPages
from aggregator.flow.poll import Poll
from aggregator.flow.poll_budget import PollBudget
from aggregator.flow.rejudging import Rejudging
from aggregator.model import (
    ArticleTask,
    ClaimedFeed,
    Cursor,
    Document,
    Item,
    Maker,
    OutputFeed,
    PollOutcome,
    Rendered,
    SettleOrder,
    SettleStats,
)
from aggregator.ports import (
    NO_METRICS,
    NO_TRACES,
    ArchiveFiles,
    Clock,
    Fetcher,
    Metrics,
    Publisher,
    Store,
    Tracer,
    Workers,
)
from aggregator.privacy.masking import masked
from aggregator.publish import presentation
from aggregator.publish.compression import Parts
from aggregator.publish.fragments import Fragments
from aggregator.publish.other_sources import with_other_sources
from aggregator.publish.picture_choice import with_pictures
from aggregator.publish.private import pack_for_all, page_link, self_links, without_token
from aggregator.publish.render import digest, render
from aggregator.schedule.chance import chance
from aggregator.schedule.http_hints import floor
from aggregator.schedule.outage import offline_pause

log = structlog.get_logger("aggregator")

_NEVER = datetime.fromtimestamp(0, UTC)
_FRAGMENTS, _PARTS = 32 << 20, 8 << 20  # bytes that are kept of renderings
_SETTLE_BATCH = 200  # a transaction's worth: claims and polls wait for it
_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_WORTH_A_TASK = 5  # entries; fewer are read faster than they cross to a worker and back
_WAITS = timedelta(seconds=10)  # between attempts at an edition while stories are decided on
_PAGE_INTERVAL = timedelta(hours=1)  # at most, between attempts at a page while no host answers
_PAGE_PAUSE = timedelta(minutes=1)  # at least, before a page for which no worker could start


@dataclass(frozen=True, slots=True)
class Pipeline:
    """The steps, joined. ``config`` is replaced as a whole when the operator reloads it."""

    config: Config
    clock: Clock
    fetcher: Fetcher
    workers: Workers
    store: Store
    publisher: Publisher
    network: NetworkWatch = field(default_factory=NetworkWatch)
    files: ArchiveFiles | None = None  # of archive pages
    budget: PollBudget = field(default_factory=PollBudget)
    metrics: Metrics = field(default=NO_METRICS, repr=False)
    tracer: Tracer = field(default=NO_TRACES, repr=False)
    fragments: Fragments = field(default_factory=lambda: Fragments(_FRAGMENTS), repr=False)
    parts: Parts = field(default_factory=lambda: Parts(_PARTS), repr=False)
    polls: Poll = field(init=False, repr=False)
    articles: ArticleReader = field(init=False, repr=False)
    rejudging: Rejudging = field(init=False, repr=False)
    archiving: Archiving = field(init=False, repr=False)
    digesting: Digesting = field(init=False, repr=False)
    _said: set[tuple[str, str]] = field(default_factory=set, init=False, repr=False)

    def __post_init__(self) -> None:
        door = (self.fetcher, self.workers)
        poll = Poll(
            self.config, self.clock, *door, self.store, self.network, self.budget, self.tracer
        )
        object.__setattr__(self, "polls", poll)
        articles = ArticleReader(self.config, *door, self.network)
        object.__setattr__(self, "articles", articles)
        object.__setattr__(self, "rejudging", Rejudging(self.config, self.clock, self.store))
        archiving = Archiving(self.store, self.clock, self.files)
        object.__setattr__(self, "archiving", archiving)
        object.__setattr__(self, "digesting", Digesting(self.store, self.clock))

    # ── poll ────────────────────────────────────────────────────────────────────────────────

    async def poll(self, claimed: ClaimedFeed) -> PollOutcome | None:
        """Fetch, parse, compare and store one claimed feed, or the page that is due of its archives.

        See :meth:`Poll.poll_feed` and :meth:`OlderPages.read_next`.
        """
        if claimed.trail is not None:
            return await OlderPages(self.polls).read_next(claimed)
        return await self.polls.poll_feed(claimed)

    async def ingest(
        self, claimed: ClaimedFeed, document: Document, planned: datetime
    ) -> PollOutcome | None:
        """Take in a document of a claimed feed that was not polled; see :meth:`Poll.ingest`."""
        return await self.polls.ingest(claimed, document, planned)

    async def judge_again(self) -> bool:
        """Judge some of the entries anew that former filters dropped; False when none is left."""
        return await self.rejudging.step()

    # ── extract ──────────────────────────────────────────────────────────────────────────────

    async def extract(self, task: ArticleTask) -> bool:
        """Fetch one page and extract its article; True when there is one now."""
        began = self.clock.now()
        try:
            with self.tracer.span("extract", url=task.url):
                read = await self.articles.read(task.url, task.hints, inside=task.inside)
            await self.store.commit_article(task, read.article, read.url, read.blocks)
            length, why = len(read.article.text), read.article.reason
            log.debug("article", url=task.url, characters=length, why=why)
            self.metrics.extracted("article")
        except LeaseLost as lost:
            log.warning("article dropped", url=task.url, reason=str(lost))
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001 - a page must not end the lane; it is logged there
            await self._without_article(task, error, began)
        else:
            return True
        return False

    async def _without_article(self, task: ArticleTask, error: Exception, began: datetime) -> None:
        now, allowed = self.clock.now(), self.config.settings.extract.attempts
        self.metrics.extracted(_verdict(error))
        wait_until = floor(error.headers, now) if isinstance(error, HttpStatus) else None
        if isinstance(error, HostOnCooldown):
            await self.store.postpone_article(task, wait_until or now)
            return
        if isinstance(error, WorkerUnavailable):  # this machine's fault, not the page's
            log.error("page postponed", url=masked(task.url), error=error_line(error))
            await self.store.postpone_article(task, now + _PAGE_PAUSE * (1 + chance()))
            return
        down_since = self.network.to_blame_since(error, began, now)
        if down_since is not None:
            wait = offline_pause(down_since, now, _PAGE_INTERVAL, chance())
            await self.store.postpone_article(task, now + wait)
            return
        if not isinstance(error, AggregatorError):
            log.error("unexpected failure", url=masked(task.url), exc_info=error)
        retry = article_retry(error, task.attempts + 1, allowed, now, chance())
        if retry is not None and wait_until is not None:
            retry = max(retry, wait_until)
        log.info("no article", url=masked(task.url), error=error_line(error), retry=retry)
        blocks = error.blocks if isinstance(error, NoArticle) else b""
        await self.store.fail_article(task, error_line(error), retry, blocks)

    # ── dedupe ───────────────────────────────────────────────────────────────────────────────

    async def release_overdue(self, *, wait: bool = True) -> None:
        """Have entries settled that have waited long enough for their pages, or (``wait`` False) all."""
        max_wait = self.config.settings.extract.max_wait
        await self.store.release_overdue(self.clock.now(), max_wait if wait else timedelta(0))

    async def settle(self, order: SettleOrder = SettleOrder.FIRST_COME) -> SettleStats:
        """Give a batch of ready entries their stories, the first ones in ``order``; count them.

        None: there is nothing left to settle.
        """
        with self.tracer.span("settle"):
            return await self._settle(order)

    async def _settle(self, order: SettleOrder) -> SettleStats:
        settings = self.config.settings
        readings = await self._readings(order)
        return await self.store.settle(
            _SETTLE_BATCH,
            self.clock.now(),
            settings.dedupe.window,
            story_keys if settings.dedupe.enabled else no_keys,
            settings.dedupe.enabled,
            order=order,
            searchable=settings.search.enabled,
            outputs=choices.selections(self.config).values(),
            readings=readings,
            judge=judge_text(self.config, self._not_evaluated),
            judges_all=waits_for_texts(self.config),
        )

    async def _readings(self, order: SettleOrder) -> Mapping[EntrySource, Reading]:
        """Readings of the next batch, made in a worker; none of few entries, or where there is no worker.

        Settling reads what is missing by itself: that takes its process's time, and nothing else.
        """
        settings = self.config.settings
        sources = await self.store.ready_sources(_SETTLE_BATCH, order)
        if len(sources) < _WORTH_A_TASK:
            return {}
        try:
            found = await self.workers.run(
                read_all,
                sources,
                story_keys if settings.dedupe.enabled else no_keys,
                near=settings.dedupe.enabled,
                searchable=settings.search.enabled,
                limits=choices.reading_limits(settings),
                ahead=True,
            )
        except WorkerError as error:
            log.warning("texts are read without a worker", error=error_line(error))
            return {}
        return dict(zip(sources, found, strict=True))

    def _not_evaluated(self, feed: str, rule: str, why: str) -> None:
        """Say once that a rule could not be evaluated, not for each entry."""
        if (feed, rule) not in self._said:
            self._said.add((feed, rule))
            log.warning("not evaluated", feed=masked(feed), rule=rule, reason=why)

    # ── publish ──────────────────────────────────────────────────────────────────────────────

    async def publish(self, names: Collection[str] | None = None) -> int:
        """Render outputs (all, or those of ``names``) from what is stored; return how many stories they show.

        One that fails keeps no other from being made anew; then raises what the first failed with.
        """
        shown, failed = 0, list[Exception]()
        self.fragments.next_round()
        self.parts.next_round()
        await self.store.catch_up(choices.selections(self.config).values())
        for settings in self.config.settings.outputs:
            if names is not None and settings.name not in names:
                continue
            try:
                with self.tracer.span("publish", output=settings.name):
                    shown += await self._publish(settings)
            except StoreError:
                raise  # it would fail all of them
            except Exception as error:  # noqa: BLE001 - raised below
                failed.append(error)
        if failed:
            raise failed[0]
        return shown

    async def _publish(self, settings: OutputSettings) -> int:
        if settings.digest:
            return await self._publish_editions(settings)
        selection = choices.selections(self.config)[settings.name]
        # First: what is written meanwhile is told once more rather than never.
        cursor = await self.store.cursor(selection)
        items = await self.store.load_items(selection)
        output = output_feed(self.config, settings, items)
        archive = archive_of(self.config, settings, output) if settings.kept_archive else None
        latest = await self.archiving.update(archive, output) if archive is not None else None
        output = replace(output, paging=paging_of(output, latest))
        rendered = await self._rendered(output, choices.maker(self.config), cursor)
        try:
            if archive is not None:  # before the window that leads to them
                await self.archiving.write_files(archive, latest)
        finally:
            await asyncio.to_thread(self.publisher.publish, output, rendered)
        return len(items)

    async def _publish_editions(self, settings: OutputSettings) -> int:
        editions = await self.digesting.update(
            self.config, settings, patient=not self.network.single_run
        )
        output = output_feed(self.config, settings, editions)
        rendered = await self._rendered(output, choices.maker(self.config), None)
        await asyncio.to_thread(self.publisher.publish, output, rendered)
        return len(editions)

    async def _rendered(
        self, output: OutputFeed, maker: Maker, cursor: Cursor | None
    ) -> list[Rendered]:
        rendered = []
        for kind in output.formats:
            body = await asyncio.to_thread(render, output, kind, self.fragments)
            now = self.clock.now().replace(microsecond=0)
            known = digest(without_token(body))
            modified, place = await self.store.remember_rendering(
                output.name, kind, known, now, maker, cursor
            )
            rendered += await asyncio.to_thread(
                pack_for_all, output, kind, body, modified, place, self.parts
            )
        return rendered

    def next_edition(self, now: datetime) -> datetime | None:
        """The earliest time after ``now`` at which an output must be published for its edition's sake."""
        return now + _WAITS if self.digesting.waiting else next_run(self.config, now)

    # ── forget ───────────────────────────────────────────────────────────────────────────────

    async def forget(self) -> int:
        """Drop what is past the operator's retention; return how many entries went."""
        kept, now = self.config.settings.retention, self.clock.now()
        shown = choices.selections(self.config).values()
        await self.store.drop_pages(choices.archive_bounds(self.config))
        await self.store.drop_editions(choices.kept_editions(self.config))
        return await self.store.drop_old(now, kept.max_age, kept.max_entries, shown)


def _verdict(error: Exception) -> str:
    """The kind of ``error`` as one word: ``no_article``, ``timed_out``, ``http_status`` …"""
    if not isinstance(error, AggregatorError):
        return "unexpected"
    return _CAPITAL.sub("_", type(error).__name__).lower()


def output_feed(config: Config, settings: OutputSettings, items: Sequence[Item]) -> OutputFeed:
    """The output as a feed of ``items``, at the addresses of this moment.

    Editions are written as they are shown.
    """
    base = own_base(config.settings)
    return OutputFeed(
        name=settings.name,
        title=choices.output_title(config.settings, settings),
        description=settings.description,
        base_url=base,
        id_base=id_base(config.settings),
        items=tuple(items if settings.digest else (presented(i, settings) for i in items)),
        updated=max((item.updated for item in items), default=_NEVER),
        formats=settings.formats,
        links=self_links(base, settings.name, settings.formats, private=bool(settings.token)),
        tokens=choices.tokens(settings),
        folder=settings.files,
        hubs=() if settings.token else hubs(config.settings),
        owner_only=choices.for_owner_only(config, settings),
        page=page_link(base, settings.name, private=bool(settings.token))
        if has_pages(config.settings)
        else "",
    )


def archive_of(config: Config, settings: OutputSettings, output: OutputFeed) -> Archive:
    """The archive of ``output``."""
    return Archive(
        replace(output, items=(), hubs=()),  # no page of it changes
        choices.selections(config)[settings.name],
        (settings.name, *settings.aliases),
        lambda item: presented(item, settings),
    )


def presented(item: Item, settings: OutputSettings) -> Item:
    """``item`` as the operator wants the output to show it in a feed."""
    shown = presented_on_page(item, settings)
    return with_other_sources(presentation.with_source(shown, settings.source), settings.also_at)


def presented_on_page(item: Item, settings: OutputSettings) -> Item:
    """``item`` as the operator wants a page to show it, which has places of its own for all sources."""
    shortened = presentation.shortened(with_pictures(item, settings.images), settings.text)
    return presentation.titled(shortened, settings.title_format)
