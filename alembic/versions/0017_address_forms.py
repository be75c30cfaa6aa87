"""Addresses under their keys of this release, beside those that they were stored under.

Revision ID: 0017
Revises: 0016
"""

from __future__ import annotations

import sqlalchemy as sa
import structlog
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None
lost = "nothing: the keys that this release added are kept, and do no harm"  # by going back

_ROWS = 5000
_TOLD_EVERY = 50_000  # rows
_LONGEST = 200  # characters of a key; longer ones are hashed (aggregator/dedupe/keys.py)
_LOG = structlog.get_logger("aggregator.store")


def upgrade() -> None:
    _key_stories()
    _key_entries()
    _key_pages()


def downgrade() -> None:
    pass


def _key_stories() -> None:
    """A new key leads to the story of the old one, unless it leads somewhere already."""
    connection = op.get_bind()
    insert = sa.text(
        "INSERT INTO story_keys (key, story_id, seen_at, entry_id)"
        " SELECT CAST(:new AS TEXT), story_id, seen_at, entry_id FROM story_keys WHERE key = :old"
        " AND NOT EXISTS (SELECT 1 FROM story_keys WHERE key = :new)"
    )
    for rows in _slices("story_keys", "key", "key", ""):
        for row in rows:
            if (new := _anew(row.key)) is not None:
                connection.execute(insert, {"new": new, "old": row.key})


def _anew(key: str) -> str | None:
    """The key of this release for what ``key`` names; None when it is the same, or no address's."""
    # Imported late: this module is read at each start.
    from aggregator.urls import story_key  # noqa: PLC0415

    rule, _, value = key.partition(":")
    if rule not in {"url", "guid"} or value.startswith(("sha256:", "urn:", "tag:")):
        return None
    address, hash_sign, fragment = value.partition("#") if rule == "guid" else (value, "", "")
    new = story_key(f"https://{address}")
    if new == address or new.startswith("https://") or len(new) > _LONGEST:
        return None
    return f"{rule}:{new}{hash_sign}{fragment}"


def _key_entries() -> None:
    # Those by which this release looks entries up, whatever its rules are by now.
    from aggregator.urls.lookup_keys import address_key  # noqa: PLC0415

    connection = op.get_bind()
    update = sa.text("UPDATE entries SET url_key = :key WHERE id = :row")
    for rows in _slices("entries", "id, url, url_key", "id", 0):
        keyed = [(row, address_key(row.url)) for row in rows if row.url]
        changed = [{"row": row.id, "key": key} for row, key in keyed if row.url_key != key]
        if changed:
            connection.execute(update, changed)


def _key_pages() -> None:
    from aggregator.urls.lookup_keys import address_key  # noqa: PLC0415 - as above

    connection = op.get_bind()
    insert = sa.text(
        "INSERT INTO page_keys (key, article_id) VALUES (:key, :article) ON CONFLICT DO NOTHING"
    )
    for rows in _slices("articles", "id, url, final_url, canonical_url", "id", 0):
        keyed = [
            {"key": key, "article": row.id}
            for row in rows
            for key in sorted(
                {address_key(url) for url in {row.final_url, row.canonical_url} - {None, row.url}}
                - {address_key(row.url)}
            )
        ]
        if keyed:
            connection.execute(insert, keyed)


def _slices(table: str, columns: str, by: str, first: str | int):  # type: ignore[no-untyped-def]
    """Rows of ``table`` in the order of ``by``, some at a time; says how far it is when there are many."""
    connection, last, done = op.get_bind(), first, 0
    total = connection.execute(sa.text(f"SELECT count(*) FROM {table}")).scalar_one()
    some = sa.text(f"SELECT {columns} FROM {table} WHERE {by} > :last ORDER BY {by} LIMIT :rows")
    while rows := connection.execute(some, {"last": last, "rows": _ROWS}).all():
        yield rows
        last, before = getattr(rows[-1], by), done
        done += len(rows)
        if before // _TOLD_EVERY != done // _TOLD_EVERY:
            _LOG.info("migrating", revision=revision, table=table, done=done, of=total)
