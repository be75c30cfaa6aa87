"""Identities that feeds gave their entries before: one that returns is no new entry.

Revision ID: 0012
Revises: 0011
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None
lost = "what feeds called their entries before: entries that return under such a name are new"  # by going back

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "entry_aliases",
        sa.Column("feed_id", Id, autoincrement=False, nullable=False),
        sa.Column("identity", sa.Text(), nullable=False),
        sa.Column("entry_id", Id, nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["feed_id"], ["feeds.id"], name="fk_entry_aliases_feed_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entries.id"], name="fk_entry_aliases_entry_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("feed_id", "identity", name="pk_entry_aliases"),
    )
    op.create_index("ix_entry_aliases_entry_id", "entry_aliases", ["entry_id"], unique=False)


def downgrade() -> None:
    op.drop_table("entry_aliases")
