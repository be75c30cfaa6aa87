"""The index for searching stays behind when a database moves, and is made anew where it arrives."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from aggregator.model import Selection
from aggregator.select.search_query import parse_query
from aggregator.store.db.tables import search_texts
from aggregator.store.moving.backup_file import read_backup
from aggregator.store.moving.backups import back_up
from aggregator.store.moving.copying import copy_database
from aggregator.store.moving.restoring import restore
from tests.support.storage import Stored, new, stored_at

FEED = "https://a.example/feed"
NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)


def quiet(*_: object) -> None:
    """Nobody looks."""


def by_copy(source: str, target: str, _folder: Path) -> None:
    copied = copy_database(source, target, quiet)
    assert search_texts.name not in copied.tables


def by_backup(source: str, target: str, folder: Path) -> None:
    made = back_up(source, folder / "a.backup", (), release="0", now=NOW, told=quiet)
    assert not any(name.startswith("search") for name in made.tables)
    restore(folder / "a.backup", read_backup(folder / "a.backup"), target, now=NOW, told=quiet)


async def found(stored: Stored) -> list[str]:
    answer = await stored.store.search_items(Selection(10), parse_query("東京 OR words"))
    return [item.title for item in answer.items]


@pytest.mark.parametrize("move", [by_copy, by_backup])
@pytest.mark.parametrize("to_server", [True, False])
async def test_what_was_found_is_found_where_it_went(
    tmp_path: Path, empty_postgres_url: str, postgres_url: str, *, to_server: bool, move: object
) -> None:
    file = f"sqlite:///{tmp_path / 'one.db'}"
    source, target = (file, empty_postgres_url) if to_server else (postgres_url, file)
    with stored_at(source) as stored:
        await stored.subscribe(FEED)
        await stored.poll(FEED, new("1", title="東京都"), new("2", title="Plain words"))
        await stored.settle()
        there = await found(stored)
    assert callable(move)
    move(source, target, tmp_path)
    with stored_at(target) as stored:
        assert stored.count(search_texts) == 0
        await stored.settle()  # nothing is to be settled: what is stored is indexed then
        assert await found(stored) == there == ["Plain words", "東京都"]
