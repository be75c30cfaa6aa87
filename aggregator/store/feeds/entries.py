"""Entries of feeds: what is known of them, and how a poll's delta is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from functools import lru_cache
from itertools import chain
from typing import Any, TypeVar

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Update,
    bindparam,
    func,
    insert,
    or_,
    select,
    update,
)

from aggregator.model import ChangedEntry, Enclosure, Entry, EntryDelta, KnownEntry, NewEntry
from aggregator.store.db.chunks import chunks
from aggregator.store.db.row_locks import lock_rows
from aggregator.store.db.tables import (
    EntryState,
    entries,
    entry_aliases,
    entry_texts,
    forgotten,
)
from aggregator.store.db.upsert import insert_rows
from aggregator.store.feeds.aliases import rename
from aggregator.store.feeds.entry_details import dump_details
from aggregator.store.pages import articles as article_rows
from aggregator.urls.lookup_keys import address_key, text_key

T = TypeVar("T")

# Statements are built once: to build one takes longer than to run it.
_FEED: BindParameter[int] = bindparam("feed")
_NAMES: BindParameter[str] = bindparam("names", expanding=True)
_KNOWN_OF = select(*(entries.c[one.name] for one in fields(KnownEntry))).where(
    entries.c.feed_id == _FEED,
    or_(
        entries.c.identity.in_(_NAMES),
        entries.c.listed,
        entries.c.id.in_(
            select(entry_aliases.c.entry_id).where(
                entry_aliases.c.feed_id == _FEED, entry_aliases.c.identity.in_(_NAMES)
            )
        ),
    ),
)
_FORGOTTEN = select(forgotten.c.identity).where(
    forgotten.c.feed_id == _FEED, forgotten.c.identity.in_(_NAMES)
)
# It keeps ids and entries together.
_INSERT = insert(entries).returning(entries.c.id, sort_by_parameter_order=True)


def known_entries(
    connection: Connection, feed_id: int, identities: Sequence[str]
) -> list[KnownEntry]:
    """Entries of the feed that have or had one of ``identities``, or are marked as listed."""
    found = {
        row.id: KnownEntry(*row)
        for chunk in chunks(identities) or [()]
        for row in connection.execute(_KNOWN_OF, {"feed": feed_id, "names": chunk})
    }
    return list(found.values())


def forgotten_identities(
    connection: Connection, feed_id: int, identities: Sequence[str]
) -> set[str]:
    """Those of ``identities`` that retention dropped earlier."""
    return {
        row.identity
        for chunk in chunks(identities)
        for row in connection.execute(_FORGOTTEN, {"feed": feed_id, "names": chunk})
    }


@dataclass(frozen=True, slots=True)
class Wanted:
    """Pages that several deltas link to: canonical URL → (article id, is it still to be fetched)."""

    pages: Mapping[str, tuple[int, bool]]
    added: int = 0  # pages that were not known
    tried_again: int = 0  # pages that had been given up


def prepare(
    connection: Connection, changes: Sequence[tuple[EntryDelta, bool]], now: datetime
) -> Wanted:
    """Make the pages that deltas link to and hold all rows that they change.

    With each delta whether it came from a network that the operator opened.
    Of all deltas of a transaction at once, or two transactions could lock each other out.
    """
    deltas = [delta for delta, _ in changes]
    again = {one.article_url for delta in deltas for one in delta.changed}
    urls = {one.article_url for delta in deltas for one in delta.new} | again
    inside = {
        one.article_url
        for delta, is_inside in changes
        if is_inside
        for one in chain[NewEntry | ChangedEntry](delta.new, delta.changed)
        if one.article_url
    }
    pages, added, opened = article_rows.ensure(connection, [u for u in urls if u], now, inside)
    # What the source changed may have changed on the page too.
    changed = {pages[url][0] for url in again if url} | _pages_of_reread(connection, deltas)
    tried_again = article_rows.refresh(connection, sorted(changed), now, opened)
    lock_rows(connection, entries, {row_id for delta in deltas for row_id in _changing(delta)})
    return Wanted(pages, added, tried_again)


def _pages_of_reread(connection: Connection, deltas: Sequence[EntryDelta]) -> set[int]:
    """The entries are what they were; their pages may not be."""
    ids = [one.id for delta in deltas for one in delta.reread if one.refresh]
    return {
        article_id
        for chunk in chunks(ids)
        for article_id in connection.execute(
            select(entries.c.article_id).where(
                entries.c.id.in_(chunk), entries.c.article_id.is_not(None)
            )
        ).scalars()
    }


def _changing(delta: EntryDelta) -> Iterator[int]:
    yield from (one.id for one in delta.renamed)
    yield from (one.id for one in delta.changed)
    yield from (one.id for one in delta.reread)
    yield from (*delta.unlisted, *delta.relisted, *(row_id for row_id, _ in delta.rewritten))


def apply_delta(
    connection: Connection, feed_id: int, delta: EntryDelta, wanted: Wanted, now: datetime
) -> list[int]:
    """Write a poll's new and changed entries; return the new ones' ids, in the delta's order.

    ``wanted`` is what :func:`prepare` made of this delta and others.
    """
    article_ids = wanted.pages
    rename(connection, feed_id, delta.renamed, now)
    new_ids = _insert_new(connection, feed_id, delta, article_ids, now)
    _update_changed(connection, delta, article_ids, now)
    _update_reread(connection, delta)
    for listed, ids in ((False, delta.unlisted), (True, delta.relisted)):
        for chunk in chunks(ids):
            connection.execute(update(entries).where(entries.c.id.in_(chunk)).values(listed=listed))
    if delta.rewritten:
        connection.execute(
            update(entries)
            .where(entries.c.id == bindparam("row_id"))
            .values(source_digest=bindparam("digest")),
            [{"row_id": row_id, "digest": digest} for row_id, digest in delta.rewritten],
        )
    return new_ids


def _insert_new(
    connection: Connection,
    feed_id: int,
    delta: EntryDelta,
    article_ids: Mapping[str, tuple[int, bool]],
    now: datetime,
) -> list[int]:
    if not delta.new:
        return []
    rows = []
    for new in delta.new:
        article_id, waits = article_ids.get(new.article_url or "", (None, False))
        rows.append(
            _entry_values(new.entry)
            | {
                "feed_id": feed_id,
                "identity": new.entry.identity,
                "published_at": new.entry.published,
                "updated_at": new.entry.updated,
                "public_id": new.public_id,
                "first_seen_at": now,
                "sort_at": new.sort_at,
                "listed": new.listed,
                "state": _state(waits=waits, filtered=new.filtered),
                "state_since": now,
                "article_id": article_id,
                "filtered": new.filtered,
            }
        )
    # A single feed's entries are few.
    new_ids = list(connection.execute(_INSERT, rows).scalars())
    texts = [_text_values(i, new.entry) for i, new in zip(new_ids, delta.new, strict=True)]
    insert_rows(connection, entry_texts, texts)
    return new_ids


def _state(*, waits: bool, filtered: str | None) -> EntryState:
    """What filters drop is settled at once."""
    if filtered is not None:
        return EntryState.SETTLED
    return EntryState.WAITING if waits else EntryState.READY


def _update_changed(
    connection: Connection,
    delta: EntryDelta,
    article_ids: Mapping[str, tuple[int, bool]],
    now: datetime,
) -> None:
    if not delta.changed:
        return
    entry_values, text_values = [], []
    for old in delta.changed:
        article_id, _ = article_ids.get(old.article_url or "", (None, False))
        entry_values.append(
            _entry_values(old.entry)
            | {
                "row_id": old.id,
                "updated_at": old.entry.updated,
                "changed_at": now,
                "listed": old.listed,  # or as it was
                "state": _state(waits=article_id is not None, filtered=old.filtered),
                "state_since": now,
                "article_id": article_id,
                "filtered": old.filtered,
            }
        )
        texts = _text_values(old.id, old.entry)
        text_values.append({"row_id": texts.pop("entry_id")} | texts)
    _write(connection, entry_values, text_values)


def _update_reread(connection: Connection, delta: EntryDelta) -> None:
    """Neither date nor state moves: the entry is what it was."""
    if not delta.reread:
        return
    entry_values, text_values = [], []
    for old in delta.reread:
        entry_values.append(_entry_values(old.entry) | {"row_id": old.id})
        texts = _text_values(old.id, old.entry)
        text_values.append({"row_id": texts.pop("entry_id")} | texts)
    _write(connection, entry_values, text_values)


def _write(
    connection: Connection, entry_values: list[dict[str, Any]], text_values: list[dict[str, Any]]
) -> None:
    connection.execute(_update(tuple(entry_values[0])), entry_values)
    connection.execute(_UPDATE_TEXTS, text_values)


@lru_cache(maxsize=8)  # of those that change, and those that are read anew
def _update(names: tuple[str, ...]) -> Update:
    values: dict[str, Any] = {name: _written(name) for name in names if name != "row_id"}
    if "filtered" in values:  # what is let in again was dropped until it is settled
        dropped = bindparam("filtered", type_=entries.c.filtered.type)
        values["filtered"] = func.coalesce(dropped, entries.c.filtered)
    return update(entries).where(entries.c.id == bindparam("row_id")).values(values)


_UPDATE_TEXTS = (
    update(entry_texts)
    .where(entry_texts.c.entry_id == bindparam("row_id"))
    .values(summary_html=bindparam("summary_html"), content_html=bindparam("content_html"))
)


def _written(name: str) -> ColumnElement[Any]:
    """What is written to a column; what a page of archives says makes nothing unlisted."""
    given: ColumnElement[Any] = bindparam(name, type_=entries.c[name].type)
    return or_(entries.c.listed, given) if name == "listed" else given


def _entry_values(entry: Entry) -> dict[str, Any]:
    """All but the dates: when it was published is decided when it is first seen."""
    return {
        "content_hash": entry.content_hash,
        "source_digest": entry.source_digest,
        "guid": entry.guid,
        "guid_key": text_key(entry.guid or entry.identity),
        "url": entry.url,
        "url_key": address_key(entry.url) if entry.url and entry.url_key is None else entry.url_key,
        "title": entry.title,
        "authors": list(entry.authors),
        "categories": list(entry.categories),
        "enclosures": [asdict(enclosure) for enclosure in entry.enclosures],
        "image": entry.image,
        "language": entry.language,
        "details": dump_details(entry.details),
    }


def _text_values(entry_id: int, entry: Entry) -> dict[str, Any]:
    return {
        "entry_id": entry_id,
        "summary_html": entry.summary_html,
        "content_html": entry.content_html,
    }


def load_enclosures(stored: Iterable[dict[str, Any]]) -> tuple[Enclosure, ...]:
    """The JSON column ``enclosures`` as values."""
    return tuple(Enclosure(**one) for one in stored)
