"""Which entries have a voice of their own: their page is another's article.

Revision ID: 0014
Revises: 0013
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None
lost = "which entries of linkblogs say something of their own about the page that they link to"  # by going back


def upgrade() -> None:
    op.add_column(
        "entries", sa.Column("own_voice", sa.Boolean(), nullable=False, server_default=sa.false())
    )


def downgrade() -> None:
    op.drop_column("entries", "own_voice")
