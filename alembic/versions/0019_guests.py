"""Which members of a story are guests, who stand back for those at whose address they are listed.

Stories stay as they are shown until a member changes or another one comes.

Revision ID: 0019
Revises: 0018
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None
lost = "which copies of a story stand under another site's address and do not represent it"  # by going back


def upgrade() -> None:
    op.add_column("stories", sa.Column("guests", sa.JSON()))


def downgrade() -> None:
    op.drop_column("stories", "guests")
