"""Logs of outputs: what entered them, changed in them and left them, by number.

Empty at first: which outputs there are is known to the configuration alone. The first start fills
each with its present window.

Revision ID: 0020
Revises: 0019
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None
lost = "what entered and left outputs, and its numbers: windows stay as they are"  # by going back

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("feeds", sa.Column("facts", sa.Text(), nullable=False, server_default=""))
    op.create_table(
        "output_logs",
        sa.Column("id", _ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("identity", sa.Text(), nullable=False),
        sa.Column("choice", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("next_seq", sa.BigInteger(), nullable=False, server_default="1"),
        sa.Column("filled", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("floor_at", _TIME),
        sa.Column("floor_tie", sa.BigInteger()),
        sa.Column("began_at", _TIME, nullable=False),
        sa.Column("ended_at", _TIME),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_output_logs")),
    )
    is_open = sa.text("ended_at IS NULL")
    op.create_index(
        "ix_output_logs_open",
        "output_logs",
        ["name"],
        unique=True,
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
    op.create_table(
        "output_items",
        sa.Column("log_id", _ID, autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("item_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("entry_id", _ID, nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("log_id", "seq", name=op.f("pk_output_items")),
    )
    op.create_index("ix_output_items_at", "output_items", ["at"])
    op.create_table(
        "output_now",
        sa.Column("log_id", _ID, autoincrement=False, nullable=False),
        sa.Column("item_id", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("story_id", _ID, nullable=False),
        sa.Column("entry_id", _ID, nullable=False),
        sa.Column("changed_at", _TIME),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("sort_at", _TIME, nullable=False),
        sa.Column("tie", sa.BigInteger(), nullable=False),
        sa.Column("entered_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("log_id", "item_id", name=op.f("pk_output_now")),
    )
    op.create_index("ix_output_now_window", "output_now", ["log_id", "sort_at", "tie"])
    op.create_index("ix_output_now_story_id", "output_now", ["story_id"])
    op.create_table(
        "due_stories",
        sa.Column("id", _ID, nullable=False),
        sa.Column("log_id", _ID),
        sa.Column("story_id", _ID, nullable=False),
        sa.Column("quiet", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_due_stories")),
    )


def downgrade() -> None:
    for table in ("due_stories", "output_now", "output_items", "output_logs"):
        op.drop_table(table)
    op.drop_column("feeds", "facts")
