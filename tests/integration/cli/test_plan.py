"""``aggregator plan``: what is printed of stored feeds, and what settings would change."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import insert

from aggregator.store.db.database import open_engine
from aggregator.store.db.migrations import migrate
from aggregator.store.db.tables import feeds
from aggregator.store.feeds.packed_times import packed
from tests.support.shell import Shell
from tests.support.storage import NOW

CONFIG = (
    '[database]\nurl = "sqlite:///a.db"\n[[feeds]]\nurl = "https://a.example/0"\nevery = "30m"\n'
)


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.toml").write_text(CONFIG)
    return Shell(tmp_path)


def subscribed(count: int) -> None:
    engine = open_engine("sqlite:///a.db")
    migrate(engine)
    times = packed(NOW.timestamp() - 3600 * n for n in range(64))
    rows = [
        {"key": f"https://a.example/{n}", "url": f"https://a.example/{n}", "host": "a.example",
         "active": True, "hints": {}, "recent": [], "appeared": times, "next_poll_at": NOW,
         "gone": False, "added_at": NOW, "title": f"Feed [bold]{n}"}
        for n in range(count)
    ]  # fmt: skip
    with engine.execution_options(writes=True).begin() as connection:
        connection.execute(insert(feeds), rows)
    engine.dispose()


async def test_now_and_then(shell: Shell) -> None:
    subscribed(5)
    said = (await shell("plan")).stdout
    assert "… at fixed intervals" in said
    assert "then" not in said
    assert "Feed [bold]" in said
    both = json.loads(
        (await shell("plan", "--max-polls-per-hour", "3", "--worst", "2", "--json")).stdout
    )
    now, then = both["now"], both["then"]
    assert (now["feeds"], now["fixed"], len(now["by_hour"])) == (5, 1, 24)
    assert now["polls"] > then["polls"] > 2  # the one with `every` has its two
    assert then["busiest"] <= 3
    assert then["stretch"] > 1 == now["stretch"]
    assert [one["host"] for one in now["hosts"]] == ["a.example"]
    assert len(then["worst"]) == 2


async def test_settings_that_make_no_sense_are_refused(shell: Shell) -> None:
    subscribed(1)
    said = await shell("plan", "--min-interval", "2d")
    assert said.exit_code == 2
    assert "no more than the longest interval" in said.stderr
    assert (await shell("plan", "--min-interval", "nonsense")).exit_code == 2


async def test_nothing_to_plan(shell: Shell) -> None:
    assert "no feed is polled yet" in (await shell("plan")).stdout
