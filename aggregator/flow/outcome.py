"""What the end of a poll means: the outcome to be stored, the next poll with it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus

from aggregator.errors import AggregatorError, Gone, HostOnCooldown, HttpStatus
from aggregator.fetch.politeness.cooldown import is_challenge
from aggregator.flow.changes import error_line, unchanged_result, validators_after
from aggregator.flow.redirects import address_after, address_after_failure
from aggregator.model import (
    Address,
    ClaimedFeed,
    EntryDelta,
    Feed,
    ParsedFeed,
    PollOutcome,
    PollResult,
    Response,
    UpdateHints,
    Validators,
)
from aggregator.schedule import outage
from aggregator.schedule.cadence import WEEK, Policy, after_failure, after_success, respect
from aggregator.schedule.http_hints import floor, throttled_for
from aggregator.schedule.triggers import Every, Schedule
from aggregator.websub.protocol import safety_poll


@dataclass(frozen=True, slots=True)
class PollFacts:
    """A claimed feed at the moment its poll ended, with what the operator said about its pace."""

    claimed: ClaimedFeed
    now: datetime
    policy: Policy
    schedule: Schedule | None  # the operator's own
    safety: timedelta  # between polls of a feed whose news a hub delivers
    chance: float  # in [0, 1): spreads polls

    @property
    def interval(self) -> timedelta:
        """The shortest time between two polls of the feed."""
        fixed = self.schedule
        return fixed.interval if isinstance(fixed, Every) else self.policy.min_interval


def unchanged(occasion: PollFacts, response: Response) -> PollOutcome:
    """After a 304, or the very bytes of the last poll."""
    feed, now = occasion.claimed.feed, occasion.now
    return PollOutcome(
        feed_id=feed.id,
        result=unchanged_result(response),
        polled_at=now,
        next_poll=_next_poll(occasion, response, feed.hints, occasion.claimed.recent),
        validators=_changed(feed.validators, validators_after(feed, response)),
        address=_moved(feed, response, now),
        whole=response.status == HTTPStatus.OK,
    )


def understood(
    occasion: PollFacts,
    response: Response,
    parsed: ParsedFeed,
    delta: EntryDelta,
    body_hash: str | None,
) -> PollOutcome:
    """After a document, or a 226's part of one, that was parsed and compared."""
    feed, now = occasion.claimed.feed, occasion.now
    times = [(new.entry.published or now).timestamp() for new in delta.new]
    whole = response.status == HTTPStatus.OK
    trusted = not parsed.partial or _length_was_told(response)
    return PollOutcome(
        feed_id=feed.id,
        result=PollResult.UPDATED if delta.new or delta.changed else PollResult.UNCHANGED,
        polled_at=now,
        next_poll=_next_poll(occasion, response, parsed.hints, (*times, *occasion.claimed.recent)),
        # Of a document that may have been cut on its way, neither the validators nor the hash are
        # kept: a 304 to them would hide the rest for good.
        validators=validators_after(feed, response) if trusted else None,
        # A delta's bytes are no document's: what was hashed before is not what stands there now.
        body_hash=body_hash if whole and trusted else "",
        parsed=parsed,
        delta=delta,
        address=_moved(feed, response, now),
        whole=whole and not parsed.partial,
    )


def _changed(stored: Validators | None, given: Validators) -> Validators | None:
    """``given``, if storing it makes a difference."""
    nothing = stored is None and not (given.etag or given.last_modified)
    return None if nothing or given == stored else given


def _moved(feed: Feed, response: Response, now: datetime) -> Address | None:
    """The feed's address after ``response``; None: as it was."""
    address = address_after(feed, response, now)
    return None if (address.url, address.move) == (feed.url, feed.move) else address


def _length_was_told(response: Response) -> bool:
    """Whether HTTP itself said where the body ends (RFC 9112 §6.3), and so would notice a cut."""
    headers = response.headers
    return "content-length" in headers or "chunked" in headers.get("transfer-encoding", "")


def postponed(occasion: PollFacts, resting: HostOnCooldown) -> PollOutcome:
    """Nothing was asked: the host rests."""
    now = occasion.now
    return PollOutcome(
        feed_id=occasion.claimed.feed.id,
        result=PollResult.POSTPONED,
        polled_at=now,
        next_poll=floor(resting.headers, now) or now,
    )


def offline(occasion: PollFacts, error: AggregatorError, down_since: datetime) -> PollOutcome:
    """Nobody answers, since ``down_since``: it counts against no feed."""
    feed, now = occasion.claimed.feed, occasion.now
    wait = outage.rest(down_since, now, occasion.interval, occasion.chance)
    return PollOutcome(
        feed_id=feed.id,
        result=PollResult.OFFLINE,
        polled_at=now,
        next_poll=now + wait,
        error=error_line(error),
        failures=feed.failures,
    )


def failed(
    occasion: PollFacts, error: AggregatorError, *, asked_whole: bool = False
) -> PollOutcome:
    """After a poll that gave no document.

    ``asked_whole``: it was asked for without the validators that there are.
    """
    feed, now, failures = occasion.claimed.feed, occasion.now, occasion.claimed.feed.failures + 1
    wait_until = floor(error.headers, now) if isinstance(error, HttpStatus) else None
    address = address_after_failure(feed, now)
    hints = feed.hints if occasion.schedule is None else UpdateHints()
    when = after_failure(
        now,
        1 if address else failures,  # another address is not to blame
        max(occasion.interval, min(hints.min_interval or timedelta(0), WEEK)),
        wait_until,
        occasion.chance,
        refused=_turned_away(error, failures),
    )
    return PollOutcome(
        feed_id=feed.id,
        result=PollResult.GONE if isinstance(error, Gone) else PollResult.FAILED,
        polled_at=now,
        next_poll=respect(when, now, hints, None),
        error=error_line(error),
        failures=failures,
        address=address,
        whole=asked_whole,
    )


def _turned_away(error: AggregatorError, failures: int) -> bool:
    """A challenge for browsers, or a 403 that repeats itself: it is us who are not wanted."""
    if not isinstance(error, HttpStatus):
        return False
    return is_challenge(error.headers) or (error.status == 403 and failures > 1)


def _next_poll(
    occasion: PollFacts, response: Response, hints: UpdateHints, recent: Sequence[float]
) -> datetime:
    now, earliest = occasion.now, _earliest(response, occasion.now)
    if occasion.schedule is not None:
        # The operator's word beats the document's hints, not what HTTP asks for.
        when = occasion.schedule.next_after(occasion.claimed.feed.next_poll, now)
        return respect(when, now, UpdateHints(), earliest)
    given = response.validators
    costly = response.status == HTTPStatus.OK and not (given.etag or given.last_modified)
    wanted = after_success(
        now, recent, hints, earliest, occasion.policy, occasion.chance, costly=costly
    )
    return max(wanted, safety_poll(now, occasion.claimed.feed.pushed_until, occasion.safety))


def _earliest(response: Response, now: datetime) -> datetime | None:
    """What HTTP asks for: the answer's own fields, and Retry-After of the redirects to it."""
    waits = [throttled_for(hop.headers, now) for hop in response.hops]
    times = [now + min(wait, WEEK) for wait in waits if wait is not None]
    own = floor(response.headers, now)
    return max([*times, own] if own is not None else times, default=None)
