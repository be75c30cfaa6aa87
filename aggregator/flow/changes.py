"""The pipeline's own decisions: what is new, what changed, what a failure means. Pure."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus

from aggregator.errors import (
    AddressRefused,
    FetchError,
    HttpStatus,
    InvalidUrl,
    NoArticle,
    RobotsRefused,
    TooLarge,
    WorkerMemory,
    WorkerTimeout,
)
from aggregator.extract.judging.need import wants_page
from aggregator.model import (
    ChangedEntry,
    Entry,
    EntryDelta,
    ExtractMode,
    Feed,
    FetchOptions,
    KnownEntry,
    NewEntry,
    ParsedFeed,
    PollResult,
    Request,
    RequestKind,
    Response,
    Validators,
)
from aggregator.privacy.masking import masked
from aggregator.publish.order import sort_at
from aggregator.urls import canonical

# Entry ids are derived, not drawn: a lost database that is filled again emits the same ids.
_ENTRY_IDS = uuid.UUID("6f3d7a52-40a5-4a07-9c2e-7a9f6f0f4c11")
_NOT_MODIFIED = 304
_LONGEST_PAGE_URL = 2000  # characters (ASCII); PostgreSQL indexes no value above 2.7 kB
_RETRY_FIRST = timedelta(minutes=5)
# 4xx that can pass: time-outs, throttling, and walls that go away.
_PASSING = frozenset({401, 403, 408, 421, 425, 429, 451})


@dataclass(frozen=True, slots=True)
class PollContext:
    """What the decisions about a poll's entries need to know beside the entries."""

    feed: Feed
    now: datetime
    extract_mode: ExtractMode
    feed_whole: bool | None = None  # whether its own texts proved to be whole; None: not known


def feed_request(
    feed: Feed, *, whole: bool = False, options: FetchOptions | None = None
) -> Request:
    """The request for a poll: conditional, unless the ``whole`` document is wanted.

    The stored validators may belong to the end of a redirect; the fetcher sends them to no other
    URL than the one that gave them. Where there is an ETag, the changes alone would do (RFC 3229).
    """
    validators = None if whole else feed.validators
    delta = validators is not None and bool(validators.etag)
    return Request(feed.url, RequestKind.FEED, validators, delta=delta, options=options)


def public_id(feed_key: str, identity: str) -> str:
    """The id under which subscribers know an entry for ever, ``urn:uuid:…`` (RFC 9562 §5.5)."""
    return uuid.uuid5(_ENTRY_IDS, f"{feed_key}\n{identity}").urn


def entry_delta(
    context: PollContext,
    listed: Sequence[Entry],
    known: Sequence[KnownEntry],
    forgotten: Collection[str],
    *,
    complete: bool = True,
    unchanged: Collection[str] = (),
) -> EntryDelta:
    """Compare what the feed lists with what is stored.

    ``known`` holds the stored entries with a listed identity and those marked as listed;
    ``forgotten`` the identities that retention dropped, which are never new again. What a list
    that is not ``complete`` leaves out may still be in the feed. ``unchanged`` are the identities
    of stored entries that are listed, too, and were not read again.
    """
    by_identity = {one.identity: one for one in known}
    unseen = [e for e in listed if e.identity not in by_identity and e.identity not in forgotten]
    new = [_new(context, entry) for entry in unseen]
    changed, relisted, rewritten = [], [], []
    for entry in listed:
        stored = by_identity.get(entry.identity)
        if stored is None:
            continue
        if stored.content_hash != entry.content_hash:
            changed.append(ChangedEntry(stored.id, entry, _page(context, entry)))
            continue
        if not stored.listed:
            relisted.append(stored.id)
        if stored.source_digest != entry.source_digest:
            rewritten.append((stored.id, entry.source_digest))
    now_listed = {entry.identity for entry in listed}.union(unchanged)
    left = [one.id for one in known if one.listed and one.identity not in now_listed]
    unlisted = left if complete else []
    # Oldest first, so that ids grow with time within a poll: feeds list the newest first.
    return EntryDelta(
        tuple(reversed(new)), tuple(changed), tuple(unlisted), tuple(relisted), tuple(rewritten)
    )


def whole_entries(parsed: ParsedFeed) -> tuple[Entry, ...]:
    """The entries of ``parsed`` without the one in which the document breaks off.

    That one is not taken at all, known or not: what identifies it may be cut, too, and would make
    it an entry of its own for ever.
    """
    return tuple(entry for entry in parsed.entries if entry.identity != parsed.cut)


def unseen(listed: Sequence[Entry], known: Sequence[KnownEntry]) -> list[str]:
    """The identities in ``listed`` that none of ``known`` has."""
    have = {one.identity for one in known}
    return [entry.identity for entry in listed if entry.identity not in have]


def _new(context: PollContext, entry: Entry) -> NewEntry:
    return NewEntry(
        entry=entry,
        public_id=public_id(context.feed.key, entry.identity),
        sort_at=sort_at(
            published=entry.published,
            updated=entry.updated,
            first_seen=context.now,
            previous_success=context.feed.last_success,
        ),
        article_url=_page(context, entry),
    )


def _page(context: PollContext, entry: Entry) -> str | None:
    if entry.url is None or not wants_page(entry, context.extract_mode, context.feed_whole):
        return None
    page = canonical(entry.url)
    return page if len(page) <= _LONGEST_PAGE_URL else None


def same_body(feed: Feed, response: Response, body_hash: str | None) -> bool:
    """Whether there is nothing to parse: a 304, or the very bytes of the last poll."""
    if response.status == _NOT_MODIFIED:
        return True
    return body_hash is not None and body_hash == feed.body_hash


def unchanged_result(response: Response) -> PollResult:
    """What to call a poll that found nothing to parse."""
    return PollResult.NOT_MODIFIED if response.status == _NOT_MODIFIED else PollResult.UNCHANGED


def validators_after(feed: Feed, response: Response) -> Validators:
    """The validators to store after ``response``.

    A 304 need not repeat what it does not change (RFC 9110 §15.4.5, RFC 9111 §3.2): what it
    leaves out stands. So does what a 226 leaves out: the next delta then begins where this did.
    """
    given, stored = response.validators, feed.validators
    if response.status == HTTPStatus.OK or stored is None or stored.url != given.url:
        return given
    return Validators(
        given.url, given.etag or stored.etag, given.last_modified or stored.last_modified
    )


def article_retry(
    error: Exception, attempts: int, allowed: int, now: datetime, chance: float
) -> datetime | None:
    """When to try a page again after ``error``, its ``attempts``-th failure; None: never.

    What cannot change by waiting (no such page, no article on it, an address we may not ask) is
    not tried again; the rest up to ``allowed`` times, with exponential backoff and jitter.
    """
    if attempts >= allowed or not is_passing(error):
        return None
    wait: timedelta = _RETRY_FIRST * 6 ** min(attempts - 1, 6) * (1 + chance)
    return now + wait


def is_passing(error: Exception) -> bool:
    """Whether asking for a page again may help after ``error``."""
    hopeless = (
        NoArticle,
        InvalidUrl,
        AddressRefused,
        RobotsRefused,
        TooLarge,
        WorkerTimeout,
        WorkerMemory,
    )
    if isinstance(error, hopeless):
        return False
    refused = isinstance(error, HttpStatus) and 400 <= error.status < 500
    return not refused or (isinstance(error, HttpStatus) and error.status in _PASSING)


def error_line(error: Exception) -> str:
    """``error`` in one line, for the feed's status."""
    name = type(error).__name__
    text = " ".join(masked(str(error)).split())
    return text if isinstance(error, FetchError) and text else f"{name}: {text}"
