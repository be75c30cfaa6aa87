"""Networks that the operator opened: feeds in there lead there, and nobody outside does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.abc import ResolveResult

from aggregator.config.settings import FetchSettings
from aggregator.fetch.client import HttpFetcher
from aggregator.store.db.tables import articles
from tests.support.names import Names
from tests.support.outside import INSIDE, OUTSIDE, outside
from tests.support.polling import Site, ok, open_house
from tests.support.storage import HOUR
from tests.support.story import SENTENCES, page

_OURS = ("127.0.0.0/8",)


@pytest.fixture(autouse=True)
def _outside(monkeypatch: pytest.MonkeyPatch) -> None:
    outside(monkeypatch)


def feed(link: str, *, more: str = "", name: str = "one") -> web.Response:
    body = (
        f'<feed xmlns="http://www.w3.org/2005/Atom"><id>urn:{name}</id><title>Feed</title>{more}'
        f'<entry><id>urn:{name}:1</id><title>The bridge</title><link href="{link}"/>'
        "<updated>2026-11-01T00:00:00Z</updated><summary>Short.</summary></entry></feed>"
    )
    return ok(body.encode())


def to(place: str, status: int = 302) -> web.Response:
    return web.Response(status=status, headers={"Location": place})


async def story(_: web.Request) -> web.Response:
    return page(*SENTENCES)


def hosts(site: Site, path: str) -> list[str]:
    return [one.host.partition(":")[0] for one in site.asked if one.path == path]


@pytest.mark.parametrize(
    ("at", "linked", "is_read"),
    [
        (OUTSIDE, INSIDE, False),
        (OUTSIDE, OUTSIDE, True),
        (INSIDE, INSIDE, True),
        (INSIDE, OUTSIDE, True),
    ],
)
async def test_pages_inside_are_for_feeds_inside(
    site: Site, database_url: str, at: int, linked: int, is_read: bool
) -> None:
    site.answers |= {"/feed": feed(site.url("/story", host=linked)), "/story": story}
    async with open_house(database_url, site.url("/feed", host=at), mode="always") as house:
        await house.poll()
        (shown,) = await house.stored.items()
        row = house.stored.row(articles)
        assert house.feed().inside == row.inside == (at == INSIDE)
    assert ("/story" in site.paths) == is_read
    assert (SENTENCES[0] in (row.text or "")) == is_read
    if not is_read:
        assert "Short." in shown.content_html
        assert "/robots.txt" not in site.paths
        assert "no way leads there from outside" in row.error


@pytest.mark.parametrize("at", [OUTSIDE, INSIDE])
async def test_a_page_outside_leads_nowhere_inside(site: Site, tmp_path: Path, at: int) -> None:
    async def moved(_: web.Request) -> web.Response:
        return to(site.url("/story", host=INSIDE))

    site.answers |= {"/feed": feed(site.url("/moved", host=OUTSIDE)), "/moved": moved}
    site.answers["/story"] = story
    url = site.url("/feed", host=at)
    async with open_house(f"sqlite:///{tmp_path}/db", url, mode="always") as house:
        await house.poll()
        (shown,) = await house.stored.items()
    assert "/moved" in site.paths
    assert "/story" not in site.paths
    assert "Short." in shown.content_html


@pytest.mark.parametrize(
    ("way", "is_read"),
    [
        ((OUTSIDE, INSIDE), False),
        ((INSIDE, INSIDE), True),
        ((INSIDE, OUTSIDE), True),
        ((INSIDE, OUTSIDE, INSIDE), False),
    ],
)
async def test_redirects_lead_out_and_never_in(
    site: Site, tmp_path: Path, way: tuple[int, ...], is_read: bool
) -> None:
    def hop(number: int) -> web.Response:
        return to(site.url(f"/{number + 1}", host=way[number + 1]))

    last = len(way) - 1
    for number in range(last):
        given = hop(number).headers["Location"]

        async def answer(_: web.Request, there: str = given) -> web.Response:
            return to(there)

        site.answers[f"/{number}"] = answer
    site.answers[f"/{last}"] = feed("http://elsewhere.example/")
    url = site.url("/0", host=way[0])
    async with open_house(f"sqlite:///{tmp_path}/db", url) as house:
        await house.poll()
        error = house.feed().last_error
    assert (f"/{last}" in site.paths) == is_read
    assert (error is None) == is_read
    if error is not None:
        assert "no way leads there from outside" in error


async def test_a_feed_inside_opens_what_was_refused_to_one_outside(
    site: Site, database_url: str
) -> None:
    link = site.url("/story", host=INSIDE)
    site.answers |= {"/theirs": feed(link), "/ours": feed(link, name="two"), "/story": story}
    urls = site.url("/theirs", host=OUTSIDE), site.url("/ours", host=INSIDE)
    async with open_house(database_url, urls[0], mode="always") as house:
        await house.poll()
        assert "/story" not in site.paths
        await house.subscribe(*urls)
        await house.poll(after=HOUR)
        assert house.stored.row(articles).inside
    assert hosts(site, "/story") == ["127.0.0.1"]


@pytest.mark.parametrize("answers", [["127.0.0.9"], ["127.0.0.1"]])
async def test_a_name_that_leads_elsewhere_for_its_page_gains_nothing(
    site: Site, tmp_path: Path, answers: list[str]
) -> None:
    port = site.base.rpartition(":")[2]
    feed_url, link = f"http://feed.test:{port}/feed", f"http://page.test:{port}/story"

    class Rebinding(Names):
        async def resolve(self, host: str, *given: Any, **more: Any) -> list[ResolveResult]:
            self._answers = [answers if host == "feed.test" else ["127.0.0.1"]]
            return await super().resolve(host, *given, **more)

    site.answers |= {"/feed": feed(link), "/story": story}
    settings = FetchSettings.model_validate({"allow_networks": _OURS, "host_gap": 0})
    async with (
        HttpFetcher(settings, base_url="", resolver=Rebinding([])) as fetcher,
        open_house(f"sqlite:///{tmp_path}/db", feed_url, fetcher=fetcher, mode="always") as house,
    ):
        await house.poll()
        assert house.feed().last_error is None
    assert ("/story" in site.paths) == (answers == ["127.0.0.1"])


@pytest.mark.parametrize(
    ("way", "are_read"),
    [
        ((OUTSIDE, INSIDE, INSIDE), 0),
        ((INSIDE, INSIDE, INSIDE), 2),
        ((INSIDE, OUTSIDE, INSIDE), 1),
        ((OUTSIDE, OUTSIDE, OUTSIDE), 2),
    ],
)
async def test_archives_inside_are_for_feeds_inside(
    site: Site, database_url: str, way: tuple[int, ...], are_read: int
) -> None:
    for number, path in enumerate(("/feed", "/older", "/oldest")):
        there = site.url(("/older", "/oldest", "")[number], host=way[min(number + 1, 2)])
        link = f'<link rel="prev-archive" href="{there}"/>' if number < 2 else ""
        site.answers[path] = feed("http://elsewhere.example/", more=link, name=f"n{number}")
    url = site.url("/feed", host=way[0])
    async with open_house(database_url, url, feed={"archives": "all"}) as house:
        await house.poll()
        for _ in range(3):
            await house.tick(after=HOUR)
    asked = [path for path in ("/older", "/oldest") if path in site.paths]
    assert asked == ["/older", "/oldest"][:are_read]
