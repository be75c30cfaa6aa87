"""More than the window over HTTP: archive pages, 226, `?since=`; their files; who may have which of it."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from lxml import etree

from aggregator.app.history import OutputHistory
from aggregator.app.purging import purge_archive
from aggregator.app.reload import apply_config
from aggregator.app.running_site import RunningSite
from aggregator.app.wiring import Parts, open_parts, subscribe
from aggregator.config import choices
from aggregator.config.config import Config
from aggregator.config.settings import FeedSettings, Settings
from aggregator.errors import StoreError
from aggregator.store.db.tables import archive_bodies
from aggregator.store.outputs import archives
from aggregator.web.app import create_app
from aggregator.web.server import WebServer
from tests.support.archive_reader import ATOM, Reader, older
from tests.support.feed_rules import faults
from tests.support.storage import DAY, HOUR, FakeClock, Stored, changed, new

A, B = "https://a.example/feed", "https://b.example/feed"
TOKEN = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
OTHER = "0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f9"
Answer = tuple[int, Mapping[str, str], bytes]


class House:
    """A daemon's web server over a database, without its polling."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.clock, self.settings = folder, FakeClock(), dict[str, Any]()
        self.feeds = [FeedSettings(url=A), FeedSettings(url=B)]
        self.tokens: list[str] | str = TOKEN
        self.config = self.configured()
        self.parts: Parts
        self.session: aiohttp.ClientSession
        self.port = 0

    def configured(self, **outputs: object) -> Config:
        mine = {"name": "mine", "limit": 3, "token": self.tokens, "files": str(self.folder / "own")}
        settings = {
            "database": {"url": f"sqlite:///{self.folder / 'a.db'}"},
            "publish": {"directory": str(self.folder / "public")},
            "base_url": "https://me.example",
            "outputs": [{"name": "all", "limit": 3, "aliases": ["old"], **outputs}, mine],
            **self.settings,
        }
        return Config(Settings.model_validate(settings), None, tuple(self.feeds))

    @property
    def stored(self) -> Stored:
        return Stored(self.parts.store, self.parts.store._database, self.clock)

    async def tell(self, feed: str, *names: str) -> list[int]:
        """News of a feed, settled and published."""
        self.clock.advance(HOUR)
        ids = await self.stored.poll(feed, *(new(one, at=self.clock.now()) for one in names))
        await self.publish()
        return ids

    async def publish(self) -> None:
        await self.stored.settle(outputs=choices.selections(self.config).values())
        await self.parts.engine.publish([one.name for one in self.config.settings.outputs])

    async def load(self, config: Config) -> None:
        self.config = (await apply_config(self.config, config, self.parts, self.clock)).config
        await self.publish()

    async def get(self, path: str, method: str = "GET", **headers: str) -> Answer:
        named = {"Accept-Encoding": "identity"}
        named |= {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.session.request(
            method, path, headers=named, allow_redirects=False
        ) as answer:
            return answer.status, answer.headers.copy(), await answer.read()

    async def fetch(self, address: str) -> bytes | None:
        status, _, body = await self.get(address.removeprefix("https://me.example"))
        return body if status == 200 else None

    def file(self, name: str) -> bytes:
        return (self.folder / name).read_bytes()


@pytest.fixture
async def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    monkeypatch.setattr(archives, "LINES", 5)
    made = House(tmp_path)
    async with open_parts(made.config, made.clock) as parts:
        made.parts = parts
        await subscribe(made.config, parts.store, made.clock.now())
        site = RunningSite(made.config, made.clock, lambda: False)
        history = OutputHistory(lambda: made.config, parts.store)
        app = create_app(
            parts.snapshot,
            site,
            history=history,
            kept=timedelta(0),
            proxies=(),
            max_age=timedelta(minutes=5),
        )
        monkeypatch.setattr(RunningSite, "config", property(lambda _: made.config), raising=False)
        server = WebServer(app, "127.0.0.1", 0)
        await server.start()
        async with aiohttp.ClientSession(f"http://127.0.0.1:{server.port}") as session:
            made.session = session
            yield made
        await server.stop()


def titles(body: bytes) -> list[str]:
    return [
        str(one.findtext(f"{ATOM}title")) for one in etree.fromstring(body).iter(f"{ATOM}entry")
    ]


def people(body: bytes) -> str | None:
    """The address of the page for people that an Atom feed names."""
    links = etree.fromstring(body).iterfind(f"{ATOM}link[@rel='alternate'][@type='text/html']")
    return next((str(one.get("href")) for one in links), None)


async def test_a_page_is_served_as_it_is_for_a_day(house: House) -> None:
    await house.tell(A, *(f"one {n}" for n in range(6)))
    _, headers, window = await house.get("/feeds/all.atom")
    link = older(window)
    assert link is not None
    page = link.removeprefix("https://me.example").replace("-open", "-1").partition("?")[0]
    status, headers, body = await house.get(page)
    assert (status, headers["Cache-Control"]) == (200, "public, max-age=86400")
    assert len(titles(body)) == 5
    assert b".invalid" not in body
    assert faults(body) == []
    etag = headers["ETag"]
    assert (await house.get(page, "HEAD"))[0::2] == (200, b"")
    assert (await house.get(page, If_None_Match=etag))[0] == 304
    assert (await house.get(page, If_Modified_Since=headers["Last-Modified"]))[0] == 304
    moved = await house.get(page.replace("all.", "old."))
    assert (moved[0], moved[1]["Location"]) == (301, page.removeprefix("/feeds/"))
    for missing in (
        "all.1-99.atom",
        "all.99-1.atom",
        "all.99-open.atom",
        "all.1-0.atom",
        "all.1-1.zip",
        "mine.2-1.atom",
    ):
        assert (await house.get(f"/feeds/{missing}"))[0] == 404, missing
    assert (await house.get(f"/feeds/{OTHER}/mine.2-1.atom"))[0] == 404
    assert house.file(f"public{page}") == body
    # Another address of the server: other bytes and tags, here and in the files, and nothing is closed anew.
    house.settings["base_url"] = "https://moved.example/here"
    await house.load(house.configured())
    status, headers, body = await house.get(page)
    assert (status, headers["ETag"] == etag) == (200, False)
    assert b"https://moved.example/here/feeds/all.atom" in body
    assert b"me.example" not in body
    assert people(body) == "https://moved.example/here/read/all"
    assert b'href="/here/feed.css"?>' in body
    assert house.file(f"public{page}") == body


async def test_a_private_output_has_its_pages_behind_its_token(house: House) -> None:
    await house.tell(A, *(f"one {n}" for n in range(6)))
    status, headers, window = await house.get(f"/feeds/{TOKEN}/mine.atom")
    link = older(window)
    assert link is not None
    page = link.removeprefix("https://me.example").replace("-open", "-1").partition("?")[0]
    assert page.startswith(f"/feeds/{TOKEN}/mine.")
    status, headers, body = await house.get(page)
    assert (status, headers["Cache-Control"]) == (200, "private, max-age=86400")
    assert TOKEN.encode() in body
    own = house.file(f"own/{page.rpartition('/')[2]}")
    assert TOKEN.encode() not in own
    assert older(own) is None or TOKEN not in str(older(own))
    for row in house.stored.rows(archive_bodies):
        assert TOKEN.encode() not in archives.unpacked(row).body
    # All lead to the page for people that who reads them may read.
    opened = page.replace("-1.", "-open.")
    for address in (
        page,
        opened,
        f"/feeds/{TOKEN}/mine.atom",
        f"/feeds/{TOKEN}/mine.atom?since=2-1",
    ):
        assert people((await house.get(address))[2]) == f"https://me.example/read/{TOKEN}/mine", (
            address
        )
    assert people(own) == "https://me.example/"
    # Another token: pages are as they were, and say it.
    house.tokens = [OTHER]
    await house.load(house.configured())
    assert (await house.get(page))[0] == 404
    status, _, body = await house.get(page.replace(TOKEN, OTHER))
    assert status == 200
    assert TOKEN.encode() not in body
    assert OTHER.encode() in body


async def test_what_becomes_private_leaves_pages_and_files(house: House) -> None:
    await house.tell(A, *(f"public {n}" for n in range(4)))
    await house.tell(B, *(f"secret {n}" for n in range(4)))
    files = sorted((house.folder / "public/feeds").glob("all.*-*.atom"))
    assert any(b"secret" in one.read_bytes() for one in files)
    house.feeds[1] = FeedSettings(url=B, private="true")
    await house.load(house.configured())
    files = sorted((house.folder / "public/feeds").iterdir())
    files = [one for one in files if one.suffix not in {".gz", ".br", ".zst"}]
    assert len([one for one in files if "-" in one.name]) >= 3
    for one in files:
        assert b"secret" not in one.read_bytes(), one.name
        assert faults(one.read_bytes()) == [], one.name
    reader = Reader(house.fetch)
    await reader.read((await house.get("/feeds/all.atom"))[2])
    assert sorted(reader.titles.values()) == [f"Title public {n}" for n in range(4)]
    # Those who know the token still have them.
    reader = Reader(house.fetch)
    await reader.read((await house.get(f"/feeds/{TOKEN}/mine.atom"))[2])
    assert len(reader.titles) == 8


async def test_the_open_page_has_what_the_window_has_not(house: House) -> None:
    ids = await house.tell(A, *(f"one {n}" for n in range(4)))
    for title in ("Changed", "Changed again"):
        house.clock.advance(HOUR)
        await house.stored.poll(A, changed=[changed(ids[0], "one 0", title=title)])
        await house.publish()
    _, _, window = await house.get("/feeds/all.rss")
    found = re.search(rb'rel="prev-archive"[^>]*href="https://me.example([^"]*)"', window)
    assert found is not None
    page = found[1].decode()
    assert "-open.rss?to=" in page
    status, headers, body = await house.get(page)
    assert (status, headers["Cache-Control"]) == (
        200,
        "public, max-age=300, stale-while-revalidate=300, stale-if-error=86400",
    )
    assert faults(body) == []
    assert (await house.get(page, If_None_Match=headers["ETag"]))[0] == 304
    assert house.file(f"public{page.partition('?')[0]}") == body
    # Under the address of a line to come, or of a log that ended, no cache may keep what is there today.
    bare, _, _ = page.partition("?")
    for to, kept in (("6", True), ("7", False), ("9" * 5000, False), ("٦", False), ("", False)):
        status, headers, again = await house.get(f"{bare}?to={to}")
        assert (status, again) == (200, body)
        assert headers["Cache-Control"] == (
            "public, max-age=300, stale-while-revalidate=300, stale-if-error=86400"
            if kept
            else "no-store"
        ), to
    assert (await house.get(bare))[1][
        "Cache-Control"
    ] == "public, max-age=300, stale-while-revalidate=300, stale-if-error=86400"
    assert (await house.get(bare.replace(".1-", ".3-")))[0] == 404
    said = json.loads((await house.get("/feeds/all.json"))[2])
    assert said["next_url"].removeprefix("https://me.example") == page.replace(".rss", ".json")


async def test_a_delta_has_what_is_new_since_the_tag(house: House) -> None:
    ids = await house.tell(A, "one", "two")
    _, headers, _ = await house.get("/feeds/all.atom")
    tag = headers["ETag"]
    ask = {"A_IM": "feed", "If_None_Match": tag}
    assert (await house.get("/feeds/all.atom", **ask))[0] == 304
    await house.tell(A, "three")
    status, headers, body = await house.get("/feeds/all.atom", **ask)
    assert (status, headers["IM"], titles(body)) == (226, "feed", ["Title three"])
    assert headers["Vary"] == "A-IM, If-None-Match, Accept-Encoding"
    assert headers["Cache-Control"] == "no-store, im"
    assert faults(body) == []
    now = (await house.get("/feeds/all.atom"))[1]["ETag"]
    assert headers["ETag"] == now != tag
    coded = await house.get("/feeds/all.atom", **ask, Accept_Encoding="gzip")
    assert (coded[0], coded[1]["ETag"]) == (226, f'{now[:-1]}-gzip"')
    several = f'"nobody", {tag[:-1]}-gzip", W/{tag}'
    assert (await house.get("/feeds/all.atom", A_IM="x, feed;q=0.5", If_None_Match=several))[
        0
    ] == 226
    # What is no such request, or of no log that stands, is answered as ever.
    for other in (
        {"If_None_Match": tag},
        {"A_IM": "feed;q=0", "If_None_Match": tag},
        {"A_IM": "feed"},
        {"A_IM": "feed", "If_None_Match": '"0123456789abcdef0123456789abcdef"'},
        {"A_IM": "feed", "If_None_Match": tag.replace("-1-", "-77-")},
        {"A_IM": "feed", "If_None_Match": re.sub(r"-\d+\"", '-999"', tag)},
    ):
        status, headers, body = await house.get("/feeds/all.atom", **other)
        assert (status, "IM" in headers, len(titles(body))) == (200, False, 3), other
    assert (await house.get("/feeds/all.atom", "HEAD", **ask))[0] == 200
    private = await house.get(f"/feeds/{TOKEN}/mine.atom", A_IM="feed", If_None_Match=tag.replace("-1-", "-2-"))  # fmt: skip
    assert (private[0], private[1]["Cache-Control"]) == (226, "no-store, im")
    assert f"/feeds/{TOKEN}/mine.atom".encode() in private[2]
    # A feed leaves: nothing is new, and the whole says what is left.
    await house.stored.poll(A, unlisted=ids)
    house.feeds = [FeedSettings(url=B)]
    await house.load(house.configured())
    status, _, body = await house.get("/feeds/all.atom", A_IM="feed", If_None_Match=now)
    assert (status, titles(body)) == (200, [])


async def test_scripts_go_on_from_a_cursor(house: House) -> None:
    for number in range(7):
        await house.tell(A, f"one {number}")
    status, headers, body = await house.get("/feeds/all.atom?since=2026-11-02T12:30:00Z&limit=4")
    assert (status, titles(body)) == (200, [f"Title one {n}" for n in (3, 2, 1, 0)])
    assert faults(body) == []
    assert (await house.get("/feeds/all.atom?since=2026-11-02T12:30:00Z&limit=4", If_None_Match=headers["ETag"]))[0] == 304  # fmt: skip
    assert (await house.get("/feeds/all.atom?since=2026-11-02T12:30:00Z", "HEAD"))[0::2] == (
        200,
        b"",
    )
    following = re.fullmatch(r'<(\?since=1-4&limit=4)>; rel="next"', headers["Link"])
    assert following is not None
    status, headers, body = await house.get(f"/feeds/all.atom{following[1]}")
    assert titles(body) == [f"Title one {n}" for n in (6, 5, 4)]
    assert ("Link" in headers, headers["X-Cursor"]) == (False, "1-7")
    assert titles((await house.get("/feeds/all.atom?since=1-7"))[2]) == []
    assert titles((await house.get("/feeds/all.atom?limit=2"))[2]) == ["Title one 6", "Title one 5"]
    assert titles((await house.get("/feeds/all.atom?since=2026-11-02T18:30:00%2B01:00"))[2]) == [f"Title one {n}" for n in (6, 5)]  # fmt: skip
    assert (await house.get("/feeds/all.atom?since=99-1"))[0] == 410
    for bad in ("since=x", "limit=0", "limit=501", "limit=0000000501", "limit=", "since=", "limit=٣", "since=9999999999999999999-1", "since=0001-01-01T00:00:00%2B23:00"):  # fmt: skip
        assert (await house.get(f"/feeds/all.atom?{bad}"))[0] == 400, bad


async def test_purging_takes_items_out_of_pages_and_files(house: House) -> None:
    await house.tell(A, *(f"one {n}" for n in range(3)))
    await house.tell(B, "unlawful", "other")
    await house.tell(A, *(f"two {n}" for n in range(4)))
    page = "/feeds/all.1-1.atom"
    _, headers, body = await house.get(page)
    assert b"unlawful" in body
    assert await purge_archive(house.config, "old", None, B) == 2
    await house.parts.engine.publish(["all"])
    status, fresh, body = await house.get(page, If_None_Match=headers["ETag"])
    assert (status, fresh["ETag"] == headers["ETag"]) == (200, False)
    assert b"unlawful" not in body
    assert body.count(b"deleted-entry ") == 2
    assert house.file(f"public{page}") == body
    assert b"unlawful" in ((await house.fetch(f"/feeds/{TOKEN}/mine.2-1.atom")) or b"")
    with pytest.raises(StoreError, match="no archive page"):
        await purge_archive(house.config, "all", "urn:nothing", None)
    with pytest.raises(StoreError, match="no such output"):
        await purge_archive(house.config, "nothing", None, A)


async def test_without_an_archive_there_are_no_pages(house: House) -> None:
    await house.tell(A, *(f"one {n}" for n in range(6)))
    await house.load(house.configured(archive="0"))
    await house.parts.engine.forget()
    _, _, window = await house.get("/feeds/all.atom")
    assert older(window) is None
    assert (await house.get("/feeds/all.1-1.atom"))[0] == 404
    assert (await house.get("/feeds/all.1-open.atom"))[0] == 404
    assert not list((house.folder / "public/feeds").glob("all.*-*"))
    house.clock.advance(DAY)
    await house.load(house.configured())
    _, _, window = await house.get("/feeds/all.atom")
    assert older(window) == "https://me.example/feeds/all.1-2.atom"  # no number comes twice
    reader = Reader(house.fetch)
    await reader.read(window)
    assert len(reader.titles) == 6
