"""The meaning of a poll's end: the outcome to be stored, the next poll with it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus

from aggregator.errors import AggregatorError, Gone, HostOnCooldown, HttpStatus, error_line
from aggregator.flow.redirects import address_after, address_after_failure
from aggregator.model import (
    Address,
    ArchiveTrail,
    ClaimedFeed,
    EntryDelta,
    Feed,
    HealthKind,
    ParsedFeed,
    PollOutcome,
    PollResult,
    Response,
    UpdateHints,
    Validators,
)
from aggregator.schedule.cadence import Pace, next_attempt, next_poll
from aggregator.schedule.habits import appeared
from aggregator.schedule.http_hints import answer_floor, floor, is_challenge
from aggregator.schedule.outage import offline_pause, reach

_DOUBTS_EVERY = timedelta(minutes=5)  # at most so often is a feed polled for what is doubtful


@dataclass(frozen=True, slots=True)
class PollFacts:
    """A claimed feed at the moment its poll ended, with what the operator says about its pace."""

    claimed: ClaimedFeed
    pace: Pace
    now: datetime
    chance: float  # in [0, 1): spreads polls
    broken_after: int = 0  # failures in a row that are told; 0: nothing is

    @property
    def feed(self) -> Feed:
        """The feed that was polled."""
        return self.claimed.feed


def unchanged(facts: PollFacts, response: Response) -> PollOutcome:
    """After a 304, or the very bytes of the last poll."""
    feed = facts.feed
    not_modified = response.status == HTTPStatus.NOT_MODIFIED
    given = validators_after(feed.validators, response)
    address = address_after(feed, response, facts.now)
    return PollOutcome(
        feed_id=feed.id,
        result=PollResult.NOT_MODIFIED if not_modified else PollResult.UNCHANGED,
        polled_at=facts.now,
        next_poll=_next_poll(facts, response, feed.hints, facts.claimed.recent),
        validators=given if _differ(feed.validators, given) else None,
        address=address,
        whole=response.status == HTTPStatus.OK,
        health=_health(facts, address),
        inside=response.inside,
    )


def understood(
    facts: PollFacts,
    response: Response,
    parsed: ParsedFeed,
    delta: EntryDelta,
    body_hash: str | None,
    trail: ArchiveTrail | None = None,
) -> PollOutcome:
    """After a document, or a 226's part of one, that was parsed and compared.

    ``trail``: which archives are to be read for what it no longer lists; None: none, or as before.
    """
    feed, now = facts.feed, facts.now
    times = [appeared(new.entry.published, now, feed.last_success) for new in delta.new]
    whole = response.status == HTTPStatus.OK
    trusted = not parsed.partial or _length_was_told(response)
    address = address_after(feed, response, now)
    return PollOutcome(
        feed_id=feed.id,
        result=PollResult.UPDATED if delta.new or delta.changed else PollResult.UNCHANGED,
        polled_at=now,
        next_poll=_next_poll(facts, response, parsed.hints, (*times, *facts.claimed.recent)),
        # Of a document that may have been cut on its way, neither the validators nor the hash are
        # kept: a 304 to them would hide the rest for good.
        validators=validators_after(feed.validators, response) if trusted else None,
        # A delta's bytes are no document's: what was hashed before is not what stands there now.
        body_hash=body_hash if whole and trusted else "",
        parsed=parsed,
        delta=delta,
        address=address,
        whole=whole and not parsed.partial,
        health=_health(facts, address),
        trail=trail,
        inside=response.inside,
    )


def pushed(
    feed: Feed, delta: EntryDelta, planned: datetime, now: datetime, *, doubtful: bool = False
) -> PollOutcome:
    """After a document that was not polled: its news, and the feed's poll back where it was planned.

    It says nothing of the feed as a whole, nor of how the feed answers. What is ``doubtful`` in it
    is left to a poll, at once unless there was one just now.
    """
    back = max(planned, feed.next_poll or now)
    if doubtful:
        back = min(back, max(now, (feed.last_success or now) + _DOUBTS_EVERY))
    return PollOutcome(
        feed_id=feed.id,
        result=PollResult.PUSHED,
        polled_at=now,
        next_poll=back,
        delta=delta,
    )


def archive_read(
    feed: Feed, now: datetime, trail: ArchiveTrail, delta: EntryDelta, *, inside: bool
) -> PollOutcome:
    """After a page of the feed's archives, or that it could not be had: the feed's poll stays where it is."""
    return PollOutcome(
        feed_id=feed.id,
        result=PollResult.ARCHIVE,
        polled_at=now,
        next_poll=feed.next_poll or now,
        delta=delta,
        trail=trail,
        inside=inside,
    )


def postponed(feed_id: int, cooldown: HostOnCooldown, now: datetime) -> PollOutcome:
    """Nothing was asked: the host is on cooldown."""
    return PollOutcome(
        feed_id=feed_id,
        result=PollResult.POSTPONED,
        polled_at=now,
        next_poll=floor(cooldown.headers, now) or now,
    )


def put_off(facts: PollFacts) -> PollOutcome:
    """Postpone a feed whose document could not be read for a fault of this machine, by an interval.

    The feed is as it was: no validators that would hide what was not read, no failure.
    """
    return PollOutcome(
        feed_id=facts.feed.id,
        result=PollResult.POSTPONED,
        polled_at=facts.now,
        next_poll=facts.now + facts.pace.shortest * (1 + facts.chance / 2),
    )


def offline(facts: PollFacts, error: AggregatorError, down_since: datetime) -> PollOutcome:
    """Nobody answers, since ``down_since``: it counts against no feed."""
    wait = offline_pause(down_since, facts.now, facts.pace.shortest, facts.chance)
    return PollOutcome(
        feed_id=facts.feed.id,
        result=PollResult.OFFLINE,
        polled_at=facts.now,
        next_poll=facts.now + wait,
        error=error_line(error),
        failures=facts.feed.failures,
    )


def failed(
    facts: PollFacts,
    error: AggregatorError,
    down_since: datetime | None = None,
    *,
    asked_whole: bool = False,
) -> PollOutcome:
    """After a poll that gave no document.

    Silence counts against no feed while our own network is out of order, since ``down_since``.
    ``asked_whole``: the document was asked for without the validators that there are.
    """
    if down_since is not None and reach(error).silent:
        return offline(facts, error, down_since)
    feed, now = facts.feed, facts.now
    failures = feed.failures + 1
    address = address_after_failure(feed, now)
    return PollOutcome(
        feed_id=feed.id,
        result=PollResult.GONE if isinstance(error, Gone) else PollResult.FAILED,
        polled_at=now,
        next_poll=next_attempt(
            facts.pace,
            now,
            1 if address else failures,  # another address is not to blame
            feed.hints,
            floor(error.headers, now) if isinstance(error, HttpStatus) else None,
            facts.chance,
            refused=_turned_away(error, failures),
        ),
        error=error_line(error),
        failures=failures,
        address=address,
        whole=asked_whole,
        health=_health(facts, address, failures, gone=isinstance(error, Gone)),
    )


def _health(
    facts: PollFacts, address: Address | None, failures: int = 0, *, gone: bool = False
) -> tuple[HealthKind, ...]:
    """States of the feed after a poll that are worth an event, if they are news."""
    if not facts.broken_after:
        return ()
    found = []
    if gone or failures >= facts.broken_after:
        found.append(HealthKind.BROKE)
    elif not failures and facts.feed.failures:
        found.append(HealthKind.BACK)
    if address is not None and address.url != facts.feed.url:
        found.append(HealthKind.MOVED)
    return tuple(found)


def validators_after(stored: Validators | None, response: Response) -> Validators:
    """The validators to store after ``response`` in place of ``stored``.

    A 304 need not repeat what it does not change (RFC 9110 §15.4.5, RFC 9111 §3.2): what it
    leaves out stands. So does what a 226 leaves out: the next delta then begins where this did.
    """
    given = response.validators
    if response.status == HTTPStatus.OK or stored is None or stored.url != given.url:
        return given
    return Validators(
        given.url, given.etag or stored.etag, given.last_modified or stored.last_modified
    )


def _differ(stored: Validators | None, given: Validators) -> bool:
    """True when it makes a difference to store ``given``."""
    nothing = stored is None and not (given.etag or given.last_modified)
    return not nothing and given != stored


def _next_poll(
    facts: PollFacts, response: Response, hints: UpdateHints, recent: Sequence[float]
) -> datetime:
    given = response.validators
    return next_poll(
        facts.pace,
        facts.now,
        recent,
        hints,
        answer_floor(response, facts.now),
        facts.chance,
        # All of it at every poll, which a server with validators would spare itself.
        costly=response.status == HTTPStatus.OK and not (given.etag or given.last_modified),
        planned=facts.feed.next_poll,
        pushed_until=facts.feed.pushed_until,
    )


def _length_was_told(response: Response) -> bool:
    """True when HTTP itself said where the body ends (RFC 9112 §6.3), and would notice a cut."""
    headers = response.headers
    return "content-length" in headers or "chunked" in headers.get("transfer-encoding", "")


def _turned_away(error: AggregatorError, failures: int) -> bool:
    """A challenge for browsers, or a 403 that repeats itself: it is us who are not wanted."""
    if not isinstance(error, HttpStatus):
        return False
    return is_challenge(error.headers) or (error.status == HTTPStatus.FORBIDDEN and failures > 1)
