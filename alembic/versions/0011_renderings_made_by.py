"""What each rendering was made by: release and configuration.

Revision ID: 0011
Revises: 0010
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None
lost = "by which release and configuration the outputs were made"  # by going back


def upgrade() -> None:
    for name in ("release", "config_digest"):
        op.add_column("renderings", sa.Column(name, sa.Text()))


def downgrade() -> None:
    for name in ("config_digest", "release"):
        op.drop_column("renderings", name)
