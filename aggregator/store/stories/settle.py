"""Stories: ready entries find theirs, one process at a time, a batch in one transaction."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    Select,
    UnaryExpression,
    and_,
    bindparam,
    case,
    delete,
    func,
    insert,
    literal_column,
    select,
    true,
    update,
)

from aggregator.dedupe.assign import assign
from aggregator.dedupe.seekers import Assignment, Known, Seeker
from aggregator.model import SettleStats, StoryCandidate, StoryKey
from aggregator.store.db.chunks import chunks
from aggregator.store.db.columns import UtcDateTime
from aggregator.store.db.counters import Counter, count
from aggregator.store.db.due_stories import mark
from aggregator.store.db.lock import AdvisoryLock, acquire
from aggregator.store.db.row_locks import free_rows
from aggregator.store.db.tables import (
    EntryState,
    articles,
    entries,
    entry_is_unsettled,
    entry_shares_id,
    stories,
    story_keys,
)
from aggregator.store.db.upsert import insert_or_update
from aggregator.store.stories.members import (
    dependents_of,
    feeds_of,
    known_stories,
    pinned_of,
    siblings_of,
)
from aggregator.store.stories.merge_into import end_stories
from aggregator.store.stories.reasons import reasons_of
from aggregator.store.stories.recalls import recall, under_titles
from aggregator.store.stories.representatives import choose_representatives
from aggregator.store.stories.shared_addresses import shared
from aggregator.store.stories.text_cache import TextCache, Texts, candidate_of, select_candidates

_LOOKED_AT = 1000  # ready entries, for the one that has been it longest
_SECOND_IDS = uuid.UUID("0c5dd0a7-0b7a-4b0e-8f0e-3f3f0d1c6a52")


def release_overdue(connection: Connection, now: datetime, max_wait: timedelta) -> int:
    """Make entries ready that waited longer than ``max_wait`` for their page; count them."""
    overdue = and_(
        entries.c.state == EntryState.WAITING,
        entry_is_unsettled,
        entries.c.state_since <= now - max_wait,
    )
    # What another transaction writes at this moment is looked at again with the next tick.
    return connection.execute(
        update(entries)
        .where(entries.c.id.in_(free_rows(entries, overdue)))
        .values(state=EntryState.READY, state_since=now)
    ).rowcount


def settle(
    connection: Connection,
    limit: int,
    now: datetime,
    window: timedelta,
    keys_of: Callable[[StoryCandidate], Sequence[StoryKey]],
    near: bool = True,
    cache: TextCache | None = None,
    *,
    newest: bool = False,
    note: Callable[[Connection, Collection[int]], None] = mark,
) -> SettleStats:
    """Attach ready entries to stories; ``cache`` has texts kept from before.

    ``note`` gets the stories that changed, in this transaction. See :meth:`aggregator.ports.StoryStore.settle`.
    """
    acquire(connection, AdvisoryLock.SETTLE)
    ready = connection.execute(_READY[newest], {"most": limit}).all()
    # Who founds a story does not depend on which feed was polled first.
    rows = {row.id: row for row in sorted(ready, key=_order)}
    if not rows:
        return SettleStats()
    since = now - window
    ambiguous_urls = shared(
        connection, {u for r in rows.values() for u in (r.final_url, r.canonical_url) if u}
    )
    candidates = {row.id: candidate_of(row, ambiguous_urls) for row in rows.values()}
    keys = {entry_id: tuple(keys_of(one)) for entry_id, one in candidates.items()}
    texts = Texts(connection, rows, candidates, cache or TextCache()) if near else None
    seekers, known = _look_up(connection, rows, keys, texts, since)
    assignments = assign(seekers, known, index=texts.index if texts is not None else None)
    leaving = {rows[a.entry_id].story_id: a.entry_id for a in assignments if a.leaves}
    _part(connection, assignments)
    story_of = _found_stories(connection, assignments, candidates, now)
    reasons = reasons_of(connection, assignments, story_of, rows)
    recalled = {i for one in assignments for i in one.recalls}
    _attach(connection, story_of, reasons, candidates, now, recalled)
    ended = end_stories(connection, assignments, story_of, rows)
    known = replace(known, stories={k: ended.get(s, s) for k, s in known.stories.items()})
    _remember_keys(connection, assignments, story_of, keys, known, now)
    if texts is not None:
        texts.save(now, since)
        recalled |= under_titles(connection, texts.learned_late(), since)
    recall(connection, recalled - rows.keys(), now)
    choose_representatives(connection, {*story_of.values(), *leaving})
    note(connection, {*story_of.values(), *leaving, *ended})
    founded = sum(one.founder == one.entry_id for one in assignments)
    count(connection, {Counter.STORIES: founded - len(ended)}, bump=True)
    return SettleStats(len(rows), founded)


def _order(row: Row[Any]) -> tuple[datetime, str, int]:
    """By date; of equal dates by the id that subscribers see, of undated entries as they came."""
    return row.sort_at, "" if row.published_at is None else row.public_id, row.id


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


def ready_since(connection: Connection) -> datetime | None:
    """See :meth:`aggregator.ports.StoryStore.ready_since`."""
    return connection.execute(_LONGEST_READY).scalar_one_or_none()


def _ready(which: UnaryExpression[int]) -> Select[Any]:
    """The first ready entries in the order ``which``, in the order in which they came."""
    is_ready = and_(entries.c.state == EntryState.READY, entry_is_unsettled)
    chosen = (
        select(entries.c.id).where(is_ready).order_by(which).limit(bindparam("most")).cte("ready")
    )
    return (
        select_candidates()
        .where(entries.c.id.in_(select(chosen.c.id)), is_ready)
        .order_by(entries.c.id)
        # A poll that changes one of them meanwhile must not have its change marked as settled.
        .with_for_update(of=entries, key_share=True)
    )


# Statements are built once: to build one takes longer than to run it.
_READY = {False: _ready(entries.c.id.asc()), True: _ready(entries.c.id.desc())}
# Among a bounded number: one that became ready again may stand before them by its id.
_LONGEST_READY = select(func.min(literal_column("state_since", UtcDateTime()))).select_from(
    select(entries.c.state_since)
    .where(entries.c.state == EntryState.READY, entry_is_unsettled)
    .order_by(entries.c.id)
    .limit(_LOOKED_AT)
    .subquery()
)


def _found_stories(
    connection: Connection,
    assignments: Sequence[Assignment],
    candidates: Mapping[int, StoryCandidate],
    now: datetime,
) -> dict[int, int]:
    """Insert the new stories; return entry id → story id for every assignment."""
    founders = [candidates[a.entry_id] for a in assignments if a.founder == a.entry_id]
    founded: dict[int, int] = {}
    if founders:
        public_ids = _free_ids(connection, [founder.public_id for founder in founders])
        ids = connection.execute(
            insert(stories).returning(stories.c.id, sort_by_parameter_order=True),
            [
                {
                    "public_id": public_id,
                    "representative_id": founder.entry_id,
                    "sort_at": founder.sort_at,
                    "seen_at": now,
                }
                for founder, public_id in zip(founders, public_ids, strict=True)
            ],
        ).scalars()
        founded = {f.entry_id: story_id for f, story_id in zip(founders, ids, strict=True)}
    return {
        a.entry_id: a.story if a.story is not None else founded[a.founder or 0] for a in assignments
    }


def _taken(connection: Connection, public_ids: Sequence[str]) -> set[str]:
    """Ids of stories among these, and those under which exact copies of another entry are shown."""
    return {
        found
        for chunk in chunks(public_ids)
        for column, which in ((stories.c.public_id, true()), (entries.c.exact_id, entry_shares_id))
        for found in connection.execute(select(column).where(column.in_(chunk), which)).scalars()
    }


def _free_ids(connection: Connection, public_ids: Sequence[str]) -> list[str]:
    """Ids of stories for entries with these: the entry's own, or what follows from it.

    An entry may found a second story, and a third: the first keeps the id that subscribers know.
    """
    found = list(public_ids)
    while taken := _taken(connection, found):
        found = [uuid.uuid5(_SECOND_IDS, i).urn if i in taken else i for i in found]
    return found


def _part(connection: Connection, assignments: Sequence[Assignment]) -> None:
    """Keys of entries that leave their story lead there no longer."""
    gone = [one.entry_id for one in assignments if one.leaves]
    for chunk in chunks(gone):
        connection.execute(delete(story_keys).where(story_keys.c.entry_id.in_(chunk)))


def _attach(
    connection: Connection,
    story_of: Mapping[int, int],
    reasons: Mapping[int, Mapping[str, Any]],
    candidates: Mapping[int, StoryCandidate],
    now: datetime,
    recalled: Collection[int],
) -> None:
    """Write each row once: PostgreSQL locks the feed of a row that is written twice, as polls do."""
    stay: list[dict[str, Any]] = []
    join: list[dict[str, Any]] = []
    for entry_id, story in story_of.items():
        values = {
            "row_id": entry_id,
            "story": story,
            "length": len(candidates[entry_id].text),
            "voice": candidates[entry_id].own_voice,
            "state": EntryState.READY if entry_id in recalled else EntryState.SETTLED,
            "now": now,
        }
        if entry_id in reasons:
            join.append({**values, **reasons[entry_id]})
        else:
            stay.append(values)
    for statement, rows in ((_STAY, stay), (_JOIN, join)):
        if rows:
            connection.execute(statement, rows)


# Fixed once: neither a page that comes late nor a date that moves makes it another.
_PUBLISHED = case(
    (entries.c.published_fixed, entries.c.published_at),
    else_=func.coalesce(
        entries.c.published_at,
        select(articles.c.published_at)
        .where(articles.c.id == entries.c.article_id)
        .scalar_subquery(),
        entries.c.updated_at,
    ),
)
_STAY = (
    update(entries)
    .where(entries.c.id == bindparam("row_id"))
    .values(
        published_at=_PUBLISHED,
        published_fixed=true(),
        story_id=bindparam("story"),
        text_length=bindparam("length"),
        own_voice=bindparam("voice"),
        state=bindparam("state"),
        state_since=bindparam("now"),
    )
)
_JOIN = _STAY.values(
    join_rule=bindparam("rule"),
    joined_to=bindparam("to"),
    overlap=bindparam("shared"),
    join_note=bindparam("note"),
    exact_id=bindparam("exact"),
)


def _remember_keys(
    connection: Connection,
    assignments: Sequence[Assignment],
    story_of: Mapping[int, int],
    keys: Mapping[int, Sequence[StoryKey]],
    known: Known,
    now: datetime,
) -> None:
    rows: dict[str, dict[str, Any]] = {}
    leaving = {one.entry_id for one in assignments if one.leaves}
    taken = {key: one.entry_id for one in assignments for key in one.takes}
    for entry_id, story in story_of.items():
        for key in keys[entry_id]:
            holder = known.holders.get(key)
            if key in taken:
                if taken[key] == entry_id:
                    rows[str(key)] = _key_row(key, story, entry_id, now)
            # A key that leads to another story keeps leading there.
            elif holder in leaving or known.stories.get(key, story) == story:
                own = holder is None or holder in leaving
                rows.setdefault(
                    str(key), _key_row(key, story, entry_id if own else holder or entry_id, now)
                )
    insert_or_update(connection, story_keys, list(rows.values()), "key")


def _key_row(key: StoryKey, story_id: int, entry_id: int, now: datetime) -> dict[str, Any]:
    return {"key": str(key), "story_id": story_id, "seen_at": now, "entry_id": entry_id}
