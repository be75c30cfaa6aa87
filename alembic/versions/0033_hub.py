"""Our own WebSub hub: requests, subscriptions with their places in logs; and other hubs that are told.

Revision ID: 0033
Revises: 0032
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None
lost = "all subscriptions at the hub; subscribers notice when their leases end"  # by going back

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "hub_requests",
        sa.Column("id", _ID, nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        *_topic(),
        sa.Column("lease_s", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("due_at", _TIME, nullable=False),
        sa.Column("claim", sa.Integer(), nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hub_requests")),
        sa.UniqueConstraint("callback", "topic", name=op.f("uq_hub_requests_callback_topic")),
    )
    op.create_index("ix_hub_requests_due_at", "hub_requests", ["due_at"])
    op.create_table(
        "hub_subscriptions",
        sa.Column("id", _ID, nullable=False),
        *_topic(),
        sa.Column("lease_until", _TIME, nullable=False),
        sa.Column("epoch", _ID),
        sa.Column("seq", sa.BigInteger()),
        sa.Column("due_at", _TIME),
        sa.Column("again", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("claim", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("slow", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("failures", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("failing_since", _TIME),
        sa.Column("error", sa.Text()),
        sa.Column("dropped_at", _TIME),
        sa.Column("told_at", _TIME),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hub_subscriptions")),
        sa.UniqueConstraint("callback", "topic", name=op.f("uq_hub_subscriptions_callback_topic")),
    )
    for name in ("due_at", "output", "lease_until"):
        op.create_index(f"ix_hub_subscriptions_{name}", "hub_subscriptions", [name])
    op.create_table(
        "hub_pings",
        sa.Column("id", _ID, nullable=False),
        sa.Column("hub", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("due_at", _TIME),
        sa.Column("claim", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("failures", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("failing_since", _TIME),
        sa.Column("error", sa.Text()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hub_pings")),
        sa.UniqueConstraint("hub", "topic", name=op.f("uq_hub_pings_hub_topic")),
    )
    op.create_index("ix_hub_pings_due_at", "hub_pings", ["due_at"])


def _topic() -> list[sa.Column[str]]:
    """Who is told of what."""
    names = ("output", "kind", "topic", "callback", "site", "secret")
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def downgrade() -> None:
    for table in ("hub_pings", "hub_subscriptions", "hub_requests"):
        op.drop_table(table)
