"""When a feed's latest entries appeared, in few bytes.

Rows are taken over as their feeds bring news, so that a million of them cost nothing here and the release
before may go on beside this one.

Revision ID: 0027
Revises: 0026
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None
lost = "at what times feeds publish, which their next polls learn anew"  # by going back


def upgrade() -> None:
    op.add_column("feeds", sa.Column("appeared", sa.LargeBinary()))


def downgrade() -> None:
    op.drop_column("feeds", "appeared")
