"""The first configuration: what was asked for, and nothing else."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

import pytest

from aggregator.config.load import load
from tests.support.shell import Shell

OPML = (
    '<opml version="2.0"><body><outline text="News"><outline text="a" xmlUrl="http://a.example/"/>'
)


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    monkeypatch.chdir(tmp_path)
    return Shell(tmp_path)


async def test_flags_are_what_stands_in_it(shell: Shell) -> None:
    (shell.folder / "in.opml").write_text(f"{OPML}</outline></body></opml>")
    made = await shell(
        "init", "--title", 'My "own"', "--base-url", "https://f.example/", "--opml", "in.opml"
    )
    assert made.exit_code == 0, made.stderr
    path = shell.folder / "mine.toml"
    assert tomllib.loads(path.read_text()) == {
        "title": 'My "own"',
        "base_url": "https://f.example",
        "feeds": [{"url": "http://a.example/", "title": "a", "category": "News"}],
    }
    assert load(path, {}).settings.title == 'My "own"'

    before = path.read_bytes()
    again = await shell("init")
    assert again.exit_code == 2
    assert "exists already" in again.stderr
    assert path.read_bytes() == before


async def test_a_wrong_flag_is_told_in_our_words(shell: Shell) -> None:
    for arguments in (("init", "--base-url", "x"), ("feeds", "add", "--no-check", "x")):
        wrong = await shell(*arguments)
        assert wrong.exit_code == 2
        assert ": expected an address that starts with http://" in wrong.stderr
        assert "Value error" not in wrong.stderr


async def test_without_flags_all_is_the_default(shell: Shell) -> None:
    assert (await shell("init")).exit_code == 0
    assert tomllib.loads((shell.folder / "mine.toml").read_text()) == {}


@pytest.mark.parametrize(
    ("address", "mode"), [("http://u:pass-word@a.example/", 0o600), ("http://a.example/", 0o644)]
)
async def test_secret_addresses_make_a_file_for_its_owner_only(
    shell: Shell, address: str, mode: int
) -> None:
    (shell.folder / "in.opml").write_text(
        f'<opml version="2.0"><body><outline text="a" xmlUrl="{address}"/></body></opml>'
    )
    before = os.umask(0o022)
    try:
        made = await shell("init", "--opml", "in.opml")
    finally:
        os.umask(before)
    assert made.exit_code == 0, made.stderr
    path = shell.folder / "mine.toml"
    assert path.stat().st_mode & 0o777 == mode
    assert address in path.read_text()


async def test_a_wrong_answer_writes_nothing(shell: Shell) -> None:
    failed = await shell("init", "--base-url", "nowhere")
    assert failed.exit_code == 2
    assert failed.stderr.startswith("--base-url: ")
    assert not (shell.folder / "mine.toml").exists()
