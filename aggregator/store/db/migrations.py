"""Bringing a database to the present shape, under a lock, with Alembic."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.script.revision import RevisionError
from alembic.util.exc import CommandError
from sqlalchemy import Connection, Engine, inspect
from sqlalchemy.exc import DBAPIError

from aggregator.errors import StoreError
from aggregator.store.db.lock import AdvisoryLock, acquire

# The table that a copy into this database leaves only when it is whole.
UNFINISHED = "unfinished_copy"


def script_folder() -> Path:
    """Folder of the migrations: inside an installed package, or at the top of a checkout."""
    package = Path(__file__).resolve().parents[2]
    installed = package / "_alembic"
    return installed if installed.is_dir() else package.parent / "alembic"


def migrate(
    engine: Engine, revision: str = "head", *, being_copied: bool = False
) -> tuple[str | None, str | None]:
    """Upgrade (or downgrade) to ``revision``; return the revisions before and after.

    One transaction: it happens whole or not at all. Raises :class:`StoreError` when the database
    is out of reach, was made by a newer release, or is half a copy (unless it is ``being_copied``).
    """
    try:
        with engine.execution_options(writes=True).begin() as connection:
            acquire(connection, AdvisoryLock.MIGRATE)
            if not being_copied and inspect(connection).has_table(UNFINISHED):
                raise StoreError(
                    "the database is an unfinished copy of another one",
                    hint="go on with the same `aggregator db copy FROM TO`, or use another database",
                )
            before = current_revision(connection)
            if before != _resolved(revision):
                _run(connection, before, revision)
            return before, current_revision(connection)
    except DBAPIError as error:
        raise _out_of_reach(error) from error
    except (CommandError, RevisionError) as error:
        raise _no_way(error) from error


def lost_by(engine: Engine, revision: str) -> list[str]:
    """Losses of the database at ``engine`` by going to ``revision``, the newest first; [] for no way back.

    Raises :class:`StoreError` as :func:`migrate` does.
    """
    try:
        with engine.connect() as connection:
            before, script = current_revision(connection), ScriptDirectory.from_config(_config())
        target = _resolved(revision)
        if before is None or before == target:
            return []
        ancestors = list(script.iterate_revisions(before, "base"))
    except DBAPIError as error:
        raise _out_of_reach(error) from error
    except (CommandError, RevisionError) as error:
        raise _no_way(error) from error
    known = [one.revision for one in ancestors]
    if target is not None and target not in known:
        return []  # forward, or nowhere
    undone = ancestors if target is None else ancestors[: known.index(target)]
    return [f"{one.revision}: {one.module.lost}" for one in undone]


def current_revision(connection: Connection) -> str | None:
    """The database's revision; None for an empty one."""
    return MigrationContext.configure(connection).get_current_revision()


def newest_revision() -> str | None:
    """The revision that this release works with."""
    return _resolved("head")


def _out_of_reach(error: DBAPIError) -> StoreError:
    return StoreError(
        f"cannot open the database: {error.orig or error}",
        hint="check database.url, that the server runs and that the folder can be written",
    )


def _no_way(error: Exception) -> StoreError:
    return StoreError(
        f"cannot migrate the database: {error}",
        hint="was it made by a newer release? Install that one, or restore a backup",
    )


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    # A percent sign in a path would be taken for an interpolation.
    config.set_main_option("script_location", str(script_folder()).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _resolved(revision: str) -> str | None:
    if not revision:  # which Alembic takes for a fault of its caller
        raise CommandError("an empty revision is none")
    if revision == "base":
        return None
    if revision == "head":
        return ScriptDirectory.from_config(_config()).get_current_head()
    return revision


def _run(connection: Connection, before: str | None, revision: str) -> None:
    config = _config(connection)
    script = ScriptDirectory.from_config(config)
    ancestors = {one.revision for one in script.iterate_revisions(before or "base", "base")}
    target = _resolved(revision)
    if target is None or (target in ancestors and target != before):
        command.downgrade(config, revision)
    else:
        command.upgrade(config, revision)
