"""Archive pages of outputs, and indexes by which what is new since a number or a time is found.

No page is closed at first: the first start after it closes those that there are lines for.

Revision ID: 0025
Revises: 0024
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None
lost = (
    "the archive pages of outputs: addresses of pages that readers know are gone"  # by going back
)

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    none = {"nullable": False, "server_default": "0"}
    archived = sa.Column("archived", sa.Boolean(), nullable=False, server_default=sa.false())
    op.add_column("output_logs", archived)
    op.add_column("output_logs", sa.Column("closed_seq", sa.BigInteger(), **none))
    op.add_column("output_logs", sa.Column("closed_page", sa.BigInteger(), **none))
    op.create_index("ix_output_items_log_id_at", "output_items", ["log_id", "at"])
    op.create_index("ix_output_now_log_id_seq", "output_now", ["log_id", "seq"])
    op.create_table(
        "archive_pages",
        sa.Column("log_id", _ID, autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("last_seq", sa.BigInteger(), nullable=False),
        sa.Column("items", sa.JSON(), nullable=False),
        sa.Column("guards", sa.JSON(), nullable=False),
        sa.Column("allowed", sa.Text(), nullable=False),
        sa.Column("private", sa.Boolean(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", _TIME, nullable=False),
        sa.Column("changed_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("log_id", "number", name=op.f("pk_archive_pages")),
    )
    op.create_index("ix_archive_pages_allowed", "archive_pages", ["log_id", "allowed"])
    op.create_table(
        "archive_bodies",
        sa.Column("log_id", _ID, autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("log_id", "number", "kind", name=op.f("pk_archive_bodies")),
    )
    op.execute("INSERT INTO counters (name, value) VALUES ('archives', 0)")
    op.add_column("renderings", sa.Column("epoch", _ID))
    op.add_column("renderings", sa.Column("seq", sa.BigInteger()))


def downgrade() -> None:
    op.execute("DELETE FROM counters WHERE name = 'archives'")
    op.drop_column("renderings", "seq")
    op.drop_column("renderings", "epoch")
    op.drop_table("archive_bodies")
    op.drop_table("archive_pages")
    op.drop_index("ix_output_now_log_id_seq", "output_now")
    op.drop_index("ix_output_items_log_id_at", "output_items")
    for column in ("closed_page", "closed_seq", "archived"):
        op.drop_column("output_logs", column)
