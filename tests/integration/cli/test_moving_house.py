"""The commands that copy, back up and restore: what they say, ask and refuse."""

from __future__ import annotations

from pathlib import Path

import pytest

from aggregator.store.db.lock import instance_lock
from tests.support.shell import Shell

CONFIG = """[database]
url = "sqlite:///a.db"
[[feeds]]
url = "https://u:0123456789abcdef@host.example/feed"
"""


@pytest.fixture
async def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.toml").write_text(CONFIG)
    shell = Shell(tmp_path)
    assert (await shell("migrate")).exit_code == 0
    return shell


async def test_a_database_is_copied_and_its_address_told_without_its_password(
    shell: Shell, empty_postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    password = empty_postgres_url.partition("postgres:")[2].partition("@")[0]
    monkeypatch.setenv("PASSWORD", password)
    target = empty_postgres_url.replace(password, "${env:PASSWORD}")
    copied = await shell("db", "copy", "a.db", target)
    assert copied.exit_code == 0, copied.stderr
    assert "database.url" in copied.stdout
    again = await shell("db", "copy", "a.db", empty_postgres_url.replace("_", "_none"))
    assert again.exit_code == 1
    monkeypatch.setenv("ALL_OF_IT", empty_postgres_url)
    assert (await shell("db", "copy", "${env:ALL_OF_IT}", "b.db")).exit_code == 0
    for one in (copied, again):
        assert password not in one.stdout + one.stderr
    wrong = await shell("db", "copy", f"mysql://u:{password}@host/x", "${env:NONE}")
    assert wrong.exit_code == 2
    assert password not in wrong.stderr


async def test_a_backup_is_not_written_over_anything_by_chance(shell: Shell) -> None:
    made = await shell("backup", "one.backup")
    assert made.exit_code == 0, made.stderr
    assert "configuration: mine.toml" in made.stdout
    assert (await shell("backup", "one.backup")).exit_code == 2
    assert (await shell("backup", "one.backup", "--yes")).exit_code == 0
    itself = await shell("backup", "a.db", "--yes")
    assert itself.exit_code == 2
    assert "the database itself" in itself.stderr


async def test_restoring_asks_before_it_replaces_and_fills_an_empty_place(shell: Shell) -> None:
    await shell("backup", "one.backup")
    asked = await shell("restore", "one.backup")
    assert asked.exit_code == 1
    assert "--yes" in asked.stderr
    assert (await shell("restore", "one.backup", "--yes")).exit_code == 0
    assert len(list(shell.folder.glob("a.db.before-*"))) == 1

    for path in ("mine.toml", "a.db"):
        (shell.folder / path).unlink()
    restored = await shell("restore", "one.backup")
    assert restored.exit_code == 0, restored.stderr
    assert (shell.folder / "mine.toml").read_text() == CONFIG
    assert (await shell("migrate")).stdout.startswith("already at")
    assert "0123456789abcdef" not in restored.stdout + restored.stderr


async def test_a_refused_restoring_leaves_the_configuration_as_it_is(shell: Shell) -> None:
    await shell("backup", "one.backup")
    changed = 'title = "Mine"\n' + CONFIG
    (shell.folder / "mine.toml").write_text(changed)
    not_asked = await shell("restore", "one.backup", "--replace-config")
    with instance_lock(shell.folder / "a.db"):
        in_use = await shell("restore", "one.backup", "--replace-config", "--yes")
    for refused in (not_asked, in_use):
        assert refused.exit_code == 1
        assert (shell.folder / "mine.toml").read_text() == changed
    (shell.folder / "mine.toml").write_text("broken = \n")
    done = await shell("restore", "one.backup", "--replace-config", "--yes")
    assert done.exit_code == 0, done.stderr
    assert (shell.folder / "mine.toml").read_text() == CONFIG
