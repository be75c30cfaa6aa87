"""``outputs stats``, as an operator types it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from aggregator.model import ReaderCount
from aggregator.store.outputs.reader_rows import SqlReaderCounts
from tests.support.shell import Shell
from tests.support.storage import stored_at

CONFIG = """
[database]
url = "sqlite:///a.db"

[[outputs]]
name = "all"
aliases = ["every"]

[[outputs]]
name = "quiet"
"""


@pytest.fixture
async def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.toml").write_text(CONFIG)
    with stored_at("sqlite:///a.db") as stored:
        said = [
            ReaderCount("all", "atom", 304, "Feedly", "", 120, 3),
            ReaderCount("all", "rss", 200, "", "", None, 1),
        ]
        await SqlReaderCounts(stored.database).note(said, datetime.now(UTC))
    return Shell(tmp_path)


async def test_of_all_outputs_and_of_one(shell: Shell) -> None:
    told = await shell("outputs", "stats")
    assert told.exit_code == 0
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    assert told.stdout.splitlines() == [
        "all  120 subscribers at services, 0 at the hub",
        f"  services, as they say: Feedly 120 ({today})",
        "  programs, requests in 7 days: Feedly 3, not told apart 1",
        "  answers in 7 days (today): atom 304 3 (3), rss 200 1 (1)",
        "quiet  0 subscribers at services, 0 at the hub",
    ]
    (one,) = json.loads((await shell("outputs", "stats", "every", "--json")).stdout)["outputs"]
    assert (one["name"], one["subscribers"], one["late_week"]) == ("all", 120, None)
    assert one["audiences"] == [{"agent": "Feedly", "subscribers": 120, "day": today}]


async def test_a_name_that_is_none(shell: Shell) -> None:
    told = await shell("outputs", "stats", "nothing")
    assert told.exit_code == 1
    assert "the configuration has: all, quiet" in told.stderr
