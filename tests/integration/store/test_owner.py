"""The database is its owner's only, whatever the umask."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from aggregator.store.db.database import open_engine
from aggregator.store.db.lock import instance_lock
from aggregator.store.db.migrations import migrate


@pytest.fixture(autouse=True)
def _open_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def modes(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()}


def test_folder_database_and_lock_are_made_for_the_owner(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "data" / "a.db"
    with instance_lock(file):
        engine = open_engine(f"sqlite:///{file}")
        migrate(engine)
        with engine.connect():
            found = modes(file.parent)
        engine.dispose()
    assert set(found) == {"a.db", "a.db-wal", "a.db-shm", "a.db.lock"}
    assert set(found.values()) == {0o600}
    assert modes(tmp_path) == {"deep": 0o700}
    assert modes(tmp_path / "deep") == {"data": 0o700}


def test_a_file_that_others_could_read_is_tightened_and_told(tmp_path: Path) -> None:
    file = tmp_path / "a.db"
    file.touch(0o666)
    with capture_logs() as logged:
        open_engine(f"sqlite:///{file}").dispose()
        open_engine(f"sqlite:///{file}").dispose()
    assert modes(tmp_path) == {"a.db": 0o600}
    assert [one["event"] for one in logged] == ["made readable for its owner only"]
