"""The commands that explain, split and merge, as an operator types them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from aggregator.config import choices
from aggregator.config.load import load
from tests.support.shell import Shell
from tests.support.storage import NOW, long_text, new, stored_at

CONFIG = """
[database]
url = "sqlite:///a.db"

[[outputs]]
name = "all"

[[outputs]]
name = "every"
dedupe = "off"

[[feeds]]
url = "https://a.example/feed"

[[feeds]]
url = "https://user:secret@b.example/feed"
"""
PAGE = "https://a.example/news/harbour-bridge-2026"


@pytest.fixture
async def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.toml").write_text(CONFIG)
    feeds = ("https://a.example/feed", "https://user:secret@b.example/feed")
    with stored_at("sqlite:///a.db") as stored:
        await stored.subscribe(*feeds)
        text = f"<p>{long_text('b')}</p>"
        await stored.poll(feeds[0], new("a", url=PAGE, content_html=text, at=NOW))
        await stored.settle()
        await stored.poll(feeds[1], new("b", url=PAGE + "?utm_source=x", content_html=text))
        await stored.settle()
    return Shell(tmp_path)


async def test_explain_says_where_an_entry_is_shown_and_why(shell: Shell) -> None:
    told = await shell("explain", "http://www.a.example/news/harbour-bridge-2026/amp")
    assert told.exit_code == 0
    assert "entry 1: 'Title a'" in told.stdout
    assert "output all: shown, its own text is shown, for 1 other copy, too" in told.stdout
    assert "output all: not shown, entry 1 represents its story" in told.stdout
    assert told.stdout.count("output every: shown") == 2
    assert "secret" not in told.stdout
    answer = json.loads((await shell("explain", "2", "--json")).stdout)
    (entry,) = answer["entries"]
    assert entry["entry_id"] == 2
    assert [one["entry_id"] for one in entry["members"]] == [1, 2]
    assert {one["output"]: one["shown"] for one in entry["outputs"]} == {
        "all": False,
        "every": True,
    }
    assert "secret" not in json.dumps(answer)


async def test_outputs_are_listed_with_their_logs(shell: Shell) -> None:
    told = await shell("outputs", "list")
    assert told.stdout.splitlines() == [
        "all  1 shown, no log yet: the next start begins one",
        "every  2 shown, no log yet: the next start begins one",
    ]
    selections = choices.selections(load(Path("mine.toml"), {}))
    with stored_at("sqlite:///a.db") as stored:
        await stored.store.sync_feeds([], choices.facts(load(Path("mine.toml"), {})))
        await stored.subscribe("https://a.example/feed")
        await stored.store.sync_logs([one.basis for one in selections.values() if one.basis])
        await stored.store.catch_up(selections.values())
    told = await shell("outputs", "list")
    assert told.exit_code == 0
    first = told.stdout.splitlines()[0]
    assert first.startswith("all  1 shown, 1 stand in log 1; latest line 1, ")
    every = json.loads((await shell("outputs", "list", "--json")).stdout)["outputs"][1]
    assert (every["name"], every["epoch"], every["up_to_date"]) == ("every", 2, True)


async def test_explain_of_what_is_not_there(shell: Shell) -> None:
    told = await shell("explain", "https://a.example/other-page-2026", "--json")
    assert json.loads(told.stdout) == {"entries": []}
    assert told.exit_code == 1
    assert "no entry https://a.example/other-page-2026" in told.stderr


@pytest.mark.parametrize("what", ["\udcff", "https://a.example/\udcff", "9" * 30])
async def test_explain_of_what_no_entry_can_be_called(shell: Shell, what: str) -> None:
    for command in ("explain", "split"):
        told = await shell(command, what)
        assert told.exit_code == 1
        assert "no entry" in told.stderr


async def test_splitting_and_merging(shell: Shell) -> None:
    one = await shell("split", PAGE)
    assert one.exit_code == 1
    assert "names 2 entries: 1, 2" in one.stderr
    split = await shell("split", "2", "1")
    assert split.exit_code == 0
    assert split.stdout.startswith("entry 2 moved from story urn:uuid:")
    (told,) = json.loads((await shell("explain", "2", "--json")).stdout)["entries"]
    assert told["joined"]["rule"] == "hand"
    assert {one["output"]: one["shown"] for one in told["outputs"]} == {"all": True, "every": True}
    again = await shell("split", "2")
    assert (again.exit_code, "alone in its story" in again.stderr) == (1, True)
    merged = await shell("merge", "2", "1")
    assert merged.stdout.startswith("entry 2 moved to story urn:uuid:")
    (told,) = json.loads((await shell("explain", "2", "--json")).stdout)["entries"]
    assert len(told["members"]) == 2
    missing = await shell("merge", "2", "77")
    assert (missing.exit_code, "no entry 77" in missing.stderr) == (1, True)
