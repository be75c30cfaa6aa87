"""Search in the web: the page, the feeds of a search, and who may look through what."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace

import aiohttp
import pytest
from lxml import etree, html
from yarl import URL

from aggregator.config.feed_id import feed_key
from aggregator.errors import StoreError
from aggregator.model import DroppedOutput, FeedPlace, FoundItems, Selection, Status
from aggregator.privacy.public import Disclosure
from aggregator.publish.snapshot import Snapshot
from aggregator.select.search_query import SearchQuery
from aggregator.web.app import create_app
from aggregator.web.daemon_view import OutputInfo
from aggregator.web.server import WebServer
from tests.support.storage import Stored, new

OPEN, MINE = "https://open.example/feed", "https://mine.example/feed"
TOKEN = "t" * 43
ATOM = "http://www.w3.org/2005/Atom"


class Daemon:
    """Two outputs over a real store: one for everybody, one for who knows the token."""

    title, base_url, index, revision, holds_back = "Paper", "https://me.example", False, 0, True
    feed_base, id_base = base_url, base_url

    def __init__(self, stored: Stored) -> None:
        self.stored = stored
        self.broken = False

    def outputs(self) -> Sequence[OutputInfo]:
        return [
            OutputInfo("all", "Everything", aliases=("former",)),
            OutputInfo("mine", "My own", tokens=(TOKEN,)),
        ]

    def dropped(self) -> Sequence[DroppedOutput]:
        return ()

    async def status(self, limit: int, after: FeedPlace | None = None) -> Status:
        return Status((), 0, 0, 0, 0, 0, 0)

    async def sources(self, name: str) -> bytes:
        return b""

    def told(self, key: str) -> Disclosure | None:
        return None

    def healthy(self) -> tuple[bool, Mapping[str, object]]:
        return True, {}

    async def search(
        self, name: str, query: SearchQuery, limit: int, below: int | None = None
    ) -> FoundItems:
        if self.broken:
            raise StoreError("the database is away")
        shown = {
            "all": Selection(limit, hidden=frozenset({feed_key(MINE)})),
            "mine": Selection(limit),
        }
        selection = replace(shown[name], private=name == "mine")
        return await self.stored.store.search_items(selection, query, below)


class Served:
    def __init__(self, session: aiohttp.ClientSession, daemon: Daemon) -> None:
        self.session, self.daemon = session, daemon

    async def get(self, path: str | URL, **headers: str) -> tuple[int, Mapping[str, str], str]:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.session.get(path, headers=named) as answer:
            return answer.status, answer.headers.copy(), await answer.text()


@pytest.fixture
async def served(stored: Stored) -> AsyncIterator[Served]:
    await stored.subscribe(OPEN, MINE)
    many = [
        new(f"open {n}", title=f"Public words {n}", url=f"https://open.example/{n}")
        for n in range(40)
    ]
    await stored.poll(OPEN, *many)
    await stored.poll(MINE, new("secret", title="Secret <b>words</b> & more"))
    await stored.settle()
    daemon = Daemon(stored)
    server = WebServer(create_app(Snapshot(), daemon, searcher=daemon, proxies=()), "127.0.0.1", 0)
    await server.start()
    async with aiohttp.ClientSession(f"http://127.0.0.1:{server.port}") as session:
        yield Served(session, daemon)
    await server.stop()


def found_by(page: str | bytes, path: str, **names: str) -> list[str]:
    """What the XPath expression ``path`` finds in ``page``, as texts."""
    root = html.document_fromstring(page) if isinstance(page, str) else etree.fromstring(page)
    found = root.xpath(path, namespaces=names or None)
    assert isinstance(found, list)
    return [
        str(one.xpath("string()")) if isinstance(one, etree._Element) else str(one) for one in found
    ]


def titles(page: str) -> list[str]:
    return [one.strip() for one in found_by(page, "//ol[@class='found']//h3")]


async def test_the_page_finds_what_everybody_may_read_and_turns(served: Served) -> None:
    status, headers, page = await served.get("/search?q=words")
    assert status == 200
    assert "script-src" not in headers["Content-Security-Policy"]
    assert titles(page) == [f"Public words {n}" for n in range(39, 9, -1)]
    (older,) = found_by(page, "//a[text()='Older ones']/@href")
    _, _, second = await served.get(f"/search{older}")
    assert titles(second) == [f"Public words {n}" for n in range(9, -1, -1)]
    assert "Older ones" not in second
    assert "ecret" not in page + second


async def test_without_words_there_is_a_form_and_with_bad_ones_a_reason(served: Served) -> None:
    _, _, page = await served.get("/search")
    assert 'type="search"' in page
    assert "Nothing has" not in page
    _, _, none = await served.get("/search?q=nowhere")
    assert "Nothing has these words" in none
    _, _, bad = await served.get("/search?q=-words")
    assert "no word to look for" in bad
    status, _, echoed = await served.get(
        "/search?q=%3Cscript%3Ealert(1)%3C/script%3E%22'&in=%22%3E&below=9x"
    )
    assert status == 200
    assert "<script" not in echoed


async def test_a_token_opens_the_search_of_its_output_alone(served: Served) -> None:
    _, headers, page = await served.get(f"/search/{TOKEN}?q=secret")
    assert titles(page) == ["Secret <b>words</b> & more"]
    assert headers["Cache-Control"] == "private, no-cache"
    assert f"../feeds/{TOKEN}/mine.atom?q=secret" in page
    assert (await served.get(f"/search/{'u' * 43}?q=secret"))[0] == 404
    assert (await served.get("/search?q=secret&in=mine"))[2].count("Secret") == 0


async def test_a_search_is_a_feed_with_an_identity_of_its_own(served: Served) -> None:
    status, headers, body = await served.get("/feeds/all.atom?q=words")
    assert (status, headers["Content-Type"]) == (200, "application/atom+xml; charset=utf-8")
    feed = body.encode()
    assert len(found_by(feed, "a:entry", a=ATOM)) == 40
    assert found_by(feed, "a:title", a=ATOM) == ["Everything: words"]
    itself = "https://me.example/feeds/all.atom?q=words"
    assert found_by(feed, "a:link[@rel='self']/@href", a=ATOM) == [itself]
    _, _, other = await served.get("/feeds/all.atom?q=public")
    assert found_by(other.encode(), "a:id", a=ATOM) != found_by(feed, "a:id", a=ATOM)
    assert (await served.get("/feeds/all.atom?q=words", If_None_Match=headers["ETag"]))[0] == 304
    found = json.loads((await served.get(f"/feeds/{TOKEN}/mine.json?q=secret"))[2])
    assert [one["title"] for one in found["items"]] == ["Secret <b>words</b> & more"]
    assert found["feed_url"] == f"https://me.example/feeds/{TOKEN}/mine.json?q=secret"
    assert (await served.get("/feeds/all.atom?q=%20"))[0] == 400
    assert (await served.get("/feeds/mine.json?q=secret"))[0] == 404


@pytest.mark.parametrize(
    "said",
    [
        "*" * 300, '"' * 299, "%00words", "%ED%A0%80words", "words%00NEAR(a,b)", "title:title:words", "a*%20-a*",
        "words)%20OR%20(body:x", "'words':*%20%26%20!x", "{title}:words%20AND%20NOT%20x", "%F0%90words%FF", "words^2%20\\",
    ],
)  # fmt: skip
async def test_queries_of_strangers_have_an_answer(
    served: Served, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (await served.get(URL(f"/search?q={said}&below={'9' * 400}", encoded=True)))[0] == 200
    status, _, body = await served.get(URL(f"/feeds/all.atom?q={said}", encoded=True))
    assert status in {200, 400}
    if status == 200:
        etree.fromstring(body.encode())
    assert "words" not in "".join(capsys.readouterr())


@pytest.mark.parametrize("below", ["0" * 30 + "9" * 30, "0" * 19 + "1" * 8000, "9" * 19, "٣", "-1"])
async def test_places_that_no_page_named_are_the_beginning(served: Served, below: str) -> None:
    status, _, body = await served.get(f"/search?q=words&below={below}")
    assert (status, bool(titles(body))) == (200, True)


async def test_without_a_searcher_there_is_none(served: Served) -> None:
    app = create_app(Snapshot(), served.daemon, proxies=())
    server = WebServer(app, "127.0.0.1", 0)
    await server.start()
    try:
        for path in ("/search", "/search?q=words", f"/search/{TOKEN}", "/feeds/all.atom?q=words"):
            assert (await served.get(f"http://127.0.0.1:{server.port}{path}"))[0] == 404
        _, _, start = await served.get(f"http://127.0.0.1:{server.port}/")
        assert 'href="search"' not in start
    finally:
        await server.stop()
    assert 'href="search"' in (await served.get("/"))[2]


async def test_below_a_path_and_under_a_former_name(served: Served) -> None:
    served.daemon.base_url = "https://me.example/reader"
    _, _, page = await served.get("/reader/search?q=words")
    assert len(titles(page)) == 30
    assert all(not one.startswith("/") for one in found_by(page, "//@href") if "://" not in one)
    assert 'href="/reader/search"' in (await served.get("/reader/"))[2]
    assert len(titles((await served.get("/search?q=words&in=former"))[2])) == 30
    _, _, moved = await served.get("/feeds/former.atom?q=words")
    assert "Everything: words" in moved


async def test_a_database_that_is_away_and_readers_in_a_hurry(
    served: Served, capsys: pytest.CaptureFixture[str]
) -> None:
    served.daemon.broken = True
    capsys.readouterr()
    assert (await served.get("/search?q=words"))[0] == 503
    assert "words" not in "".join(capsys.readouterr())
    served.daemon.broken = False
    answers = await asyncio.gather(*(served.get(f"/search?q=words+{n}") for n in range(80)))
    assert {status for status, _, _ in answers} == {200, 429}
