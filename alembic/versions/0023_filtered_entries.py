"""Entries that filters dropped, which are settled and belong to no story; names that rules gave entries.

Revision ID: 0023
Revises: 0022
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None
lost = "by which filters entries were dropped (they stay away until they change), and what rules named them"  # by going back


def upgrade() -> None:
    op.add_column("entries", sa.Column("filtered", sa.Text()))
    op.add_column("entries", sa.Column("labels", sa.JSON()))
    op.create_index(
        "ix_entries_filtered",
        "entries",
        ["feed_id", "filtered"],
        sqlite_where=sa.text("filtered IS NOT NULL"),
        postgresql_where=sa.text("filtered IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_entries_filtered", table_name="entries")
    op.drop_column("entries", "labels")
    op.drop_column("entries", "filtered")
