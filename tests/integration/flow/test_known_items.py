"""Known items are left out of what is read; the database cannot tell."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import update

from aggregator.store.db.tables import entries, entry_texts, feeds
from tests.support.polling import House, ok, open_house, open_site, rss
from tests.support.storage import DAY

HEAD = "<language>de</language>"
SUCCESSION = (
    rss("one", "two", "three"),
    rss("four", "one", "two", "three"),
    rss("four", "one", "three", "two", head="<ttl>60</ttl>"),
    rss("one", "two"),
    rss("two", "one", "one", "three"),
    rss("five", "one", body="a new text"),
    rss("five", "one", body="a new text")[:-60],
    rss("six", "five", "one", body="a new text", head=HEAD),
    rss("one", "two", "three", head=HEAD),
)


async def wipe(house: House) -> None:
    """Forget what entries were read from, as if they came from an older version."""
    await house.stored.database.write(
        lambda connection: connection.execute(update(entries).values(source_digest=""))
    )


def snapshot(house: House) -> list[Any]:
    rows = [row._asdict() for row in house.stored.rows(entries)]
    for row in rows:
        row.pop("source_digest")
    feed = house.stored.row(feeds)
    texts = [tuple(row) for row in house.stored.rows(entry_texts)]
    return [rows, texts, feed.title, feed.language, feed.recent, feed.last_result]


async def test_the_database_is_the_same_without_them(tmp_path: Path) -> None:
    databases = (f"sqlite:///{tmp_path / name}" for name in ("with.db", "without.db"))
    async with open_site() as site:
        feed = site.url("/f")
        async with (
            open_house(next(databases), feed) as quick,
            open_house(next(databases), feed) as slow,
        ):
            for document in SUCCESSION:
                site.answers["/f"] = ok(document)
                await wipe(slow)
                await quick.poll(DAY)
                await slow.poll(DAY)
                assert snapshot(quick) == snapshot(slow)
