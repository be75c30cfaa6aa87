"""The small internet as a client on loopback sees it."""

from __future__ import annotations

import asyncio
import io
import json
import socket
import tomllib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import aiohttp
import feedparser
import pytest
import pytest_asyncio

from aggregator.config.settings import Settings
from aggregator.demo import DemoFeed, DemoInternet
from aggregator.demo.internet import _listeners
from tests.support.patience import until

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.time = START

    def __call__(self) -> datetime:
        return self.time


@pytest_asyncio.fixture
async def internet() -> AsyncIterator[DemoInternet]:
    async with DemoInternet(story_interval=None, delay=timedelta(0), clock=Clock()) as opened:
        yield opened


@pytest_asyncio.fixture
async def client() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


def feed_of(internet: DemoInternet, site: str) -> DemoFeed:
    return next(feed for feed in internet.feeds if feed.site == site)


async def guids(client: aiohttp.ClientSession, url: str) -> list[str]:
    async with client.get(url) as response:
        return [entry.id for entry in feedparser.parse(io.BytesIO(await response.read())).entries]


async def test_every_story_stands_in_its_feeds(
    internet: DemoInternet, client: aiohttp.ClientSession
) -> None:
    listed: set[tuple[str, str]] = set()
    for feed in internet.feeds:
        async with client.get(feed.url) as response:
            body = await response.read()
            if feed.behaves == "gone":
                assert response.status == 410
            elif feed.format == "json":
                listed |= {(feed.url, item["id"]) for item in json.loads(body)["items"]}
            else:
                parsed = feedparser.parse(io.BytesIO(body))
                assert not parsed.bozo
                assert parsed.feed.title == feed.title
                listed |= {(feed.url, entry.id) for entry in parsed.entries}
    copies = {(copy.feed_url, copy.guid) for story in internet.stories() for copy in story.copies}
    assert listed == copies
    assert {feed.format for feed in internet.feeds} == {"rss", "atom", "rdf", "json"}
    assert len({story.language for story in internet.stories()}) == 4


async def test_a_page_can_be_had_where_the_story_says_so(
    internet: DemoInternet, client: aiohttp.ClientSession
) -> None:
    statuses: dict[str, set[int]] = {}
    for story in internet.publish(40):
        for copy in story.copies:
            async with client.get(copy.url) as response:
                statuses.setdefault(copy.site, set()).add(response.status)
                if response.status == 200:
                    assert story.full_text
                    assert story.title in (await response.text()).replace("&#39;", "'")
    assert statuses.pop("attic") == {404, 500}
    assert set.union(*statuses.values()) == {200}
    summaries = {s.copies[0].site for s in internet.stories() if not s.full_text}
    assert summaries == {"attic"}


async def test_a_page_holds_its_pictures_and_the_front_page_its_feed(
    internet: DemoInternet, client: aiohttp.ClientSession
) -> None:
    site = feed_of(internet, "minato")
    async with client.get(f"{site.site_url}media/5.png") as response:
        assert response.content_type == "image/png"
    async with client.get(site.site_url) as response:
        assert 'type="application/rss+xml" href="/feed/"' in await response.text()
    async with client.get(f"{site.site_url}nowhere") as response:
        assert response.status == 404
    async with client.get(f"{site.site_url}media/x.png") as response:
        assert response.status == 404


@pytest.mark.parametrize("header", ["ETag", "Last-Modified"])
@pytest.mark.parametrize("site", ["harbour", "dispatch", "bytes", "carnet"])
async def test_what_has_not_changed_is_not_sent_again(
    internet: DemoInternet, client: aiohttp.ClientSession, site: str, header: str
) -> None:
    asked = {"ETag": "If-None-Match", "Last-Modified": "If-Modified-Since"}[header]
    url = feed_of(internet, site).url
    async with client.get(url) as response:
        condition = {asked: response.headers[header]}
    async with client.get(url, headers=condition) as response:
        assert response.status == 304
        assert await response.read() == b""
    internet.publish(10)
    async with client.get(url, headers=condition) as response:
        assert response.status == 200
    assert [request.conditional for request in internet.requests] == [False, True, True]
    assert [request.status for request in internet.requests] == [200, 304, 200]


async def test_a_condition_that_is_no_date_is_ignored(
    internet: DemoInternet, client: aiohttp.ClientSession
) -> None:
    url = feed_of(internet, "harbour").url
    for since in ("yesterday", "Sun, 01 Mar 2026 12:00:00"):
        async with client.get(url, headers={"If-Modified-Since": since}) as response:
            assert response.status == 200


async def test_articles_are_conditional_too(
    internet: DemoInternet, client: aiohttp.ClientSession
) -> None:
    url = internet.stories()[0].urls[0]
    async with client.get(url) as response:
        etag = response.headers["ETag"]
    async with client.get(url, headers={"If-None-Match": f'"other", {etag}'}) as response:
        assert response.status == 304


async def test_some_stories_stand_on_two_sites(internet: DemoInternet) -> None:
    pairs = [story.copies for story in internet.stories() if len(story.copies) > 1]
    assert {(one.site, two.site) for one, two in pairs} == {
        ("harbour", "dispatch"),
        ("carnet", "gazette"),
    }
    for one, two in pairs:
        assert one.url != two.url
        assert one.guid != two.guid
        assert ("utm_source" in two.url) == (two.site == "dispatch")


async def test_a_correction_keeps_the_guid_and_changes_text_and_date(
    internet: DemoInternet, client: aiohttp.ClientSession
) -> None:
    before = {story.copies[0].guid: story for story in internet.stories()}
    corrected = internet.correct()
    old = before[corrected.copies[0].guid]
    assert corrected.copies == old.copies
    assert corrected.title == old.title
    assert corrected.published == old.published
    assert corrected.updated > old.updated
    assert corrected.revision == 1
    assert corrected.paragraphs[:-1] == old.paragraphs
    assert corrected.summary != old.summary
    assert corrected in internet.stories()
    async with client.get(corrected.copies[0].feed_url) as response:
        assert f"{corrected.updated:%Y-%m-%dT%H:%M:%S}" in await response.text()


async def test_the_flaky_site_fails_in_turns(
    internet: DemoInternet, client: aiohttp.ClientSession
) -> None:
    url = feed_of(internet, "weathervane").url
    internet.publish(60)
    seen = []
    for _ in range(6):
        async with client.get(url) as response:
            parsed = feedparser.parse(io.BytesIO(await response.read()))
            seen.append((response.status, response.content_type, bool(parsed.bozo)))
            if parsed.bozo or response.status != 200:
                assert "ETag" not in response.headers
    feed, page = "application/atom+xml", "text/html"
    assert seen[0] == seen[2] == seen[4] == (200, feed, False)
    assert seen[1][:2] == (500, page)
    assert seen[3] == (200, feed, True)
    assert seen[5][:2] == (200, page)


async def test_the_slow_site_keeps_only_its_own_clients_waiting(
    client: aiohttp.ClientSession,
) -> None:
    async with DemoInternet(story_interval=None, delay=timedelta(hours=1)) as internet:
        waiting = asyncio.create_task(guids(client, feed_of(internet, "elbufer").url))
        assert await guids(client, feed_of(internet, "gazette").url)
        assert not waiting.done()
        assert [request.site for request in internet.requests] == ["gazette"]
    with pytest.raises(aiohttp.ClientError):  # the end does not wait for it
        await waiting


async def test_stories_and_corrections_come_by_themselves() -> None:
    tick = timedelta(milliseconds=1)
    async with DemoInternet(story_interval=tick, backlog=0) as internet:
        assert internet.stories() == ()
        await until(lambda: len(internet.stories()) >= 8, "the eighth story")
        await until(lambda: any(s.revision for s in internet.stories()), "a correction")


async def test_the_same_seed_tells_the_same_stories() -> None:
    async def told(seed: int) -> list[tuple[object, ...]]:
        async with DemoInternet(seed, story_interval=None, clock=Clock()) as internet:
            internet.publish(7)
            internet.correct()
            return [
                (s.title, s.summary, s.paragraphs, s.published, s.updated, s.revision)
                for s in internet.stories()
            ]

    first = await told(1)
    assert first == await told(1)
    assert len({row[0] for row in first}) == len(first) == 37
    assert not {row[2] for row in first} & {row[2] for row in await told(2)}


async def test_requests_are_noted(internet: DemoInternet, client: aiohttp.ClientSession) -> None:
    feed = feed_of(internet, "dispatch")
    async with client.get(feed.url + "?a=1", headers={"User-Agent": "probe/1"}):
        pass
    (request,) = internet.requests
    assert (request.site, request.path, request.status) == ("dispatch", "/atom.xml?a=1", 200)
    assert request.user_agent == "probe/1"
    assert request.host in feed.url
    assert request.time == START


async def test_the_configuration_is_complete(internet: DemoInternet) -> None:
    text = internet.config_toml('sqlite:///a folder/with "quotes".db', 8099, "/tmp/demo data")
    settings = Settings.model_validate(tomllib.loads(text))
    assert [feed.url for feed in settings.feeds] == [feed.url for feed in internet.feeds]
    assert settings.database.url == 'sqlite:///a folder/with "quotes".db'
    assert settings.base_url == "http://127.0.0.1:8099"
    assert settings.publish.directory == "/tmp/demo data/public"
    named = {category for output in settings.outputs for category in output.categories}
    assert named <= {feed.category for feed in internet.feeds}


async def test_nothing_answers_after_the_end(client: aiohttp.ClientSession) -> None:
    async with DemoInternet(story_interval=timedelta(seconds=4)) as internet:
        url = feed_of(internet, "harbour").url
        assert await guids(client, url)
    with pytest.raises(aiohttp.ClientConnectorError):
        await client.get(url)


async def test_a_taken_port_is_an_error(internet: DemoInternet) -> None:
    port = int(internet.feeds[0].url.split(":")[2].partition("/")[0])
    with pytest.raises(OSError, match="Address already in use"):
        async with DemoInternet(port=port):
            pass


def test_one_address_with_many_ports_will_do(monkeypatch: pytest.MonkeyPatch) -> None:
    bind = socket.socket.bind

    def only_localhost(self: socket.socket, address: tuple[str, int]) -> None:
        if address[0] != "127.0.0.1":
            raise OSError(99, "Cannot assign requested address")
        bind(self, address)

    monkeypatch.setattr("aggregator.demo.internet.errno.EADDRNOTAVAIL", 99)
    monkeypatch.setattr(socket.socket, "bind", only_localhost)
    listeners = _listeners(3, 0)
    names = [listener.getsockname() for listener in listeners]
    for listener in listeners:
        listener.close()
    assert {address for address, _ in names} == {"127.0.0.1"}
    assert len({port for _, port in names}) == 3
