"""robots.txt for article pages, line by line of RFC 9309, against a real server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from yarl import URL

from aggregator import errors
from aggregator.config.settings import FetchSettings
from aggregator.fetch.client import HttpFetcher
from aggregator.fetch.politeness.context import PolitenessContext, local_politeness
from aggregator.fetch.politeness.robots import MAX_SIZE, Robots
from aggregator.model import Request, RequestKind, Response, RobotsCopy
from aggregator.store.hosts.counts import SqlHosts
from tests.support.asked import asked
from tests.support.patience import PATIENCE_S, patience
from tests.support.servers import RawServer, reply
from tests.support.storage import stored_at

PAGE = b"<html><body>text</body></html>"
NO_PRIVATE = b"User-agent: *\nDisallow: /private\n"


@dataclass
class Site:
    """A server whose robots.txt (a whole response) can be changed; every other path is a page."""

    robots: bytes = reply("404 Not Found")
    pages: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    url: str = ""

    async def answer(self, head: bytes, writer: asyncio.StreamWriter) -> None:
        path = head.split(b" ", 2)[1].decode()
        self.asked.append(path)
        page = reply(body=PAGE, headers={"Content-Type": "text/html"})
        writer.write(self.robots if path == "/robots.txt" else self.pages.get(path, page))


@asynccontextmanager
async def site(robots: bytes = reply("404 Not Found"), **pages: bytes) -> AsyncIterator[Site]:
    one = Site(robots, {f"/{name}": answer for name, answer in pages.items()})
    async with RawServer(one.answer, host="0.0.0.0") as server:
        one.url = server.url
        yield one


def settings(**given: Any) -> FetchSettings:
    base = {"allow_networks": ("127.0.0.0/8",), "host_gap": 0, "timeout": PATIENCE_S}
    return FetchSettings.model_validate(base | given)


def fetcher(politeness: PolitenessContext | None = None, **given: Any) -> HttpFetcher:
    return HttpFetcher(settings(**given), base_url="http://feeds.example", politeness=politeness)


def page(url: str) -> Request:
    return asked(url, RequestKind.PAGE)


async def test_a_page_is_asked_for_when_robots_txt_allows_it_and_not_otherwise() -> None:
    async with site(reply(body=NO_PRIVATE)) as one, fetcher() as client:
        assert (await client.fetch(page(one.url + "/open"))).body == PAGE
        with pytest.raises(errors.RobotsRefused) as caught:
            await client.fetch(page(one.url + "/private/1"))
        assert caught.value.hint
        assert "robots.txt" in str(caught.value)
        assert one.asked == ["/robots.txt", "/open"]


async def test_our_own_group_beats_everybodys() -> None:
    ours = b"User-agent: *\nDisallow: /\n\nUser-agent: aggregator\nDisallow: /no\n"
    async with site(reply(body=ours)) as one, fetcher() as client:
        await client.fetch(page(one.url + "/yes"))
        with pytest.raises(errors.RobotsRefused):
            await client.fetch(page(one.url + "/no"))


async def test_feeds_are_subscriptions_and_ask_nobody() -> None:
    async with site(reply(body=b"User-agent: *\nDisallow: /\n")) as one, fetcher() as client:
        await client.fetch(asked(one.url + "/feed"))
        assert one.asked == ["/feed"]


async def test_the_operator_can_switch_it_off() -> None:
    forbidden = reply(body=b"User-agent: *\nDisallow: /\n")
    async with site(forbidden) as one, fetcher(robots=False) as client:
        await client.fetch(page(one.url + "/a"))
        assert one.asked == ["/a"]


@pytest.mark.parametrize("status", ["400 Bad Request", "401 No", "403 No", "404 No", "410 Gone"])
async def test_a_4xx_means_that_there_are_no_rules(status: str) -> None:
    async with site(reply(status)) as one, fetcher() as client:
        assert (await client.fetch(page(one.url + "/a"))).body == PAGE


@pytest.mark.parametrize("robots", [reply("500 Oh"), reply("503 Oh"), b"not HTTP\r\n\r\n", b""])
async def test_one_that_cannot_be_had_allows_nothing(robots: bytes) -> None:
    async with site(robots) as one, fetcher() as client:
        for _ in range(3):
            with pytest.raises(errors.RobotsUnreachable, match=r"robots\.txt is unavailable"):
                await client.fetch(page(one.url + "/a"))
        assert "/a" not in one.asked
        # The library repeats a GET once when a server hangs up without an answer.
        assert one.asked.count("/robots.txt") <= 2


async def test_a_429_is_no_answer_and_the_host_rests() -> None:
    busy = reply("429 Too Many Requests", headers={"Retry-After": "3600"})
    async with site(busy) as one, fetcher() as client:
        with pytest.raises(errors.RobotsUnreachable):
            await client.fetch(page(one.url + "/a"))
        with pytest.raises(errors.HostOnCooldown):
            await client.fetch(asked(one.url + "/feed"))
        assert one.asked == ["/robots.txt"]


def hop(number: int) -> bytes:
    return reply("302 Found", headers={"Location": f"/r{number}"})


@pytest.mark.parametrize(("hops", "allowed"), [(5, False), (6, True)])
async def test_five_redirects_are_followed_and_more_mean_that_there_is_none(
    hops: int, allowed: bool
) -> None:
    chain = {f"r{number}": hop(number + 1) for number in range(1, hops)}
    chain[f"r{hops}"] = reply(body=b"User-agent: *\nDisallow: /a\n")
    async with site(hop(1), **chain) as one, fetcher(max_redirects=0) as client:
        if allowed:
            await client.fetch(page(one.url + "/a"))
        else:
            with pytest.raises(errors.RobotsRefused):
                await client.fetch(page(one.url + "/a"))


async def test_500_kib_are_read_and_the_rest_of_a_longer_one_does_not_count() -> None:
    filler = b"# " + b"x" * 97 + b"\n"
    head = b"User-agent: *\nDisallow: /early\n"
    inside = filler * ((MAX_SIZE - 100) // len(filler)) + b"Disallow: /inside\n"
    long = head + inside + filler * 80_000 + b"Disallow: /late\n"
    assert len(head + inside) < MAX_SIZE < len(long)
    async with site(reply(body=long)) as one, fetcher() as client:
        for path in ("/early", "/inside"):
            with pytest.raises(errors.RobotsRefused):
                await client.fetch(page(one.url + path))
        await client.fetch(page(one.url + "/late"))


async def test_pages_that_are_asked_for_at_once_ask_robots_txt_once() -> None:
    async with site(reply(body=NO_PRIVATE)) as one, fetcher() as client:
        await asyncio.gather(*(client.fetch(page(f"{one.url}/{n}")) for n in range(8)))
        assert one.asked.count("/robots.txt") == 1
        assert len(one.asked) == 9


async def test_a_redirect_is_judged_where_it_leads() -> None:
    to_private = reply("302 Found", headers={"Location": "/private/1"})
    async with site(reply(body=NO_PRIVATE), a=to_private) as one, fetcher() as client:
        with pytest.raises(errors.RobotsRefused):
            await client.fetch(page(one.url + "/a"))
        assert one.asked == ["/robots.txt", "/a"]
        elsewhere = reply(
            "302 Found", headers={"Location": one.url.replace(".0.1", ".0.2") + "/private"}
        )
        one.pages["/b"] = elsewhere
        with pytest.raises(errors.RobotsRefused):
            await client.fetch(page(one.url + "/b"))
        assert one.asked[2:] == ["/b", "/robots.txt"]


async def test_another_port_of_the_host_has_its_own_and_its_turn_is_not_waited_for_twice() -> None:
    async with site(reply(body=NO_PRIVATE)) as other, fetcher() as client:
        away = reply("302 Found", headers={"Location": other.url + "/private"})
        async with site(reply("404 No"), a=away) as one, patience():
            with pytest.raises(errors.RobotsRefused):
                await client.fetch(page(one.url + "/a"))
        assert other.asked == ["/robots.txt"]


async def test_requests_are_counted_by_kind() -> None:
    politeness = local_politeness(settings(), asyncio.get_running_loop())
    async with site() as one, fetcher(politeness) as client:
        await client.fetch(page(one.url + "/a"))
        await client.fetch(asked(one.url + "/feed"))
        ((count,), rests) = politeness.request_counts.take()
    assert (count.host, count.feeds, count.pages, count.robots) == ("127.0.0.1", 1, 1, 1)
    assert rests == {}


async def test_a_crawl_delay_widens_the_hosts_gap_up_to_a_bound() -> None:
    slowed: list[tuple[str, float]] = []
    for delay in ("2.5", "86400", "-1", "nan", "x"):
        text = f"User-agent: *\nCrawl-delay: {delay}\n".encode()

        async def give(_: Request, text: bytes = text) -> Response:
            return answer_of(text)

        robots = Robots(give, lambda host, gap: slowed.append((host, gap)))
        await robots.check(URL("http://h.example/a"))
    assert slowed[:2] == [("h.example", 2.5), ("h.example", 30.0)]
    assert all(0 <= gap <= 30 for _, gap in slowed)


# ── copies ───────────────────────────────────────────────────────────────────────────────────


def answer_of(text: bytes) -> Response:
    return Response("http://h.example/robots.txt", 200, {}, text, len(text), timedelta())


class Server:
    """Answers for robots.txt, or fails, and a clock."""

    def __init__(self) -> None:
        self.text: bytes | None = NO_PRIVATE
        self.asked = 0
        self.time = datetime(2026, 11, 2, tzinfo=UTC)

    async def fetch(self, request: Request) -> Response:
        self.asked += 1
        if self.text is None:
            raise errors.ConnectFailed(request.url, "refused")
        return answer_of(self.text)

    def robots(self, cache: SqlHosts | None = None) -> Robots:
        return Robots(self.fetch, lambda _host, _gap: None, cache, lambda: self.time)


async def test_a_copy_is_used_for_a_day() -> None:
    server = Server()
    robots = server.robots()
    await robots.check(URL("http://h.example/a"))
    server.text = b"User-agent: *\nDisallow: /a\n"
    server.time += timedelta(hours=23, minutes=59)
    await robots.check(URL("http://h.example/a"))
    assert server.asked == 1
    server.time += timedelta(minutes=1)
    with pytest.raises(errors.RobotsRefused):
        await robots.check(URL("http://h.example/a"))
    assert server.asked == 2


async def test_a_stored_copy_serves_the_next_start_and_stands_in_when_the_server_is_away(
    database_url: str,
) -> None:
    server, target = Server(), URL("http://h.example/private")
    with stored_at(database_url) as stored:
        cache = SqlHosts(stored.database)
        with pytest.raises(errors.RobotsRefused):
            await server.robots(cache).check(target)
        again = server.robots(cache)
        with pytest.raises(errors.RobotsRefused):
            await again.check(target)
        assert server.asked == 1
        server.time += timedelta(days=2)
        server.text = None
        with pytest.raises(errors.RobotsRefused):
            await again.check(target)
        await again.check(URL("http://h.example/open"))
        assert server.asked == 2
        server.text = b""
        server.time += timedelta(minutes=6)
        await again.check(target)
        assert server.asked == 3


async def test_a_text_with_nul_is_stored(database_url: str) -> None:
    server = Server()
    server.text = b"User-agent: *\x00\nDisallow: /\xff\x00p\n"
    with stored_at(database_url) as stored:
        cache = SqlHosts(stored.database)
        await server.robots(cache).check(URL("http://h.example/a"))
        assert isinstance(await cache.load("http://h.example"), RobotsCopy)


async def test_an_address_that_may_not_be_asked_stays_that(tmp_path: Path) -> None:
    async with fetcher(allow_networks=()) as client:
        with pytest.raises(errors.AddressRefused):
            await client.fetch(page("http://127.0.0.1:9/a"))
