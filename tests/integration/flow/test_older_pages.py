"""Archives that feeds link to: what passed through the window while nobody looked is read from them."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from aggregator.errors import StoreError
from aggregator.store.db.tables import archive_trails, entries, entry_texts
from tests.support.polling import House, Site, ok, open_house, rss, said
from tests.support.publisher_with_archives import WINDOW, Publisher
from tests.support.storage import DAY, HOUR, MINUTE
from tests.support.thorough import IS_THOROUGH


@asynccontextmanager
async def reader(
    url: str, publisher: Publisher, *, feed: dict[str, Any] | None = None, **fetch: Any
) -> AsyncIterator[House]:
    """A house subscribed to the publisher."""
    async with open_house(url, publisher.site.url(WINDOW), feed=feed, **fetch) as house:
        yield house


def stored_names(house: House) -> set[str]:
    return {row.title for row in house.stored.rows(entries)}


def stored_texts(house: House) -> dict[str, str]:
    texts = {row.entry_id: row.content_html for row in house.stored.rows(entry_texts)}
    return {row.title: texts[row.id] for row in house.stored.rows(entries)}


def trail(house: House) -> Any:
    return house.stored.row(archive_trails)


def pages_asked(site: Site) -> list[int]:
    return [int(one.query["page"]) for one in site.asked if one.path == "/older"]


@pytest.mark.parametrize("archived", [True, False])
async def test_what_was_missed_is_read_back_to_what_is_known(
    database_url: str, site: Site, archived: bool
) -> None:
    publisher = Publisher(site, archived=archived)
    async with reader(database_url, publisher) as house:
        publisher.say(house.clock.now(), *"abcdefgh")
        await house.poll()
        before = stored_names(house)
        assert len(before) < 8  # what was there before us is not asked for
        assert pages_asked(site) == []
        for name in "ijklmnopqrst":
            publisher.say(house.clock.advance(HOUR), name)
        await house.poll(after=HOUR)
        assert stored_names(house) >= set("ijklmnopqrst")
        assert len(pages_asked(site)) <= 5
        assert trail(house).next_at is None
        site.asked.clear()
        publisher.say(house.clock.advance(HOUR), "u")
        await house.poll(after=HOUR)
        assert pages_asked(site) == []  # no gap


async def test_all_archives_are_read_once_and_what_is_added(database_url: str, site: Site) -> None:
    publisher = Publisher(site)
    async with reader(database_url, publisher, feed={"archives": "all"}) as house:
        for name in "abcdefghijklmnop":
            publisher.say(house.clock.advance(HOUR), name)
        await house.poll()
        assert stored_names(house) == publisher.ever
        assert sorted(pages_asked(site)) == [1, 2, 3, 4, 5]
        for name in "qrs":
            publisher.say(house.clock.advance(HOUR), name)
        await house.poll(after=HOUR)
        assert stored_names(house) == publisher.ever
        assert sorted(pages_asked(site)) == [1, 2, 3, 4, 5, 6]


async def test_never_is_never(database_url: str, site: Site) -> None:
    publisher = Publisher(site)
    async with reader(database_url, publisher, archives="never") as house:
        publisher.say(house.clock.now(), *"ab")
        await house.poll()
        publisher.say(house.clock.advance(DAY), *"cdefghijkl")
        await house.poll()
        assert pages_asked(site) == []
        assert house.stored.count(archive_trails) == 0


async def test_what_was_deleted_since_is_not_taken_and_no_change_is_undone(
    database_url: str, site: Site
) -> None:
    publisher = Publisher(site)
    async with reader(database_url, publisher) as house:
        publisher.say(house.clock.now(), "a")
        await house.poll()
        publisher.say(house.clock.advance(HOUR), *"bcdefg", text="At first.")
        publisher.withdraw(house.clock.advance(HOUR), "c", "f")
        publisher.say(house.clock.advance(HOUR), "d", "a", text="Later.")
        publisher.say(house.clock.advance(HOUR), *"hijklmn")
        await house.poll(after=HOUR)
        assert stored_names(house) == set(publisher.live)
        texts = {item.title: item.content_html for item in await house.stored.items()}
        assert "Later. a" in texts["a"]
        assert "Later. d" in texts["d"]
        assert "At first. b" in texts["b"]


async def test_an_entry_brought_to_the_front_again_ends_nothing(
    database_url: str, site: Site
) -> None:
    publisher = Publisher(site)
    async with reader(database_url, publisher) as house:
        publisher.say(house.clock.now(), "a")
        await house.poll()
        for name in "bcdef":
            publisher.say(house.clock.advance(HOUR), name)
        publisher.say(house.clock.advance(HOUR), "a", text="Again.")
        for name in "ghijklm":
            publisher.say(house.clock.advance(HOUR), name)
        await house.poll(after=HOUR)
        assert stored_names(house) == publisher.ever


async def test_one_that_was_updated_hides_no_gap(database_url: str, site: Site) -> None:
    publisher = Publisher(site)
    async with reader(database_url, publisher) as house:
        publisher.say(house.clock.now(), "a")
        await house.poll()
        for name in "bcdefghijklmn":
            publisher.say(house.clock.advance(HOUR), name)
        publisher.say(house.clock.advance(HOUR), "a", text="Again.")
        await house.poll(after=HOUR)
        assert stored_names(house) == publisher.ever


async def test_some_pages_at_a_poll_and_the_rest_at_the_next(database_url: str, site: Site) -> None:
    publisher = Publisher(site)
    async with reader(database_url, publisher) as house:
        publisher.say(house.clock.now(), "a")
        await house.poll()
        for number in range(100):
            publisher.say(house.clock.advance(MINUTE), f"n{number}")
        await house.tick(after=DAY)
        assert len(pages_asked(site)) == 10
        first, due = len(stored_names(house)), trail(house).next_at
        assert house.clock.now() < due <= house.feed().next_poll_at
        await house.tick(after=MINUTE)
        assert len(pages_asked(site)) == 10
        for _ in range(3):
            await house.tick(after=trail(house).next_at - house.clock.now())
        assert first < len(stored_names(house))
        assert stored_names(house) == publisher.ever
        assert len(set(pages_asked(site))) == len(pages_asked(site))


async def test_another_absence_on_the_way_back_loses_nothing(database_url: str, site: Site) -> None:
    publisher = Publisher(site)
    async with reader(database_url, publisher) as house:
        publisher.say(house.clock.now(), "a")
        await house.poll()
        for part in range(4):
            for number in range(50):
                publisher.say(house.clock.advance(MINUTE), f"n{part}-{number}")
            await house.tick(after=DAY)  # ten pages of it
        while trail(house).next_at is not None:
            await house.tick(after=max(trail(house).next_at - house.clock.now(), timedelta(0)))
        assert stored_names(house) == publisher.ever
        assert len(set(pages_asked(site))) == len(pages_asked(site))


def _endless(site: Site) -> None:
    async def older(request: Any) -> Any:
        number = int(request.query["page"])
        body = (
            f"<feed xmlns='http://www.w3.org/2005/Atom'><link rel='next' href='/older?page={number + 1}'/>"
            f"<entry><id>urn:x:{number}</id><title>x{number}</title></entry></feed>"
        )
        return said(200, body.encode())

    site.answers["/older"] = older


def _leading_back(site: Site) -> None:
    body = (
        b"<feed xmlns='http://www.w3.org/2005/Atom'><link rel='next' href='/older?page=1'/></feed>"
    )
    site.answers["/older"] = said(200, body)


def _gone(site: Site) -> None:
    site.answers["/older"] = said(410)


def _refused(site: Site) -> None:
    site.answers[WINDOW] = _window_to("http://10.0.0.1/older")


def _window_to(url: str) -> Any:
    head = f"<link xmlns='http://www.w3.org/2005/Atom' rel='next' href='{url}'/>"
    return ok(rss("other", head=head))


@pytest.mark.parametrize(
    ("hostile", "pages", "said_of_it"),
    [
        (_endless, 7, "more than 7 pages"),
        (_leading_back, 1, "lead back to each other"),
        (_gone, 1, "410"),
        (_refused, 0, "10.0.0.1"),
    ],
)
async def test_hostile_archives_end_and_that_is_said_once(
    sqlite_url: str, site: Site, hostile: Callable[[Site], None], pages: int, said_of_it: str
) -> None:
    site.answers[WINDOW] = ok(rss("one"))
    async with open_house(sqlite_url, site.url(WINDOW), archive_pages=7) as house:
        await house.poll()
        site.answers[WINDOW] = _window_to(site.url("/older?page=1"))
        hostile(site)
        with capture_logs() as logs:
            for _ in range(5):
                await house.poll(after=DAY)
        assert len(pages_asked(site)) == pages
        warned = [one for one in logs if one["event"] == "archives not read to the end"]
        assert len(warned) == 1
        assert said_of_it in warned[0]["reason"]
        assert house.feed().failures == 0


async def test_a_page_that_fails_is_tried_again_and_blames_no_feed(
    database_url: str, site: Site
) -> None:
    publisher = Publisher(site)
    async with reader(database_url, publisher) as house:
        publisher.say(house.clock.now(), "a")
        await house.poll()
        publisher.say(house.clock.advance(HOUR), *"bcdefghijkl")
        older, site.answers["/older"] = site.answers["/older"], said(500)
        await house.tick(after=DAY)
        assert len(pages_asked(site)) == 1
        await house.tick(after=MINUTE)
        assert len(pages_asked(site)) == 1
        site.answers["/older"] = older
        await house.tick(after=HOUR)
        assert stored_names(house) == publisher.ever
        assert house.feed().failures == 0


async def test_credentials_go_to_archives_at_the_feeds_own_origin_only(
    sqlite_url: str, site: Site
) -> None:
    fields = {"username": "me", "password": "secret"}
    site.answers[WINDOW] = ok(rss("one"))
    async with open_house(sqlite_url, site.url(WINDOW), feed={"options": fields}) as house:
        await house.poll()
        site.answers[WINDOW] = _window_to(site.url("/older?page=1"))
        site.answers["/older"] = _window_to(site.url("/elsewhere", host=2))
        site.answers["/elsewhere"] = ok(rss("far"))
        await house.poll(after=DAY)
        asked = {one.path: one.headers.get("Authorization") for one in site.asked}
        assert asked["/older"]
        assert asked["/elsewhere"] is None
        assert "far" in stored_names(house)


async def test_a_page_and_the_trail_after_it_are_one_transaction(
    database_url: str, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    publisher = Publisher(site)
    async with reader(database_url, publisher) as house:
        publisher.say(house.clock.now(), "a")
        await house.poll()
        for name in "bcdefghijklmnop":
            publisher.say(house.clock.advance(HOUR), name)
        commit, count = house.stored.store.commit_poll, 0

        async def now_and_then(*given: Any) -> list[int]:
            nonlocal count
            count += 1
            if count % 2:
                raise StoreError("killed")
            return await commit(*given)

        monkeypatch.setattr(house.stored.store, "commit_poll", now_and_then)
        for _ in range(20):  # each time after the lease has ended
            await house.tick(after=HOUR)
        assert stored_names(house) == publisher.ever


@pytest.mark.parametrize("archived", [True, False])
@pytest.mark.parametrize("seed", range(40 if IS_THOROUGH else 4))
async def test_whoever_comes_whenever_ends_with_what_stands(
    tmp_path: Path, site: Site, seed: int, archived: bool
) -> None:
    """A property, over random publishers and absences, with pages that fail now and then."""
    chance = random.Random(f"{seed} {archived}")
    publisher = Publisher(site, chance.randint(2, 6), chance.randint(1, 5), archived=archived)
    older = site.answers["/older"]

    async def at_times(request: web.Request) -> web.Response:
        answer = older if chance.random() < 0.8 else said(chance.choice([500, 503]))
        return await answer(request) if callable(answer) else answer

    site.answers["/older"] = at_times
    names, seen = count(), set[str]()
    async with reader(f"sqlite:///{tmp_path}/a.db", publisher, archive_pages=1000) as house:
        publisher.say(house.clock.now(), *(f"n{next(names)}" for _ in range(publisher.window)))
        await house.poll()
        for _ in range(chance.randint(1, 4)):
            seen |= stored_names(house)
            for _ in range(chance.choice([1, 5, 30, 60])):
                _say_something(publisher, house.clock.advance(MINUTE), chance, names)
            await house.poll(after=chance.choice([MINUTE, HOUR, DAY]))
        while house.stored.count(archive_trails) and trail(house).next_at is not None:
            await house.tick(after=max(trail(house).next_at - house.clock.now(), MINUTE))
        stored, texts = stored_names(house), stored_texts(house)
    live = publisher.live
    assert set(live) <= stored
    assert stored - set(live) <= seen  # what we had when it was taken back
    if archived:
        assert [name for name, said_of in live.items() if said_of not in texts[name]] == []


def _say_something(
    publisher: Publisher, now: datetime, chance: random.Random, names: Iterator[int]
) -> None:
    live = list(publisher.live)
    what = chance.random()
    if what < 0.8 or not live:
        publisher.say(now, f"n{next(names)}")
    elif what < 0.93 or not publisher.archived:
        publisher.say(now, chance.choice(live), text=f"Anew at {now:%H %M}.")
    else:
        publisher.withdraw(now, chance.choice(live))
