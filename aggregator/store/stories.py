"""Stories: ready entries find theirs, one process at a time, a batch in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, insert, select, text, update

from aggregator.dedupe.assign import Assignment, Seeker, assign
from aggregator.dedupe.represent import best
from aggregator.model import Settled, StoryCandidate, StoryKey, StoryMember
from aggregator.sanitize import to_text
from aggregator.store.counters import bump_version
from aggregator.store.tables import (
    EntryState,
    articles,
    entries,
    entry_is_unsettled,
    entry_texts,
    stories,
    story_keys,
)
from aggregator.store.upsert import insert_or_update

_SETTLE_LOCK = 0x61676772  # PostgreSQL advisory lock: one process searches and attaches at a time
_CHUNK = 500


def release_overdue(connection: Connection, now: datetime, max_wait: timedelta) -> int:
    """See :meth:`aggregator.ports.StoryStore.release_overdue`."""
    return connection.execute(
        update(entries)
        .where(
            entries.c.state == EntryState.WAITING,
            entry_is_unsettled,
            entries.c.state_since <= now - max_wait,
        )
        .values(state=EntryState.READY, state_since=now)
    ).rowcount


def settle(
    connection: Connection,
    limit: int,
    now: datetime,
    window: timedelta,
    keys_of: Callable[[StoryCandidate], Sequence[StoryKey]],
) -> Settled:
    """See :meth:`aggregator.ports.StoryStore.settle`."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _SETTLE_LOCK})
    rows = {row.id: row for row in connection.execute(_ready(limit))}
    if not rows:
        return Settled()
    candidates = {row.id: _candidate(row) for row in rows.values()}
    keys = {entry_id: tuple(keys_of(one)) for entry_id, one in candidates.items()}
    known = _known_stories(connection, {k for ks in keys.values() for k in ks}, now - window)
    seekers = [Seeker(row.id, keys[row.id], row.story_id, row.feed_id) for row in rows.values()]
    assignments = assign(seekers, known, _feeds_of(connection, set(known.values())))
    story_of = _found_stories(connection, assignments, candidates, now)
    _attach(connection, story_of, candidates, now)
    _remember_keys(connection, story_of, keys, known, now)
    choose_representatives(connection, set(story_of.values()))
    bump_version(connection)
    return Settled(len(rows), sum(one.founder == one.entry_id for one in assignments))


def _ready(limit: int) -> Select[Any]:
    return (
        select(
            entries.c.id,
            entries.c.feed_id,
            entries.c.guid,
            entries.c.url,
            entries.c.title,
            entries.c.first_seen_at,
            entries.c.sort_at,
            entries.c.public_id,
            entries.c.story_id,
            entry_texts.c.summary_html,
            entry_texts.c.content_html,
            articles.c.text.label("article_text"),
            articles.c.final_url,
            articles.c.canonical_url,
        )
        .join(entry_texts, entry_texts.c.entry_id == entries.c.id)
        .outerjoin(articles, articles.c.id == entries.c.article_id)
        .where(entries.c.state == EntryState.READY, entry_is_unsettled)
        .order_by(entries.c.id)
        .limit(limit)
        # A poll that changes one of them meanwhile must not have its change marked as settled.
        .with_for_update(of=entries)
    )


def _candidate(row: Row[Any]) -> StoryCandidate:
    urls = dict.fromkeys(url for url in (row.url, row.final_url, row.canonical_url) if url)
    return StoryCandidate(
        entry_id=row.id,
        feed_id=row.feed_id,
        guid=row.guid,
        urls=tuple(urls),
        title=row.title,
        text=row.article_text or to_text(row.content_html or row.summary_html),
        first_seen=row.first_seen_at,
        sort_at=row.sort_at,
        public_id=row.public_id,
    )


def _known_stories(
    connection: Connection, keys: set[StoryKey], since: datetime
) -> dict[StoryKey, int]:
    by_text = {str(key): key for key in keys}
    wanted = sorted(by_text)
    return {
        by_text[row.key]: row.story_id
        for start in range(0, len(wanted), _CHUNK)
        for row in connection.execute(
            select(story_keys.c.key, story_keys.c.story_id).where(
                story_keys.c.key.in_(wanted[start : start + _CHUNK]), story_keys.c.seen_at >= since
            )
        )
    }


def _feeds_of(connection: Connection, story_ids: set[int]) -> dict[int, set[int]]:
    """The ids of the feeds that have an entry in these stories."""
    found: dict[int, set[int]] = {}
    wanted = sorted(story_ids)
    for start in range(0, len(wanted), _CHUNK):
        for row in connection.execute(
            select(entries.c.story_id, entries.c.feed_id).where(
                entries.c.story_id.in_(wanted[start : start + _CHUNK])
            )
        ):
            found.setdefault(row.story_id, set()).add(row.feed_id)
    return found


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
        ids = connection.execute(
            insert(stories).returning(stories.c.id, sort_by_parameter_order=True),
            [
                {
                    "public_id": founder.public_id,
                    "representative_id": founder.entry_id,
                    "sort_at": founder.sort_at,
                    "seen_at": now,
                }
                for founder in founders
            ],
        ).scalars()
        founded = {f.entry_id: story_id for f, story_id in zip(founders, ids, strict=True)}
    return {
        a.entry_id: a.story if a.story is not None else founded[a.founder or 0] for a in assignments
    }


def _attach(
    connection: Connection,
    story_of: Mapping[int, int],
    candidates: Mapping[int, StoryCandidate],
    now: datetime,
) -> None:
    connection.execute(
        update(entries)
        .where(entries.c.id == bindparam("row_id"))
        .values(
            story_id=bindparam("story"),
            text_length=bindparam("length"),
            state=EntryState.SETTLED,
            state_since=now,
        ),
        [
            {"row_id": entry_id, "story": story, "length": len(candidates[entry_id].text)}
            for entry_id, story in story_of.items()
        ],
    )


def _remember_keys(
    connection: Connection,
    story_of: Mapping[int, int],
    keys: Mapping[int, Sequence[StoryKey]],
    known: Mapping[StoryKey, int],
    now: datetime,
) -> None:
    rows: dict[str, dict[str, Any]] = {}
    for entry_id, story in story_of.items():
        for key in keys[entry_id]:
            # A key that leads to another story keeps leading there.
            if known.get(key, story) == story:
                rows.setdefault(str(key), {"key": str(key), "story_id": story, "seen_at": now})
    insert_or_update(connection, story_keys, list(rows.values()), "key")


def choose_representatives(connection: Connection, story_ids: Collection[int]) -> None:
    """Let each of these stories be shown by the best of its members."""
    members: dict[int, list[StoryMember]] = {}
    current: dict[int, int] = {}
    wanted = sorted(story_ids)
    for start in range(0, len(wanted), _CHUNK):
        for row in connection.execute(
            select(
                entries.c.id,
                entries.c.story_id,
                entries.c.text_length,
                entries.c.first_seen_at,
                stories.c.representative_id,
            )
            .join(stories, stories.c.id == entries.c.story_id)
            .where(entries.c.story_id.in_(wanted[start : start + _CHUNK]))
            .order_by(entries.c.id)
        ):
            member = StoryMember(row.id, row.text_length, row.first_seen_at)
            members.setdefault(row.story_id, []).append(member)
            current[row.story_id] = row.representative_id
    changed = []
    for story, group in members.items():
        chosen = group[best(group)].entry_id
        if chosen != current[story]:
            changed.append({"row_id": story, "entry": chosen})
    if changed:
        connection.execute(
            update(stories)
            .where(stories.c.id == bindparam("row_id"))
            .values(representative_id=bindparam("entry")),
            changed,
        )
