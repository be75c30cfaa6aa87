"""Outputs that are configured no more: whoever asks for one is told for a while that it is gone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, select, tuple_, update

from aggregator.model import DroppedOutput
from aggregator.store.db.tables import outputs
from aggregator.store.db.upsert import insert_or_update

KEPT = timedelta(days=30)
"""So long an output that was dropped is remembered."""


def sync_outputs(
    connection: Connection, wanted: Mapping[tuple[str, str], Sequence[str]], now: datetime
) -> None:
    """Note that the outputs are ``wanted`` (name and format → digests of its tokens), and no others."""
    connection.execute(delete(outputs).where(outputs.c.dropped_at < now - KEPT))
    known = {(row.name, row.kind): row for row in connection.execute(select(outputs))}
    dropped = [key for key, row in known.items() if key not in wanted and row.dropped_at is None]
    if dropped:
        at = tuple_(outputs.c.name, outputs.c.kind).in_(dropped)
        connection.execute(update(outputs).where(at).values(dropped_at=now))
    rows = [
        {"name": name, "kind": kind, "readers": list(readers), "dropped_at": None}
        for (name, kind), readers in wanted.items()
        if not _stands(known.get((name, kind)), readers)
    ]
    insert_or_update(connection, outputs, rows, "name", "kind")


def _stands(row: Row[Any] | None, readers: Sequence[str]) -> bool:
    return row is not None and row.dropped_at is None and row.readers == list(readers)


def dropped_outputs(connection: Connection) -> list[DroppedOutput]:
    """The outputs that were dropped, with the time until which that is told."""
    rows = connection.execute(select(outputs).where(outputs.c.dropped_at.is_not(None)))
    return [
        DroppedOutput(row.name, row.kind, tuple(row.readers), row.dropped_at + KEPT) for row in rows
    ]
