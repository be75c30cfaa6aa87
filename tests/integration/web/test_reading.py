"""Pages of stories: who may read them, how they turn, what becomes of old addresses."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256

import aiohttp
import pytest
from lxml import etree, html
from yarl import URL

from aggregator.config.feed_id import feed_key
from aggregator.errors import StoreError
from aggregator.model import (
    Basis,
    DroppedOutput,
    FeedPlace,
    ItemPlace,
    NamedItem,
    Selection,
    StandingItems,
    Status,
)
from aggregator.privacy.public import Disclosure
from aggregator.publish.snapshot import Snapshot
from aggregator.web.app import create_app
from aggregator.web.cursor import cursor_of
from aggregator.web.daemon_view import OutputInfo
from aggregator.web.server import WebServer
from tests.support.storage import DAY, HOUR, NOW, Stored, new

OPEN, MINE, OTHER = (f"https://{name}.example/feed" for name in ("open", "mine", "other"))
TOKEN = "t" * 43
PAGE = 5
FIRST = new("open 0")
SECRET = new("secret", title="Secret <b>words</b>", content_html="<h2>Mine</h2><p>all</p>")
NOWHERE = "00000000-0000-4000-8000-000000000000"


class Daemon:
    """Two outputs over a real store: one for everybody, one for who knows the token."""

    title, base_url, index, revision, holds_back = "Paper", "https://me.example", True, 0, True

    def __init__(self, stored: Stored) -> None:
        self.stored = stored
        self.broken = False
        self.gone: list[DroppedOutput] = []

    def outputs(self) -> Sequence[OutputInfo]:
        return [
            OutputInfo("all", "Everything", "All of it.", aliases=("former",)),
            OutputInfo("mine", "My own", tokens=(TOKEN,), aliases=("ours",)),
        ]

    def dropped(self) -> Sequence[DroppedOutput]:
        return self.gone

    async def status(self, limit: int, after: FeedPlace | None = None) -> Status:
        return Status((), 0, 0, 0, 0, 0, 0)

    async def sources(self, name: str) -> bytes:
        return b""

    def told(self, key: str) -> Disclosure | None:
        return None

    def healthy(self) -> tuple[bool, Mapping[str, object]]:
        return True, {}

    def selections(self) -> Mapping[str, Selection]:
        hidden = frozenset({feed_key(MINE)})
        return {
            "all": Selection(PAGE, hidden=hidden, basis=Basis("all", "", "", "")),
            "mine": Selection(PAGE, private=True, basis=Basis("mine", "", "", "")),
        }

    async def stories(self, name: str, below: ItemPlace | None = None) -> StandingItems | None:
        if self.broken:
            raise StoreError("the database is away")
        return await self.stored.store.standing_items(self.selections()[name], below)

    async def story(self, name: str, item_id: str) -> NamedItem | None:
        return await self.stored.store.named_item(self.selections()[name], item_id)


class Served:
    def __init__(self, session: aiohttp.ClientSession, daemon: Daemon) -> None:
        self.session, self.daemon = session, daemon

    async def get(
        self, path: str | URL, method: str = "GET", **headers: str
    ) -> tuple[int, Mapping[str, str], str]:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.session.request(
            method, path, headers=named, allow_redirects=False
        ) as answer:
            return answer.status, answer.headers.copy(), await answer.text()


@pytest.fixture
async def served(stored: Stored) -> AsyncIterator[Served]:
    daemon = Daemon(stored)
    await stored.subscribe(OPEN, MINE, OTHER)
    bases = [one.basis for one in daemon.selections().values() if one.basis is not None]
    await stored.store.sync_logs(bases)
    await stored.store.catch_up(daemon.selections().values())
    many = [new(f"open {n}", title=f"Public {n}", at=NOW - n * HOUR) for n in range(1, 12)]
    await stored.poll(OPEN, replace(FIRST, sort_at=NOW), *many)
    await stored.poll(MINE, SECRET)
    await stored.settle(outputs=daemon.selections().values())
    app = create_app(Snapshot(), daemon, stories=daemon, proxies=())
    server = WebServer(app, "127.0.0.1", 0)
    await server.start()
    async with aiohttp.ClientSession(f"http://127.0.0.1:{server.port}") as session:
        yield Served(session, daemon)
    await server.stop()


def path_of(entry: object) -> str:
    return str(entry.public_id).removeprefix("urn:uuid:")  # type: ignore[attr-defined]


def found_in(page: str, path: str) -> list[str]:
    """What the XPath expression ``path`` finds, as texts."""
    found = html.document_fromstring(page).xpath(path)
    assert isinstance(found, list)
    return [
        str(one.xpath("string()")) if isinstance(one, etree._Element) else str(one) for one in found
    ]


def titles(page: str) -> list[str]:
    return found_in(page, "//article//a[@class='title']")


def older(page: str) -> str | None:
    return next(iter(found_in(page, "//a[@rel='next']/@href")), None)


async def test_whoever_goes_on_reads_all_that_everybody_may(served: Served) -> None:
    read: list[str] = []
    there: str | None = ""
    while there is not None:
        status, headers, page = await served.get(f"/read/all{there}")
        assert (status, headers["Cache-Control"]) == (200, "no-cache")
        assert "X-Robots-Tag" not in headers
        read += titles(page)
        there = older(page)
    assert read == ["Title open 0", *(f"Public {n}" for n in range(1, 12))]


async def test_the_page_runs_our_script_alone_and_offers_its_feeds(served: Served) -> None:
    _, headers, page = await served.get("/read/all")
    policy = headers["Content-Security-Policy"]
    assert (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' https:" in policy
    )
    assert "unsafe" not in policy
    assert headers["Referrer-Policy"] == "no-referrer"
    assert found_in(page, "//script/@src") == ["../read.js"]
    assert not found_in(page, "//script[text()] | //style | //*[@style]")
    feeds = found_in(page, "//link[@rel='alternate']/@href")
    assert feeds == [f"../feeds/all.{kind}" for kind in ("atom", "rss", "json")]
    for path in ("/read.js", "/read.css", "/feed.css"):
        assert (await served.get(path))[0] == 200


async def test_a_storys_own_page(served: Served) -> None:
    status, _, page = await served.get(f"/read/all/{path_of(FIRST)}")
    assert (status, found_in(page, "//h1")) == (200, ["Title open 0"])
    assert found_in(page, "//header/p/a/@href") == ["../all"]
    assert found_in(page, "//script/@src") == ["../../read.js"]
    for absent in (NOWHERE, path_of(SECRET), "nonsense", path_of(FIRST).upper()):
        assert (await served.get(f"/read/all/{absent}"))[0] == 404


async def test_a_token_opens_the_pages_of_its_output_alone(served: Served) -> None:
    for path in (f"/read/{TOKEN}/mine", f"/read/{TOKEN}/mine/{path_of(SECRET)}"):
        status, headers, page = await served.get(path)
        assert status == 200
        assert headers["Cache-Control"] == "private, no-cache"
        assert headers["X-Robots-Tag"] == "noindex"
        assert 'content="noindex"' in page
        assert "Secret &lt;b&gt;words&lt;/b&gt;" in page
        assert f"../feeds/{TOKEN}/mine.atom" in page
    for path in (
        "/read/mine", f"/read/mine/{path_of(SECRET)}", f"/read/{'u' * 43}/mine", f"/read/{TOKEN}/all",
        f"/read/{'u' * 43}/mine/{path_of(SECRET)}", f"/read/{TOKEN}/all/{path_of(FIRST)}", f"/read/{TOKEN}",
        f"/read/{TOKEN}/none", f"/read/all/mine/{path_of(SECRET)}", "/read/ours", "/read/", "/read/all/",
    ):  # fmt: skip
        status, _, body = await served.get(path)
        assert (path, status, body) == (path, 404, "404 Not Found\n")


async def test_cursors_that_nobody_gave_are_refused(served: Served) -> None:
    place = ItemPlace(NOW, 1, f"urn:uuid:{NOWHERE}")
    good = cursor_of(place, "all")
    assert (await served.get(f"/read/all?after={good}"))[0] == 200
    for bad in (
        "x", good[:-1], good[:-1] + "A", "A" * 48, cursor_of(place, "mine"), "9" * 4000, "%00", "%ff%fe",
    ):  # fmt: skip
        assert (await served.get(URL(f"/read/all?after={bad}", encoded=True)))[0] == 400
    assert (await served.get(f"/read/all/{path_of(FIRST)}?after={good}"))[0] == 400
    last = cursor_of(ItemPlace(NOW - 400 * DAY, 1, f"urn:uuid:{NOWHERE}"), "all")
    _, _, page = await served.get(f"/read/all?after={last}")
    assert "There are no older stories" in page


async def test_former_names_lead_to_the_new_one(served: Served) -> None:
    good = cursor_of(ItemPlace(NOW, 1, f"urn:uuid:{NOWHERE}"), "all")
    item = path_of(FIRST)
    for path, there in {
        "/read/former": "/read/all",
        f"/read/former?after={good}": f"/read/all?after={good}",
        f"/read/former/{item}": f"/read/all/{item}",
        f"/read/{TOKEN}/ours": f"/read/{TOKEN}/mine",
        f"/read/{TOKEN}/ours/{path_of(SECRET)}": f"/read/{TOKEN}/mine/{path_of(SECRET)}",
    }.items():
        status, headers, _ = await served.get(path)
        moved = URL(f"http://x{path}").join(URL(headers["Location"], encoded=True))
        assert (status, str(moved)) == (301, f"http://x{there}")


async def test_dropped_outputs_are_gone_for_those_who_could_read_them(served: Served) -> None:
    secret = sha256(TOKEN.encode()).hexdigest()
    served.daemon.gone = [
        DroppedOutput("old", "atom", (), NOW),
        DroppedOutput("own", "atom", (secret,), NOW),
    ]
    for path, expected in {
        "/read/old": 410,
        f"/read/old/{NOWHERE}": 410,
        "/read/own": 404,
        f"/read/{TOKEN}/own": 410,
        f"/read/{TOKEN}/own/{NOWHERE}": 410,
        f"/read/{'u' * 43}/own": 404,
        f"/read/{TOKEN}/old": 404,
    }.items():
        assert (path, (await served.get(path))[0]) == (path, expected)


async def test_a_merged_item_leads_to_its_holder_and_a_withdrawn_one_is_gone(
    served: Served,
) -> None:
    stored, outputs = served.daemon.stored, served.daemon.selections().values()
    (one,) = await stored.poll(OTHER, told := new("told", at=NOW - HOUR))
    await stored.settle(outputs=outputs)
    await stored.store.merge(one, 1)
    await stored.store.catch_up(outputs)
    found = {
        path: await served.get(f"/read/all/{path}") for path in (path_of(FIRST), path_of(told))
    }
    assert sorted(status for status, _, _ in found.values()) == [200, 302]
    held = next(path for path, answer in found.items() if answer[0] == 200)
    leads = next(headers for status, headers, _ in found.values() if status == 302)
    assert leads["Location"] == held
    assert "Also told by" in found[held][2]
    await stored.subscribe(MINE)
    await stored.store.catch_up(outputs)
    served.daemon.revision += 1
    assert (await served.get(f"/read/all/{held}"))[0] == 410


async def test_conditional_requests_head_and_codings(served: Served) -> None:
    _, plain, body = await served.get("/read/all", Accept_Encoding="identity")
    _, packed, same = await served.get("/read/all", Accept_Encoding="gzip")
    assert body == same
    assert plain["ETag"] != packed["ETag"]
    assert packed["Content-Encoding"] == "gzip"
    for tag in (plain["ETag"], packed["ETag"], f'"x", W/{packed["ETag"]}'):
        status, headers, nothing = await served.get("/read/all", If_None_Match=tag)
        assert (status, nothing) == (304, "")
        assert headers["ETag"] in tag
    assert (await served.get("/read/all", If_None_Match='"x"'))[0] == 200
    status, headers, nothing = await served.get("/read/all", "HEAD", Accept_Encoding="identity")
    assert (status, nothing) == (200, "")
    assert headers["Content-Length"] == plain["Content-Length"]
    assert (await served.get("/read/all", "POST"))[0] == 405


async def test_below_a_path(served: Served) -> None:
    served.daemon.base_url = "https://me.example/reader"
    _, _, page = await served.get("/reader/read/all")
    assert len(titles(page)) == PAGE
    links = found_in(page, "//@href | //@src")
    assert all(not one.startswith("/") for one in links)
    assert 'href="/reader/read/all"' in (await served.get("/reader/"))[2]
    served.daemon.base_url = "https://me.example/lesé"  # which nobody asks for in these signs
    assert (await served.get("/les%C3%A9/read/all"))[0] == 200


async def test_a_database_that_is_away_and_readers_in_a_hurry(
    served: Served, capsys: pytest.CaptureFixture[str]
) -> None:
    served.daemon.broken = True
    status, headers, _ = await served.get(f"/read/{TOKEN}/mine")
    assert (status, headers["Retry-After"]) == (503, "10")
    assert TOKEN not in "".join(capsys.readouterr())
    served.daemon.broken = False
    assert {(await served.get("/read/all"))[0] for _ in range(60)} == {200}  # it is kept
    asked = [await served.get(f"/read/all/{NOWHERE[:-2]}{n}") for n in range(10, 60)]
    assert {status for status, _, _ in asked} == {404, 429}


async def test_without_stories_there_are_no_pages(served: Served) -> None:
    server = WebServer(create_app(Snapshot(), served.daemon, proxies=()), "127.0.0.1", 0)
    await server.start()
    try:
        assert (await served.get(f"http://127.0.0.1:{server.port}/read/all"))[0] == 404
        assert "read/all" not in (await served.get(f"http://127.0.0.1:{server.port}/"))[2]
    finally:
        await server.stop()
    assert 'href="read/all"' in (await served.get("/"))[2]
