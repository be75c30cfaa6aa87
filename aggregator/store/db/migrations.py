"""Bringing a database to the present shape, under a lock, with Alembic."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.script.revision import RevisionError
from alembic.util.exc import CommandError
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from aggregator.errors import StoreError
from aggregator.store.db.lock import AdvisoryLock, acquire


def script_folder() -> Path:
    """Folder of the migrations: inside an installed package, or at the top of a checkout."""
    package = Path(__file__).resolve().parents[2]
    installed = package / "_alembic"
    return installed if installed.is_dir() else package.parent / "alembic"


def migrate(engine: Engine, revision: str = "head") -> tuple[str | None, str | None]:
    """Upgrade (or downgrade) to ``revision``; return the revisions before and after.

    One transaction: it happens whole or not at all. Raises :class:`StoreError` when the database
    is out of reach or was made by a newer release.
    """
    try:
        with engine.execution_options(writes=True).begin() as connection:
            acquire(connection, AdvisoryLock.MIGRATE)
            before = current_revision(connection)
            if before != _resolved(revision):
                _run(connection, before, revision)
            return before, current_revision(connection)
    except DBAPIError as error:
        raise StoreError(
            f"cannot open the database: {error.orig or error}",
            hint="check database.url, that the server runs and that the folder can be written",
        ) from error
    except (CommandError, RevisionError) as error:
        raise StoreError(
            f"cannot migrate the database: {error}",
            hint="was it made by a newer release? Install that one, or restore a backup",
        ) from error


def current_revision(connection: Connection) -> str | None:
    """The database's revision; None for an empty one."""
    return MigrationContext.configure(connection).get_current_revision()


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    # A percent sign in a path would be taken for an interpolation.
    config.set_main_option("script_location", str(script_folder()).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _resolved(revision: str) -> str | None:
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
