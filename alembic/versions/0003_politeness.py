"""Turns, rests and counts by host, copies of robots.txt, and whose turn a feed waits for.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

from urllib.parse import urlsplit

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None
lost = "cooldowns and counts of hosts, and copies of robots.txt"  # by going back

Utc = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "hosts",
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=True),
        sa.Column("busy_until", Utc, nullable=True),
        sa.Column("next_turn_at", Utc, nullable=True),
        sa.Column("cool_until", Utc, nullable=True),
        sa.PrimaryKeyConstraint("host", name="pk_hosts"),
    )
    op.create_table(
        "host_requests",
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("since", Utc, nullable=False),
        sa.Column("feeds", sa.Integer(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("robots", sa.Integer(), nullable=False),
        sa.Column("waited", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("host", "since", name="pk_host_requests"),
    )
    op.create_index("ix_host_requests_since", "host_requests", ["since"], unique=False)
    op.create_table(
        "robots",
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("checked_at", Utc, nullable=False),
        sa.PrimaryKeyConstraint("origin", name="pk_robots"),
    )
    op.add_column("feeds", sa.Column("host", sa.Text(), server_default="", nullable=False))
    _fill_hosts()
    _index_due("next_poll_at", "host")


def downgrade() -> None:
    _index_due("next_poll_at")
    op.drop_column("feeds", "host")
    op.drop_table("robots")
    op.drop_index("ix_host_requests_since", table_name="host_requests")
    op.drop_table("host_requests")
    op.drop_table("hosts")


def _fill_hosts() -> None:
    feeds = sa.table(
        "feeds", sa.column("id", sa.BigInteger), sa.column("url", sa.Text), sa.column("host")
    )
    connection = op.get_bind()
    rows = [
        {"row_id": row.id, "row_host": urlsplit(row.url).hostname or ""}
        for row in connection.execute(sa.select(feeds.c.id, feeds.c.url))
    ]
    if rows:
        by_id = sa.update(feeds).where(feeds.c.id == sa.bindparam("row_id"))
        connection.execute(by_id.values(host=sa.bindparam("row_host")), rows)


def _index_due(*columns: str) -> None:
    op.drop_index("ix_feeds_due", table_name="feeds")
    op.create_index(
        "ix_feeds_due",
        "feeds",
        list(columns),
        unique=False,
        sqlite_where=sa.text("active = 1 AND gone = 0"),
        postgresql_where=sa.text("active AND NOT gone"),
    )
