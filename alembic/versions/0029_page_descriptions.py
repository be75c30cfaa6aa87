"""What pages say of themselves, by which a feed's teaser of them is told from words of its own.

Pages that were read before have none until they are read again.

Revision ID: 0029
Revises: 0028
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None
lost = "the descriptions that pages give of themselves"  # by going back


def upgrade() -> None:
    op.add_column("articles", sa.Column("description", sa.Text()))


def downgrade() -> None:
    op.drop_column("articles", "description")
