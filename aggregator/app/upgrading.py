"""Upgrades while others work: what is left of one.

See ``docs/decisions/migrations.md``.
"""

from __future__ import annotations

from dataclasses import dataclass

import structlog
from sqlalchemy import Connection

from aggregator.app.stored import open_database
from aggregator.config.config import Config
from aggregator.store.db.database import Database
from aggregator.store.db.migrations import waited_for, waiting

log = structlog.get_logger("aggregator")

HOW_TO_FINISH = (
    "stop those of the former release; the next start does it then, or `aggregator migrate`"
)


@dataclass(frozen=True, slots=True)
class UnfinishedUpgrade:
    """Migrations that take away what a former release rests on, not applied yet, and who still runs it."""

    waiting: tuple[str, ...] = ()  # revisions
    former: tuple[str, ...] = ()  # processes, for people

    def __bool__(self) -> bool:
        return bool(self.waiting)

    def __str__(self) -> str:
        which = f"upgrade unfinished: {', '.join(self.waiting)} not applied"
        return f"{which}, for {'; '.join(self.former)}" if self.former else which


def unfinished_upgrade(connection: Connection) -> UnfinishedUpgrade:
    """The rest of the database's upgrade."""
    steps = waiting(connection)
    if not steps:
        return UnfinishedUpgrade()
    former = waited_for(connection, steps)
    return UnfinishedUpgrade(tuple(one.revision for one in steps), tuple(map(str, former)))


async def read_upgrade(config: Config) -> UnfinishedUpgrade:
    """The rest of the configured database's upgrade."""
    with open_database(config) as database:
        return await database.read(unfinished_upgrade)


async def say_unfinished(database: Database) -> None:
    """A line where something of an upgrade is left to do."""
    found = await database.read(unfinished_upgrade)
    if found:
        log.warning(
            "upgrade unfinished",
            revisions=", ".join(found.waiting),
            former="; ".join(found.former) or "none",
            hint=HOW_TO_FINISH,
        )
