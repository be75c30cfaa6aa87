"""What pages say beside their text: the site's name, tags.

Revision ID: 0008
Revises: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None
lost = "names of sites and tags that pages gave"  # by going back


def upgrade() -> None:
    op.add_column("articles", sa.Column("site_name", sa.Text(), nullable=True))
    op.add_column("articles", sa.Column("tags", sa.JSON(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("articles") as batch:
        batch.drop_column("tags")
        batch.drop_column("site_name")
