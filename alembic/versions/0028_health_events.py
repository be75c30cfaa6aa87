"""Changes of feeds' states, of which the health feed tells.

Revision ID: 0028
Revises: 0027
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None
lost = "the items of the health feed"  # by going back

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "health_events",
        sa.Column("id", _ID, nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("feed_id", _ID),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.Column("broken", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("error", sa.Text()),
        sa.Column("failures", sa.Integer()),
        sa.Column("former_url", sa.Text()),
        sa.Column("url", sa.Text()),
        sa.Column("day", sa.Text()),
        sa.Column("still", sa.JSON()),
        sa.Column("summary_id", sa.BigInteger()),
        sa.ForeignKeyConstraint(
            ["feed_id"], ["feeds.id"], name=op.f("fk_health_events_feed_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_health_events")),
        sa.UniqueConstraint("uid", name=op.f("uq_health_events_uid")),
        sa.UniqueConstraint("day", name=op.f("uq_health_events_day")),
    )
    op.create_index("ix_health_events_at", "health_events", ["at"])
    op.create_index("ix_health_events_feed", "health_events", ["feed_id", "id"])
    op.create_index("ix_health_events_summary", "health_events", ["summary_id"])
    for name, columns, where in (
        ("ix_health_events_unsummed", ["at"], "summary_id IS NULL AND feed_id IS NOT NULL"),
        ("ix_health_events_broken", ["id"], "broken"),
    ):
        condition = sa.text(where)
        op.create_index(
            name, "health_events", columns, sqlite_where=condition, postgresql_where=condition
        )


def downgrade() -> None:
    op.drop_table("health_events")
