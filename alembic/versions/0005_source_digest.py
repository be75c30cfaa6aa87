"""The digest of what each entry was read from.

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None
lost = "digests of what entries were read from: every feed is read whole once"  # by going back


def upgrade() -> None:
    op.add_column(
        "entries", sa.Column("source_digest", sa.Text(), server_default="", nullable=False)
    )


def downgrade() -> None:
    op.drop_column("entries", "source_digest")
