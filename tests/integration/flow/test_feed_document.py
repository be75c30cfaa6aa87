"""A document that takes more than it may is read once more, the newest of its entries only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from aggregator.config.choices import feed_rules
from aggregator.config.config import Config
from aggregator.config.settings import Settings
from aggregator.engine.workers import ProcessWorkers
from aggregator.errors import WorkerTimeout
from aggregator.flow.feed_document import read_document
from aggregator.model import Document, TaskLimits
from aggregator.parse.feed import parse_feed
from aggregator.store.db.tables import entries
from tests.support.polling import House, ok, open_house, open_site
from tests.support.storage import DAY
from tests.support.tasks import spend_on_entries

COUNT = 60
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May")


def rss(last: int, count: int = COUNT) -> bytes:
    items = "".join(
        f"<item><title>t{n}</title><guid isPermaLink='false'>{n}</guid>"
        f"<pubDate>{1 + n % 28} {_MONTHS[n // 28]} 2021 10:00:00 GMT</pubDate>"
        f"<description>text {n}</description></item>"
        for n in range(last, last - count, -1)
    )
    return f"<rss version='2.0'><channel><title>F</title>{items}</channel></rss>".encode()


URL = "https://e.org/f"
DOCUMENT = Document(rss(100), URL)


class Strained:
    """Real processes, in which a document takes CPU or memory for each entry that is read."""

    def __init__(self, workers: ProcessWorkers, per_entry: str) -> None:
        self.workers = workers
        self.per_entry = per_entry
        self.asked: list[int] = []

    async def run(
        self, function: Callable[..., Any], *args: object, limits: TaskLimits, **named: Any
    ) -> Any:
        if function is not parse_feed:
            return await self.workers.run(function, *args, limits=limits, **named)
        self.asked.append(named["max_entries"])
        bounded = replace(limits, memory=600 << 20, cpu=timedelta(seconds=1))
        return await self.workers.run(
            spend_on_entries, self.per_entry, function, *args, limits=bounded, **named
        )


@pytest.mark.parametrize(
    ("what", "why"),
    [("time", "parse.timeout sets the limit"), ("memory", "parse.memory sets the limit")],
)
async def test_the_newest_tenth_of_what_took_too_much(
    workers: ProcessWorkers, what: str, why: str
) -> None:
    config = Config(Settings.model_validate({"parse": {"max_entries": 50}}))
    strained = Strained(workers, what)
    feed = await read_document(strained, feed_rules(config, URL, URL), DOCUMENT)
    assert strained.asked == [50, 5]
    assert [entry.title for entry in feed.entries] == ["t100", "t99", "t98", "t97", "t96"]
    assert feed.partial
    assert feed.notes[-1].startswith("at most 5 entries, the newest, were read, since ")
    assert why in feed.notes[-1]


async def test_it_is_tried_once_more_only(workers: ProcessWorkers) -> None:
    strained = Strained(workers, "time for ever")
    with pytest.raises(WorkerTimeout):
        await read_document(strained, feed_rules(Config(Settings()), URL, URL), DOCUMENT)
    assert strained.asked == [1000, 100]


async def test_what_was_not_read_has_not_left_and_comes_only_once(
    tmp_path: Path, workers: ProcessWorkers
) -> None:
    def stored(house: House) -> dict[str, Any]:
        return {
            row.title: (row.id, row.content_hash, row.listed) for row in house.stored.rows(entries)
        }

    async with open_site() as site:
        feed, database = site.url("/f"), f"sqlite:///{tmp_path / 'x.db'}"
        async with open_house(database, feed, parse={"max_entries": 50}) as house:
            site.answers["/f"] = ok(rss(100))
            await house.poll(DAY)
            first = stored(house)
            assert len(first) == 50

            calm = house.engine.pipeline
            house.engine.pipeline = replace(calm, workers=Strained(workers, "time"))
            site.answers["/f"] = ok(rss(103))
            await house.poll(DAY)
            second = stored(house)
            assert second.keys() - first.keys() == {"t103", "t102", "t101"}
            assert first.items() <= second.items()
            assert all(listed for _, _, listed in second.values())

            house.engine.pipeline = calm
            site.answers["/f"] = ok(rss(103) + b"\n")
            await house.poll(DAY)
            third = stored(house)
            assert {title: one[:2] for title, one in third.items()} == {
                title: one[:2] for title, one in second.items()
            }
