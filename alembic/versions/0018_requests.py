"""Feeds that the operator paused, and what commands ask of running daemons.

Revision ID: 0018
Revises: 0017
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None
lost = "which feeds are paused: they are polled again"  # by going back

_TROUBLE = "(failures > 0 OR gone OR last_result = 'offline')"
_TROUBLE_SQLITE = "(failures > 0 OR gone = 1 OR last_result = 'offline')"
_BEFORE = (
    ("due", ["next_poll_at", "host"], "active AND NOT gone", "active = 1 AND gone = 0"),
    ("in_trouble", ["failures", "id"], f"active AND {_TROUBLE}", f"active = 1 AND {_TROUBLE_SQLITE}"),
    ("unpolled", ["id"], "active AND last_result = ''", "active = 1 AND last_result = ''"),
)  # fmt: skip


def upgrade() -> None:
    op.add_column(
        "feeds", sa.Column("paused", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    for name, columns, where, sqlite_where in _BEFORE:
        op.drop_index(f"ix_feeds_{name}", "feeds")
        _index(name, columns, f"{where} AND NOT paused", f"{sqlite_where} AND paused = 0")
    _index("paused", ["id"], "active AND paused", "active = 1 AND paused = 1")
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "requests",
        sa.Column("id", key, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("for_all", sa.Boolean(), nullable=False),
        sa.Column("taken", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_requests")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "request_answers",
        sa.Column("id", key, nullable=False),
        sa.Column("request_id", key, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["requests.id"],
            name=op.f("fk_request_answers_request_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request_answers")),
    )
    op.create_index("ix_request_answers_request_id", "request_answers", ["request_id"])


def downgrade() -> None:
    op.drop_table("request_answers")
    op.drop_table("requests")
    op.drop_index("ix_feeds_paused", "feeds")
    for name, columns, where, sqlite_where in _BEFORE:
        op.drop_index(f"ix_feeds_{name}", "feeds")
        _index(name, columns, where, sqlite_where)
    op.drop_column("feeds", "paused")


def _index(name: str, columns: list[str], where: str, sqlite_where: str) -> None:
    op.create_index(
        f"ix_feeds_{name}",
        "feeds",
        columns,
        sqlite_where=sa.text(sqlite_where),
        postgresql_where=sa.text(where),
    )
