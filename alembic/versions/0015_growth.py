"""Counters and keys, so that no question costs more the more is stored.

Revision ID: 0015
Revises: 0014
"""

from __future__ import annotations

import sqlalchemy as sa
import structlog
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None
lost = "keys by which entries are explained; totals are counted anew"  # by going back

_ROWS = 5000
_TOLD_EVERY = 50_000  # rows
# SQLite uses a partial index only where the query says the same in the same words.
_DROPPABLE, _DROPPABLE_SQLITE = "NOT listed AND state = 2", "listed = 0 AND state = 2"
_TROUBLE = "active AND (failures > 0 OR gone OR last_result = 'offline')"
_TROUBLE_SQLITE = "active = 1 AND (failures > 0 OR gone = 1 OR last_result = 'offline')"
_LOG = structlog.get_logger("aggregator.store")


def upgrade() -> None:
    op.add_column("feeds", sa.Column("entries", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("entries", sa.Column("url_key", sa.BigInteger()))
    op.add_column("entries", sa.Column("guid_key", sa.BigInteger()))
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "page_keys",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("article_id", key, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"],
            ["articles.id"],
            name=op.f("fk_page_keys_article_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("key", "article_id", name=op.f("pk_page_keys")),
    )
    op.execute("UPDATE feeds SET entries = (SELECT count(*) FROM entries WHERE feed_id = feeds.id)")
    for name, counted in (
        ("feeds", "feeds WHERE active"),
        ("entries", "entries"),
        ("stories", "stories"),
        ("pages", "articles"),
        ("pages_failed", "articles WHERE state = 2"),
    ):
        op.execute(f"INSERT INTO counters (name, value) SELECT '{name}', count(*) FROM {counted}")
    op.execute("INSERT INTO counters (name, value) VALUES ('pages_swept', 0)")
    _key_entries()
    _key_pages()
    _create_indexes()


def downgrade() -> None:
    for name in ("droppable_of_feed", "droppable", "exact_id", "guid_key", "url_key"):
        op.drop_index(f"ix_entries_{name}", "entries")
    for name in ("entries", "left_over", "unpolled", "offline", "in_trouble"):
        op.drop_index(f"ix_feeds_{name}", "feeds")
    op.create_index("ix_entries_first_seen_at", "entries", ["first_seen_at"])
    op.drop_table("page_keys")
    op.execute("DELETE FROM counters WHERE name <> 'version'")
    op.drop_column("entries", "guid_key")
    op.drop_column("entries", "url_key")
    op.drop_column("feeds", "entries")


def _create_indexes() -> None:
    op.drop_index("ix_entries_first_seen_at", "entries")
    op.create_index("ix_page_keys_article_id", "page_keys", ["article_id"])
    op.create_index("ix_feeds_entries", "feeds", ["entries", "id"])
    op.create_index("ix_entries_url_key", "entries", ["url_key"])
    op.create_index("ix_entries_guid_key", "entries", ["guid_key"])
    for name, table, columns, where, sqlite_where in (
        ("in_trouble", "feeds", ["failures", "id"], _TROUBLE, _TROUBLE_SQLITE),
        ("offline", "feeds", ["last_poll_at"], "active AND last_result = 'offline'", None),
        ("unpolled", "feeds", ["id"], "active AND last_result = ''", None),
        ("left_over", "feeds", ["id"], "NOT active AND entries > 0", "active = 0 AND entries > 0"),
        ("exact_id", "entries", ["exact_id"], "exact_id != public_id", None),
        ("droppable", "entries", ["first_seen_at", "id"], _DROPPABLE, _DROPPABLE_SQLITE),
        ("droppable_of_feed", "entries", ["feed_id"], _DROPPABLE, _DROPPABLE_SQLITE),
    ):
        op.create_index(
            f"ix_{table}_{name}",
            table,
            columns,
            sqlite_where=sa.text(sqlite_where or where.replace("active", "active = 1")),
            postgresql_where=sa.text(where),
        )


def _key_entries() -> None:
    # Those by which this release looks entries up, whatever its rules are by now. Imported late: this
    # module is read at each start.
    from aggregator.urls.lookup_keys import address_key, text_key  # noqa: PLC0415

    connection = op.get_bind()
    update = sa.text("UPDATE entries SET url_key = :url_key, guid_key = :guid_key WHERE id = :row")
    for rows in _slices("entries", "id, url, guid, identity"):
        keyed = [
            {
                "row": row.id,
                "url_key": address_key(row.url) if row.url else None,
                "guid_key": text_key(row.guid or row.identity),
            }
            for row in rows
        ]
        connection.execute(update, keyed)


def _key_pages() -> None:
    from aggregator.urls.lookup_keys import address_key  # noqa: PLC0415 - as above

    connection = op.get_bind()
    insert = sa.text("INSERT INTO page_keys (key, article_id) VALUES (:key, :article)")
    for rows in _slices("articles", "id, url, final_url, canonical_url"):
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


def _slices(table: str, columns: str):  # type: ignore[no-untyped-def]
    """Rows of ``table`` by their ids, some at a time; says how far it is when there are many."""
    connection, last, done = op.get_bind(), 0, 0
    total = connection.execute(sa.text(f"SELECT count(*) FROM {table}")).scalar_one()
    some = sa.text(f"SELECT {columns} FROM {table} WHERE id > :last ORDER BY id LIMIT :rows")
    while rows := connection.execute(some, {"last": last, "rows": _ROWS}).all():
        yield rows
        last, before = rows[-1].id, done
        done += len(rows)
        if before // _TOLD_EVERY != done // _TOLD_EVERY:
            _LOG.info("migrating", revision=revision, table=table, done=done, of=total)
