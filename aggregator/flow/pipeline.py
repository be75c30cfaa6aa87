"""The whole flow on one page: fetch → parse → store → extract → dedupe → publish.

Every step does its I/O through a port and leaves every decision to a pure function. Each step is
one claimed piece of work, written in one transaction, harmless to repeat: whatever moment the
process dies, the lease ends and another takes the work up where the last transaction left it.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

import structlog

from aggregator.config import choices
from aggregator.config.config import Config
from aggregator.config.settings import OutputSettings
from aggregator.dedupe.keys import story_keys
from aggregator.errors import (
    AggregatorError,
    HostOnCooldown,
    HttpStatus,
    LeaseLost,
    StoreError,
)
from aggregator.extract.judging.need import feed_is_whole
from aggregator.flow import outcome as outcomes
from aggregator.flow.article_pages import read_article
from aggregator.flow.changes import (
    PollContext,
    article_retry,
    entry_delta,
    error_line,
    feed_request,
    same_body,
    unseen,
    whole_entries,
)
from aggregator.flow.feed_document import read_document
from aggregator.flow.network_watch import NetworkWatch
from aggregator.flow.outcome import PollFacts
from aggregator.flow.redirects import asks_whole
from aggregator.model import (
    ArticleTask,
    ClaimedFeed,
    EntryDelta,
    Feed,
    Item,
    KnownEntry,
    Maker,
    OutputFeed,
    ParsedFeed,
    PollOutcome,
    Rendered,
    Response,
    SettleStats,
    StoryCandidate,
    StoryKey,
)
from aggregator.ports import Clock, Fetcher, Publisher, Store, Workers
from aggregator.privacy.masking import masked
from aggregator.publish.other_sources import with_other_sources
from aggregator.publish.private import pack_for_all, self_links, without_token
from aggregator.publish.render import digest, render
from aggregator.schedule.cadence import Policy
from aggregator.schedule.chance import chance
from aggregator.schedule.http_hints import floor
from aggregator.schedule.outage import Reach, reach, rest
from aggregator.websub.protocol import discovered

log = structlog.get_logger("aggregator")

_SETTLE_BATCH = 100  # a transaction's worth: claims and polls wait for it
_PAGE_INTERVAL = timedelta(hours=1)  # at most, between attempts at a page while no host answers


@dataclass(frozen=True, slots=True)
class Pipeline:
    """The stages, joined. ``config`` is replaced as a whole when the operator reloads it."""

    config: Config
    clock: Clock
    fetcher: Fetcher
    workers: Workers
    store: Store
    publisher: Publisher
    network: NetworkWatch = field(default_factory=NetworkWatch)

    # ── fetch, parse, store ──────────────────────────────────────────────────────────────────

    async def poll(self, claimed: ClaimedFeed) -> PollOutcome | None:
        """Poll one claimed feed to the end; None when its lease was lost meanwhile."""
        with self.network.asking():
            outcome, said = await self._polled(claimed)
            try:
                await self.store.commit_poll(outcome, claimed.lease)
            except LeaseLost as lost:
                log.warning("poll dropped", feed=masked(claimed.feed.key), reason=str(lost))
                return None
        log_poll(claimed, outcome)
        await self.network.told(
            claimed.feed, outcome, said, self.config, self.store, self.clock.now()
        )
        return outcome

    async def _polled(self, claimed: ClaimedFeed) -> tuple[PollOutcome, Reach]:
        feed = claimed.feed
        whole = asks_whole(feed, self.clock.now())
        try:
            options = choices.fetch_options(self.config, feed.key, feed.configured_url)
            response = await self.fetcher.fetch(feed_request(feed, whole=whole, options=options))
            if not self.network.down:
                self.network.heard()
            body_hash = hashlib.sha256(response.body).hexdigest() if response.body else None
            if same_body(feed, response, body_hash):
                return outcomes.unchanged(self._occasion(claimed), response), Reach.ANSWERED
            return await self._understood(claimed, response, body_hash), Reach.ANSWERED
        except StoreError:
            raise  # nothing was learnt about the feed
        except HostOnCooldown as rest:
            return outcomes.postponed(self._occasion(claimed), rest), Reach.UNKNOWN
        except AggregatorError as error:
            return self._failed(claimed, error, asked_whole=whole), reach(error)
        except Exception as error:
            # A feed that hits a fault of ours must back off like any other, not be polled again
            # as soon as its lease ends.
            log.exception("unexpected failure", feed=masked(feed.key))
            return self._failed(claimed, _unexpected(error), asked_whole=whole), Reach.UNKNOWN

    async def _understood(
        self, claimed: ClaimedFeed, response: Response, body_hash: str | None
    ) -> PollOutcome:
        feed = claimed.feed
        known = await self.listed(feed)
        parsed = await self.parsed(response.body, response.url, response.content_type, known)
        occasion = self._occasion(claimed)
        complete = response.status != HTTPStatus.IM_USED and not parsed.partial
        delta = await self.compared(feed, parsed, known, occasion.now, complete=complete)
        told = discovered(parsed, response.headers, response.url)
        return outcomes.understood(occasion, response, told, delta, body_hash)

    async def listed(self, feed: Feed) -> list[KnownEntry]:
        """The entries that ``feed`` listed when it was last understood."""
        return await self.store.known_entries(feed.id, ()) if feed.last_success else []

    async def parsed(
        self, body: bytes, url: str, content_type: str, listed: Sequence[KnownEntry]
    ) -> ParsedFeed:
        """The document ``body``, parsed in a worker; raises as :func:`read_document`.

        What stands there as it was when it was ``listed`` is not read again.
        """
        return await read_document(
            self.workers,
            self.config.settings,
            body,
            url=url,
            content_type=content_type,
            known={one.source_digest: one.identity for one in listed if one.source_digest},
        )

    async def compared(
        self,
        feed: Feed,
        parsed: ParsedFeed,
        known: Sequence[KnownEntry],
        now: datetime,
        *,
        complete: bool,
    ) -> EntryDelta:
        """How ``parsed``, the ``complete`` list of entries or a part of it, differs from the store.

        ``known`` are the entries that were listed before.
        """
        entries = whole_entries(parsed)
        forgotten: set[str] = set()
        whole: bool | None = None
        if identities := unseen(entries, known):
            known = await self.store.known_entries(feed.id, identities)
            forgotten = await self.store.forgotten(feed.id, unseen(entries, known))
            whole = feed_is_whole(await self.store.text_sources(feed.id))
        context = PollContext(feed, now, choices.extract_mode(self.config, feed.key), whole)
        return entry_delta(
            context, entries, known, forgotten, complete=complete, unchanged=parsed.unchanged
        )

    def _failed(
        self, claimed: ClaimedFeed, error: AggregatorError, *, asked_whole: bool
    ) -> PollOutcome:
        occasion, down_since = self._occasion(claimed), self.network.down_since
        if down_since is not None and reach(error) is Reach.SILENT:
            return outcomes.offline(occasion, error, down_since)
        return outcomes.failed(occasion, error, asked_whole=asked_whole)

    def _occasion(self, claimed: ClaimedFeed) -> PollFacts:
        bounds = self.config.settings.schedule
        return PollFacts(
            claimed=claimed,
            now=self.clock.now(),
            policy=Policy(bounds.min_interval, bounds.max_interval),
            safety=self.config.settings.websub.safety_interval,
            schedule=choices.schedule(self.config, claimed.feed.key),
            chance=chance(),
        )

    # ── extract ──────────────────────────────────────────────────────────────────────────────

    async def extract(self, task: ArticleTask) -> bool:
        """Fetch one page and extract its article; True when there is one now."""
        try:
            read = await read_article(self, task.url, task.hints)
            await self.store.commit_article(task, read.article, read.url, read.blocks)
            length, why = len(read.article.text), read.article.reason
            log.debug("article", url=task.url, characters=length, why=why)
        except LeaseLost as lost:
            log.warning("article dropped", url=task.url, reason=str(lost))
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001 - a page must not end the lane; it is logged there
            await self._without_article(task, error)
        else:
            return True
        return False

    async def _without_article(self, task: ArticleTask, error: Exception) -> None:
        now, allowed = self.clock.now(), self.config.settings.extract.attempts
        wait_until = floor(error.headers, now) if isinstance(error, HttpStatus) else None
        if isinstance(error, HostOnCooldown):
            await self.store.postpone_article(task, wait_until or now)
            return
        if self.network.down_since is not None and reach(error) is Reach.SILENT:
            wait = rest(self.network.down_since, now, _PAGE_INTERVAL, chance())
            await self.store.postpone_article(task, now + wait)
            return
        if not isinstance(error, AggregatorError):
            log.error("unexpected failure", url=masked(task.url), exc_info=error)
        retry = article_retry(error, task.attempts + 1, allowed, now, chance())
        if retry is not None and wait_until is not None:
            retry = max(retry, wait_until)
        log.info("no article", url=masked(task.url), error=error_line(error), retry=retry)
        await self.store.fail_article(task, error_line(error), retry)

    # ── dedupe ───────────────────────────────────────────────────────────────────────────────

    async def settle(self, *, wait: bool = True) -> SettleStats:
        """Give every entry whose text is settled its story; count them.

        ``wait`` False does not wait for the pages of those that still do.
        """
        settings, now = self.config.settings, self.clock.now()
        max_wait = settings.extract.max_wait if wait else settings.extract.max_wait * 0
        await self.store.release_overdue(now, max_wait)
        keys_of = story_keys if settings.dedupe.enabled else _no_keys
        window, total = settings.dedupe.window, SettleStats()
        near = settings.dedupe.enabled
        while (batch := await self.store.settle(_SETTLE_BATCH, now, window, keys_of, near)).entries:
            total += batch
        return total

    # ── publish ──────────────────────────────────────────────────────────────────────────────

    async def publish(self) -> int:
        """Render every output from what the store holds; return how many stories they show."""
        shown, maker = 0, choices.maker(self.config)
        for settings in self.config.settings.outputs:
            items = await self.store.load_items(choices.selection(self.config, settings))
            output = self._output(settings, items)
            await asyncio.to_thread(
                self.publisher.publish, output, await self._rendered(output, maker)
            )
            shown += len(items)
        return shown

    def _output(self, settings: OutputSettings, items: Sequence[Item]) -> OutputFeed:
        base = self.config.settings.base_url
        return OutputFeed(
            name=settings.name,
            title=settings.title or self.config.settings.title,
            description=settings.description,
            base_url=base,
            items=tuple(with_other_sources(item, settings.also_at) for item in items),
            updated=max((item.updated for item in items), default=datetime.fromtimestamp(0, UTC)),
            formats=settings.formats,
            links=self_links(base, settings.name, settings.formats, private=bool(settings.token)),
            tokens=choices.tokens(settings),
            folder=settings.files,
            owner_only=choices.for_owner_only(self.config, settings),
        )

    async def _rendered(self, output: OutputFeed, maker: Maker) -> list[Rendered]:
        rendered = []
        for kind in output.formats:
            body = await asyncio.to_thread(render, output, kind)
            now = self.clock.now().replace(microsecond=0)
            known = digest(without_token(body))
            modified = await self.store.remember_rendering(output.name, kind, known, now, maker)
            rendered += await asyncio.to_thread(pack_for_all, output, kind, body, modified)
        return rendered

    # ── forget ───────────────────────────────────────────────────────────────────────────────

    async def forget(self) -> int:
        """Drop what is past the operator's retention; return how many entries went."""
        kept, now = self.config.settings.retention, self.clock.now()
        shown = [choices.selection(self.config, one) for one in self.config.settings.outputs]
        dropped = 0
        while batch := await self.store.drop_old(now, kept.max_age, kept.max_entries, shown):
            dropped += batch
        return dropped


def _unexpected(error: Exception) -> AggregatorError:
    return AggregatorError(
        f"unexpected {type(error).__name__}: {error}", hint="please report it, with the log's lines"
    )


def _no_keys(_candidate: StoryCandidate) -> Sequence[StoryKey]:
    """No story is ever found again: every entry is its own."""
    return ()


def log_poll(claimed: ClaimedFeed, outcome: PollOutcome) -> None:
    """One line on how a poll, or a delivery, ended."""
    say = log.warning if outcome.error else log.info
    facts: dict[str, object] = {"feed": masked(claimed.feed.key), "result": outcome.result.value}
    if outcome.delta.new or outcome.delta.changed:
        facts |= {"new": len(outcome.delta.new), "changed": len(outcome.delta.changed)}
    if outcome.error:
        facts |= {"error": outcome.error, "failures": outcome.failures}
    if outcome.parsed and outcome.parsed.notes:
        facts["notes"] = "; ".join(outcome.parsed.notes)
    say("poll", **facts, next=outcome.next_poll)
