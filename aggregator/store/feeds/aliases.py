"""Former identities of entries, and what is needed to know an entry again without its identity."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, select, update

from aggregator.model import RenamedEntry, StoredEntry
from aggregator.store.db.chunks import chunks
from aggregator.store.db.tables import entries, entry_aliases, entry_texts

_KEPT = (
    8  # former identities of an entry: a token that is new at every poll must not fill the table
)


def aliases(connection: Connection, feed_id: int, identities: Sequence[str]) -> dict[str, int]:
    """Those of ``identities`` that entries of the feed had before → their ids."""
    return {
        row.identity: row.entry_id
        for chunk in chunks(identities)
        for row in connection.execute(_ALIASES, {"feed": feed_id, "names": chunk})
    }


# Statements are built once: to build one takes longer than to run it.
_ALIASES = select(entry_aliases.c.identity, entry_aliases.c.entry_id).where(
    entry_aliases.c.feed_id == bindparam("feed"),
    entry_aliases.c.identity.in_(bindparam("names", expanding=True)),
)


def stored_entries(connection: Connection, entry_ids: Sequence[int]) -> list[StoredEntry]:
    """The words of these entries."""
    return [
        StoredEntry(
            id=row.id,
            guid=row.guid,
            url=row.url,
            title=row.title,
            html=row.content_html or row.summary_html,
            published=row.published_at,
            updated=row.updated_at,
        )
        for chunk in chunks(entry_ids)
        for row in connection.execute(_STORED, {"ids": chunk})
    ]


_STORED = (
    select(
        entries.c.id,
        entries.c.guid,
        entries.c.url,
        entries.c.title,
        entries.c.published_at,
        entries.c.updated_at,
        entry_texts.c.summary_html,
        entry_texts.c.content_html,
    )
    .join(entry_texts, entry_texts.c.entry_id == entries.c.id)
    .where(entries.c.id.in_(bindparam("ids", expanding=True)))
)


def rename(
    connection: Connection, feed_id: int, renamed: Sequence[RenamedEntry], now: datetime
) -> None:
    """Call these entries by their new identities, and remember the former ones."""
    if not renamed:
        return
    names = [name for one in renamed for name in (one.identity, one.former)]
    for chunk in chunks(sorted(names)):
        connection.execute(
            delete(entry_aliases).where(
                entry_aliases.c.feed_id == feed_id, entry_aliases.c.identity.in_(chunk)
            )
        )
    connection.execute(
        update(entries)
        .where(entries.c.id == bindparam("row_id"))
        .values(identity=bindparam("name")),
        [{"row_id": one.id, "name": one.identity} for one in renamed],
    )
    connection.execute(
        entry_aliases.insert(),
        [
            {"feed_id": feed_id, "identity": one.former, "entry_id": one.id, "since": now}
            for one in renamed
        ],
    )
    _forget_oldest(connection, [one.id for one in renamed])


def _forget_oldest(connection: Connection, entry_ids: Sequence[int]) -> None:
    for chunk in chunks(sorted(entry_ids)):
        seen: dict[int, int] = {}
        for row in connection.execute(
            select(entry_aliases)
            .where(entry_aliases.c.entry_id.in_(chunk))
            .order_by(entry_aliases.c.since.desc(), entry_aliases.c.identity)
        ).all():
            seen[row.entry_id] = seen.get(row.entry_id, 0) + 1
            if seen[row.entry_id] > _KEPT:
                connection.execute(
                    delete(entry_aliases).where(
                        entry_aliases.c.feed_id == row.feed_id,
                        entry_aliases.c.identity == row.identity,
                    )
                )
