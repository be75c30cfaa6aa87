"""Polls that an operator asks for: feeds made due before all others."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, select, update

from aggregator.model import AskedPoll
from aggregator.store.db.chunks import among, chunks
from aggregator.store.db.row_locks import lock_rows
from aggregator.store.db.tables import feeds


def ask_for_polls(
    connection: Connection, keys: Collection[str], now: datetime, ahead: timedelta
) -> Mapping[str, AskedPoll]:
    """Make the feeds of ``keys`` due, ``ahead`` of what is due at ``now``; how each of them stands.

    One that is gone is asked once more. One that is being polled is left to that.
    """
    wanted: Select[Any] = select(
        feeds.c.id, feeds.c.key, feeds.c.active, feeds.c.paused, feeds.c.lease_until
    ).where(among(connection, feeds.c.key, keys))
    rows = {row.key: row for row in connection.execute(wanted)}
    asked = {key: _asked(rows.get(key), now) for key in keys}
    ids = sorted(rows[key].id for key, state in asked.items() if state is AskedPoll.SOON)
    lock_rows(connection, feeds, ids)
    for chunk in chunks(ids):
        due = update(feeds).where(feeds.c.id.in_(chunk))
        connection.execute(due.values(next_poll_at=now - ahead, gone=False))
    return asked


def _asked(row: Row[Any] | None, now: datetime) -> AskedPoll:
    if row is None or not row.active:
        return AskedPoll.UNKNOWN
    if row.paused:
        return AskedPoll.PAUSED
    leased = row.lease_until is not None and row.lease_until > now
    return AskedPoll.UNDER_WAY if leased else AskedPoll.SOON
