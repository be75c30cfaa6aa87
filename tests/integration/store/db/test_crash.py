"""A process that is killed: what it committed is there whole, what it had not is not there at all."""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
import time
from pathlib import Path

from sqlalchemy import Engine, select, text

from aggregator.store.db.database import open_engine
from aggregator.store.db.tables import articles, entries, entry_texts, feeds, output_now, stories
from tests.support.outputs import check_logs, check_windows, log_of
from tests.support.poll_forever import CONFIG
from tests.support.storage import stored_at

KILLS = 3
ROOT = Path(__file__).parents[4]


def killed_while_polling(url: str, start: int, chance: random.Random, polls: int) -> list[str]:
    """Poll from ``start`` on, be killed some moment after ``polls`` polls; what was printed."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.support.poll_forever", url, str(start)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert process.stdout is not None
    said = [process.stdout.readline() for _ in range(2 * polls + chance.randrange(2))]
    time.sleep(chance.random() * 0.01)  # into the middle of a transaction, or not
    process.kill()
    said += process.communicate()[0].splitlines()
    return [line.strip() for line in said]


def last_said(word: str, said: list[str]) -> int:
    return max(int(line.split()[1]) for line in said if line.startswith(word))


def check(engine: Engine, last_done: int, last_begun: int, ends: set[int]) -> int:
    """Everything a poll writes is of one poll; return which one was the last.

    Poll n changes the entry of the poll before, unless that was one of ``ends``: of another process.
    """
    with engine.connect() as connection:
        feed = connection.execute(select(feeds)).one()
        rows = {row.identity: row for row in connection.execute(select(entries))}
        texts = set(connection.execute(select(entry_texts.c.entry_id)).scalars())
        pages = set(connection.execute(select(articles.c.url)).scalars())
        shown = set(connection.execute(select(stories.c.representative_id)).scalars())
        if engine.dialect.name == "sqlite":
            assert connection.scalar(text("PRAGMA integrity_check")) == "ok"
            assert connection.execute(text("PRAGMA foreign_key_check")).all() == []
    number = int(feed.body_hash)
    assert last_done <= number <= last_begun
    assert sorted(map(int, rows)) == list(range(1, number + 1))
    assert feed.polls == number
    assert texts == {row.id for row in rows.values()}
    assert pages == {f"https://a.example/{name}" for name in rows}
    assert shown <= texts
    changed = {int(name) for name, row in rows.items() if row.changed_at is not None}
    assert all(rows[str(i)].title == f"by {i + 1}" for i in changed)
    assert changed == set(range(1, number)) - ends
    return number


async def check_outputs(url: str) -> None:
    """What was settled stands in every log, or is still to be decided on; nothing is written twice."""
    with stored_at(url) as stored:
        check_logs(stored)
        await CONFIG.tell(stored)
        await stored.store.catch_up(CONFIG.selections().values())
        check_logs(stored)
        check_windows(stored, CONFIG)
        settled = {row.story_id for row in stored.rows(entries) if row.story_id is not None}
        log = log_of(stored, "near")
        stand = {row.story_id for row in stored.rows(output_now, output_now.c.log_id == log)}
        assert stand == settled


def test_validators_are_never_ahead_of_entries(database_url: str) -> None:
    chance, last, ends = random.Random(1), 0, set[int]()
    with stored_at(database_url):
        pass
    for _ in range(KILLS):
        said = killed_while_polling(database_url, last, chance, polls=4 + chance.randrange(12))
        engine = open_engine(database_url)
        now = check(engine, last_said("done", said), last_said("begun", said), ends)
        engine.dispose()
        asyncio.run(check_outputs(database_url))
        assert now > last
        last = now
        ends.add(now)
