"""Feeds that were answered from a network that the operator opened, and the pages that they link to.

Revision ID: 0037
Revises: 0036
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None
phase = "expand"
lost = "which feeds and pages stand in networks of your own, until the next poll of them"  # by going back


def upgrade() -> None:
    for table in ("feeds", "articles"):
        op.add_column(
            table, sa.Column("inside", sa.Boolean(), nullable=False, server_default=sa.false())
        )


def downgrade() -> None:
    for table in ("articles", "feeds"):
        op.drop_column(table, "inside")
