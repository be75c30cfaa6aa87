"""Stories: ready entries find theirs, one process at a time, a batch in one transaction."""

from __future__ import annotations

from collections import Counter as Counts
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from types import MappingProxyType
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
)

from aggregator.dedupe.assign import assign
from aggregator.dedupe.candidates import EntrySource
from aggregator.dedupe.furniture import Furniture
from aggregator.dedupe.readings import KeysOf, Reading, read
from aggregator.dedupe.seekers import Known, Seeker
from aggregator.model import Labels, SettleOrder, SettleStats, StoryKey
from aggregator.store.db.counters import Counter, count
from aggregator.store.db.due_stories import mark
from aggregator.store.db.lock import AdvisoryLock, acquire
from aggregator.store.db.search_index import index_anew, index_segments
from aggregator.store.stories.attachments import attach, part, remember_keys
from aggregator.store.stories.entry_sources import LatestEntries
from aggregator.store.stories.judged_texts import Judge, judge_texts
from aggregator.store.stories.key_backlog import key_anew
from aggregator.store.stories.members import (
    dependents_of,
    feeds_of,
    known_stories,
    pinned_of,
    siblings_of,
)
from aggregator.store.stories.merge_into import end_stories
from aggregator.store.stories.new_stories import found_stories
from aggregator.store.stories.ready_entries import ready_entries
from aggregator.store.stories.reasons import reasons_of
from aggregator.store.stories.recalls import recall, under_titles
from aggregator.store.stories.representatives import choose_representatives
from aggregator.store.stories.search_backlog import index_stored
from aggregator.store.stories.shared_addresses import shared
from aggregator.store.stories.text_cache import TextCache, Texts


def settle(
    connection: Connection,
    limit: int,
    now: datetime,
    window: timedelta,
    keys_of: KeysOf,
    near: bool = True,
    cache: TextCache | None = None,
    *,
    readings: Mapping[EntrySource, Reading] = MappingProxyType({}),
    order: SettleOrder = SettleOrder.FIRST_COME,
    searchable: bool = True,
    judge: Judge | None = None,
    judges_all: bool = True,
    note: Callable[[Connection, Collection[int]], None] = mark,
) -> SettleStats:
    """Attach ready entries to stories; ``cache`` has texts kept from before.

    Those that ``judge`` drops join none. ``note`` gets the stories that changed, in this transaction. See :meth:`aggregator.ports.StoryStore.settle`.
    """
    acquire(connection, AdvisoryLock.SETTLE)
    rows = ready_entries(connection, limit, order)
    since = now - window
    if not rows:
        if searchable:
            index_stored(connection)
        key_anew(connection, keys_of, since)
        return SettleStats()
    latest = LatestEntries(connection)
    reader = partial(read, keys_of=keys_of, near=near, searchable=searchable, furniture=Furniture())
    found = _read(connection, latest.sources(rows.values()), readings, reader)
    dropped, labels = set[int](), dict[int, Labels]()
    if judge is not None:
        said = {entry_id: one.candidate for entry_id, one in found.items()}
        asked = {i: row for i, row in rows.items() if judges_all or row.filtered is not None}
        dropped, labels = judge_texts(connection, asked, said, judge, now)
        rows = {entry_id: row for entry_id, row in rows.items() if entry_id not in dropped}
        found = {entry_id: found[entry_id] for entry_id in rows}
        if not rows:
            return SettleStats(len(dropped), rules=(("dropped", len(dropped)),))
    candidates = {entry_id: one.candidate for entry_id, one in found.items()}
    keys = {entry_id: one.keys for entry_id, one in found.items()}
    cache = cache or TextCache()
    texts = Texts(connection, rows, found, cache, latest) if near else None
    seekers, known = _look_up(connection, rows, keys, texts, since)
    assignments = assign(seekers, known, index=texts.index if texts is not None else None)
    leaving = {rows[a.entry_id].story_id: a.entry_id for a in assignments if a.leaves}
    part(connection, assignments)
    story_of = found_stories(connection, assignments, candidates, now)
    reasons = reasons_of(connection, assignments, story_of, rows)
    recalled = cache.looks.allowed({i for one in assignments for i in one.recalls}, now)
    attach(connection, story_of, reasons, candidates, labels, now, recalled)
    index_segments(connection, ((i, one.indexed) for i, one in found.items() if one.indexed))
    ended = end_stories(connection, assignments, story_of, rows)
    known = replace(known, stories={k: ended.get(s, s) for k, s in known.stories.items()})
    remember_keys(connection, assignments, story_of, keys, known, now)
    if texts is not None:
        texts.save(now, since)
        recalled |= under_titles(connection, texts.learned_late(), since)
    recall(connection, recalled - rows.keys(), now)
    choose_representatives(connection, {*story_of.values(), *leaving})
    note(connection, {*story_of.values(), *leaving, *ended})
    if not searchable:
        index_anew(connection)
    founded = sum(one.founder == one.entry_id for one in assignments)
    count(connection, {Counter.STORIES: founded - len(ended)}, bump=True)
    rules = Counts(one.rule.value or "unknown" for one in assignments)
    if dropped:
        rules["dropped"] = len(dropped)
    return SettleStats(len(rows) + len(dropped), founded, tuple(rules.items()))


def _read(
    connection: Connection,
    sources: Sequence[EntrySource],
    readings: Mapping[EntrySource, Reading],
    reader: Callable[..., Reading],
) -> dict[int, Reading]:
    """A reading of each source: one that was made before, of just this, or one that is made here."""
    ambiguous = shared(
        connection, {u for one in sources for u in (one.final_url, one.canonical_url) if u}
    )
    found = {}
    for source in sources:
        known = readings.get(source)
        if known is None or not ambiguous.isdisjoint((source.final_url, source.canonical_url)):
            known = reader(source, ambiguous_urls=ambiguous)
        found[source.id] = known
    return found


def _look_up(
    connection: Connection,
    rows: Mapping[int, Row[Any]],
    keys: Mapping[int, tuple[StoryKey, ...]],
    texts: Texts | None,
    since: datetime,
) -> tuple[list[Seeker], Known]:
    """Load what decides: the stories that keys lead to, and texts to compare the batch's with."""
    stored, holders = known_stories(connection, {k for ks in keys.values() for k in ks}, since)
    siblings = siblings_of(
        connection, {r.story_id for r in rows.values() if r.story_id is not None}
    )
    pinned: set[int] = set()
    if texts is not None:
        texts.compare_with(_to_compare(keys, holders, siblings), since)
        near = set(texts.story_of.values())
        members = siblings_of(connection, near)
        texts.also_compare_with({i for ids in members.values() for i in ids}, since)
        pinned = pinned_of(connection, near)
    known = Known(
        stored,
        holders,
        feeds_of(connection, set(stored.values())),
        texts.story_of if texts is not None else {},
        pinned,
    )
    dependents = dependents_of(connection, rows.values())
    return _seekers(rows.values(), keys, siblings, dependents, texts), known


def _to_compare(
    keys: Mapping[int, Sequence[StoryKey]],
    holders: Mapping[StoryKey, int | None],
    siblings: Mapping[int | None, Sequence[int]],
) -> set[int]:
    """Entries whose texts decide although they need not be near: one key's, one story's."""
    one_key = {
        holder
        for found in keys.values()
        for key in found
        if (holder := holders.get(key)) is not None
    }
    return one_key | {i for ids in siblings.values() for i in ids}


def _seekers(
    rows: Iterable[Row[Any]],
    keys: Mapping[int, tuple[StoryKey, ...]],
    siblings: Mapping[int | None, Sequence[int]],
    dependents: Mapping[int, Sequence[tuple[int, str]]],
    texts: Texts | None,
) -> list[Seeker]:
    return [
        Seeker(
            row.id,
            keys[row.id],
            row.story_id,
            row.feed_id,
            texts.sketches[row.id] if texts is not None else None,
            tuple(i for i in siblings.get(row.story_id, ()) if i != row.id),
            tuple(dependents.get(row.id, ())),
            row.held,
        )
        for row in rows
    ]
