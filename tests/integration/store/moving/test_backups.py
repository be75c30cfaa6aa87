"""Backups of both databases, taken while somebody writes, and put back into either."""

from __future__ import annotations

import resource
import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from aggregator.errors import AlreadyRunning, StoreError
from aggregator.store.db.lock import instance_lock
from aggregator.store.db.migrations import migrate, newest_revision
from aggregator.store.moving import backup_file
from aggregator.store.moving.backup_file import Backup, KeptFile, read_backup
from aggregator.store.moving.backups import back_up
from aggregator.store.moving.in_use import opened
from aggregator.store.moving.restoring import present, restore
from tests.support.every_table import ROWS, fill_every_table

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
FILES = (
    KeptFile("aggregator.toml", b"title = 'x'", the_config=True),
    KeptFile("opml/a.opml", b"<opml/>", list_copy=True),
)


def quiet(what: str, done: int, of: int) -> None:
    """Nobody looks."""


def backed_up(url: str, path: Path) -> Backup:
    return back_up(url, path, FILES, release="0", now=NOW, told=quiet)


def restored(path: Path, url: str) -> Path | None:
    return restore(path, read_backup(path), url, now=NOW, told=quiet)


@pytest.fixture
def full_url(database_url: str) -> str:
    with opened(database_url) as engine:
        fill_every_table(engine)
    return database_url


@pytest.mark.parametrize("to", ["sqlite", "postgres"])
def test_a_backup_of_either_is_restored_to_either(
    full_url: str, tmp_path: Path, request: pytest.FixtureRequest, to: str
) -> None:
    backup = tmp_path / "a.backup"
    made = backed_up(full_url, backup)
    assert read_backup(backup) == made
    assert (made.files, made.revision) == (FILES, newest_revision())
    assert backup.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.glob("a.backup?*")) == []

    target = f"sqlite:///{tmp_path / 'new' / 'b.db'}"
    if to == "postgres":
        target = str(request.getfixturevalue("empty_postgres_url"))
    restored(backup, target)
    again = backed_up(target, tmp_path / "again.backup")
    assert again.tables == made.tables
    assert present(target) == f"{ROWS} feeds and {ROWS} entries"
    with opened(target) as engine:
        fill_every_table(engine, first=ROWS + 1)  # it can be worked with


def test_a_backup_is_of_one_moment_whoever_writes(full_url: str, tmp_path: Path) -> None:
    """Two rows are always changed together; a backup never has one of them without the other."""
    twice = text("UPDATE feeds SET polls = :n WHERE id IN (1, 2)")
    ended, wrote = threading.Event(), threading.Event()

    def write() -> None:
        with opened(full_url) as engine:
            number = 0
            while not ended.is_set():
                number += 1
                with engine.execution_options(writes=True).begin() as connection:
                    connection.execute(twice, {"n": number})
                wrote.set()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert wrote.wait(60)
        for number in range(3):
            path = tmp_path / f"{number}.backup"
            backed_up(full_url, path)
            with backup_file.open_to_read(path) as backup:
                found = backup.execute("SELECT DISTINCT polls FROM feeds WHERE id IN (1, 2)")
                assert len(found.fetchall()) == 1
    finally:
        ended.set()
        writer.join()


def test_a_restored_file_replaces_one_that_is_kept(full_url: str, tmp_path: Path) -> None:
    backed_up(full_url, tmp_path / "a.backup")
    target = tmp_path / "b.db"
    with opened(f"sqlite:///{target}") as engine:
        migrate(engine)
        with engine.execution_options(writes=True).begin() as connection:
            connection.execute(text("INSERT INTO counters VALUES ('mine', 1)"))
    kept = restored(tmp_path / "a.backup", f"sqlite:///{target}")
    assert kept is not None
    with closing(sqlite3.connect(kept)) as former, closing(sqlite3.connect(target)) as present_one:
        mine = "SELECT count(*) FROM counters WHERE name = 'mine'"
        assert former.execute(mine).fetchone() == (1,)
        assert present_one.execute(mine).fetchone() == (0,)


@pytest.mark.parametrize("there", [b"", b"not a database at all" * 400, b"SQLite format 3\0 cut"])
def test_a_damaged_database_can_be_replaced(full_url: str, tmp_path: Path, there: bytes) -> None:
    backed_up(full_url, tmp_path / "a.backup")
    target = tmp_path / "b.db"
    target.write_bytes(there)
    (tmp_path / "b.db-wal").write_bytes(b"its last words" * 500)
    restored(tmp_path / "a.backup", f"sqlite:///{target}")
    assert present(f"sqlite:///{target}") == f"{ROWS} feeds and {ROWS} entries"


def test_one_in_use_is_left_alone(sqlite_url: str, postgres_url: str, tmp_path: Path) -> None:
    backed_up(sqlite_url, tmp_path / "a.backup")
    file = Path(sqlite_url.removeprefix("sqlite:///"))
    before = file.read_bytes()
    with instance_lock(file), pytest.raises(AlreadyRunning):
        restored(tmp_path / "a.backup", sqlite_url)
    with closing(sqlite3.connect(file)) as reader:
        reader.execute("PRAGMA journal_mode = WAL")
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM counters").fetchone()
        with pytest.raises(StoreError, match="is in use"):
            restored(tmp_path / "a.backup", sqlite_url)
    assert file.read_bytes() == before
    assert list(tmp_path.glob("*.restoring*")) == []
    with opened(postgres_url) as daemon, daemon.connect(), pytest.raises(AlreadyRunning):
        restored(tmp_path / "a.backup", postgres_url)


def test_a_backup_of_an_older_release_is_brought_to_this_one(
    tmp_path: Path, empty_database_url: str
) -> None:
    old = f"sqlite:///{tmp_path / 'old.db'}"
    with opened(old) as engine:
        migrate(engine, "0011")
    assert backed_up(old, tmp_path / "a.backup").revision == "0011"
    restored(tmp_path / "a.backup", empty_database_url)
    with opened(empty_database_url) as engine:
        assert migrate(engine) == (newest_revision(), newest_revision())


def test_what_is_damaged_or_no_backup_is_refused(full_url: str, tmp_path: Path) -> None:
    path = tmp_path / "a.backup"
    backed_up(full_url, path)
    whole = path.read_bytes()
    for name, body in {
        "damaged": whole.replace(b"url 5\t", b"url 4\t"),
        "cut": whole[: len(whole) // 2],
        "other": b"something else" * 400,
    }.items():
        assert body != whole, name
        path.write_bytes(body)
        with pytest.raises(StoreError):
            read_backup(path)
    path.write_bytes(whole)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE backup_about SET value = '2' WHERE name = 'format'")
        connection.commit()
    with pytest.raises(StoreError, match="has the format 2"):
        read_backup(path)
    plain = tmp_path / "plain.db"
    with closing(sqlite3.connect(plain)) as connection:
        connection.execute("CREATE TABLE a (b)")
    with pytest.raises(StoreError, match="no backup of aggregator"):
        read_backup(plain)


def test_what_cannot_be_backed_up_leaves_nothing(tmp_path: Path) -> None:
    there = tmp_path / "a.backup"
    there.write_bytes(b"the one of yesterday")
    with pytest.raises(StoreError, match="no database at"):
        backed_up(f"sqlite:///{tmp_path / 'none.db'}", there)
    plain = tmp_path / "plain.db"
    with closing(sqlite3.connect(plain)) as connection:
        connection.execute("CREATE TABLE a (b)")
    with pytest.raises(StoreError, match="no whole database"):
        backed_up(f"sqlite:///{plain}", there)
    assert there.read_bytes() == b"the one of yesterday"
    assert {one.name for one in tmp_path.iterdir()} == {"a.backup", "plain.db"}


def test_a_full_disk_leaves_nothing_behind(full_url: str, tmp_path: Path) -> None:
    there = tmp_path / "a.backup"
    there.write_bytes(b"the one of yesterday")
    before = {one.name for one in tmp_path.iterdir()}
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))  # Python ignores SIGXFSZ
    try:
        with pytest.raises(StoreError, match="cannot"):
            backed_up(full_url, there)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert there.read_bytes() == b"the one of yesterday"
    assert {one.name for one in tmp_path.iterdir()} == before
