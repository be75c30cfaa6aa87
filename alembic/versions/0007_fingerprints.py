"""Near duplicates: fingerprints of texts, and the lines that feeds repeat.

Revision ID: 0007
Revises: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None
lost = "fingerprints of texts: near copies of what is stored now are found no more"  # by going back

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Utc = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "fingerprints",
        sa.Column("entry_id", Id, autoincrement=False, nullable=False),
        sa.Column("seen_at", Utc, nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entries.id"], name="fk_fingerprints_entry_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("entry_id", name="pk_fingerprints"),
    )
    op.create_index("ix_fingerprints_seen_at", "fingerprints", ["seen_at"], unique=False)
    op.create_table(
        "fingerprint_keys",
        sa.Column("key", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("entry_id", Id, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entries.id"], name="fk_fingerprint_keys_entry_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("key", "entry_id", name="pk_fingerprint_keys"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_fingerprint_keys_entry_id", "fingerprint_keys", ["entry_id"], unique=False)
    op.create_table(
        "feed_lines",
        sa.Column("feed_id", Id, autoincrement=False, nullable=False),
        sa.Column("line", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("title_1", sa.Integer(), nullable=False),
        sa.Column("title_2", sa.Integer(), nullable=True),
        sa.Column("title_3", sa.Integer(), nullable=True),
        sa.Column("seen_at", Utc, nullable=False),
        sa.ForeignKeyConstraint(
            ["feed_id"], ["feeds.id"], name="fk_feed_lines_feed_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("feed_id", "line", name="pk_feed_lines"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_feed_lines_seen_at", "feed_lines", ["seen_at"], unique=False)


def downgrade() -> None:
    for name in ("feed_lines", "fingerprint_keys", "fingerprints"):
        op.drop_table(name)
