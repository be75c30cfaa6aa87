"""Why an entry is in its story: rule, copy, overlap; and where exact copies alone are one.

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None
lost = "why entries are in their stories, and what was split or merged by hand"  # by going back

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("entries", sa.Column("join_rule", sa.Text(), nullable=True))
    op.add_column("entries", sa.Column("joined_to", Id, nullable=True))
    op.add_column("entries", sa.Column("overlap", sa.Float(), nullable=True))
    op.add_column("entries", sa.Column("join_note", sa.Text(), nullable=True))
    op.add_column("entries", sa.Column("exact_id", sa.Text(), nullable=True))
    op.add_column(
        "entries", sa.Column("held", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.add_column("story_keys", sa.Column("entry_id", Id, nullable=True))
    # Until now entries joined stories by exact rules alone.
    op.execute(
        "UPDATE entries SET exact_id = (SELECT public_id FROM stories"
        " WHERE stories.id = entries.story_id) WHERE story_id IS NOT NULL"
    )
    # Of addresses that are too long to be indexed, nothing is made.
    for column in ("final_url", "canonical_url"):
        op.execute(f"UPDATE articles SET {column} = NULL WHERE length({column}) > 2000")
        op.create_index(f"ix_articles_{column}", "articles", [column], unique=False)
    op.create_index("ix_entries_public_id", "entries", ["public_id"], unique=False)
    op.create_index("ix_entries_sort_at", "entries", ["sort_at", "id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_entries_sort_at", table_name="entries")
    op.drop_index("ix_entries_public_id", table_name="entries")
    for column in ("canonical_url", "final_url"):
        op.drop_index(f"ix_articles_{column}", table_name="articles")
    op.drop_column("story_keys", "entry_id")
    for name in ("held", "exact_id", "join_note", "overlap", "joined_to", "join_rule"):
        op.drop_column("entries", name)
