"""Arrivals in outputs: what entered when, and what was left out because its feed had its share.

Revision ID: 0024
Revises: 0023
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None
lost = "when items entered outputs with `max_per_feed` or `min_sources`, and what quotas left out"  # by going back

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "output_arrivals",
        sa.Column("log_id", _ID, autoincrement=False, nullable=False),
        sa.Column("item_id", sa.Text(), nullable=False),
        sa.Column("story_id", _ID, nullable=False),
        sa.Column("feed_id", _ID, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("surplus", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("log_id", "item_id", name=op.f("pk_output_arrivals")),
    )
    op.create_index("ix_output_arrivals_feed", "output_arrivals", ["log_id", "feed_id", "at"])


def downgrade() -> None:
    op.drop_table("output_arrivals")
