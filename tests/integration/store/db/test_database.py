"""The connection: how SQLite is opened, what a reader sees, what a failing database says."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, event, func, insert, select, text

from aggregator.errors import AlreadyRunning, StoreError
from aggregator.store.db.database import (
    Database,
    bound_idle_transactions,
    open_engine,
    sqlite_path,
)
from aggregator.store.db.lock import instance_lock
from aggregator.store.db.tables import renderings
from tests.support.storage import NOW, Stored, stored_at

ROW = {"name": "all", "kind": "atom", "digest": "d", "modified_at": NOW}
COUNT = select(func.count()).select_from(renderings)


def test_sqlite_is_opened_for_writing_beside_readers(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/new folder/é/x.db")
    with engine.connect() as connection:
        settings = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    engine.dispose()
    assert settings == ["wal", 1, 1]


def test_the_file_behind_an_address() -> None:
    assert sqlite_path("sqlite:///data/x.db") == Path("data/x.db")
    assert sqlite_path("sqlite:////var/x.db") == Path("/var/x.db")
    assert sqlite_path("sqlite://") is sqlite_path("sqlite:///:memory:") is None
    assert sqlite_path("postgresql+psycopg://u@h/n") is None


def test_a_folder_that_cannot_be_made_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"cannot make the folder .*database\.url"):
        open_engine(f"sqlite:///{tmp_path}/file/x.db")


@pytest.mark.parametrize(("given", "seconds"), [("", 5), ("?connect_timeout=20", "20")])
def test_a_server_that_does_not_answer_is_not_waited_for_long(given: str, seconds: object) -> None:
    connecting: list[dict[str, object]] = []

    def looked_at(_: object, __: object, ___: object, parameters: dict[str, object]) -> None:
        connecting.append(dict(parameters))
        raise ConnectionError

    engine = open_engine(f"postgresql+psycopg://u@127.0.0.1:1/n{given}")
    event.listen(engine, "do_connect", looked_at)
    with pytest.raises(ConnectionError):
        engine.connect()
    assert connecting[0]["connect_timeout"] == seconds


async def test_a_reader_sees_one_moment(stored: Stored) -> None:
    def count_twice(connection: Connection) -> tuple[int, int]:
        first = connection.execute(COUNT).scalar_one()
        with stored.database.engine.execution_options(writes=True).begin() as other:
            other.execute(insert(renderings), ROW)
        return first, connection.execute(COUNT).scalar_one()

    assert await stored.database.read(count_twice) == (0, 0)
    assert stored.count(renderings) == 1


async def test_a_failing_function_is_rolled_back(stored: Stored) -> None:
    def insert_and_fail(connection: Connection, error: Exception) -> None:
        connection.execute(insert(renderings), ROW)
        raise error

    with pytest.raises(KeyError):
        await stored.database.write(insert_and_fail, KeyError("ours"))
    assert stored.count(renderings) == 0


async def test_a_refusal_is_a_store_error_in_one_line(stored: Stored) -> None:
    def break_a_key(connection: Connection) -> None:
        connection.execute(insert(renderings), [ROW, ROW])

    with pytest.raises(StoreError, match="the database refused") as caught:
        await stored.database.write(break_a_key)
    assert len(str(caught.value).splitlines()) == 1
    assert stored.count(renderings) == 0


async def test_a_database_that_went_away_is_a_store_error(stored: Stored) -> None:
    with stored.database.engine.begin() as connection:
        connection.execute(text("DROP TABLE counters"))
    with pytest.raises(StoreError):
        await stored.store.version()


async def test_no_free_connection_is_a_store_error(postgres_url: str) -> None:
    engine = create_engine(postgres_url, pool_size=1, max_overflow=0, pool_timeout=0.01)
    database = Database(engine)
    with engine.connect(), pytest.raises(StoreError):
        await database.read(lambda connection: connection.execute(text("SELECT 1")))
    database.close()


async def test_a_server_that_restarts_costs_no_poll(postgres_url: str) -> None:
    with stored_at(postgres_url) as stored:
        await stored.store.version()
        admin = create_engine(postgres_url)
        with admin.begin() as connection:
            connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )
        admin.dispose()
        assert await stored.store.version() == 0


# ── one instance per file ────────────────────────────────────────────────────────────────────


def test_a_second_instance_is_told_who_holds_the_file(tmp_path: Path) -> None:
    file = tmp_path / "x.db"
    trying = (
        "import sys; from pathlib import Path\n"
        "from aggregator.store.db.lock import instance_lock\n"
        "with instance_lock(Path(sys.argv[1])): print('mine')"
    )
    with instance_lock(file):
        with pytest.raises(AlreadyRunning, match=rf"process {os.getpid()}\b"), instance_lock(file):
            pass
        second = subprocess.run(
            [sys.executable, "-c", trying, file], capture_output=True, text=True, check=False
        )
        assert f"process {os.getpid()}" in second.stderr
        assert second.stdout == ""
    with instance_lock(file), instance_lock(tmp_path / "other.db"), instance_lock(None):
        pass


def test_the_lock_holds_on_a_full_disk_without_its_owners_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_handle: int, _text: bytes) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    file = tmp_path / "x.db"
    monkeypatch.setattr("aggregator.store.db.lock.os.write", full)
    taken = pytest.raises(AlreadyRunning, match="process unknown")
    with instance_lock(file), taken, instance_lock(file):
        pass


def test_a_lock_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "x.db.lock").mkdir()
    refused = pytest.raises(StoreError, match=r"cannot write .*x\.db\.lock")
    with refused, instance_lock(tmp_path / "x.db"):
        pass


def test_who_stands_still_in_a_transaction_holds_no_lock_for_long(postgres_url: str) -> None:
    engine = open_engine(postgres_url)
    with engine.connect() as connection:
        assert _idle_limit(connection) == "0"
    bound_idle_transactions(engine)
    with engine.connect() as connection:
        assert _idle_limit(connection) == "20s"
        connection.rollback()
        assert _idle_limit(connection) == "20s"
    engine.dispose()


def _idle_limit(connection: Connection) -> object:
    return connection.exec_driver_sql("SHOW idle_in_transaction_session_timeout").scalar()
