"""One counter: the version of what outputs show."""

from __future__ import annotations

from sqlalchemy import Connection, select, update

from aggregator.store.db.tables import counters


def bump_version(connection: Connection) -> None:
    """Count a change that an output might show, in the transaction that makes it."""
    connection.execute(
        update(counters).where(counters.c.name == "version").values(value=counters.c.value + 1)
    )


def read_version(connection: Connection) -> int:
    """The current version; grows with every change."""
    return int(
        connection.execute(
            select(counters.c.value).where(counters.c.name == "version")
        ).scalar_one()
    )
