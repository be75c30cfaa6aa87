"""Keys that were made by former rules of addresses: made anew some at a time, while nothing is to be settled.

:data:`~aggregator.urls.story.RULES` counts the rules. Two counters say by which of them keys are made and how
far that is: a release with other rules begins at the newest entry and goes down, each slice in one
transaction with its counter. Keys of before stay: a release before, running beside this one, goes on finding stories
by them. What it settles behind the slice has the old keys only, so all is gone through once more when no
process of another release is left.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, func, select, update

from aggregator import __version__
from aggregator.dedupe.candidates import EntrySource, candidate_of
from aggregator.dedupe.keys import keyed_anew
from aggregator.dedupe.readings import KeysOf
from aggregator.model import JoinRule
from aggregator.store.db.chunks import among, chunks
from aggregator.store.db.counters import Counter, note_counters, read_counters
from aggregator.store.db.processes import living
from aggregator.store.db.row_locks import lock_rows
from aggregator.store.db.tables import REVISION, articles, entries, feeds, page_keys, story_keys
from aggregator.store.db.upsert import insert_missing
from aggregator.store.stories.shared_addresses import shared
from aggregator.urls.lookup_keys import address_key
from aggregator.urls.story import RULES

_SLICE = 300  # entries: some hundredths of a second
_BESIDE, _ALONE = (
    2 * RULES,
    2 * RULES + 1,
)  # as ``keyed_by`` says it: with processes of other releases, and without

_LATEST: Select[Any] = (
    select(
        entries.c.id,
        entries.c.feed_id,
        entries.c.guid,
        entries.c.url,
        entries.c.url_key,
        entries.c.title,
        entries.c.first_seen_at,
        entries.c.sort_at,
        entries.c.public_id,
        entries.c.article_id,
        entries.c.story_id,
        entries.c.own_voice,
        articles.c.url.label("page_url"),
        articles.c.final_url,
        articles.c.canonical_url,
        feeds.c.site_url,
        feeds.c.url.label("feed_url"),
    )
    .join(feeds, feeds.c.id == entries.c.feed_id)
    .outerjoin(articles, articles.c.id == entries.c.article_id)
    .where(entries.c.id < bindparam("below"))
    .order_by(entries.c.id.desc())
    .limit(_SLICE)
)
_KEY_ENTRY = (
    update(entries)
    .where(entries.c.id == bindparam("row_id"), entries.c.url == bindparam("of"))
    .values(url_key=bindparam("key"))
)


def key_anew(connection: Connection, keys_of: KeysOf, since: datetime) -> int:
    """Key the latest entries that have not been looked at yet; return how many were.

    Keys of stories that were last seen before ``since`` find nothing any more, and are left. To be called
    under the lock of settling.
    """
    below = _begin(connection)
    if below <= 0:
        return 0
    rows = connection.execute(_LATEST, {"below": below}).all()
    _key_pages(connection, rows)
    other = _key_entries(connection, rows)
    _key_stories(connection, rows, other, keys_of, since)
    left = rows[-1].id if len(rows) == _SLICE else 0
    note_counters(connection, {Counter.KEYED_BELOW: left})
    return len(rows)


def _begin(connection: Connection) -> int:
    """The id below which entries are to be keyed, 0 for none; begins with the newest where the rules are others."""
    counted = read_counters(connection)
    by, below = counted.get(Counter.KEYED_BY, 0), counted.get(Counter.KEYED_BELOW, 0)
    if by > _ALONE:  # by the rules of a later release, which runs beside this one
        return 0
    if by == _ALONE or (wanted := _BESIDE if _others(connection) else _ALONE) <= by:
        return below
    newest: int = connection.execute(select(func.coalesce(func.max(entries.c.id), -1))).scalar_one()
    note_counters(connection, {Counter.KEYED_BY: wanted, Counter.KEYED_BELOW: newest + 1})
    return newest + 1


def _others(connection: Connection) -> bool:
    """True while processes of other releases work here, which may have other rules."""
    return any((one.release, one.revision) != (__version__, REVISION) for one in living(connection))


def _key_pages(connection: Connection, rows: Sequence[Row[Any]]) -> None:
    """Let the pages be found by the addresses that they gave themselves, beside the keys of before."""
    found = {
        (key, row.article_id)
        for row in rows
        if row.article_id is not None
        for key in {address_key(url) for url in (row.final_url, row.canonical_url) if url}
        - {address_key(row.page_url)}
    }
    known: set[tuple[int, int]] = set()
    for chunk in chunks(sorted({article for _, article in found})):
        stored = select(page_keys.c.key, page_keys.c.article_id)
        known.update(
            (key, article)
            for key, article in connection.execute(stored.where(page_keys.c.article_id.in_(chunk)))
        )
    new = sorted(found - known)
    lock_rows(connection, articles, {article for _, article in new})
    insert_missing(
        connection, page_keys, [{"key": key, "article_id": article} for key, article in new]
    )


def _key_entries(connection: Connection, rows: Sequence[Row[Any]]) -> set[int]:
    """Key the entries by their addresses; return the ids of those that had another key."""
    keyed = [(row, address_key(row.url)) for row in reversed(rows) if row.url]
    other = [
        {"row_id": row.id, "of": row.url, "key": key} for row, key in keyed if row.url_key != key
    ]
    ids = {row_id for one in other if isinstance(row_id := one["row_id"], int)}
    lock_rows(connection, entries, ids)
    if other:
        connection.execute(_KEY_ENTRY, other)
    return ids


def _key_stories(
    connection: Connection,
    rows: Sequence[Row[Any]],
    other: Collection[int],
    keys_of: KeysOf,
    since: datetime,
) -> None:
    """A new key leads to the story of the old one, unless it leads somewhere already.

    A hashed key says nothing of its address: it is made of its entry, where that or its story has another
    key by now (``other``: ids of entries of which this is known).
    """
    of_story: dict[int, list[Row[Any]]] = {}
    for chunk in chunks(sorted({row.story_id for row in rows if row.story_id is not None})):
        stored = select(story_keys).where(story_keys.c.story_id.in_(chunk))
        for key in connection.execute(stored.where(story_keys.c.seen_at >= since)):
            of_story.setdefault(key.story_id, []).append(key)
    new: dict[str, dict[str, Any]] = {}
    for story in sorted(of_story, reverse=True):  # of two that are one by now, the first has it
        for one in of_story[story]:
            if (anew := keyed_anew(one.key)) is not None:
                new[anew] = one._asdict() | {"key": anew}
    changed = {row["story_id"] for row in new.values()}
    asked = [row for row in rows if row.id in other or row.story_id in changed]
    for made in _hashed(connection, asked, of_story, keys_of):
        new.setdefault(made["key"], made)
    if new:
        there = among(connection, story_keys.c.key, new)
        known = set(connection.execute(select(story_keys.c.key).where(there)).scalars())
        insert_missing(connection, story_keys, [new[key] for key in sorted(new.keys() - known)])


def _hashed(
    connection: Connection,
    rows: Iterable[Row[Any]],
    of_story: Mapping[int, Sequence[Row[Any]]],
    keys_of: KeysOf,
) -> Iterator[dict[str, Any]]:
    """Rows of the hashed keys of those entries that hold one."""
    holding = {
        one.entry_id: one for keys in of_story.values() for one in keys if _is_hashed(one.key)
    }
    asked = [row for row in rows if row.id in holding]
    named = {url for row in asked for url in (row.final_url, row.canonical_url) if url}
    ambiguous = shared(connection, named)
    for row in reversed(asked):
        for key in keys_of(candidate_of(_source(row), ambiguous)):
            if _is_hashed(str(key)):
                yield holding[row.id]._asdict() | {"key": str(key)}


def _is_hashed(key: str) -> bool:
    return key.startswith((f"{JoinRule.URL}:sha256:", f"{JoinRule.GUID}:sha256:"))


def _source(row: Row[Any]) -> EntrySource:
    """What tells the addresses of a settled entry, without its texts."""
    return EntrySource(
        id=row.id,
        feed_id=row.feed_id,
        guid=row.guid,
        url=row.url,
        title=row.title,
        first_seen_at=row.first_seen_at,
        sort_at=row.sort_at,
        public_id=row.public_id,
        summary_html="",
        content_html="",
        article_id=row.article_id,
        article_text=None,
        final_url=row.final_url,
        canonical_url=row.canonical_url,
        site_url=row.site_url,
        feed_url=row.feed_url,
        voice=row.own_voice,
    )
