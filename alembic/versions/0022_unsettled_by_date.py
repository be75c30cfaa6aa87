"""Unsettled entries by date, so that the founder of a story is not the feed that was polled first.

Revision ID: 0022
Revises: 0021
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None
lost = "nothing: the index that this release added"  # by going back


def upgrade() -> None:
    op.create_index(
        "ix_entries_unsettled_by_date",
        "entries",
        ["state", "sort_at", "public_id"],
        unique=False,
        sqlite_where=sa.text("state != 2"),
        postgresql_where=sa.text("state != 2"),
    )


def downgrade() -> None:
    op.drop_index("ix_entries_unsettled_by_date", table_name="entries")
