"""Counts of what readers of outputs asked, by day.

Revision ID: 0035
Revises: 0034
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None
lost = "what was counted of readers"  # by going back


def upgrade() -> None:
    op.create_table(
        "reader_answers",
        sa.Column("output", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=False, autoincrement=False),
        sa.Column("requests", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("output", "day", "kind", "status", name=op.f("pk_reader_answers")),
    )
    op.create_table(
        "reader_agents",
        sa.Column("output", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("requests", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("output", "day", "agent", name=op.f("pk_reader_agents")),
    )
    op.create_table(
        "reader_audiences",
        sa.Column("output", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("feed", sa.Text(), nullable=False),
        sa.Column("subscribers", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "output", "day", "agent", "kind", "feed", name=op.f("pk_reader_audiences")
        ),
    )


def downgrade() -> None:
    op.drop_table("reader_audiences")
    op.drop_table("reader_agents")
    op.drop_table("reader_answers")
