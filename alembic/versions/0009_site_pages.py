"""What the latest pages of each site hold: digests of their blocks.

Revision ID: 0009
Revises: 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None
lost = "digests of the blocks of sites' pages, by which boilerplate is told"  # by going back

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "site_pages",
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("place", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("article_id", Id, nullable=False),
        sa.Column("digests", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name="fk_site_pages_article_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("host", "place", name="pk_site_pages"),
    )
    op.create_index("ix_site_pages_article_id", "site_pages", ["article_id"], unique=False)


def downgrade() -> None:
    op.drop_table("site_pages")
