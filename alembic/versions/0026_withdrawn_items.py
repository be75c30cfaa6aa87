"""An index of withdrawn items: whoever asks for one is told that it is gone.

Revision ID: 0026
Revises: 0025
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None
lost = "nothing but an index, which is made anew"  # by going back

_IS_WITHDRAWAL = sa.text("kind = 'withdraw'")


def upgrade() -> None:
    op.create_index(
        "ix_output_items_withdrawn",
        "output_items",
        ["log_id", "item_id"],
        sqlite_where=_IS_WITHDRAWAL,
        postgresql_where=_IS_WITHDRAWAL,
    )


def downgrade() -> None:
    op.drop_index("ix_output_items_withdrawn", "output_items")
