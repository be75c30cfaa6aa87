"""``aggregator doctor``: what is amiss, said with what to do; nothing changed."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from aiohttp import web

from tests.support.polling import ok, open_site, said
from tests.support.running import free_port
from tests.support.shell import Shell


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    monkeypatch.chdir(tmp_path)
    return Shell(tmp_path)


def write(shell: Shell, *feeds: str, head: str = "") -> None:
    lines = "".join(f'[[feeds]]\nurl = "{url}"\n' for url in feeds)
    (shell.folder / "mine.toml").write_text(
        f'{head}[database]\nurl = "sqlite:///data/a.db"\n[server]\nport = {free_port()}\n'
        f'[fetch]\nallow_networks = ["127.0.0.0/8"]\nhost_gap = 0\n{lines}'
    )


async def examined(shell: Shell, *options: str) -> tuple[int, dict[str, list[str]]]:
    """The exit status, and the grades by subject."""
    done = await shell("doctor", "--json", *options)
    grades: dict[str, list[str]] = {}
    for found in json.loads(done.stdout):
        grades.setdefault(found["subject"], []).append(found["grade"])
        assert found["hint"] or found["grade"] == "ok"
    return done.exit_code, grades


async def test_all_is_well_and_nothing_was_made(shell: Shell) -> None:
    async with open_site() as site:
        site.answers["/feed"] = ok()
        write(shell, site.url("/feed"))
        status, grades = await examined(shell)
    assert status == 0
    assert grades["requests"] == ["ok"]
    assert grades["clock"] == ["ok"]
    assert [path.name for path in shell.folder.iterdir()] == ["mine.toml"]


async def test_a_feed_that_is_gone_is_its_own_affair_and_a_closed_door_is_ours(
    shell: Shell,
) -> None:
    async with open_site() as site:
        site.answers["/feed"] = said(410)
        write(shell, site.url("/feed"))
        assert (await examined(shell))[0] == 0
    write(shell, f"http://127.0.0.1:{free_port()}/feed")
    status, grades = await examined(shell)
    assert (status, grades["requests"]) == (1, ["fault"])
    assert (await examined(shell, "--offline"))[0] == 0


async def test_a_date_beyond_all_dates_is_none(shell: Shell) -> None:
    async def beyond(_: web.Request) -> web.Response:
        return ok(Date="Fri, 31 Dec 9999 23:59:59 -2359")

    async with open_site() as site:
        site.answers["/feed"] = beyond
        write(shell, site.url("/feed"))
        status, grades = await examined(shell)
        assert (status, grades.get("clock")) == (0, None)


async def test_a_clock_that_is_wrong_is_seen(shell: Shell) -> None:
    async def late(_: web.Request) -> web.Response:
        return ok(Date=format_datetime(datetime.now(UTC) - timedelta(hours=1), usegmt=True))

    async with open_site() as site:
        site.answers["/feed"] = late
        write(shell, site.url("/feed"))
        assert (await examined(shell))[1]["clock"] == ["warning"]


async def test_a_broken_database_is_found(shell: Shell) -> None:
    write(shell)
    (shell.folder / "data").mkdir()
    (shell.folder / "data/a.db").write_bytes(b"this is no database" * 100)
    status, grades = await examined(shell, "--offline")
    assert (status, grades["database"]) == (1, ["fault"])


async def test_people_read_a_sign_and_what_to_do(shell: Shell) -> None:
    write(shell, f"http://127.0.0.1:{free_port()}/feed?token=sesame-0123456789")
    spoken = (await shell("doctor")).stdout
    assert "FAULT   requests: direct" in spoken
    assert "        → " in spoken
    assert "sesame" not in spoken
