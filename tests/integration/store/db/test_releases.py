"""Two releases on one database: what the later one applies while the former lives, and what that one hears."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Engine, inspect, select, update

from aggregator.app.doctor.findings import Finding, Grade
from aggregator.app.doctor.integrity import database as examined
from aggregator.errors import StoreError, TooOld
from aggregator.store.db import migrations
from aggregator.store.db.database import Database, open_engine
from aggregator.store.db.migrations import (
    Opening,
    is_workable,
    known_revisions,
    lost_by,
    migrate,
    waited_for,
    waiting,
)
from aggregator.store.db.processes import SILENT, Presence, Process, living, this_process
from aggregator.store.db.tables import REVISION, processes, works_with
from tests.support.next_release import CONTRACTED, EXPANDED, scripts
from tests.support.patience import wait_until

FORMER = Process("run", "0.2.0", REVISION, "one.example", 4711)
TO_LOOK = Opening(contracts=False)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    one = open_engine(database_url)
    yield one
    one.dispose()


@pytest.fixture
def known() -> list[str]:
    """The revisions of this release."""
    return known_revisions()


@pytest.fixture
def later(tmp_path: Path, known: list[str], monkeypatch: pytest.MonkeyPatch) -> Path:
    """From here on this process has the migrations of the next release, which stand in that folder."""
    folder = scripts(tmp_path / "later")
    monkeypatch.setattr(migrations, "script_folder", lambda: folder)
    return folder


def joined(engine: Engine, one: Process = FORMER) -> Process:
    """``one``, at work on the database."""
    migrate(engine, opening=Opening(joining=one, contracts=False))
    return one


def ended(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(processes.delete())


def floor(engine: Engine) -> str:
    with engine.connect() as connection:
        return str(connection.execute(select(works_with.c.revision)).scalar_one())


def columns(engine: Engine) -> set[str]:
    return {one["name"] for one in inspect(engine).get_columns("renderings")}


def test_what_a_living_process_rests_on_stays(engine: Engine, later: Path) -> None:
    joined(engine)
    for _ in range(2):
        assert migrate(engine)[1] == EXPANDED
        assert "release" in columns(engine)
        assert floor(engine) == "0036"
        with engine.connect() as connection:
            steps = waiting(connection)
            assert [one.revision for one in steps] == [CONTRACTED]
            assert waited_for(connection, steps) == [FORMER]
            assert is_workable(connection)
    ended(engine)
    assert migrate(engine, opening=TO_LOOK) == (EXPANDED, EXPANDED)
    assert migrate(engine) == (EXPANDED, CONTRACTED)
    assert "release" not in columns(engine)
    assert floor(engine) == EXPANDED
    with engine.connect() as connection:
        assert waiting(connection) == []


def test_a_revision_that_is_named_waits_as_well(engine: Engine, later: Path) -> None:
    joined(engine)
    assert migrate(engine, CONTRACTED)[1] == EXPANDED
    ended(engine)
    assert migrate(engine, CONTRACTED)[1] == CONTRACTED


def test_processes_of_the_next_release_are_in_nobodys_way(engine: Engine, later: Path) -> None:
    for revision in (EXPANDED, CONTRACTED, "9999"):
        joined(engine, replace(FORMER, revision=revision, id=revision))
    assert migrate(engine)[1] == CONTRACTED


def test_who_is_silent_is_dead_and_who_is_alone_knows_it(engine: Engine, later: Path) -> None:
    joined(engine)
    assert migrate(engine, opening=Opening(alone=True))[1] == CONTRACTED
    migrate(engine, EXPANDED)
    joined(engine)
    with engine.begin() as connection:
        since = processes.c.seen_at
        for back, dead in ((SILENT - timedelta(seconds=20), False), (SILENT * 1.01, True)):
            row = connection.execute(select(processes)).one()
            silent = update(processes).values({since: row.started_at - back})
            connection.execute(silent)
            assert (living(connection) == []) is dead
    assert migrate(engine)[1] == CONTRACTED


def test_a_sign_of_life_from_before_the_clock_was_set_back_is_none(
    engine: Engine, later: Path
) -> None:
    joined(engine)
    with engine.begin() as connection:
        since = processes.c.seen_at
        row = connection.execute(select(processes)).one()
        connection.execute(update(processes).values({since: row.seen_at + timedelta(hours=3)}))
        assert living(connection) == []
    joined(engine, replace(FORMER, revision=CONTRACTED, id="of the next"))
    with engine.connect() as connection:
        assert connection.execute(select(processes.c.id)).scalars().all() == ["of the next"]
    assert migrate(engine)[1] == CONTRACTED


def test_forced_nobody_is_waited_for(engine: Engine, later: Path) -> None:
    joined(engine)
    assert migrate(engine, opening=Opening(forced=True))[1] == CONTRACTED


def test_a_database_that_can_only_be_read_is_called_that_at_a_start(postgres_url: str) -> None:
    standby = open_engine(postgres_url + "?options=-c%20default_transaction_read_only%3Don")
    with pytest.raises(StoreError, match="only read") as caught:
        migrate(standby, opening=Opening(joining=FORMER))
    assert "a standby" in caught.value.hint
    standby.dispose()
    found = list(examined(standby.url.render_as_string(hide_password=False)))
    assert [one.grade for one in found] == [Grade.OK, Grade.OK, Grade.FAULT]


def test_a_release_that_needs_more_than_may_be_applied_does_not_start(
    engine: Engine, later: Path
) -> None:
    joined(engine)
    third = (later / "versions" / f"{EXPANDED}_expand.py").read_text("utf-8")
    third = third.partition("def upgrade")[0] + "def upgrade() -> None: ...\n"
    third = third.replace(EXPANDED, "9003").replace(f'"{REVISION}"', f'"{CONTRACTED}"')
    (later / "versions" / "9003_third.py").write_text(third, encoding="utf-8")
    migrations._steps.cache_clear()
    with pytest.raises(StoreError, match=r"run of release 0\.2\.0 on one\.example") as caught:
        migrate(engine)
    assert "one release after the other" in caught.value.hint
    with engine.connect() as connection:
        assert migrations.current_revision(connection) == EXPANDED, "all or nothing"
    ended(engine)
    # Whoever only looks takes away what has to go, since nobody is there whom it serves.
    assert migrate(engine, opening=TO_LOOK)[1] == "9003"
    migrations._steps.cache_clear()


def test_the_former_release_goes_on_until_it_is_too_old(
    engine: Engine, later: Path, known: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = migrations.script_folder
    joined(engine)
    migrate(engine)
    monkeypatch.undo()  # the release before, again
    assert migrate(engine) == (EXPANDED, EXPANDED)
    assert lost_by(engine, "head") == []
    monkeypatch.setattr(migrations, "script_folder", folder)
    ended(engine)
    migrate(engine)
    monkeypatch.undo()
    joining = Opening(joining=this_process("run"))
    with pytest.raises(TooOld, match=f"works with revision {EXPANDED}") as caught:
        migrate(engine, opening=joining)
    assert "install release" in caught.value.hint
    with engine.connect() as connection:
        assert living(connection) == []


def test_going_back_lets_the_former_release_in_again(engine: Engine, later: Path) -> None:
    migrate(engine)
    assert floor(engine) == EXPANDED
    assert migrate(engine, EXPANDED)[1] == EXPANDED
    assert floor(engine) == "0036"
    assert migrate(engine, REVISION)[1] == REVISION
    assert floor(engine) == "0036"
    assert migrate(engine, "0035")[1] == "0035"
    assert not inspect(engine).has_table("works_with")


def test_doctor_says_what_waits_and_who_may_go_on(
    engine: Engine, database_url: str, later: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def said() -> Finding:
        return next(iter(examined(database_url)))

    folder = migrations.script_folder
    joined(engine)
    assert said().grade is Grade.WARNING
    assert f"{CONTRACTED} not applied, for run of release 0.2.0 on one.example" in said().found
    assert "aggregator migrate" in said().hint
    monkeypatch.undo()
    assert said().grade is Grade.WARNING
    assert f"this release has {REVISION}, which may go on" in said().found
    monkeypatch.setattr(migrations, "script_folder", folder)
    ended(engine)
    migrate(engine)
    assert said().grade is Grade.OK
    monkeypatch.undo()
    assert said().grade is Grade.FAULT
    assert f"it works with revision {EXPANDED} or later" in said().found


async def test_a_running_process_hears_that_it_is_too_old(
    database_url: str, later: Path, known: list[str]
) -> None:
    database = Database(open_engine(database_url))
    me = joined(database.engine)
    async with Presence(database, me, known) as presence:
        await presence.beat()
        ended(database.engine)  # it was silent for too long
        await presence.beat()
        with database.engine.connect() as connection:
            assert living(connection) == [me]
        migrate(database.engine, opening=Opening(forced=True))
        with pytest.raises(TooOld):
            await presence.beat()
        ended(database.engine)
        with pytest.raises(TooOld):
            await presence.beat()
        with database.engine.connect() as connection:
            assert living(connection) == [], "who may not work has no row"
    database.close()


async def test_a_process_that_ends_takes_its_row_along(database_url: str) -> None:
    database = Database(open_engine(database_url))
    async with Presence(database, joined(database.engine), known_revisions()):
        pass
    with database.engine.connect() as connection:
        assert living(connection) == []
    database.close()


@pytest.mark.parametrize("name", ["aggregator", f"aggregator {REVISION}"])
def test_connections_of_who_says_nothing_count(
    postgres_url: str, later: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = open_engine(postgres_url)
    # As the next release has it: its own connections are called after its own revision.
    monkeypatch.setattr("aggregator.store.db.processes.REVISION", CONTRACTED)
    plain = postgres_url.replace("+psycopg", "")
    with psycopg.connect(plain, application_name="psql"), engine.connect() as connection:
        connection.exec_driver_sql(f"SET application_name = 'aggregator {CONTRACTED}'")

        def is_alone() -> bool:
            connection.commit()  # within a transaction the server says the same all the time
            return living(connection) == []

        wait_until(is_alone)  # whoever made the database is gone after a moment
    engine.dispose()
    engine = open_engine(f"{postgres_url}?application_name=aggregator%20{CONTRACTED}")
    migrate(engine, "0035")  # of before there were rows of processes
    with psycopg.connect(plain, application_name=name):
        assert migrate(engine)[1] == EXPANDED
        with engine.connect() as connection:
            (one,) = waited_for(connection, waiting(connection))
            assert "a connection of " in str(one)
    # The server notes after a moment that the connection was closed.
    wait_until(lambda: migrate(engine)[1] == CONTRACTED, "the contraction")
    engine.dispose()


def test_a_table_in_use_is_waited_for_with_patience(
    postgres_url: str, later: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrations, "_LOCK_TIMEOUT", "50ms")
    monkeypatch.setattr(migrations, "_PAUSE_S", 0.01)
    tried = threading.Event()
    monkeypatch.setattr(migrations.log, "info", lambda *_, **__: tried.set())
    engine = open_engine(postgres_url)
    plain = postgres_url.replace("+psycopg", "")
    with psycopg.connect(plain, application_name="psql") as other:
        other.execute("SELECT count(*) FROM feeds")  # in a transaction that goes on
        migrating = threading.Thread(target=migrate, args=(engine,))
        migrating.start()
        assert tried.wait(60)
        other.rollback()
        migrating.join(60)
    with engine.connect() as connection:
        assert migrations.current_revision(connection) == CONTRACTED
    engine.dispose()
