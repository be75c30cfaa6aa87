"""The web application over a real socket: every route, validator, coding and error."""

from __future__ import annotations

import asyncio
import gzip
import io
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import aiohttp
import feedparser
import pytest

from aggregator import __version__
from aggregator.errors import StoreError
from aggregator.model import DroppedOutput, FeedPlace, FeedStatus, Item, OutputFeed, Status
from aggregator.privacy.public import Disclosure
from aggregator.publish.formats import FORMATS
from aggregator.publish.render import pack, render
from aggregator.publish.snapshot import Snapshot
from aggregator.web.app import create_app
from aggregator.web.daemon_view import OutputInfo
from aggregator.web.server import WebServer
from tests.support.published import source

MODIFIED = datetime(2026, 11, 23, 18, 0, 5, tzinfo=UTC)
ITEM = Item(
    "urn:x", "T", "https://e.example/", "<p>x</p>", "x", MODIFIED, MODIFIED,
    source("S", "https://e.example/feed"),
)  # fmt: skip
OUTPUT = OutputFeed("all", "Mine", "", "https://me.example", (ITEM,), MODIFIED)
STAMP = "Mon, 23 Nov 2026 18:00:05 GMT"


@dataclass
class FakeDaemon:
    """The daemon's side of the pages, with switches for its troubles."""

    title: str = "Morning paper"
    base_url: str = "https://me.example"
    broken: Exception | None = None
    ticking: bool = True
    index: bool = False
    revision: int = 0
    asked: int = 0
    configured: list[OutputInfo] = field(
        default_factory=lambda: [OutputInfo("all", "Everything"), OutputInfo("late", "Late")]
    )

    def outputs(self) -> Sequence[OutputInfo]:
        return self.configured

    def dropped(self) -> Sequence[DroppedOutput]:
        return ()

    async def status(self, limit: int, after: FeedPlace | None = None) -> Status:
        if self.broken:
            raise self.broken
        feed = FeedStatus("https://e.example/feed", "https://e.example/feed", "E", result="updated")
        return Status((feed,), 1, 1, 1, 0, 0, 0, total=1)

    async def sources(self, name: str) -> bytes:
        return f"<opml>{name}</opml>".encode()

    def told(self, key: str) -> Disclosure | None:
        return Disclosure() if key == "https://e.example/feed" else None

    @property
    def holds_back(self) -> bool:
        return False

    def healthy(self) -> tuple[bool, Mapping[str, object]]:
        return self.ticking, {"feeds": 1}


@dataclass
class Served:
    daemon: FakeDaemon
    snapshot: Snapshot
    session: aiohttp.ClientSession

    async def get(
        self, path: str, method: str = "GET", **headers: str
    ) -> tuple[int, Mapping[str, str], bytes]:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.session.request(method, path, headers=named) as answer:
            return answer.status, answer.headers.copy(), await answer.read()


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    snapshot, daemon = Snapshot(), FakeDaemon()
    snapshot.publish(
        OUTPUT, [pack("all", kind, render(OUTPUT, kind), MODIFIED) for kind in FORMATS]
    )
    server = WebServer(create_app(snapshot, daemon, max_age=timedelta(minutes=2)), "127.0.0.1", 0)
    await server.start()
    async with aiohttp.ClientSession(
        f"http://127.0.0.1:{server.port}",
        auto_decompress=False,
        skip_auto_headers=["Accept-Encoding"],
    ) as session:
        yield Served(daemon, snapshot, session)
    await server.stop()


async def test_of_a_long_list_only_the_beginning_is_looked_at(served: Served) -> None:
    _, first, _ = await served.get("/feeds/all.atom")
    others = ", ".join(['"other"'] * 800)
    lines = [("If-None-Match", others), ("If-None-Match", others), ("If-None-Match", first["ETag"])]
    for fields, status in ((lines, 200), (lines[::-1], 304)):
        async with served.session.get("/feeds/all.atom", headers=fields) as answer:
            assert answer.status == status


@pytest.mark.parametrize("kind", FORMATS)
async def test_a_feed_as_it_is(served: Served, kind: str) -> None:
    status, headers, body = await served.get(f"/feeds/all.{kind}")
    assert (status, body) == (200, render(OUTPUT, kind))
    assert headers["Content-Type"] == FORMATS[kind].content_type
    assert headers["Content-Length"] == str(len(body))
    assert headers["Last-Modified"] == STAMP
    assert (
        headers["Cache-Control"]
        == "public, max-age=120, stale-while-revalidate=120, stale-if-error=86400"
    )
    assert headers["Vary"] == "Accept-Encoding, Sec-Fetch-Dest"
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "Content-Encoding" not in headers
    assert not headers["ETag"].startswith("W/")


async def test_what_an_output_is_made_of(served: Served) -> None:
    status, headers, body = await served.get("/feeds/all.opml")
    assert (status, body) == (200, b"<opml>all</opml>")
    assert headers["Content-Type"] == "text/x-opml; charset=utf-8"
    assert (
        headers["Cache-Control"]
        == "public, max-age=120, stale-while-revalidate=120, stale-if-error=86400"
    )
    assert (await served.get("/feeds/all.opml", If_None_Match=headers["ETag"]))[0] == 304
    assert (await served.get("/feeds/none.opml"))[0] == 404


async def test_a_feed_that_is_opened_in_a_browser_has_a_type_that_is_shown(served: Served) -> None:
    for kind, shown in (("atom", "application/xml"), ("rss", "application/xml"), ("json", "application/feed+json")):  # fmt: skip
        _, headers, body = await served.get(f"/feeds/all.{kind}", Sec_Fetch_Dest="document")
        _, plain, same = await served.get(f"/feeds/all.{kind}", Sec_Fetch_Dest="empty")
        assert headers["Content-Type"].startswith(shown)
        assert plain["Content-Type"] == FORMATS[kind].content_type
        assert (body, headers["ETag"]) == (same, plain["ETag"])
        assert "style-src 'self'" in headers["Content-Security-Policy"]
        assert "script" not in headers["Content-Security-Policy"]


async def test_a_feed_compressed(served: Served) -> None:
    _, plain, body = await served.get("/feeds/all.atom")
    status, headers, packed = await served.get("/feeds/all.atom", Accept_Encoding="br, gzip;q=0.9")
    assert (status, headers["Content-Encoding"]) == (200, "gzip")
    assert gzip.decompress(packed) == body
    assert headers["Content-Type"] == FORMATS["atom"].content_type
    assert headers["ETag"] != plain["ETag"]
    assert headers["Vary"] == "Accept-Encoding, Sec-Fetch-Dest"
    _, refused, _ = await served.get("/feeds/all.atom", Accept_Encoding="gzip;q=0")
    assert "Content-Encoding" not in refused


@pytest.mark.parametrize("coding", ["identity", "gzip"])
async def test_head_has_the_headers_of_get_and_no_body(served: Served, coding: str) -> None:
    _, expected, _ = await served.get("/feeds/all.rss", Accept_Encoding=coding)
    status, headers, body = await served.get("/feeds/all.rss", "HEAD", Accept_Encoding=coding)
    assert (status, body) == (200, b"")
    different = {name for name in expected if expected[name] != headers.get(name)}
    assert different <= {"Date"}


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("coding", ["identity", "gzip"])
async def test_every_stored_validator_gives_304(served: Served, method: str, coding: str) -> None:
    _, first, _ = await served.get("/feeds/all.atom", Accept_Encoding=coding)
    etag = first["ETag"]
    for headers in (
        {"If_None_Match": etag},
        {"If_None_Match": f"W/{etag}"},
        {"If_None_Match": f'"other", {etag}'},
        {"If_None_Match": "*"},
        {"If_None_Match": etag, "If_Modified_Since": "Mon, 01 Jan 2001 00:00:00 GMT"},
        {"If_Modified_Since": STAMP},
    ):
        status, answer, body = await served.get(
            "/feeds/all.atom", method, Accept_Encoding=coding, **headers
        )
        assert (status, body) == (304, b""), headers
        assert answer["ETag"] == etag
        for name in ("Cache-Control", "Vary", "Last-Modified", "Access-Control-Allow-Origin"):
            assert answer[name] == first[name]
        assert "Content-Encoding" not in answer


async def test_a_stored_plain_copy_is_confirmed_to_a_client_that_takes_gzip(served: Served) -> None:
    _, first, _ = await served.get("/feeds/all.atom")
    status, answer, _ = await served.get(
        "/feeds/all.atom", If_None_Match=first["ETag"], Accept_Encoding="gzip"
    )
    assert (status, answer["ETag"]) == (304, first["ETag"])


async def test_several_header_lines_are_one_list(served: Served) -> None:
    _, first, _ = await served.get("/feeds/all.atom")
    lines = [("If-None-Match", '"other"'), ("If-None-Match", first["ETag"])]
    async with served.session.get("/feeds/all.atom", headers=lines) as answer:
        assert answer.status == 304


@pytest.mark.parametrize(
    "headers",
    [
        {"If_None_Match": '"old"'},
        {"If_None_Match": '"old"', "If_Modified_Since": STAMP},
        {"If_Modified_Since": "Mon, 23 Nov 2026 18:00:04 GMT"},
        {"If_Modified_Since": "garbage"},
    ],
)
async def test_anything_else_gives_200(served: Served, headers: dict[str, str]) -> None:
    status, _, body = await served.get("/feeds/all.atom", **headers)
    assert (status, body) == (200, render(OUTPUT, "atom"))


async def test_a_new_rendering_ends_the_304s(served: Served) -> None:
    _, first, _ = await served.get("/feeds/all.atom")
    changed = replace(OUTPUT, title="New")
    served.snapshot.publish(changed, [pack("all", "atom", render(changed, "atom"), MODIFIED)])
    status, _, body = await served.get("/feeds/all.atom", If_None_Match=first["ETag"])
    assert status == 200
    assert feedparser.parse(io.BytesIO(body)).feed.title == "New"


@pytest.mark.parametrize(
    "path",
    [
        "/feeds/none.atom",
        "/feeds/all.opmls",
        "/feeds/all",
        "/feeds/.atom",
        "/feeds/late.xml",
        "/feeds/..%2Fall.atom",
        "/feeds/%3Cscript%3E.atom",
    ],
)
async def test_what_is_not_published_is_not_found(served: Served, path: str) -> None:
    status, headers, body = await served.get(path)
    assert status == 404
    assert headers["Content-Type"].startswith("text/plain")
    assert b"script" not in body


async def test_what_is_not_rendered_yet_is_asked_for_later(served: Served) -> None:
    status, headers, _ = await served.get("/feeds/late.atom")
    assert (status, headers["Retry-After"]) == (503, "10")
    assert headers["Cache-Control"] == "no-store"


async def test_scripts_of_other_pages_may_ask_conditionally(served: Served) -> None:
    status, headers, _ = await served.get("/feeds/all.json", "OPTIONS", Origin="https://x.example")
    assert status == 204
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert "If-None-Match" in headers["Access-Control-Allow-Headers"]


@pytest.mark.parametrize("path", ["/", "/feeds/all.atom", "/health", "/style.css"])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
async def test_other_methods_are_refused(served: Served, path: str, method: str) -> None:
    status, headers, _ = await served.get(path, method)
    assert status == 405
    assert {"GET", "HEAD"} <= set(headers["Allow"].split(","))


async def test_feeds_need_no_database(served: Served) -> None:
    served.daemon.broken = StoreError("the database is locked")
    assert (await served.get("/feeds/all.atom"))[0] == 200


async def test_the_start_page(served: Served) -> None:
    status, headers, body = await served.get("/")
    assert status == 200
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "unsafe" not in policy
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert b"Morning paper" in body
    assert b"new entries" in body


PLACES = ["2", "3.7", "0", "-1", "x", "", "²", "٣", "9" * 5000, "1.", ".1", "1.2.3", "%00"]


@pytest.mark.parametrize("place", PLACES)
async def test_the_start_page_from_any_place_on(served: Served, place: str) -> None:
    assert (await served.get(f"/?after={place}"))[0] == 200


async def test_the_start_page_without_a_database(served: Served) -> None:
    served.daemon.broken = StoreError("the database is locked")
    status, _, body = await served.get("/")
    assert status == 200
    assert b"cannot be read" in body
    assert b"feeds/all.atom" in body


async def test_a_fault_of_ours_shows_no_innards(served: Served) -> None:
    served.daemon.broken = RuntimeError("secret detail")
    asyncio.get_running_loop().set_debug(True)  # in which aiohttp itself would show them
    status, headers, body = await served.get("/")
    assert (status, body) == (500, b"500 Internal Server Error\n")
    assert headers["Content-Type"].startswith("text/plain")


@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        ("/style.css", "text/css; charset=utf-8"),
        ("/icon.svg", "image/svg+xml; charset=utf-8"),
        ("/robots.txt", "text/plain; charset=utf-8"),
    ],
)
async def test_the_small_files(served: Served, path: str, content_type: str) -> None:
    status, headers, body = await served.get(path)
    assert (status, headers["Content-Type"]) == (200, content_type)
    assert body


async def test_health_follows_the_daemon(served: Served) -> None:
    async with served.session.get("/health") as answer:
        assert answer.status == 200
        assert await answer.json() == {"status": "ok", "version": __version__, "feeds": 1}
    served.daemon.ticking = False
    async with served.session.get("/health") as answer:
        assert answer.status == 503
        assert (await answer.json())["status"] == "failing"
        assert answer.headers["Cache-Control"] == "no-store"


async def test_no_answer_names_the_software_below(served: Served) -> None:
    for path in ("/", "/nope", "/feeds/all.atom", "/health"):
        _, headers, _ = await served.get(path)
        assert headers["Server"] == "aggregator"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in headers["Content-Security-Policy"]
