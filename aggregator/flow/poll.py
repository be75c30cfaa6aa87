"""One poll on one screen, from the claim to the commit: fetch → parse → compare → outcome.

A document that came in without being polled goes the same way from the second step on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus

import structlog

from aggregator.config.choices import FeedRules, disclosure, feed_rules, titles
from aggregator.config.config import Config
from aggregator.errors import (
    AggregatorError,
    HostOnCooldown,
    LeaseLost,
    StoreError,
    WorkerUnavailable,
    error_line,
)
from aggregator.flow import outcome as outcomes
from aggregator.flow.changes import tells_what_left, without_old_news
from aggregator.flow.feed_document import Compared, Comparison, read_document
from aggregator.flow.network_watch import Attempt, NetworkWatch
from aggregator.flow.outcome import PollFacts
from aggregator.flow.poll_budget import PollBudget
from aggregator.flow.redirects import asks_whole
from aggregator.flow.trails import is_gap, last_read, trail_after_poll
from aggregator.model import (
    ArchiveTrail,
    ClaimedFeed,
    Document,
    Feed,
    FetchOptions,
    FollowArchives,
    KnownEntry,
    ParsedFeed,
    PollOutcome,
    Request,
    RequestKind,
    Response,
)
from aggregator.ports import NO_TRACES, Clock, FeedStore, Fetcher, Tracer, Workers
from aggregator.privacy.masking import masked
from aggregator.schedule.chance import chance
from aggregator.schedule.outage import Reach, reach
from aggregator.urls import host_of
from aggregator.websub.protocol import discovered, discreet

log = structlog.get_logger("aggregator")


@dataclass(frozen=True, slots=True)
class Poll:
    """Polls claimed feeds, and takes in documents of theirs that came without a poll."""

    config: Config
    clock: Clock
    fetcher: Fetcher
    workers: Workers
    store: FeedStore
    network: NetworkWatch
    budget: PollBudget = field(default_factory=PollBudget)
    tracer: Tracer = field(default=NO_TRACES, repr=False)
    _said: set[tuple[str, str]] = field(default_factory=set, init=False, repr=False)

    async def poll_feed(self, claimed: ClaimedFeed) -> PollOutcome | None:
        """Poll one claimed feed to the end; None when its lease was lost meanwhile."""
        feed, began = claimed.feed, self.clock.now()
        with self.tracer.span("poll", feed=feed.key) as span, self.network.asking():
            outcome, reached = await self._polled(claimed, began)
            span.tell(result=outcome.result.value)
            try:
                with self.tracer.span("commit"):
                    await self.store.commit_poll(outcome, claimed.lease)
            except LeaseLost as lost:
                log.warning("poll dropped", feed=masked(feed.key), reason=str(lost))
                return None
        self._log(feed, outcome)
        attempt = Attempt(
            feed.id,
            claimed.host,
            reached,
            was_well=feed.last_success is not None and feed.last_error is None,
            failures=feed.failures,
            result=outcome.result,
            began=began,
        )
        await self.network.observe(attempt, self.config, self.store, self.clock.now())
        return outcome

    async def _polled(self, claimed: ClaimedFeed, began: datetime) -> tuple[PollOutcome, Reach]:
        feed, rules = claimed.feed, self.rules(claimed.feed)
        whole = asks_whole(feed, self.clock.now())
        try:
            with self.tracer.span("fetch"):
                asked = feed_request(feed, rules.options, whole=whole, inside=rules.inside)
                response = await self.fetcher.fetch(asked)
            self.network.answered()
            return await self._answered(claimed, rules, response), Reach.ANSWERED
        except StoreError:
            raise  # nothing was learnt about the feed
        except HostOnCooldown as cooldown:
            return outcomes.postponed(feed.id, cooldown, self.clock.now()), Reach.UNKNOWN
        except WorkerUnavailable as error:  # the document came; the fault is this machine's
            log.error("poll postponed", feed=masked(feed.key), error=error_line(error))
            return outcomes.put_off(self._facts(claimed, rules)), Reach.ANSWERED
        except AggregatorError as error:
            facts = self._facts(claimed, rules)
            down = self.network.to_blame_since(error, began, facts.now)
            return outcomes.failed(facts, error, down, asked_whole=whole), reach(error)
        except Exception as error:
            # A feed that hits a fault of ours must back off like any other, not be polled again
            # as soon as its lease ends.
            log.exception("unexpected failure", feed=masked(feed.key))
            facts, ours = self._facts(claimed, rules), _unexpected(error)
            return outcomes.failed(facts, ours, asked_whole=whole), Reach.UNKNOWN

    async def _answered(
        self, claimed: ClaimedFeed, rules: FeedRules, response: Response
    ) -> PollOutcome:
        feed = claimed.feed
        body_hash = hashlib.sha256(response.body).hexdigest() if response.body else None
        if same_body(feed.body_hash, response, body_hash):
            return outcomes.unchanged(self._facts(claimed, rules), response)
        document = Document(
            response.body,
            response.url,
            response.content_type,
            language=response.content_language,
        )
        listed = await self._listed(feed)
        parsed = await self._parsed(rules, document, listed)
        facts = self._facts(claimed, rules)
        # A list of nothing says that something went wrong there, not which entries left.
        complete = (
            tells_what_left(parsed, listed)
            and response.status != HTTPStatus.IM_USED
            and not parsed.partial
        )
        found = await Comparison(self.store, feed, rules, listed, facts.now).of_document(
            parsed, complete=complete
        )
        trail = await self._trail(feed, rules, parsed, found, facts.now, response)
        told = discovered(parsed, response.headers, response.url)
        if told.hub_url:
            told = discreet(told, disclosure(self.config, feed.key))
        return outcomes.understood(facts, response, told, found.delta, body_hash, trail)

    async def _trail(
        self,
        feed: Feed,
        rules: FeedRules,
        parsed: ParsedFeed,
        found: Compared,
        now: datetime,
        response: Response,
    ) -> ArchiveTrail | None:
        """Archives to be read after this document; None: none, or as it was."""
        if parsed.previous_url is None or rules.archives is FollowArchives.NEVER:
            return None
        read_at = last_read(feed)
        listed = [*(entry.identity for entry in found.entries), *parsed.unchanged]
        gap = response.status == HTTPStatus.OK and is_gap(read_at, listed, found.known, found.delta)
        if gap:
            log.info("gap", feed=masked(feed.key), since=read_at)
        stored = await self.store.trail(feed.id)
        return trail_after_poll(
            rules.archives, stored, parsed, read_at, now, gap=gap, inside=response.inside
        )

    async def ingest(
        self, claimed: ClaimedFeed, document: Document, planned: datetime
    ) -> PollOutcome | None:
        """Take in a ``document`` that was not polled; None when nothing came of it.

        It may hold only what is new: it unlists nothing, and says nothing of the feed as a whole.
        The feed's poll goes back to where it was ``planned``.
        """
        feed, now = claimed.feed, self.clock.now()
        rules = self.rules(feed)
        said = {"feed": masked(feed.key), "source": document.source.value}
        try:
            listed = await self._listed(feed)
            parsed = await self._parsed(rules, document, listed)
            delta = (
                await Comparison(self.store, feed, rules, listed, now).of_document(parsed)
            ).delta
            known = await self.store.known_entries(
                feed.id, [one.entry.identity for one in delta.changed]
            )
            delta, doubtful = without_old_news(delta, known)
            outcome = outcomes.pushed(feed, delta, planned, now, doubtful=doubtful)
            await self.store.commit_poll(outcome, claimed.lease)
        except LeaseLost as lost:
            log.warning("delivery dropped", **said, reason=str(lost))
            return None
        except StoreError:
            raise
        except AggregatorError as error:
            log.warning("delivery dropped", **said, reason=error_line(error))
            await self.store.release(feed.id, claimed.lease)
            return None
        self._log(feed, outcome)
        return outcome

    async def _listed(self, feed: Feed) -> list[KnownEntry]:
        """The entries that ``feed`` listed when it was last understood."""
        return await self.store.known_entries(feed.id, ()) if feed.last_success else []

    async def _parsed(
        self, rules: FeedRules, document: Document, listed: Sequence[KnownEntry]
    ) -> ParsedFeed:
        """The document, parsed; what stands there as it was when ``listed`` is not read again."""
        digests = {one.source_digest: one.identity for one in listed if one.source_digest}
        with self.tracer.span("parse"):
            return await read_document(self.workers, rules, document, digests)

    def _log(self, feed: Feed, outcome: PollOutcome) -> None:
        _log(self.config, feed, outcome)
        for who, why in outcome.delta.unjudged:
            if (feed.key, who) not in self._said:  # once, not for each entry
                self._said.add((feed.key, who))
                log.warning("not evaluated", feed=masked(feed.key), rule=who, reason=why)

    def _facts(self, claimed: ClaimedFeed, rules: FeedRules) -> PollFacts:
        told = self.config.settings.health_feed
        after = told.failures if told.enabled else 0
        pace = rules.pace.stretched(self.budget.stretch)
        return PollFacts(claimed, pace, self.clock.now(), chance(), after)

    def rules(self, feed: Feed) -> FeedRules:
        """All that the operator says about ``feed``."""
        return feed_rules(self.config, feed.key, feed.configured_url)


def feed_request(
    feed: Feed, options: FetchOptions | None = None, *, whole: bool, inside: bool = False
) -> Request:
    """The request for a poll: conditional, unless the ``whole`` document is wanted.

    The stored validators may belong to the end of a redirect; the fetcher sends them to no other
    URL than the one that gave them. Where there is an ETag, the changes alone would do (RFC 3229).
    It may lead ``inside`` at the host that is configured; another was named by somebody else.
    """
    inside = inside and host_of(feed.url) == host_of(feed.configured_url)
    validators = None if whole else feed.validators
    delta = validators is not None and bool(validators.etag)
    return Request(
        feed.url, RequestKind.FEED, validators, delta=delta, options=options, inside=inside
    )


def same_body(stored: str | None, response: Response, body_hash: str | None) -> bool:
    """True when there is nothing to parse: a 304, or the very bytes whose hash is ``stored``."""
    if response.status == HTTPStatus.NOT_MODIFIED:
        return True
    return body_hash is not None and body_hash == stored


def _unexpected(error: Exception) -> AggregatorError:
    return AggregatorError(
        f"unexpected {type(error).__name__}: {error}", hint="please report it, with the log's lines"
    )


def _log(config: Config, feed: Feed, outcome: PollOutcome) -> None:
    """One line on how a poll ended, or a document that came in; that nothing was new is for debugging."""
    happened = bool(outcome.delta.new or outcome.delta.changed)
    say = log.warning if outcome.error else log.info if happened else log.debug
    said: dict[str, object] = {"feed": masked(feed.key), "result": outcome.result.value}
    if happened:
        said |= {"new": len(outcome.delta.new), "changed": len(outcome.delta.changed)}
        if dropped := outcome.delta.dropped:
            said["dropped"] = dropped
    if outcome.error:
        said |= {"title": masked(titles(config).get(feed.key) or feed.title)}
        said |= {"error": outcome.error, "failures": outcome.failures}
    if outcome.parsed and outcome.parsed.notes:
        said["notes"] = "; ".join(outcome.parsed.notes)
    say("poll", **said, next=outcome.next_poll)
