"""Work of the hub that is due: looked for before anybody writes, who would wait for other writers."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, Table, select


def any_due(connection: Connection, table: Table, now: datetime) -> bool:
    """True where a row of ``table`` is due."""
    due = select(table.c.id).where(table.c.due_at <= now).limit(1)
    return connection.execute(due).first() is not None
