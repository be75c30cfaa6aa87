"""The whole flow on one page: fetch → parse → store → extract → dedupe → publish.

Every step does its I/O through a port and leaves every decision to a pure function. Each step is
one claimed piece of work, written in one transaction, harmless to repeat: whatever moment the
process dies, the lease ends and another takes the work up where the last transaction left it.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import structlog

from aggregator.config import choices
from aggregator.config.config import Config
from aggregator.config.settings import OutputSettings
from aggregator.decide import (
    PollContext,
    article_retry,
    entry_delta,
    error_line,
    feed_request,
    same_body,
    unchanged_result,
    validators_after,
)
from aggregator.dedupe.keys import story_keys
from aggregator.errors import (
    AggregatorError,
    Gone,
    HostResting,
    HttpStatus,
    LeaseLost,
    StoreError,
    masked,
)
from aggregator.extract.article import extract_article
from aggregator.fetch.freshness import floor
from aggregator.model import (
    ArticleTask,
    ClaimedFeed,
    Item,
    OutputFeed,
    ParsedFeed,
    PollOutcome,
    PollResult,
    Rendered,
    Request,
    Response,
    Settled,
    StoryCandidate,
    StoryKey,
    UpdateHints,
)
from aggregator.parse.feed import parse_feed
from aggregator.ports import Clock, Fetcher, Publisher, Store, Workers
from aggregator.publish.render import digest, pack, render
from aggregator.schedule.cadence import Policy, after_failure, after_success, respect
from aggregator.schedule.triggers import Every

log = structlog.get_logger("aggregator")

_SETTLE_BATCH = 500


@dataclass(frozen=True, slots=True)
class Pipeline:
    """The stages, joined. ``config`` is replaced as a whole when the operator reloads it."""

    config: Config
    clock: Clock
    fetcher: Fetcher
    workers: Workers
    store: Store
    publisher: Publisher

    # ── fetch, parse, store ──────────────────────────────────────────────────────────────────

    async def poll(self, claimed: ClaimedFeed) -> PollOutcome | None:
        """Poll one claimed feed to the end; None when its lease was lost meanwhile."""
        outcome = await self._polled(claimed)
        try:
            await self.store.commit_poll(outcome, claimed.lease)
        except LeaseLost as lost:
            log.warning("poll dropped", feed=claimed.feed.key, reason=str(lost))
            return None
        _log_poll(claimed, outcome)
        return outcome

    async def _polled(self, claimed: ClaimedFeed) -> PollOutcome:
        try:
            response = await self.fetcher.fetch(feed_request(claimed.feed))
            body_hash = hashlib.sha256(response.body).hexdigest() if response.body else None
            if same_body(claimed.feed, response, body_hash):
                return self._unchanged(claimed, response)
            parsed = await self.workers.run(
                parse_feed,
                response.body,
                url=response.url,
                content_type=response.content_type,
                limit=self.config.settings.extract.timeout,
            )
            return await self._understood(claimed, response, parsed, body_hash)
        except StoreError:
            raise  # nothing was learnt about the feed
        except HostResting as rest:
            return self._postponed(claimed, rest)
        except AggregatorError as error:
            return self._failed(claimed, error)
        except Exception as error:
            # A feed that hits a fault of ours must back off like any other, not be polled again
            # as soon as its lease ends.
            log.exception("unexpected failure", feed=masked(claimed.feed.key))
            return self._failed(claimed, _unexpected(error))

    def _unchanged(self, claimed: ClaimedFeed, response: Response) -> PollOutcome:
        now = self.clock.now()
        return PollOutcome(
            feed_id=claimed.feed.id,
            result=unchanged_result(response),
            polled_at=now,
            next_poll=self._next_poll(claimed, claimed.recent, response, now),
            validators=validators_after(claimed.feed, response),
        )

    async def _understood(
        self, claimed: ClaimedFeed, response: Response, parsed: ParsedFeed, body_hash: str | None
    ) -> PollOutcome:
        feed, now = claimed.feed, self.clock.now()
        identities = [entry.identity for entry in parsed.entries]
        known = await self.store.known_entries(feed.id, identities)
        have = {one.identity for one in known}
        forgotten = await self.store.forgotten(feed.id, [i for i in identities if i not in have])
        context = PollContext(feed, now, choices.extract_mode(self.config, feed.key))
        delta = entry_delta(context, parsed.entries, known, forgotten)
        new_times = [new.entry.published or now for new in delta.new]
        hinted = replace(claimed, feed=replace(feed, hints=parsed.hints))
        return PollOutcome(
            feed_id=feed.id,
            result=PollResult.UPDATED if delta.new or delta.changed else PollResult.UNCHANGED,
            polled_at=now,
            next_poll=self._next_poll(hinted, (*new_times, *claimed.recent), response, now),
            validators=validators_after(feed, response),
            body_hash=body_hash,
            parsed=parsed,
            delta=delta,
        )

    def _postponed(self, claimed: ClaimedFeed, rest: HostResting) -> PollOutcome:
        now = self.clock.now()
        return PollOutcome(
            feed_id=claimed.feed.id,
            result=PollResult.POSTPONED,
            polled_at=now,
            next_poll=floor(rest.headers, now) or now,
        )

    def _failed(self, claimed: ClaimedFeed, error: AggregatorError) -> PollOutcome:
        now, settings = self.clock.now(), self.config.settings.schedule
        schedule = choices.schedule(self.config, claimed.feed.key)
        interval = schedule.interval if isinstance(schedule, Every) else settings.min_interval
        wait_until = floor(error.headers, now) if isinstance(error, HttpStatus) else None
        failures = claimed.feed.failures + 1
        return PollOutcome(
            feed_id=claimed.feed.id,
            result=PollResult.GONE if isinstance(error, Gone) else PollResult.FAILED,
            polled_at=now,
            next_poll=after_failure(now, failures, interval, wait_until, _chance()),
            error=error_line(error),
            failures=failures,
        )

    def _next_poll(
        self, claimed: ClaimedFeed, recent: Sequence[datetime], response: Response, now: datetime
    ) -> datetime:
        earliest = floor(response.headers, now)
        schedule = choices.schedule(self.config, claimed.feed.key)
        if schedule is not None:
            # The operator's word beats the document's hints, not what HTTP asks for.
            when = schedule.next_after(claimed.feed.next_poll, now)
            return respect(when, now, UpdateHints(), earliest)
        bounds = self.config.settings.schedule
        policy = Policy(bounds.min_interval, bounds.max_interval)
        return after_success(now, recent, claimed.feed.hints, earliest, policy, _chance())

    # ── extract ──────────────────────────────────────────────────────────────────────────────

    async def extract(self, task: ArticleTask) -> bool:
        """Fetch one page and extract its article; True when there is one now."""
        settings = self.config.settings.extract
        try:
            page = await self.fetcher.fetch(Request(task.url, "page"))
            article = await self.workers.run(
                extract_article,
                page.body,
                url=page.url,
                content_type=page.content_type,
                hints=task.hints,
                limit=settings.timeout,
            )
            await self.store.commit_article(task, article, page.url)
            log.debug("article", url=task.url, characters=len(article.text), why=article.reason)
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
        if isinstance(error, HostResting):
            await self.store.postpone_article(task, wait_until or now)
            return
        if not isinstance(error, AggregatorError):
            log.error("unexpected failure", url=masked(task.url), exc_info=error)
        retry = article_retry(error, task.attempts + 1, allowed, now, _chance())
        if retry is not None and wait_until is not None:
            retry = max(retry, wait_until)
        log.info("no article", url=masked(task.url), error=error_line(error), retry=retry)
        await self.store.fail_article(task, error_line(error), retry)

    # ── dedupe ───────────────────────────────────────────────────────────────────────────────

    async def settle(self, *, wait: bool = True) -> Settled:
        """Give every entry whose text is settled its story; count them.

        ``wait`` False does not wait for the pages of those that still do.
        """
        settings, now = self.config.settings, self.clock.now()
        max_wait = settings.extract.max_wait if wait else settings.extract.max_wait * 0
        await self.store.release_overdue(now, max_wait)
        keys_of = story_keys if settings.dedupe.enabled else _no_keys
        window, total = settings.dedupe.window, Settled()
        while (batch := await self.store.settle(_SETTLE_BATCH, now, window, keys_of)).entries:
            total += batch
        return total

    # ── publish ──────────────────────────────────────────────────────────────────────────────

    async def publish(self) -> int:
        """Render every output from what the store holds; return how many stories they show."""
        shown = 0
        for settings in self.config.settings.outputs:
            items = await self.store.load_items(choices.selection(self.config, settings))
            output = self._output(settings, items)
            await asyncio.to_thread(self.publisher.publish, output, await self._rendered(output))
            shown += len(items)
        return shown

    def _output(self, settings: OutputSettings, items: Sequence[Item]) -> OutputFeed:
        base = self.config.settings.base_url
        return OutputFeed(
            name=settings.name,
            title=settings.title or self.config.settings.title,
            description=settings.description,
            base_url=base,
            items=tuple(items),
            updated=max((item.updated for item in items), default=datetime.fromtimestamp(0, UTC)),
            formats=settings.formats,
            links={kind: f"{base}/feeds/{settings.name}.{kind}" for kind in settings.formats},
        )

    async def _rendered(self, output: OutputFeed) -> list[Rendered]:
        rendered = []
        for kind in output.formats:
            body = await asyncio.to_thread(render, output, kind)
            now = self.clock.now().replace(microsecond=0)
            modified = await self.store.remember_rendering(output.name, kind, digest(body), now)
            rendered.append(await asyncio.to_thread(pack, output, kind, body, modified))
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


def _chance() -> float:
    return random.random()  # noqa: S311 - it spreads load, it hides nothing


def _no_keys(_candidate: StoryCandidate) -> Sequence[StoryKey]:
    """No story is ever found again: every entry is its own."""
    return ()


def _log_poll(claimed: ClaimedFeed, outcome: PollOutcome) -> None:
    say = log.warning if outcome.error else log.info
    facts: dict[str, object] = {"feed": masked(claimed.feed.key), "result": outcome.result.value}
    if outcome.delta.new or outcome.delta.changed:
        facts |= {"new": len(outcome.delta.new), "changed": len(outcome.delta.changed)}
    if outcome.error:
        facts |= {"error": outcome.error, "failures": outcome.failures}
    if outcome.parsed and outcome.parsed.notes:
        facts["notes"] = "; ".join(outcome.parsed.notes)
    say("poll", **facts, next=outcome.next_poll)
