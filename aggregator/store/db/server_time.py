"""The database server's time, which all processes on it can agree on."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Connection, text


def server_time(connection: Connection) -> datetime:
    """The time of day there, aware UTC; PostgreSQL only."""
    found: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
    return found.astimezone(UTC)
