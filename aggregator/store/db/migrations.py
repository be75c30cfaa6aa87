"""Bringing a database to the present shape, under a lock, with Alembic."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import structlog
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.script.revision import RevisionError
from alembic.util.exc import CommandError
from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import DBAPIError

from aggregator.errors import StoreError
from aggregator.store.db.lock import AdvisoryLock, acquire
from aggregator.store.db.phases import FIRST, Phase, Plan, Step, floor, former, plan
from aggregator.store.db.processes import Process, forget_silent, join, living
from aggregator.store.db.releases import must_work, note_floor, says_what_works
from aggregator.store.db.store_errors import unopened

log = structlog.get_logger("aggregator.store")

# The table that a copy into this database leaves only when it is whole.
UNFINISHED = "unfinished_copy"
# Others go on working meanwhile: nobody waits behind us for longer than that, and then we try again.
_LOCK_TIMEOUT, _ATTEMPTS, _PAUSE_S = "3s", 40, 0.5
_IN_THE_WAY = frozenset({"55P03", "40P01"})  # a lock not had in time, a deadlock


@dataclass(frozen=True, slots=True)
class Opening:
    """The way in which a database is opened, beside its revision.

    ``joining`` is the process that works here from now on. ``contracts``: what waits for others may be
    applied; ``forced``: also while they live, who then end. ``alone``: nobody else can be here.
    """

    joining: Process | None = None
    contracts: bool = True
    forced: bool = False
    alone: bool = False
    being_copied: bool = False


def script_folder() -> Path:
    """Folder of the migrations: inside an installed package, or at the top of a checkout."""
    package = Path(__file__).resolve().parents[2]
    installed = package / "_alembic"
    return installed if installed.is_dir() else package.parent / "alembic"


def migrate(
    engine: Engine, revision: str = "head", opening: Opening | None = None
) -> tuple[str | None, str | None]:
    """Upgrade (or downgrade) to ``revision``; return the revisions before and after.

    One transaction: it happens whole or not at all. What takes away what a living process of a former
    release rests on is left for later (:func:`waiting`). A database of a later release stays as it is.

    Raises :class:`StoreError` when the database is out of reach, is half a copy (unless it is copied
    just now), or cannot be had in this shape; :class:`~aggregator.errors.TooOld` when it is of a
    later release that this one cannot work with.
    """
    how = opening or Opening()
    try:
        for attempt in range(_ATTEMPTS):
            try:
                return _once(engine, revision, how)
            except DBAPIError as error:
                if attempt == _ATTEMPTS - 1 or _state(error) not in _IN_THE_WAY:
                    raise
                log.info("migration tried again", reason="others hold what it needs")
                time.sleep(_PAUSE_S)
    except DBAPIError as error:
        raise _out_of_reach(error) from error
    except (CommandError, RevisionError) as error:
        raise _no_way(error) from error
    raise AssertionError("the last attempt returns or raises")


def _once(engine: Engine, revision: str, how: Opening) -> tuple[str | None, str | None]:
    with engine.execution_options(writes=True).begin() as connection:
        acquire(connection, AdvisoryLock.MIGRATE)
        if not how.being_copied and inspect(connection).has_table(UNFINISHED):
            raise StoreError(
                "the database is an unfinished copy of another one",
                hint="go on with the same `aggregator db copy FROM TO`, or use another database",
            )
        before = current_revision(connection)
        if revision == "head" and _is_of_later(connection, before):
            must_work(connection, known_revisions())
        elif before != _resolved(revision):
            _bring(connection, before, revision, how)
        if how.joining is not None:
            forget_silent(connection, all_of_them=how.alone)
            join(connection, how.joining)
        return before, current_revision(connection)


def lost_by(engine: Engine, revision: str) -> list[str]:
    """Losses of the database at ``engine`` by going to ``revision``, the newest first; [] for no way back.

    Raises :class:`StoreError` as :func:`migrate` does.
    """
    try:
        with engine.connect() as connection:
            before, script = current_revision(connection), ScriptDirectory.from_config(_config())
            if revision == "head" and _is_of_later(connection, before):
                return []
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


def known_revisions() -> list[str]:
    """The revisions that this release knows, the oldest first."""
    return [one.revision for one in _steps(script_folder())]


def waiting(connection: Connection) -> list[Step]:
    """Contractions that this release has and the database has not; [] unless they are all that is missing."""
    missing = _missing(current_revision(connection))
    return missing if all(one.phase is Phase.CONTRACT for one in missing) else []


def waited_for(connection: Connection, steps: Sequence[Step]) -> list[Process]:
    """Living processes of releases that cannot work after ``steps``."""
    known = known_revisions()
    return [
        one
        for one in living(connection)
        if any(former(one.revision, step, known) for step in steps)
    ]


def is_workable(connection: Connection) -> bool:
    """True where this release reads and writes all that is in the database: contractions may be missing."""
    now = current_revision(connection)
    return now == newest_revision() or bool(now and waiting(connection))


def _bring(connection: Connection, before: str | None, revision: str, how: Opening) -> None:
    """Run what leads from ``before`` to ``revision``, but for what has to wait."""
    if how.alone and says_what_works(connection):
        forget_silent(connection, all_of_them=True)
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SET LOCAL lock_timeout = '{_LOCK_TIMEOUT}'"))
    missing = _missing(before, _resolved(revision))
    if before is None or not missing:
        _run(connection, before, revision)
    elif now := _planned(connection, before, missing, how).now:
        _run(connection, before, now[-1].revision)
    after = current_revision(connection)
    applied = _missing(None, after) if after is not None else []
    if any(one.revision == FIRST for one in applied):
        note_floor(connection, floor(applied))


def _planned(connection: Connection, before: str, missing: Sequence[Step], how: Opening) -> Plan:
    def is_free(step: Step) -> bool:
        return how.forced or not waited_for(connection, [step])

    found = plan(missing, lambda step: how.contracts and is_free(step))
    if found.is_blocked:  # then also whoever only looks does it
        found = plan(missing, is_free)
    if found.is_blocked:
        others = "; ".join(map(str, waited_for(connection, found.waiting[:1])))
        raise StoreError(
            f"the database is at revision {before}, and cannot be brought to "
            f"{missing[-1].revision} while others work on it: {others}",
            hint="stop them, then start this release; or upgrade one release after the other",
        )
    return found


def _missing(before: str | None, target: str | None = None) -> list[Step]:
    """The steps from ``before`` to ``target`` (None: all there are); [] where there is no such way."""
    steps = list(_steps(script_folder()))
    names = [one.revision for one in steps]
    if any(one is not None and one not in names for one in (before, target)):
        return []
    first = names.index(before) + 1 if before is not None else 0
    return steps[first : names.index(target) + 1 if target is not None else None]


@lru_cache(maxsize=4)  # reading the scripts takes longer than a look at the database
def _steps(folder: Path) -> tuple[Step, ...]:
    """The migrations in ``folder``, the oldest first."""
    script = ScriptDirectory.from_config(_config(folder=folder))
    return tuple(
        Step(
            one.revision,
            Phase(getattr(one.module, "phase", Phase.EXPAND)),
            getattr(one.module, "works_with", ""),
        )
        for one in reversed(list(script.walk_revisions()))
    )


def _is_of_later(connection: Connection, before: str | None) -> bool:
    """True for a database of a later release, of which it says what may work on it."""
    return before is not None and before not in known_revisions() and says_what_works(connection)


def _state(error: DBAPIError) -> str | None:
    return getattr(error.orig, "sqlstate", None)


def _out_of_reach(error: DBAPIError) -> StoreError:
    return unopened(" ".join(str(error.orig or error).split()))


def _no_way(error: Exception) -> StoreError:
    return StoreError(
        f"cannot migrate the database: {error}",
        hint="was it made by a newer release? Install that one, or restore a backup",
    )


def _config(connection: Connection | None = None, folder: Path | None = None) -> Config:
    config = Config()
    # A percent sign in a path would be taken for an interpolation.
    place = str(folder or script_folder()).replace("%", "%%")
    config.set_main_option("script_location", place)
    config.attributes["connection"] = connection
    return config


def _resolved(revision: str) -> str | None:
    if not revision:  # which Alembic takes for a fault of its caller
        raise CommandError("an empty revision is none")
    if revision == "base":
        return None
    if revision == "head":
        return known_revisions()[-1]
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
