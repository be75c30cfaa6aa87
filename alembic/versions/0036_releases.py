"""What releases agree on: the oldest that may work on the database, and the processes that do.

Also two counters: where the sweep of superseded lines in outputs' logs is.

Revision ID: 0036
Revises: 0035
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None
phase = "expand"
lost = "which processes run, and which releases may work here"  # by going back

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "works_with",
        sa.Column("revision", sa.Text(), nullable=False),
        sa.Column("release", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("revision", name=op.f("pk_works_with")),
    )
    op.create_table(
        "processes",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("release", sa.Text(), nullable=False),
        sa.Column("revision", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("pid", sa.BigInteger(), nullable=False),
        sa.Column("started_at", _TIME, nullable=False),
        sa.Column("seen_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_processes")),
    )
    op.execute(
        "INSERT INTO counters (name, value) VALUES ('lines_swept_log', 0), ('lines_swept', 0)"
    )


def downgrade() -> None:
    op.execute("DELETE FROM counters WHERE name IN ('lines_swept_log', 'lines_swept')")
    op.drop_table("processes")
    op.drop_table("works_with")
