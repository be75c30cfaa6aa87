"""Filters and rules by which each feed's entries were judged: others judge them anew.

Revision ID: 0031
Revises: 0030
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None
lost = "what filters and rules that came later took out of its story (it is shown again)"  # by going back


def upgrade() -> None:
    op.add_column(
        "feeds", sa.Column("judged_by", sa.Text(), nullable=False, server_default=sa.text("''"))
    )


def downgrade() -> None:
    op.execute(
        "UPDATE entries SET filtered = NULL WHERE filtered IS NOT NULL AND story_id IS NOT NULL"
    )
    op.drop_column("feeds", "judged_by")
