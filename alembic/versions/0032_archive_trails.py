"""Archives of feeds that are being read, page after page.

Revision ID: 0032
Revises: 0031
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None
lost = "which archives of feeds are being read, and which need not be read again"  # by going back

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "archive_trails",
        sa.Column("feed_id", _ID, autoincrement=False, nullable=False),
        sa.Column("next_at", _TIME, nullable=True),
        sa.Column("state", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["feed_id"],
            ["feeds.id"],
            name=op.f("fk_archive_trails_feed_id_feeds"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("feed_id", name=op.f("pk_archive_trails")),
    )
    op.create_index(
        "ix_archive_trails_due",
        "archive_trails",
        ["next_at"],
        sqlite_where=sa.text("next_at IS NOT NULL"),
        postgresql_where=sa.text("next_at IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_archive_trails_due", "archive_trails")
    op.drop_table("archive_trails")
