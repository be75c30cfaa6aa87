"""All of a database in another one: both ways, from where it was ended, or not at all."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from aggregator.errors import AlreadyRunning, StoreError
from aggregator.store.db.lock import instance_lock
from aggregator.store.db.migrations import migrate
from aggregator.store.moving import rows
from aggregator.store.moving.copying import Copied, copy_database
from aggregator.store.moving.in_use import opened
from tests.support.every_table import ROWS, fill_every_table
from tests.support.migrated import copy_sqlite


class Killed(Exception):
    """Stands for the end of the process."""


def copy(source: str, target: str, ends_at: int | None = None) -> Copied:
    def told(_what: str, done: int, _of: int) -> None:
        if ends_at is not None and done >= ends_at:
            raise Killed

    return copy_database(source, target, told)


def dumped(path: Path) -> list[str]:
    """Every row of an SQLite database as it stands there, without the index for searching."""
    with closing(sqlite3.connect(path)) as connection:
        lines = [line for line in connection.iterdump() if line.startswith("INSERT")]
    return sorted(line for line in lines if '"search_' not in line and "'search_" not in line)


@pytest.fixture
def full(tmp_path: Path) -> Path:
    """An SQLite database with rows in every table."""
    path = tmp_path / "full.db"
    copy_sqlite(path)
    with opened(f"sqlite:///{path}") as engine:
        fill_every_table(engine)
    return path


def test_what_went_to_postgresql_and_back_is_what_it_was(
    full: Path, tmp_path: Path, empty_postgres_url: str
) -> None:
    there = copy(f"sqlite:///{full}", empty_postgres_url)
    assert {tally.rows for tally in there.tables.values()} == {ROWS}
    back = copy(empty_postgres_url, f"sqlite:///{tmp_path / 'back.db'}")
    assert back == there
    assert dumped(tmp_path / "back.db") == dumped(full)
    assert (tmp_path / "back.db").stat().st_mode & 0o777 == 0o600


def test_what_is_new_on_postgresql_is_numbered_behind_what_came(
    full: Path, postgres_url: str
) -> None:
    copy(f"sqlite:///{full}", postgres_url)
    with opened(postgres_url) as engine, engine.begin() as connection:
        added = connection.execute(
            text(
                "INSERT INTO stories (public_id, representative_id, sort_at, seen_at)"
                " VALUES ('new', 1, now(), now()) RETURNING id"
            )
        )
        assert added.scalar_one() == ROWS + 1


@pytest.mark.parametrize("ends_at", [1, 24, 61, ROWS * 19 + 3])
def test_one_that_was_ended_goes_on(
    full: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch, ends_at: int
) -> None:
    monkeypatch.setattr(rows, "SLICE", 2)
    with pytest.raises(Killed):
        copy(f"sqlite:///{full}", postgres_url, ends_at)
    with opened(postgres_url) as engine, pytest.raises(StoreError, match="unfinished copy"):
        migrate(engine)  # as every start does
    again = copy(f"sqlite:///{full}", postgres_url)
    assert again.resumed
    with opened(postgres_url) as engine:
        assert migrate(engine)[0] is not None


def test_one_whose_source_changed_begins_anew(
    full: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "SLICE", 2)
    with pytest.raises(Killed):
        copy(f"sqlite:///{full}", postgres_url, 30)
    with closing(sqlite3.connect(full)) as connection:
        connection.execute("UPDATE articles SET error = 'other' WHERE id = 1")
        connection.commit()
    assert not copy(f"sqlite:///{full}", postgres_url).resumed


def test_one_of_something_else_is_refused(
    full: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "SLICE", 2)
    target = f"sqlite:///{tmp_path / 'target.db'}"
    with pytest.raises(Killed):
        copy(f"sqlite:///{full}", target, 30)
    other = tmp_path / "other.db"
    copy_sqlite(other)
    with pytest.raises(StoreError, match="unfinished copy of"):
        copy(f"sqlite:///{other}", target)
    with pytest.raises(StoreError, match="is an unfinished copy itself"):
        copy(target, f"sqlite:///{tmp_path / 'third.db'}")


def test_a_database_with_anything_in_it_stays_as_it_is(full: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    copy_sqlite(other)
    before = dumped(full)
    with pytest.raises(StoreError, match="is not empty"):
        copy(f"sqlite:///{other}", f"sqlite:///{full}")
    assert dumped(full) == before
    with pytest.raises(StoreError, match="to itself"):
        copy(f"sqlite:///{full}", f"sqlite:///{full.parent}/../{full.parent.name}/full.db")


def test_a_source_that_is_not_there_or_of_another_release_is_refused(
    full: Path, tmp_path: Path
) -> None:
    with pytest.raises(StoreError, match="no database at"):
        copy(f"sqlite:///{tmp_path / 'none.db'}", f"sqlite:///{tmp_path / 'target.db'}")
    assert not (tmp_path / "none.db").exists()
    with opened(f"sqlite:///{full}") as engine:
        migrate(engine, "0016")
    with pytest.raises(StoreError, match="0016, this release reads") as refused:
        copy(f"sqlite:///{full}", f"sqlite:///{tmp_path / 'target.db'}")
    assert "migrate" in str(refused.value.hint)


def test_a_database_in_use_is_refused(full: Path, tmp_path: Path, postgres_url: str) -> None:
    target = f"sqlite:///{tmp_path / 'target.db'}"
    with instance_lock(full), pytest.raises(AlreadyRunning, match="uses"):
        copy(f"sqlite:///{full}", target)
    with opened(postgres_url) as daemon, daemon.connect():
        with pytest.raises(AlreadyRunning, match="in use: 1 connections") as refused:
            copy(postgres_url, target)
        assert "stop the daemons" in str(refused.value.hint)


def test_what_the_other_database_cannot_hold_is_named(full: Path, postgres_url: str) -> None:
    with closing(sqlite3.connect(full)) as connection:
        connection.execute("UPDATE articles SET error = 'a' || char(0) WHERE id = 1")
        connection.commit()
    with pytest.raises(StoreError, match="the table articles"):
        copy(f"sqlite:///{full}", postgres_url)
