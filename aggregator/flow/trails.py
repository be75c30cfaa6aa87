"""Archives of a feed: are they to be read, and how far (RFC 5005 §3, §4)? Pure.

A poll that lists nothing known tells of a gap: from there a *stretch* of pages leads back to what is
known. A stretch ends at an address that was read before, at known ground, or where the chain ends;
a trail ends with its last stretch, or at the operator's bounds. Nothing here is forgotten by a crash: each page
and the trail after it are one transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import blake2b

from aggregator.model import (
    ArchiveTrail,
    Entry,
    EntryDelta,
    Feed,
    FollowArchives,
    KnownEntry,
    ParsedFeed,
    Stretch,
    TrailBounds,
)

_NONE = ArchiveTrail()
_BATCH = 10  # pages, then the rest waits for the feed's next poll
_MOST_READ, _MOST_DELETED, _MOST_STRETCHES = 1000, 5000, 10
_TRIES = 8  # of one page
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(minutes=5), timedelta(hours=12)
_DIGEST = 8  # bytes


@dataclass(frozen=True, slots=True)
class PagePart:
    """The entries of an archive page, as the store knows them."""

    entries: Sequence[Entry]
    known: Collection[KnownEntry]  # those of them that are stored
    forgotten: Collection[str]  # identities of those that retention dropped
    inside: bool = False  # it came from a network that the operator opened


def digest(said: str) -> str:
    """An id or address, as trails keep it."""
    return blake2b(said.encode(), digest_size=_DIGEST).hexdigest()


def last_read(feed: Feed) -> datetime | None:
    """The time up to which a feed is known by its polls: what a hub delivered later says nothing of what was missed."""
    times = (feed.last_success, feed.last_poll)
    return min((one for one in times if one is not None), default=None)


def is_gap(
    read_at: datetime | None, listed: Sequence[str], known: Sequence[KnownEntry], delta: EntryDelta
) -> bool:
    """True where none of the ``listed`` identities of a feed that was last read at ``read_at`` was known then.

    ``known`` are the stored entries, ``delta`` is what the document changes. One that was updated since
    may be listed for that, and tells nothing.
    """
    if read_at is None or not listed or not delta.new:
        return False
    names = set(listed)
    stored = [one for one in known if one.identity in names]
    updated = {one.id for one in delta.changed if _is_later(one.entry, read_at)}
    if any(_was_known(one, read_at) and one.id not in updated for one in stored):
        return False
    # The rest are known by another name, or were forgotten.
    return len(delta.new) + len(stored) == len(names)


def trail_after_poll(
    mode: FollowArchives,
    stored: ArchiveTrail | None,
    parsed: ParsedFeed,
    read_at: datetime | None,
    now: datetime,
    *,
    gap: bool,
    inside: bool = False,
) -> ArchiveTrail | None:
    """The trail of a feed after a poll gave ``parsed``; None: it is as ``stored``.

    The feed was last read at ``read_at``. Where archives are followed after gaps only, those that the
    first poll finds count as read: they were written before we came. ``inside``: the document came from a
    network that the operator opened.
    """
    url, archived = parsed.previous_url, parsed.previous_is_archive
    if mode is FollowArchives.NEVER or url is None or parsed.complete:
        return None
    trail, known_at = stored or _NONE, read_at
    if mode is FollowArchives.ALL and not trail.whole:
        trail, known_at = replace(trail, whole=True, read=(), stretches=()), None
    elif not (digest(url) not in trail.read if archived else gap):
        return None
    elif mode is FollowArchives.GAPS and not gap:
        return replace(trail, read=_latest(trail.read, digest(url)))
    elif mode is FollowArchives.ALL and archived:
        if not gap and any(one.archived for one in trail.stretches):
            return None  # it leads there
        known_at = None  # up to what was read
    return _with(trail, Stretch(url, archived, known_at, inside=inside), now)


def _with(trail: ArchiveTrail, stretch: Stretch, now: datetime) -> ArchiveTrail:
    """``trail`` with another stretch before the rest of the others."""
    others = trail.stretches
    begun = trail if others else replace(trail, pages=0, new=0, deleted=(), ended="")
    kept = (stretch, *others)[:_MOST_STRETCHES]
    return replace(begun, stretches=kept, next_at=now, passed=(), failures=0, batch=0)


def wanted(
    trail: ArchiveTrail, bounds: TrailBounds, entries: Sequence[Entry], now: datetime
) -> list[Entry]:
    """Those of the ``entries`` of a page that may be taken: not deleted since, and not too old."""
    oldest = now - bounds.max_age if bounds.max_age else None
    return [
        one
        for one in entries
        if not _is_named(one, trail.deleted)
        and (oldest is None or (date := _date(one)) is None or date >= oldest)
    ]


def page_delta(
    delta: EntryDelta, known: Collection[KnownEntry], known_at: datetime | None
) -> EntryDelta:
    """The difference that a page of archives makes: entries, and changes that are newer than what is stored.

    What was stored after ``known_at`` came from the feed or a later page, and is newer. Nothing in
    it is listed in the feed.
    """
    stored = {one.id: one for one in known}
    taken = []
    for change in delta.changed:
        before, now = stored[change.id], change.entry.updated
        newer = now is not None and (before.updated_at is None or now > before.updated_at)
        if newer and (known_at is None or _was_known(before, known_at)):
            taken.append(replace(change, listed=False))
    new = tuple(replace(one, listed=False) for one in delta.new)
    return EntryDelta(new=new, changed=tuple(taken), unjudged=delta.unjudged)


def trail_after_page(
    trail: ArchiveTrail,
    parsed: ParsedFeed,
    part: PagePart,
    bounds: TrailBounds,
    new: int,
    now: datetime,
    next_poll: datetime | None,
) -> ArchiveTrail:
    """The trail after its page was read, which gave ``new`` entries.

    ``next_poll`` is the feed's: the time until which the rest waits after some pages.
    """
    stretch = trail.stretches[0]
    here = digest(stretch.url)
    trail = replace(
        trail,
        read=_latest(trail.read, here) if stretch.archived else trail.read,
        passed=_latest(trail.passed, here),
        deleted=_all(trail.deleted, [digest(one) for one in parsed.deleted]),
        pages=trail.pages + 1,
        new=trail.new + new,
        batch=trail.batch + 1,
        failures=0,
    )
    evidence = stretch.evidence + _evidence(stretch, part)
    older = parsed.previous_url
    reached = _reached(stretch, part, evidence) or _is_too_old(part.entries, bounds, now)
    if older is None or reached or _was_read(trail, parsed):
        return _next_stretch(trail, now)
    if digest(older) in trail.passed:
        return _ended(trail, now, "its pages lead back to each other")
    if trail.pages >= bounds.pages:
        return _given_up(trail, f"more than {bounds.pages} pages (`fetch.archive_pages`)")
    further = replace(
        stretch,
        url=older,
        archived=parsed.previous_is_archive,
        evidence=evidence,
        inside=part.inside,
    )
    pauses = trail.batch >= _BATCH
    return replace(
        trail,
        stretches=(further, *trail.stretches[1:]),
        next_at=max(now, next_poll or now) if pauses else now,
        batch=0 if pauses else trail.batch,
    )


def trail_after_failure(
    trail: ArchiveTrail, why: str, now: datetime, not_before: datetime | None, *, for_good: bool
) -> ArchiveTrail:
    """The trail after its page could not be had: ``for_good``, or tried again, ever more rarely."""
    failures = trail.failures + 1
    if for_good or failures >= _TRIES:
        return _ended(trail, now, why)
    pause = min(_FIRST_PAUSE * 4 ** (failures - 1), _LONGEST_PAUSE)
    return replace(trail, failures=failures, next_at=max(now + pause, not_before or now))


def postponed(trail: ArchiveTrail, now: datetime, until: datetime | None) -> ArchiveTrail:
    """The trail whose page was not asked for, or in vain for no fault of its host's."""
    return replace(trail, next_at=max(now + _FIRST_PAUSE, until or now))


def given_up(trail: ArchiveTrail) -> ArchiveTrail:
    """The trail of a feed whose archives the operator does not want any more."""
    return _given_up(trail, "")


def _evidence(stretch: Stretch, part: PagePart) -> int:
    """Number of entries on a page that were stored before the gap, and are not told anew."""
    if stretch.known_at is None:
        return 0
    later = {one.identity for one in part.entries if _is_later(one, stretch.known_at)}
    known = {one.identity for one in part.known if _was_known(one, stretch.known_at)}
    return len((known | set(part.forgotten)) - later)


def _reached(stretch: Stretch, part: PagePart, evidence: int) -> bool:
    """True where a page is known ground: its entries were known before the gap, more than are of the gap.

    A single known one is no proof: a publisher may bring an old entry to the front again.
    """
    if stretch.known_at is None or not evidence:
        return False
    later = sum(_is_later(one, stretch.known_at) for one in part.entries)
    here = evidence - stretch.evidence
    return bool(part.entries) and (later == 0 or here > later)


def _was_known(one: KnownEntry, known_at: datetime) -> bool:
    return (one.first_seen_at or known_at) <= known_at


def _is_later(entry: Entry, moment: datetime) -> bool:
    date = entry.updated or entry.published
    return date is not None and date > moment


def _is_too_old(entries: Sequence[Entry], bounds: TrailBounds, now: datetime) -> bool:
    """True for a page of which every entry is older than what is taken."""
    if not bounds.max_age or not entries:
        return False
    dates = [_date(one) for one in entries]
    return all(date is not None and date < now - bounds.max_age for date in dates)


def _date(entry: Entry) -> datetime | None:
    return max((d for d in (entry.updated, entry.published) if d is not None), default=None)


def _was_read(trail: ArchiveTrail, parsed: ParsedFeed) -> bool:
    """True where the page before this one was read, and not on this stretch."""
    if parsed.previous_url is None or not parsed.previous_is_archive:
        return False
    there = digest(parsed.previous_url)
    return there in trail.read and there not in trail.passed


def _is_named(entry: Entry, deleted: Collection[str]) -> bool:
    return bool(deleted) and digest(entry.guid or entry.identity) in deleted


def _next_stretch(trail: ArchiveTrail, now: datetime) -> ArchiveTrail:
    """The trail without its first stretch, which is done."""
    left = trail.stretches[1:]
    if left:
        return replace(trail, stretches=left, passed=(), failures=0, next_at=now)
    return replace(_without_work(trail), ended="")


def _ended(trail: ArchiveTrail, now: datetime, why: str) -> ArchiveTrail:
    """The trail after its first stretch broke off."""
    return replace(_next_stretch(trail, now), ended=why)


def _given_up(trail: ArchiveTrail, why: str) -> ArchiveTrail:
    return replace(_without_work(trail), ended=why)


def _without_work(trail: ArchiveTrail) -> ArchiveTrail:
    return replace(trail, stretches=(), next_at=None, passed=(), deleted=(), batch=0, failures=0)


def _latest(known: Sequence[str], one: str) -> tuple[str, ...]:
    return (*(other for other in known if other != one), one)[-_MOST_READ:]


def _all(known: Sequence[str], more: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*known, *more)))[-_MOST_DELETED:]
