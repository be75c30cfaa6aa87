"""Changes of a feed's entries: new, changed, listed again, no longer listed. Pure."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType

from aggregator.extract.judging.need import pages_of_several, wants_page
from aggregator.flow.recognise import Recognised
from aggregator.model import (
    ChangedEntry,
    Entry,
    EntryDelta,
    ExtractMode,
    JudgedEntry,
    KnownEntry,
    NewEntry,
    ParsedFeed,
    Rejudged,
    RenamedEntry,
    RereadEntry,
)
from aggregator.parse.identity import reading_of, shown_of
from aggregator.publish.order import sort_dates
from aggregator.select.sieve import LET_IN, Judgement, Sieve
from aggregator.urls import canonical

# Entry ids are derived, not drawn: a lost database that is filled again emits the same ids.
_ENTRY_IDS = uuid.UUID("6f3d7a52-40a5-4a07-9c2e-7a9f6f0f4c11")
# A list this much shorter than the one before lost its entries for a while; see ``tells_what_left``.
_SHRUNKEN = 0.2
_LEAST_LISTED = 5
_MOST_LISTED = 100
_MOST_KEPT = 1000
_LONGEST_PAGE_URL = 2000  # characters (ASCII); PostgreSQL indexes no value above 2.7 kB


@dataclass(frozen=True, slots=True)
class PollContext:
    """The facts beside the entries that decisions about them need."""

    feed_key: str
    last_success: datetime | None  # of the feed's polls, before this one
    now: datetime
    extract_mode: ExtractMode
    feed_whole: bool | None = None  # its own texts proved to be whole; None: not known
    shared_pages: frozenset[str] = frozenset()  # pages of which several entries name a part each
    sieve: Sieve | None = None  # what drops entries, and says which pages are fetched
    feed_title: str = ""  # the feed's own

    def judge(self, entry: Entry, stored: KnownEntry | None = None) -> Judgement:
        """The judgement of filters and rules on ``entry``, that is ``stored`` or new."""
        if self.sieve is None:
            return LET_IN
        first_seen = (stored.first_seen_at if stored is not None else None) or self.now
        was_let_in = stored is not None and stored.filtered is None
        return self.sieve.judge(entry, first_seen, self.feed_title, was_let_in=was_let_in)

    def dropped(self, judgement: Judgement) -> str | None:
        """Digest to remember a dropped entry by; None for one that is let in."""
        return self.sieve.digest if self.sieve is not None and judgement.dropped_by else None


def public_id(feed_key: str, identity: str) -> str:
    """The id under which subscribers know an entry for ever, ``urn:uuid:…`` (RFC 9562 §5.5)."""
    return uuid.uuid5(_ENTRY_IDS, f"{feed_key}\n{identity}").urn


def tells_what_left(parsed: ParsedFeed, listed: Collection[KnownEntry]) -> bool:
    """False for a list that is no news of what it leaves out: an empty one, or hardly anything of what was ``listed``.

    Publishers lose their lists for a while, and bring them back under other names. Who lists only
    what came since the last poll would never be believed: above a bound a list of what is new is, and
    above a further one any list, lest what a feed once listed be kept for ever.
    """
    size = len(parsed.entries) + len(parsed.unchanged)
    if len(listed) < _LEAST_LISTED or size >= _SHRUNKEN * len(listed):
        return size > 0
    if len(listed) <= _MOST_LISTED:
        return False
    before = {one.identity for one in listed}
    stood = len(parsed.unchanged) + sum(one.identity in before for one in parsed.entries)
    return size > 0 and (len(listed) > _MOST_KEPT or 2 * stood < size)


def entry_delta(
    context: PollContext,
    listed: Sequence[Entry],
    known: Sequence[KnownEntry],
    forgotten: Collection[str],
    *,
    complete: bool = True,
    unchanged: Collection[str] = (),
    same: Mapping[str, Recognised] = MappingProxyType({}),
) -> EntryDelta:
    """Compare what the feed lists with what is stored.

    ``known`` holds the stored entries with a listed identity and those marked as listed;
    ``forgotten`` the identities that retention dropped, which are never new again. What a list
    that is not ``complete`` leaves out may still be in the feed. ``unchanged`` are the identities
    of stored entries that are listed, too, and were not read again. An entry has changed when it
    shows something else. One that only says something else (a signed address, the order of its
    categories), or whose stored hash is of another reading (a release before), is replaced and has
    not changed. ``same`` are the listed entries that are stored under another identity; one of which
    nothing else changed is read anew, too. Filters and rules are asked about what is new, and about
    what they dropped and has changed.
    """
    context = replace(context, shared_pages=frozenset(pages_of_several(listed)))
    by_identity = {one.identity: one for one in known}
    unknown: list[Entry] = []
    unjudged: list[tuple[str, str]] = []
    changed, reread, relisted, rewritten, renamed = [], [], [], [], []
    for entry in listed:
        stored, again = by_identity.get(entry.identity), same.get(entry.identity)
        if stored is None and again is not None and not again.is_listed:
            stored = again.known
            renamed.append(RenamedEntry(stored.id, entry.identity, stored.identity))
        if stored is None:
            if entry.identity not in forgotten and again is None:
                unknown.append(entry)
            continue
        another_reading = reading_of(stored.content_hash) != reading_of(entry.content_hash)
        if another_reading or (again is not None and again.says_the_same):
            reread.append(RereadEntry(stored.id, entry))
        elif shown_of(stored.content_hash) != shown_of(entry.content_hash):
            judgement = context.judge(entry, stored)
            unjudged += judgement.unjudged
            page, dropped = _page(context, entry, judgement), context.dropped(judgement)
            changed.append(ChangedEntry(stored.id, entry, page, dropped))
            continue
        elif stored.content_hash != entry.content_hash:
            reread.append(RereadEntry(stored.id, entry, _says_later(stored, entry)))
        elif stored.source_digest != entry.source_digest:
            rewritten.append((stored.id, entry.source_digest))
        if not stored.listed:
            relisted.append(stored.id)
    now_listed = {entry.identity for entry in listed}.union(unchanged)
    now_listed |= {one.former for one in renamed}
    left = [one.id for one in known if one.listed and one.identity not in now_listed]
    unlisted = left if complete else []
    judgements = [context.judge(entry) for entry in unknown]
    unjudged += (told for judgement in judgements for told in judgement.unjudged)
    # Oldest first, so that ids grow with time within a poll: feeds list the newest first.
    return EntryDelta(
        tuple(reversed(_new(context, unknown, judgements))),
        tuple(changed),
        tuple(unlisted),
        tuple(relisted),
        tuple(rewritten),
        _without_clocks(reread, len(listed)),
        tuple(renamed),
        tuple(dict.fromkeys(unjudged)),
    )


def _says_later(stored: KnownEntry, entry: Entry) -> bool:
    now, before = entry.updated, stored.updated_at
    return now is not None and before is not None and now > before


def _without_clocks(reread: Sequence[RereadEntry], listed: int) -> tuple[RereadEntry, ...]:
    """Where every entry says that it was updated, that is when the document was made."""
    if listed > 1 and sum(one.refresh for one in reread) == listed:
        return tuple(replace(one, refresh=False) for one in reread)
    return tuple(reread)


def without_old_news(delta: EntryDelta, known: Sequence[KnownEntry]) -> tuple[EntryDelta, bool]:
    """``delta`` of a document that a hub delivered, without what may be older than what is known.

    A delivery may come late, twice, or from a hub that lags behind another, and a replay is signed
    like the first. A change is taken when its entry says that it was updated later than the stored
    one; one that was updated earlier is dropped. Where the dates tell nothing, a poll has to: True
    says that there is such a change.
    """
    stored = {one.id: one.updated_at for one in known}
    taken, doubtful = [], False
    for change in delta.changed:
        before, now = stored.get(change.id), change.entry.updated
        if now is not None and (before is None or now > before):
            taken.append(change)
        elif now is None or now == before:
            doubtful = True
    return replace(delta, changed=tuple(taken)), doubtful


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


def judged_again(context: PollContext, one: JudgedEntry) -> Rejudged | None:
    """The judgement of present filters and rules on a stored entry; None: it is what it was.

    Rules that read texts are asked about what has its story; all else is judged by them as it is settled.
    """
    early, late, sieve = LET_IN, LET_IN, context.sieve
    if sieve is not None:
        early = sieve.judge(one.entry, one.first_seen, context.feed_title)
        if one.story is not None and not early.dropped_by:
            late = sieve.judge_text(one)
    dropped = context.dropped(early) or context.dropped(late)
    named = one.story is not None and dropped is None and late.labels != one.labels
    if (dropped or "") == one.filtered and not named:
        return None
    page = _page(context, one.entry, early) if one.filtered and dropped is None else None
    return Rejudged(one.id, one.filtered, dropped, page, late.labels if named else None)


def _new(
    context: PollContext, unknown: Sequence[Entry], judgements: Sequence[Judgement]
) -> list[NewEntry]:
    dates = sort_dates(
        [(entry.published, entry.updated) for entry in unknown], context.now, context.last_success
    )
    return [
        NewEntry(
            entry=entry,
            public_id=public_id(context.feed_key, entry.identity),
            sort_at=date,
            article_url=_page(context, entry, judgement),
            filtered=context.dropped(judgement),
        )
        for entry, date, judgement in zip(unknown, dates, judgements, strict=True)
    ]


def _page(context: PollContext, entry: Entry, judgement: Judgement) -> str | None:
    mode = judgement.extract or context.extract_mode
    if judgement.dropped_by or entry.url is None:
        return None
    if not wants_page(entry, mode, context.feed_whole, context.shared_pages):
        return None
    page = canonical(entry.url)
    return page if len(page) <= _LONGEST_PAGE_URL else None
