"""Outputs with tokens over a real socket: who may read them, and what everybody else sees."""

from __future__ import annotations

import gzip
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import aiohttp
import pytest
from structlog.testing import capture_logs

from aggregator.model import DroppedOutput, FeedPlace, OutputFeed, ReaderCount, Status
from aggregator.privacy.public import Disclosure
from aggregator.publish.formats import FORMATS
from aggregator.publish.private import pack_for_all, self_links
from aggregator.publish.render import render
from aggregator.publish.snapshot import Snapshot
from aggregator.web.app import create_app
from aggregator.web.counting import ReaderCounts
from aggregator.web.daemon_view import OutputInfo
from aggregator.web.server import WebServer

MODIFIED = datetime(2026, 11, 23, 18, 0, 5, tzinfo=UTC)
ONE, TWO, GONE = (sha256(name).hexdigest() for name in (b"one", b"two", b"gone"))
BASE = "https://me.example"
CORS = {"Access-Control-Allow-Origin", "Access-Control-Expose-Headers"}


def _output(name: str, *tokens: str) -> OutputFeed:
    links = self_links(BASE, name, FORMATS, private=bool(tokens))
    return OutputFeed(name, f"Title {name}", "", BASE, (), MODIFIED, links=links, tokens=tokens)


def _publish(snapshot: Snapshot, output: OutputFeed) -> None:
    packed = (pack_for_all(output, kind, render(output, kind), MODIFIED) for kind in FORMATS)
    snapshot.publish(output, [one for forms in packed for one in forms])


@dataclass
class FakeDaemon:
    title: str = "Paper"
    base_url: str = BASE
    index: bool = False
    revision: int = 0
    broken: bool = False
    configured: list[OutputInfo] = field(
        default_factory=lambda: [
            OutputInfo("all", "Everything", aliases=("every",)),
            OutputInfo("mine", "Private title", tokens=(ONE, TWO), aliases=("my-own",)),
            OutputInfo("also", "Shares a token", tokens=(ONE,)),
            OutputInfo("late", "Not rendered yet", tokens=(TWO,)),
        ]
    )

    def outputs(self) -> Sequence[OutputInfo]:
        if self.broken:
            raise RuntimeError("a fault of ours")
        return self.configured

    def dropped(self) -> Sequence[DroppedOutput]:
        return [
            DroppedOutput("open", "atom", (), MODIFIED),
            DroppedOutput("closed", "atom", (sha256(TWO.encode()).hexdigest(),), MODIFIED),
        ]

    async def status(self, limit: int, after: FeedPlace | None = None) -> Status:
        return Status()

    async def sources(self, name: str) -> bytes:
        return f"<opml>{name}</opml>".encode()

    def told(self, key: str) -> Disclosure | None:
        return Disclosure() if key == "https://e.example/feed" else None

    @property
    def holds_back(self) -> bool:
        return False

    def healthy(self) -> tuple[bool, Mapping[str, object]]:
        return True, {}


@dataclass
class Served:
    daemon: FakeDaemon
    snapshot: Snapshot
    session: aiohttp.ClientSession
    counts: ReaderCounts

    async def get(
        self, path: str, method: str = "GET", **headers: str
    ) -> tuple[int, Mapping[str, str], bytes]:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.session.request(method, path, headers=named) as answer:
            heads = answer.headers.copy()
            heads.pop("Date")
            return answer.status, heads, await answer.read()


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    snapshot, daemon, counts = Snapshot(), FakeDaemon(), ReaderCounts()
    for output in (_output("all"), _output("mine", ONE, TWO, GONE), _output("also", ONE)):
        _publish(snapshot, output)
    app = create_app(snapshot, daemon, max_age=timedelta(minutes=2), counts=counts)
    server = WebServer(app, "127.0.0.1", 0)
    await server.start()
    async with aiohttp.ClientSession(
        f"http://127.0.0.1:{server.port}",
        auto_decompress=False,
        skip_auto_headers=["Accept-Encoding"],
    ) as session:
        yield Served(daemon, snapshot, session, counts)
    await server.stop()


async def test_requests_are_counted_for_their_output_without_its_tokens(served: Served) -> None:
    feedly = {"User_Agent": f"Feedly/1.0 (+http://x/{ONE}; 12 subscribers; )"}
    _, headers, _ = await served.get("/feeds/all.atom", **feedly)
    await served.get("/feeds/all.atom", If_None_Match=headers["ETag"], **feedly)
    await served.get(f"/feeds/{ONE}/mine.rss", **feedly)
    await served.get(f"/feeds/{TWO}/mine.rss", "HEAD", User_Agent="newsboat/2.21 (Linux)")
    await served.get(f"/feeds/{ONE}/my-own.rss", User_Agent="")
    await served.get(f"/feeds/{TWO}/late.json", User_Agent="")
    for nobodys in (f"{GONE}/mine.rss", "mine.rss", "all.exe", "nothing.atom"):
        await served.get(f"/feeds/{nobodys}", **feedly)
    counted = served.counts.take()
    assert not [one for one in (ONE, TWO, GONE) if one in repr(counted)]
    assert sorted(counted, key=lambda one: (one.output, one.status, one.agent)) == [
        ReaderCount("all", "atom", 200, "Feedly", "", 12, 1),
        ReaderCount("all", "atom", 304, "Feedly", "", 12, 1),
        ReaderCount("late", "json", 503, "", "", None, 1),
        ReaderCount("mine", "rss", 200, "", "", None, 1),  # by way of the former name
        ReaderCount("mine", "rss", 200, "Feedly", "", 12, 1),
        ReaderCount("mine", "rss", 200, "newsboat", "", None, 1),
        ReaderCount("mine", "rss", 301, "", "", None, 1),
    ]


async def test_the_sources_of_a_private_output_are_for_those_who_know_a_token(
    served: Served,
) -> None:
    status, headers, body = await served.get(f"/feeds/{ONE}/mine.opml")
    assert (status, body, headers["Cache-Control"]) == (
        200, b"<opml>mine</opml>", "private, max-age=120, stale-while-revalidate=120, stale-if-error=86400",
    )  # fmt: skip
    for path in ("mine.opml", f"{GONE}/mine.opml", f"{ONE}x/mine.opml", f"{ONE}/all.opml"):
        assert (await served.get(f"/feeds/{path}"))[0] == 404


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("token", [ONE, TWO])
async def test_each_token_opens_it_with_a_self_link_of_its_own(
    served: Served, kind: str, token: str
) -> None:
    path = f"/feeds/{token}/mine.{kind}"
    status, headers, body = await served.get(path)
    assert (status, headers["Content-Type"]) == (200, FORMATS[kind].content_type)
    assert (BASE + path).encode() in body
    assert (TWO if token == ONE else ONE).encode() not in body
    assert (
        headers["Cache-Control"]
        == "private, max-age=120, stale-while-revalidate=120, stale-if-error=86400"
    )
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Robots-Tag"] == "noindex"
    assert not CORS & set(headers)
    _, packed_headers, packed = await served.get(path, Accept_Encoding="gzip")
    assert gzip.decompress(packed) == body
    assert packed_headers["ETag"] != headers["ETag"]
    head = await served.get(path, "HEAD")
    assert head == (200, headers, b"")
    status, again, nothing = await served.get(path, If_None_Match=headers["ETag"])
    assert (status, nothing, again["Cache-Control"]) == (
        304,
        b"",
        "private, max-age=120, stale-while-revalidate=120, stale-if-error=86400",
    )
    assert again["X-Robots-Tag"] == "noindex"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    "path",
    [
        "/feeds/mine.atom",
        "/feeds/late.json",
        f"/feeds/{GONE}/mine.atom",  # rendered for it, but taken back
        f"/feeds/{TWO}/also.rss",  # of another output
        f"/feeds/{ONE[:-1]}/mine.atom",
        f"/feeds/{ONE}x/mine.atom",
        f"/feeds/{ONE.upper()}/mine.atom",
        f"/feeds/{ONE}/all.atom",  # an open output has no token
        f"/feeds/{ONE}/none.atom",
        f"/feeds/{ONE}/mine.opmls",
        f"/feeds/{ONE}/mine",
        "/feeds/my-own.atom",  # a former name of one with tokens
        f"/feeds/{GONE}/my-own.atom",
        f"/feeds/{ONE}/every.atom",
        "/feeds/every.opmls",
        "/feeds/open.rss",  # dropped in another format
        f"/feeds/{TWO}/open.atom",
        "/feeds/closed.atom",
        f"/feeds/{ONE}/closed.atom",
        f"/feeds/{ONE}/",
        "/feeds/%20/mine.atom",
        "/feeds/é/mine.atom",
        "/feeds//mine.atom",
        "/feeds/none.atom",
        "/feeds/",
        "/feeds",
    ],
)
async def test_without_a_token_it_is_as_any_address_that_does_not_exist(
    served: Served, path: str, method: str
) -> None:
    expected = await served.get("/no/such/address", method)
    assert expected[0] == 404
    assert await served.get(path, method) == expected


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("folder", ["", f"{ONE}/", f"{TWO}/"])
async def test_a_former_name_leads_on_and_the_token_stays_untold(
    served: Served, folder: str, method: str
) -> None:
    old, new = ("my-own", "mine") if folder else ("every", "all")
    path = f"/feeds/{folder}{old}.rss"
    async with served.session.request(method, path, allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (301, f"{new}.rss")
        assert "no-store" not in answer.headers["Cache-Control"]
        assert answer.headers["Cache-Control"].startswith("private" if folder else "public")
        assert folder.rstrip("/") in str(answer.url)
        assert not folder or folder.rstrip("/").encode() not in await answer.read()
    async with served.session.request(method, path) as answer:
        assert (answer.status, answer.url.path) == (200, f"/feeds/{folder}{new}.rss")


async def test_who_might_read_what_was_dropped_is_told_so(served: Served) -> None:
    for path, policy in (("open.atom", "public"), (f"{TWO}/closed.atom", "private")):
        status, headers, body = await served.get(f"/feeds/{path}")
        assert (status, body) == (410, b"410 Gone\n")
        assert headers["Cache-Control"].startswith(policy)


async def test_what_is_not_rendered_yet_is_said_to_who_knows_the_token(served: Served) -> None:
    status, headers, _ = await served.get(f"/feeds/{TWO}/late.atom")
    assert (status, headers["Retry-After"], headers["Cache-Control"]) == (503, "10", "no-store")
    assert not CORS & set(headers)
    assert (await served.get(f"/feeds/{ONE}/late.atom"))[0] == 404


async def test_an_output_that_gets_a_token_is_closed_before_it_is_rendered_anew(
    served: Served,
) -> None:
    assert (await served.get("/feeds/all.atom"))[0] == 200
    served.daemon.configured[0] = replace(served.daemon.configured[0], tokens=(ONE,))
    served.daemon.revision += 1
    assert (await served.get("/feeds/all.atom"))[0] == 404
    assert (await served.get(f"/feeds/{ONE}/all.atom"))[0] == 503


async def test_the_page_tells_of_open_outputs_alone(served: Served) -> None:
    _, _, body = await served.get("/")
    assert b"Everything" in body
    for word in ("mine", "Private title", "also", "Shares", ONE, TWO, "outputs:"):
        assert word.encode() not in body
    assert b"gathered into one" in body


@pytest.mark.parametrize("index", [False, True])
async def test_pages_are_listed_by_search_engines_only_when_the_operator_says_so(
    served: Served, index: bool
) -> None:
    served.daemon.index = index
    for path in ("/", "/health", "/no/such"):
        _, headers, body = await served.get(path)
        assert ("X-Robots-Tag" in headers) is not index
        if path == "/":
            assert (b'name="robots"' in body) is not index
    for path in ("/feeds/all.atom", "/style.css", "/robots.txt"):
        assert "X-Robots-Tag" not in (await served.get(path))[1]
    assert (await served.get(f"/feeds/{ONE}/mine.atom"))[1]["X-Robots-Tag"] == "noindex"


async def test_no_token_comes_into_the_log(served: Served) -> None:
    said: list[Any]
    with capture_logs() as said:
        await served.get(f"/feeds/{ONE}/mine.atom")
        await served.get(f"/feeds/{GONE}/mine.atom")
        served.daemon.broken = True
        status, _, body = await served.get(f"/feeds/{ONE}/mine.atom")
    assert status == 500
    assert said[-1]["route"] == "/feeds/{token}/{file}"
    assert ONE not in json.dumps(said, default=repr)
    assert b"fault" not in body
