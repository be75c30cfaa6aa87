"""Moves seen and not adopted yet, and when a whole document last came.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None
lost = (
    "addresses that feeds are moving to, and when their whole document last came"  # by going back
)

Utc = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("feeds", sa.Column("moved_to", sa.Text(), nullable=True))
    op.add_column(
        "feeds", sa.Column("moved_sightings", sa.Integer(), server_default="0", nullable=False)
    )
    op.add_column("feeds", sa.Column("moved_since", Utc, nullable=True))
    op.add_column("feeds", sa.Column("last_full_at", Utc, nullable=True))
    op.add_column(
        "feeds", sa.Column("polls_since_full", sa.Integer(), server_default="0", nullable=False)
    )
    # What is not known is taken to be as old as can be told.
    op.execute("UPDATE feeds SET last_full_at = added_at WHERE last_success_at IS NOT NULL")


def downgrade() -> None:
    for name in ("polls_since_full", "last_full_at", "moved_since", "moved_sightings", "moved_to"):
        op.drop_column("feeds", name)
