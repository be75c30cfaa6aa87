"""Editions: one a morning with the stories since the last, made once, and never changed."""

from __future__ import annotations

import asyncio
import gzip
import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest
from sqlalchemy import insert, update

from aggregator.config import choices
from aggregator.config.config import Config
from aggregator.config.settings import FeedSettings, Settings
from aggregator.errors import AggregatorError
from aggregator.flow.digesting import (
    Digesting,
    editions_page,
    editions_since,
    latest_edition,
    named_edition,
)
from aggregator.flow.pipeline import Pipeline
from aggregator.model import Cursor, Item
from aggregator.publish.snapshot import Snapshot
from aggregator.select.guards import guards_of
from aggregator.store.db.tables import due_stories, edition_cuts, editions, feeds
from aggregator.store.feeds.feeds import WantedFeed
from aggregator.store.outputs.edition_store import SqlEditions
from tests.support.feed_rules import faults
from tests.support.storage import DAY, HOUR, MINUTE, Stored, new

A, B, C = (f"https://{name}.example/feed" for name in "abc")
NOBODY: Any = SimpleNamespace()
# Friday, six in the morning.
START = datetime(2026, 11, 27, 6, tzinfo=UTC)
BASE = "https://me.example"


def configured(
    *,
    private: Sequence[str] = (),
    feeds: Sequence[str] = (A, B, C),
    zone: str = "UTC",
    **output: Any,
) -> Config:
    settings = Settings.model_validate(
        {
            "base_url": BASE,
            "timezone": zone,
            "outputs": [{"name": "morning", "digest": "0 7 * * *", **output}],
        }
    )
    category = {A: "Tech", B: "News"}
    wanted = [
        {"url": url, "title": f"Site {url[8]}", "private": "true" if url in private else "false"}
        | ({"category": category[url]} if url in category else {})
        for url in feeds
    ]
    return Config(settings, None, tuple(FeedSettings.model_validate(one) for one in wanted))


class Office:
    """A daemon's publishing of one output, over a real store."""

    def __init__(self, stored: Stored, config: Config) -> None:
        self.stored, self.snapshot = stored, Snapshot()
        self.config = config
        self.names: dict[str, int] = {}

    async def start(self, config: Config | None = None) -> None:
        """Begin to work by a configuration, as at a start or a reload."""
        self.config, store = config or self.config, self.stored.store
        facts, now = choices.feed_facts(self.config), self.stored.clock.now()
        wanted = [WantedFeed(f.key, f.url, now, facts=facts[f.key]) for f in self.config.feeds]
        await store.sync_feeds(wanted, choices.facts(self.config))
        outputs = choices.selections(self.config).values()
        await store.sync_logs([one.basis for one in outputs if one.basis is not None])
        await store.catch_up(outputs)
        await Digesting(store, self.stored.clock).begin(self.config)

    async def tell(self, feed: str, *titles: str, **fields: Any) -> None:
        """Let a feed have entries, which settle."""
        at = fields.pop("at", self.stored.clock.now())
        await self.stored.poll(feed, *(new(one, at=at, **fields) for one in titles))
        await self.stored.settle(outputs=choices.selections(self.config).values())

    async def publish(self) -> None:
        some = cast("Any", NOBODY)
        store, clock = self.stored.store, self.stored.clock
        pipeline = Pipeline(self.config, clock, some, some, store, self.snapshot)
        pipeline.network.single_run = True  # for feeds are not polled here
        await pipeline.publish()

    async def items(self) -> list[Item]:
        """The editions, the latest first."""
        found = await editions_page(
            self.stored.store, self.config, self.config.settings.outputs[0], 1000, None
        )
        return list(found.items)

    async def texts(self) -> list[str]:
        return [one.content_html for one in await self.items()]

    def body(self, kind: str = "atom") -> bytes:
        found = self.snapshot.get("morning", kind)
        assert found is not None
        return found.body


async def office_of(stored: Stored, config: Config | None = None) -> Office:
    stored.clock.time = START
    one = Office(stored, config or configured())
    await one.start()
    return one


async def test_an_edition_a_morning_with_the_stories_since_the_last(stored: Stored) -> None:
    one = await office_of(stored)
    await one.tell(A, "tech1", summary_html="<p>All of it.</p>")
    await one.tell(B, "news1")
    await one.tell(C, "other1")
    await one.publish()
    assert await one.items() == []
    assert b"tech1" not in one.body()  # no story but in an edition
    stored.clock.advance(HOUR)
    await one.publish()
    (item,) = await one.items()
    assert item.title == "My feeds, Friday 27 November 2026"
    assert item.summary == "3 stories: Title tech1 · Title news1 · Title other1"
    html = item.content_html
    assert [html.index(x) for x in ("Tech", "News", "Other")] == sorted(
        html.index(x) for x in ("Tech", "News", "Other")
    )
    assert "<p>All of it.</p>" in html
    for kind in ("atom", "rss", "json"):
        assert faults(one.body(kind)) == []
        assert b"tech1" in one.body(kind)
    before = one.body()
    await one.tell(A, "tech2")
    await one.publish()
    assert one.body() == before
    stored.clock.advance(DAY)
    await one.publish()
    second, first = await one.items()
    assert first == item
    assert "tech2" in second.content_html
    assert "tech1" not in second.content_html


async def test_after_downtime_there_is_one_and_none_of_a_day_without_news(stored: Stored) -> None:
    one = await office_of(stored)
    await one.tell(A, "1")
    stored.clock.advance(3 * DAY + 2 * HOUR)
    await one.tell(A, "2")
    await one.publish()
    (item,) = await one.items()
    assert item.title.endswith("Monday 30 November 2026")
    assert all(f"Title {n}" in item.content_html for n in "12")
    stored.clock.advance(2 * DAY)
    await one.publish()
    assert len(await one.items()) == 1
    await one.tell(A, "3")
    await one.publish()
    assert len(await one.items()) == 1  # that day's is served
    stored.clock.advance(DAY)
    await one.publish()
    assert len(await one.items()) == 2


async def test_killed_after_it_was_stored_the_same_edition_is_published(stored: Stored) -> None:
    one = await office_of(stored)
    await one.tell(A, "1")
    stored.clock.advance(2 * HOUR)
    await Digesting(stored.store, stored.clock).update(one.config, one.config.settings.outputs[0])
    kept = stored.row(editions)
    again = Office(stored, one.config)
    stored.clock.advance(HOUR)
    await again.start()
    await again.publish()
    assert stored.row(editions) == kept
    assert again.body().count(b"<entry") == 1


async def test_two_processes_at_once_make_one(stored: Stored) -> None:
    one = await office_of(stored)
    await one.tell(A, "1")
    stored.clock.advance(2 * HOUR)
    output = one.config.settings.outputs[0]
    both = [Digesting(stored.store, stored.clock).update(one.config, output) for _ in range(4)]
    made = await asyncio.gather(*both)
    assert stored.count(editions) == 1
    assert {len(items) for items in made} <= {0, 1}
    # One that read before another wrote.
    store, names = stored.store, ("morning",)
    selection = choices.selections(one.config)["morning"]
    await one.tell(A, "2")
    news = await store.edition_news(selection, names)
    stored.clock.advance(DAY)
    await one.publish()
    assert news is not None
    assert [story.item.title for story in news.stories] == ["Title 2"]
    guards, due = SimpleNamespace(), SimpleNamespace()
    assert not await store.store_edition(names, news, cast("Any", due), None, cast("Any", guards))
    assert stored.count(editions) == 2


async def test_what_becomes_private_leaves_editions_and_nothing_else_does(stored: Stored) -> None:
    one = await office_of(stored)
    await one.tell(A, "canary")
    await one.tell(B, "open")
    stored.clock.advance(2 * HOUR)
    await one.publish()
    (before,) = await one.items()
    assert b"canary" in one.body()
    stored.clock.advance(HOUR)
    await one.start(configured(private=[A]))
    await one.publish()
    (after,) = await one.items()
    for kind in ("atom", "rss", "json"):
        assert b"canary" not in one.body(kind)
        assert b"Title open" in one.body(kind)
        assert faults(one.body(kind)) == []
    assert (after.id, after.title, after.published) == (before.id, before.title, before.published)
    assert after.updated > before.updated
    # What only left the configuration stays in what was sent.
    await one.start(configured(feeds=[C]))
    await one.publish()
    assert await one.items() == [after]
    await one.start(configured(private=[A, B]))
    await one.publish()
    assert await one.items() == []
    assert (
        await SqlEditions(stored.database, stored.clock).take_out_of_editions(
            ("morning",), {"x"}, None
        )
        == set()
    )


async def test_no_edition_holds_the_address_of_a_private_feed(stored: Stored) -> None:
    secret, token = "canary4f9c2e7b1a", "9f2c61b7e0d84a35c7716be0394fd2a8"
    feed = f"https://paid.example/feed?key={secret}"
    config = configured(private=[feed], feeds=[feed, A], token=token)
    one = await office_of(stored, config)
    key = next(f.key for f in config.feeds if f.url == feed)
    link = f"https://paid.example/1?key={secret}"
    await one.tell(key, "paid", url=link, summary_html=f'<p><a href="{link}">{link}</a></p>')
    stored.clock.advance(2 * HOUR)
    await one.publish()
    (text,) = await one.texts()
    assert "Title paid" in text
    for row in stored.rows(editions):
        kept = gzip.decompress(row.body).decode() + repr(row)
        assert secret not in kept
        assert token not in kept
        assert "paid.example/feed" not in kept
    assert all(secret not in str(one.body) for one in one.snapshot.table.values())
    # Without its token, what was told of the feed is gone.
    await one.start(configured(private=[feed], feeds=[feed, A]))
    await one.publish()
    assert await one.items() == []


async def test_another_epoch_tells_nothing_twice_and_loses_nothing(stored: Stored) -> None:
    one = await office_of(stored)
    await one.tell(A, "1")
    stored.clock.advance(2 * HOUR)
    await one.publish()
    await one.tell(A, "2")
    stored.clock.advance(HOUR)
    await one.start(configured(dedupe="off"))
    await one.tell(A, "3")
    stored.clock.advance(DAY)
    await one.publish()
    texts = await one.texts()
    assert [[n for n in "123" if f"Title {n}" in text] for text in texts] == [["2", "3"], ["1"]]


async def test_what_a_new_feed_brings_along_is_no_news(stored: Stored) -> None:
    one = await office_of(stored)
    await one.tell(A, "old", at=START - 30 * DAY)
    await one.tell(A, "late", at=START - HOUR)
    stored.clock.advance(2 * HOUR)
    await one.publish()
    (text,) = await one.texts()
    assert "Title late" in text
    assert "Title old" not in text


async def test_what_waits_for_an_edition_is_not_forgotten(stored: Stored) -> None:
    one = await office_of(stored, configured(limit=1))
    await one.tell(A, *map(str, range(5)))
    stored.clock.advance(30 * MINUTE)
    await stored.store.drop_old(
        stored.clock.now() + 400 * DAY, DAY, 1, choices.selections(one.config).values()
    )
    stored.clock.advance(HOUR)
    await one.publish()
    (text,) = await one.texts()
    assert all(f"Title {n}" in text for n in range(5))


@pytest.mark.parametrize("seed", [1, 2])
async def test_every_story_is_in_one_edition(stored: Stored, seed: int) -> None:
    chance = random.Random(seed)
    variants = [
        configured(), configured(dedupe="off"), configured(limit=2), configured(text="summary"),
    ]  # fmt: skip
    one, number = await office_of(stored), 0
    for _ in range(60):
        stored.clock.advance(timedelta(minutes=chance.randrange(1, 900)))
        match chance.randrange(6):
            case 0:
                await one.start(chance.choice(variants))
            case 1 | 2:
                await one.publish()
            case _:
                titles = [f"n{number + i}." for i in range(chance.randrange(1, 4))]
                number += len(titles)
                await one.tell(chance.choice([A, B, C]), *titles)
    stored.clock.advance(2 * DAY)
    await one.publish()
    found = await stored.store.latest_editions(("morning",), _guards(one), 1000)
    told = [story.title for edition in found[0] for story in edition.stories]
    assert sorted(told) == sorted(f"Title n{i}." for i in range(number))
    days = [edition.day for edition in found[0]]
    assert days == sorted(set(days), reverse=True)


def _guards(one: Office) -> Any:
    return guards_of(choices.selections(one.config)["morning"])


async def test_pages_and_scripts_get_editions(stored: Stored) -> None:
    one = await office_of(stored, configured(limit=3))
    for number in range(5):
        await one.tell(A, f"n{number}")
        stored.clock.advance(DAY)
        await one.publish()
    output, store = one.config.settings.outputs[0], stored.store
    first = await editions_page(store, one.config, output, 2, None)
    assert len(first.items) == 2
    second = await editions_page(store, one.config, output, 2, first.below)
    assert len({item.id for item in (*first.items, *second.items)}) == 4
    named = await named_edition(store, one.config, output, second.items[0].id)
    assert named.item == second.items[0]
    assert (await named_edition(store, one.config, output, "urn:uuid:0")).item is None
    window = await editions_since(store, one.config, output, None, 100)
    assert window is not None
    assert len(window.items) == 3
    newer = await editions_since(store, one.config, output, window.upto, 100)
    assert newer is not None
    assert (newer.items, newer.upto) == ((), window.upto)
    assert await editions_since(store, one.config, output, Cursor(1, 1), 100) is None
    recent = await editions_since(store, one.config, output, stored.clock.now() - HOUR, 100)
    assert recent is not None
    assert len(recent.items) == 1
    assert window.items[0].url == f"{BASE}/read/morning/{window.items[0].id[9:]}"


async def test_editions_are_dropped_beyond_the_limit_or_with_their_output(stored: Stored) -> None:
    one = await office_of(stored, configured(limit=2))
    for number in range(33):
        await one.tell(A, f"n{number}")
        stored.clock.advance(DAY)
        await one.publish()
    await stored.store.drop_editions({"morning": 2})
    assert stored.count(editions) == 30
    await stored.store.drop_editions({})
    assert stored.count(edition_cuts) == 1
    stored.clock.advance(40 * DAY)
    await stored.store.drop_editions({})
    assert stored.count(editions) == stored.count(edition_cuts) == 0


async def test_scripts_miss_no_edition_however_few_they_ask_for(stored: Stored) -> None:
    one = await office_of(stored)
    for number in range(6):
        await one.tell(B if number in {1, 5} else A, f"n{number}")
        stored.clock.advance(DAY)
        await one.publish()
    output, store = one.config.settings.outputs[0], stored.store
    place: Cursor | datetime | None = START
    told, more = list[str](), True
    while more:
        found = await editions_since(store, one.config, output, place, 2)
        assert found is not None
        told += [item.id for item in reversed(found.items)]
        place, more = found.upto, found.more
    assert told == [item.id for item in reversed(await one.items())]
    assert len(told) == 6
    # Those of which nothing is left are passed by, also at the end, and hide none that is older.
    config = configured(private=[B])
    hub_place = await latest_edition(store, output)
    with pytest.raises(AggregatorError, match="do not follow"):
        await editions_since(store, config, output, START, 2)
    await one.start(config)
    first = await editions_since(store, config, output, START, 2)
    assert first is not None
    assert [item.id for item in first.items] == [told[2], told[0]]
    rest = await editions_since(store, config, output, first.upto, 9)
    assert rest is not None
    assert (len(rest.items), rest.upto, rest.more) == (2, hub_place, False)
    page = await editions_page(store, config, output, 1, None)
    assert [item.id for item in page.items] == [told[4]]
    assert page.below is not None
    # A number that no edition has had yet is another database's.
    beyond = Cursor(hub_place.epoch, hub_place.seq + 1)
    assert await editions_since(store, config, output, beyond, 9) is None


async def test_a_clock_that_was_ahead_keeps_no_edition_away(stored: Stored) -> None:
    one = await office_of(stored)
    await one.tell(A, "1")
    stored.clock.advance(400 * DAY + HOUR)
    await one.tell(A, "2")
    await one.publish()
    stored.clock.time = START
    await one.tell(A, "3")
    await one.publish()
    assert [[n for n in "123" if f"Title {n}" in text] for text in await one.texts()] == [
        ["1", "2"]
    ]
    for hours in (1, 2, 3):  # the first of them at the time of the edition
        stored.clock.time = START + hours * HOUR
        await one.publish()
    newest, _ = await one.items()
    assert newest.title.endswith("Friday 27 November 2026")
    assert "Title 3" in newest.content_html
    # On the day of the edition that came too early there is no other; what is new comes with the next.
    stored.clock.time = START + 400 * DAY + 2 * HOUR
    await one.tell(A, "4")
    await one.publish()
    assert len(await one.items()) == 2
    stored.clock.advance(DAY)
    await one.publish()
    assert "Title 4" in (await one.texts())[0]
    assert len(await one.items()) == 3


async def test_an_edition_that_waits_for_stories_is_looked_for_soon(stored: Stored) -> None:
    one = await office_of(stored)
    await one.tell(A, "1")
    stored.clock.advance(2 * HOUR)
    with stored.database.engine.execution_options(writes=True).begin() as connection:
        connection.execute(insert(due_stories).values(story_id=1, quiet=False))
    pipeline = Pipeline(one.config, stored.clock, NOBODY, NOBODY, stored.store, one.snapshot)
    now, output = stored.clock.now(), one.config.settings.outputs[0]
    assert await pipeline.digesting.update(one.config, output) == []
    soon = pipeline.next_edition(now)
    assert soon is not None
    assert soon < now + MINUTE
    pipeline.network.single_run = True
    await pipeline.publish()
    assert len(await one.items()) == 1
    later = pipeline.next_edition(now)
    assert later is not None
    assert later > now + HOUR


async def test_after_downtime_feeds_are_polled_first(stored: Stored) -> None:
    one = await office_of(stored)
    await one.tell(A, "1")
    stored.clock.advance(DAY)
    clock, output = stored.clock, one.config.settings.outputs[0]
    digesting = Digesting(stored.store, clock)

    def polled(then: datetime) -> None:
        with stored.database.engine.execution_options(writes=True).begin() as connection:
            connection.execute(update(feeds).values(next_poll_at=then))

    polled(START)
    assert await digesting.update(one.config, output, patient=True) == []
    assert output.name in digesting.waiting
    # They are polled; what one of them brought has no story yet.
    await stored.poll(A, new("2", at=clock.now()))
    polled(clock.now() + 10 * DAY)
    assert await digesting.update(one.config, output, patient=True) == []
    await stored.settle(outputs=choices.selections(one.config).values())
    (item,) = await digesting.update(one.config, output, patient=True)
    assert "Title 1" in item.content_html
    assert "Title 2" in item.content_html
    # It does not wait for ever.
    await one.tell(A, "3")
    polled(clock.now())
    clock.advance(DAY)
    assert len(await digesting.update(one.config, output, patient=True)) == 1
    clock.advance(6 * MINUTE)
    assert len(await digesting.update(one.config, output, patient=True)) == 2


async def test_editions_stay_while_the_digest_may_come_back(stored: Stored) -> None:
    one = await office_of(stored)
    for number in range(40):
        await one.tell(A, f"n{number}")
        stored.clock.advance(DAY)
        await one.publish()
    stored.clock.advance(20 * DAY)
    await stored.store.drop_editions({})
    assert stored.count(editions) == 40
    stored.clock.advance(20 * DAY)
    await stored.store.drop_editions({})
    assert stored.count(editions) == stored.count(edition_cuts) == 0
