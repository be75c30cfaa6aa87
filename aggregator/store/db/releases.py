"""The oldest release that may work on a database, which says so itself.

Each contraction (:mod:`aggregator.store.db.phases`) raises it. A release that finds a revision which it does
not know, but a floor that it does, goes on: all that was added since is nothing to it.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, delete, insert, inspect, select

from aggregator import __version__
from aggregator.errors import TooOld
from aggregator.store.db.phases import works
from aggregator.store.db.tables import REVISION, works_with


def note_floor(connection: Connection, revision: str) -> None:
    """Say that releases which know ``revision`` may work here, and that this one has made it so."""
    connection.execute(delete(works_with))
    connection.execute(insert(works_with).values(revision=revision, release=__version__))


def says_what_works(connection: Connection) -> bool:
    """True where the database says which releases may work on it: since 0036 each does."""
    return inspect(connection).has_table(works_with.name)


def must_work(connection: Connection, known: Collection[str]) -> None:
    """Raise :class:`TooOld` unless a release with the revisions ``known`` may work here."""
    row = connection.execute(select(works_with)).first()
    if row is None or works(row.revision, known):
        return
    raise TooOld(
        f"this is release {__version__}, which knows the database up to revision {REVISION}; "
        f"release {row.release} changed it, and it works with revision {row.revision} or later",
        hint=f"install release {row.release} here; nothing was changed by this one. To go back, "
        f"see docs/upgrade.md",
    )
