"""One page of a feed's archives, from the claim to the commit: fetch → parse → compare → the trail after it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import structlog

from aggregator.config.choices import FeedRules
from aggregator.errors import (
    AddressRefused,
    AggregatorError,
    Gone,
    HostOnCooldown,
    HttpStatus,
    InvalidUrl,
    LeaseLost,
    StoreError,
    WorkerUnavailable,
    error_line,
)
from aggregator.flow import outcome as outcomes
from aggregator.flow.changes import whole_entries
from aggregator.flow.feed_document import Comparison, read_document
from aggregator.flow.poll import Poll
from aggregator.flow.trails import (
    PagePart,
    given_up,
    page_delta,
    postponed,
    trail_after_failure,
    trail_after_page,
    wanted,
)
from aggregator.model import (
    ArchiveTrail,
    ClaimedFeed,
    Document,
    EntryDelta,
    FollowArchives,
    PollOutcome,
    Request,
)
from aggregator.privacy.masking import masked
from aggregator.schedule.http_hints import floor

log = structlog.get_logger("aggregator")

_NOTHING = (EntryDelta(), False)  # and from nowhere
_NOT_FOUND = 404


@dataclass(frozen=True, slots=True)
class OlderPages:
    """Reads archives of feeds, a page at a time; what it needs of a poll it has from ``poll``."""

    poll: Poll

    async def read_next(self, claimed: ClaimedFeed) -> PollOutcome | None:
        """Read the page that is due of a claimed feed's archives; None when its lease was lost."""
        feed, poll = claimed.feed, self.poll
        before = claimed.trail or ArchiveTrail()
        with poll.network.asking():
            trail, delta, inside = await self._read(claimed, before)
            outcome = outcomes.archive_read(feed, poll.clock.now(), trail, delta, inside=inside)
            try:
                await poll.store.commit_poll(outcome, claimed.lease)
            except LeaseLost as lost:
                log.warning("archive page dropped", feed=masked(feed.key), reason=str(lost))
                return None
        _log(claimed, before, trail)
        return outcome

    async def _read(
        self, claimed: ClaimedFeed, trail: ArchiveTrail
    ) -> tuple[ArchiveTrail, EntryDelta, bool]:
        rules, began = self.poll.rules(claimed.feed), self.poll.clock.now()
        if rules.archives is FollowArchives.NEVER or not trail.stretches:
            return given_up(trail), *_NOTHING
        try:
            return await self._taken(claimed, rules, trail)
        except StoreError:
            raise  # nothing was learnt about the page
        except HostOnCooldown as cooldown:
            now = self.poll.clock.now()
            return postponed(trail, now, floor(cooldown.headers, now)), *_NOTHING
        except WorkerUnavailable as error:  # the fault is this machine's
            log.error(
                "archive page postponed", feed=masked(claimed.feed.key), error=error_line(error)
            )
            return postponed(trail, self.poll.clock.now(), None), *_NOTHING
        except AggregatorError as error:
            return self._failed(trail, error, began), *_NOTHING
        except Exception as error:
            log.exception("unexpected failure", feed=masked(claimed.feed.key))
            why, now = error_line(error), self.poll.clock.now()
            return trail_after_failure(trail, why, now, None, for_good=False), *_NOTHING

    async def _taken(
        self, claimed: ClaimedFeed, rules: FeedRules, trail: ArchiveTrail
    ) -> tuple[ArchiveTrail, EntryDelta, bool]:
        poll, feed, stretch = self.poll, claimed.feed, trail.stretches[0]
        response = await poll.fetcher.fetch(
            Request(stretch.url, options=rules.options, inside=stretch.inside)
        )
        poll.network.answered()
        document = Document(
            response.body,
            response.url,
            response.content_type,
            language=response.content_language,
        )
        parsed = await read_document(poll.workers, rules, document)
        now, entries = poll.clock.now(), whole_entries(parsed)
        taken = wanted(trail, rules.archive_bounds, entries, now)
        listed = await poll.store.known_entries(feed.id, ())
        found = await Comparison(poll.store, feed, rules, listed, now).of_archive(parsed, taken)
        delta = page_delta(found.delta, found.known, stretch.known_at)
        names = {one.identity for one in taken}
        known = [one for one in found.known if one.identity in names]
        part = PagePart(entries, known, found.forgotten, response.inside)
        count, bounds = len(delta.new), rules.archive_bounds
        after = trail_after_page(trail, parsed, part, bounds, count, now, feed.next_poll)
        return after, delta, response.inside

    def _failed(self, trail: ArchiveTrail, error: AggregatorError, began: datetime) -> ArchiveTrail:
        now = self.poll.clock.now()
        if self.poll.network.to_blame_since(error, began, now) is not None:
            return postponed(trail, now, None)
        gone = isinstance(error, Gone | InvalidUrl | AddressRefused) or (
            isinstance(error, HttpStatus) and error.status == _NOT_FOUND
        )
        not_before = floor(error.headers, now) if isinstance(error, HttpStatus) else None
        return trail_after_failure(trail, error_line(error), now, not_before, for_good=gone)


def _log(claimed: ClaimedFeed, before: ArchiveTrail, trail: ArchiveTrail) -> None:
    """One line when a trail is at its end, and what kept it from going further; the rest is for debugging."""
    said = {"feed": masked(claimed.feed.key), "pages": trail.pages, "new": trail.new}
    if trail.ended and (trail.ended != before.ended or not trail.stretches):
        hint = "what they held beyond is not read; see `archives` in docs/configuration.md"
        log.warning("archives not read to the end", **said, reason=trail.ended, hint=hint)
    elif not trail.stretches:
        log.info("archives read", **said)
    else:
        log.debug("archive page", **said)
