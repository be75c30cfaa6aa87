"""Segments of entries, by which people search; entries that are stored are indexed by and by.

Revision ID: 0021
Revises: 0020
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None
lost = "the index for searching, which is made anew from the entries"  # by going back

_FORGET = (
    "INSERT INTO search_index(search_index, rowid, title, body)"
    " VALUES ('delete', old.entry_id, old.title, old.body);"
)
_ADD = "INSERT INTO search_index(rowid, title, body) VALUES (new.entry_id, new.title, new.body);"
_TABLE = (
    "CREATE VIRTUAL TABLE search_index USING fts5(title, body, content='search_texts',"
    " content_rowid='entry_id', tokenize=\"unicode61 remove_diacritics 0 categories 'L* M* N* Co Cn'\")"
)
_SQLITE = (
    _TABLE,
    f"CREATE TRIGGER search_added AFTER INSERT ON search_texts BEGIN {_ADD} END",
    f"CREATE TRIGGER search_gone AFTER DELETE ON search_texts BEGIN {_FORGET} END",
    f"CREATE TRIGGER search_changed AFTER UPDATE ON search_texts BEGIN {_FORGET} {_ADD} END",
)


def upgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    op.create_table(
        "search_texts",
        sa.Column(
            "entry_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("title", sa.Text()),
        sa.Column("body", sa.Text()),
        sa.Column("terms", sa.Text().with_variant(TSVECTOR(), "postgresql")),
        sa.ForeignKeyConstraint(
            ["entry_id"],
            ["entries.id"],
            name=op.f("fk_search_texts_entry_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_search_texts")),
    )
    if is_sqlite:
        for statement in _SQLITE:
            op.execute(statement)
    else:
        op.create_index("ix_search_texts_terms", "search_texts", ["terms"], postgresql_using="gin")
    op.execute(
        "INSERT INTO counters (name, value)"
        " SELECT 'search_below', COALESCE(max(id), -1) + 1 FROM entries"
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE search_index")
    op.drop_table("search_texts")
    op.execute("DELETE FROM counters WHERE name = 'search_below'")
