"""Stories that outputs must decide on again, marked in the transaction that changed them.

:mod:`aggregator.store.outputs.log` decides on them, and takes the marks back in the same transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sqlalchemy import Connection, cast, insert, literal, null, select, true

from aggregator.store.db.chunks import chunks
from aggregator.store.db.columns import Id
from aggregator.store.db.tables import due_stories, entries, log_is_open, output_logs, output_now


def mark(
    connection: Connection,
    story_ids: Collection[int],
    log_ids: Iterable[int | None] = (None,),
    *,
    quiet: bool = False,
) -> None:
    """Mark these stories for the logs of ``log_ids``; None: for all that are open, if there are any.

    ``quiet``: nothing happened to them but that the configuration changed.
    """
    if connection.execute(_ANY_OPEN).first() is None:
        return
    rows = [
        {"log_id": log_id, "story_id": story, "quiet": quiet}
        for log_id in log_ids
        for story in sorted(story_ids)
    ]
    if rows:
        connection.execute(insert(due_stories), rows)


def mark_of_feeds(connection: Connection, feed_ids: Collection[int]) -> None:
    """Mark all stories with an entry of these feeds, of which the configuration says something else."""
    if not feed_ids or connection.execute(_ANY_OPEN).first() is None:
        return
    for chunk in chunks(sorted(feed_ids)):
        # Ascending, for the last that is marked is the first that is decided on: the newest.
        own = (
            select(cast(null(), Id), entries.c.story_id, true())
            .where(entries.c.feed_id.in_(chunk), entries.c.story_id.is_not(None))
            .distinct()
            .order_by(entries.c.story_id)
        )
        _insert(connection, own)


def mark_standing(connection: Connection, log_id: int) -> None:
    """Mark the stories of all that stands in a log, since its output chooses otherwise."""
    own = (
        select(literal(log_id, Id), output_now.c.story_id, true())
        .where(output_now.c.log_id == log_id)
        .distinct()
        .order_by(output_now.c.story_id)
    )
    _insert(connection, own)


_ANY_OPEN = select(output_logs.c.id).where(log_is_open).limit(1)


def _insert(connection: Connection, found: object) -> None:
    columns = ["log_id", "story_id", "quiet"]
    connection.execute(insert(due_stories).from_select(columns, found))  # type: ignore[arg-type]
