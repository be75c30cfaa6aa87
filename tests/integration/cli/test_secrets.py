"""Commands show no secret, unless asked."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from aggregator.cli.main import cli
from aggregator.config.opml import read_opml

SECRET = "SEC/RET-canary"
TOKEN = "tok3n-canary-9x"
CONFIG = f"""
[[feeds]]
url = "https://me:SEC%2FRET-canary@a.example/feed"
title = "Mine"
[[feeds]]
url = "https://b.example/feed?t=${{env:T}}"
[[feeds]]
url = "https://c.example/feed"
[feeds.options]
bearer = "{TOKEN}b"
[[feeds]]
url = "https://d.example/feed"
"""


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("T", TOKEN)
    path = tmp_path / "c.toml"
    path.write_text(f'[database]\nurl = "sqlite:///{tmp_path}/a.db"\n{CONFIG}')
    return path


def run(config: Path, *command: str) -> Result:
    return CliRunner().invoke(cli, ["--config", str(config), *command])


@pytest.mark.parametrize(
    "command", [["feeds", "list"], ["feeds", "list", "--json"], ["config", "check"], ["status"], ["feeds", "export"]]
)  # fmt: skip
def test_nothing_shows_a_secret(config: Path, command: list[str]) -> None:
    said = run(config, *command).output
    assert "canary" not in said


def test_an_export_leaves_private_feeds_out_and_says_so(config: Path) -> None:
    done = run(config, "feeds", "export")
    assert (
        "private feeds left out: Mine, https://b.example/feed?t=${env:T}, https://c.example"
        in done.stderr
    )
    assert [one.feed.url for one in read_opml(done.stdout.encode(), "x").feeds] == [
        "https://d.example/feed"
    ]


def test_an_export_with_secrets_is_for_the_owner(config: Path, tmp_path: Path) -> None:
    file = tmp_path / "all.opml"
    file.touch(0o666)
    assert run(config, "feeds", "export", "--with-secrets", "-o", str(file)).exit_code == 0
    assert len(read_opml(file.read_bytes(), "x").feeds) == 4
    assert TOKEN in file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600


def test_faults_of_an_address_echo_no_password(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_text(
        f'[[feeds]]\nurl = "http://user:{SECRET}@host/"\ntitle = 1\n'
        f'[[feeds]]\nurl = "ftp://user:{SECRET}@host/ x"\n[publish]\nmin_interval = "http://u:{SECRET}@h/"\n'
    )
    (tmp_path / "f.opml").write_text(
        f'<opml><body><outline xmlUrl="http://user:{SECRET}@host:bad/"/></body></opml>'
    )
    for command in (["config", "check"], ["feeds", "import", str(tmp_path / "f.opml")]):
        done = run(path, *command)
        said = done.output + str(done.exception)
        assert "expected an address" in said
        assert "canary" not in said
        assert "RET" not in said
