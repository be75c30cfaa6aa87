"""Addresses of outputs, and since when those are dropped that are configured no more.

Revision ID: 0016
Revises: 0015
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None
lost = "which outputs were dropped: their addresses answer 404 instead of 410"  # by going back


def upgrade() -> None:
    op.create_table(
        "outputs",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("readers", sa.JSON(), nullable=False),
        sa.Column("dropped_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("name", "kind", name=op.f("pk_outputs")),
    )


def downgrade() -> None:
    op.drop_table("outputs")
