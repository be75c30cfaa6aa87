"""What sources say beside the text; when an entry was published is fixed once it was shown.

Revision ID: 0013
Revises: 0012
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None
lost = "podcast episodes' particulars, licences and the like, and which dates are fixed"  # by going back


def upgrade() -> None:
    op.add_column("entries", sa.Column("details", sa.JSON(none_as_null=True)))
    op.add_column(
        "entries",
        sa.Column("published_fixed", sa.Boolean(), nullable=False, server_default=sa.false()),
    )


def downgrade() -> None:
    # Content hashes of now are of another reading to the release before: it reads entries anew.
    for name in ("published_fixed", "details"):
        op.drop_column("entries", name)
