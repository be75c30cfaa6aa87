"""A feed's address beside its identity, which holds no secret; stored errors without secrets.

Revision ID: 0010
Revises: 0009
"""

from __future__ import annotations

import re

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None
lost = "ids of feeds that are none of their addresses: such feeds are new in the release before"  # by going back

# As they stood in errors so far: user info to its last "@", and what is plainly named a secret.
_USERINFO = re.compile(r"(?<=://)(?:[^/?#\s:@]*:\S*@|[^/?#\s]*@)")
_NAMED = re.compile(
    r"(?i)(?<=[?&])([a-z_-]*(?:token|auth|key|secret|password|passwd|pwd|signature|sig|jwt))="
    r"(?!\*\*\*)[^&#\s\"'<>]*[^&#\s\"'<>.,:;!?)]"
)
_IN_PATH = re.compile(r"(?i)(?<=/)((?:private|secret)[/:-])[^/?#\s\"'<>]{8,}")
_ROWS = 1000


def upgrade() -> None:
    op.add_column(
        "feeds", sa.Column("configured_url", sa.Text(), nullable=False, server_default="")
    )
    # Where a feed is fetched at what is configured, that was its key.
    op.execute("UPDATE feeds SET configured_url = key")
    _mask("feeds", "last_error")
    _mask("articles", "error")


def downgrade() -> None:
    # The release before knows a feed by its address; of two with one address the first is it.
    op.execute(
        "UPDATE feeds SET key = configured_url WHERE configured_url <> '' AND id IN ("
        "SELECT min(id) FROM feeds GROUP BY configured_url"
        ") AND NOT EXISTS (SELECT 1 FROM feeds AS other WHERE other.key = feeds.configured_url)"
    )
    op.drop_column("feeds", "configured_url")


def _mask(table: str, column: str) -> None:
    """Take the secrets out of what errors say, a slice of the rows at a time."""
    connection, last = op.get_bind(), 0
    while True:
        rows = connection.execute(
            sa.text(
                f"SELECT id, {column} AS said FROM {table} "
                f"WHERE id > :last AND {column} IS NOT NULL ORDER BY id LIMIT :rows"
            ),
            {"last": last, "rows": _ROWS},
        ).all()
        if not rows:
            return
        last = rows[-1].id
        changed = [
            {"row": row.id, "said": masked}
            for row in rows
            if (masked := _masked(row.said)) != row.said
        ]
        if changed:
            update = sa.text(f"UPDATE {table} SET {column} = :said WHERE id = :row")
            connection.execute(update, changed)


def _masked(text: str) -> str:
    text = _USERINFO.sub("***@", text)
    return _IN_PATH.sub(r"\1***", _NAMED.sub(r"\1=***", text))
