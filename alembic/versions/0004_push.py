"""Hubs that feeds name, and our subscriptions there.

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None
lost = "hubs that feeds name, and the subscriptions there"  # by going back

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Utc = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("feeds", sa.Column("hub_url", sa.Text(), nullable=True))
    op.add_column("feeds", sa.Column("topic_url", sa.Text(), nullable=True))
    op.add_column("feeds", sa.Column("pushed_until", Utc, nullable=True))
    op.create_index(
        "ix_feeds_hub",
        "feeds",
        ["id"],
        unique=False,
        sqlite_where=sa.text("hub_url IS NOT NULL"),
        postgresql_where=sa.text("hub_url IS NOT NULL"),
    )
    op.create_table(
        "subscriptions",
        sa.Column("id", Id, nullable=False),
        sa.Column("feed_id", Id, nullable=False),
        sa.Column("hub", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("base", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("lease_until", Utc, nullable=True),
        sa.Column("requested_at", Utc, nullable=True),
        sa.Column("next_at", Utc, nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["feed_id"], ["feeds.id"], name="fk_subscriptions_feed_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_subscriptions"),
        sa.UniqueConstraint("token", name="uq_subscriptions_token"),
        sa.UniqueConstraint(
            "feed_id", "hub", "topic", "base", name="uq_subscriptions_feed_id_hub_topic_base"
        ),
    )
    op.create_index("ix_subscriptions_next_at", "subscriptions", ["next_at"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_subscriptions_next_at", table_name="subscriptions")
    op.drop_table("subscriptions")
    op.drop_index("ix_feeds_hub", table_name="feeds")
    for name in ("pushed_until", "topic_url", "hub_url"):
        op.drop_column("feeds", name)
