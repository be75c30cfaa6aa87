"""Roles of processes, and what is refused of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.shell import Shell


@pytest.mark.parametrize("command", [("run", "--role", "poll"), ("worker",)])
async def test_roles_need_a_job_engine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.toml").write_text('[database]\nurl = "sqlite:///a.db"\n')
    refused = await Shell(tmp_path)(*command)
    assert refused.exit_code == 2
    assert 'engine = "pgqueuer"' in refused.stderr
    assert not (tmp_path / "a.db").exists()


async def test_a_role_that_there_is_not_is_refused(tmp_path: Path) -> None:
    refused = await Shell(tmp_path)("worker", "--role", "serve")
    assert refused.exit_code == 2
    assert "poll" in refused.stderr
