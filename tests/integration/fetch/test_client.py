"""The fetcher against well-behaved servers: what it asks, what it gives back."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import itertools
import zlib
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import brotli
import pytest
import zstandard
from aiohttp import web

from aggregator import __version__, errors
from aggregator.config.settings import FetchSettings
from aggregator.fetch.client import HttpFetcher
from aggregator.model import RequestKind, Response, Validators
from tests.support.asked import asked
from tests.support.patience import PATIENCE_S, turns, until
from tests.support.servers import RawServer, client_tls, reply, run_app, server_tls

FEED = b"<rss version='2.0'><channel><title>t</title></channel></rss>" * 20
Handler = Callable[[web.Request], Any]


def fetcher(**settings: Any) -> HttpFetcher:
    given = {"allow_networks": ("127.0.0.0/8",), "host_gap": 0, "timeout": PATIENCE_S, **settings}
    return HttpFetcher(FetchSettings.model_validate(given), base_url="http://feeds.example")


def app_of(**handlers: Handler) -> web.Application:
    """One handler for each path: ``feed`` answers ``/feed``."""
    app = web.Application()
    for name, handler in handlers.items():
        app.router.add_get(f"/{name}", handler)
    return app


async def give(_: web.Request) -> web.Response:
    return web.Response(body=FEED, headers={"ETag": '"v1"', "Last-Modified": "yesterday"})


async def get(url: str, **settings: Any) -> Response:
    async with fetcher(**settings) as client:
        return await client.fetch(asked(url))


def to(location: str, status: int = 302) -> Handler:
    async def redirect(_: web.Request) -> web.Response:
        return web.Response(status=status, headers={"Location": location})

    return redirect


# ── asking ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("kind", "accepted"),
    [(RequestKind.FEED, "application/atom+xml"), (RequestKind.PAGE, "text/html")],
)
async def test_the_request_names_us_and_what_we_read_and_nothing_else(
    kind: RequestKind, accepted: str
) -> None:
    async with RawServer(reply(body=FEED)) as server, fetcher(robots=False) as client:
        await client.fetch(asked(f"{server.url}/feed?a=1", kind=kind))
    start, *lines = server.requests[0].decode().strip().split("\r\n")
    sent = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
    assert start == "GET /feed?a=1 HTTP/1.1"
    assert sent.pop("accept").startswith(accepted)
    assert sent == {
        "host": f"127.0.0.1:{server.port}",
        "user-agent": f"aggregator/{__version__} (+http://feeds.example)",
        "accept-encoding": "gzip, deflate, br, zstd",
    }


async def test_cookies_are_neither_kept_nor_sent() -> None:
    answer = reply(body=FEED, headers={"Set-Cookie": "id=1; Path=/"})
    async with RawServer(answer) as server, fetcher() as client:
        await client.fetch(asked(server.url + "/"))
        await client.fetch(asked(server.url + "/"))
    assert len(server.requests) == 2
    assert b"cookie" not in server.requests[1].lower()


async def test_validators_go_out_byte_for_byte_and_a_304_comes_back() -> None:
    async with RawServer(b'HTTP/1.1 304 Not Modified\r\nETag: W/"n\xc3\xa9w"\r\n\r\n') as server:
        url = server.url + "/feed"
        validators = Validators(url, 'W/"\u00e9, \\x"', "01.01.2025 at noon")
        async with fetcher() as client:
            response = await client.fetch(asked(url, validators=validators))
    head = server.requests[0]
    assert b'If-None-Match: W/"\xc3\xa9, \\x"\r\n' in head
    assert b"If-Modified-Since: 01.01.2025 at noon\r\n" in head
    assert (response.status, response.body, response.url) == (304, b"", url)
    assert response.validators == Validators(url, 'W/"n\u00e9w"', None)


async def test_a_304_to_an_unconditional_request_is_an_error() -> None:
    async with RawServer(b"HTTP/1.1 304 Not Modified\r\n\r\n") as server, fetcher() as client:
        other = Validators(server.url + "/other", '"a"')
        with pytest.raises(errors.HttpStatus) as caught:
            await client.fetch(asked(server.url + "/feed", validators=other))
    assert caught.value.status == 304
    assert b"If-None-Match" not in server.requests[0]


async def test_a_delta_comes_back_only_when_it_was_asked_for() -> None:
    answer = reply("226 IM Used", FEED, {"IM": "feed"})
    async with RawServer(answer) as server, fetcher() as client:
        url = server.url + "/feed"
        validators = Validators(url, '"a"')
        response = await client.fetch(asked(url, validators=validators, delta=True))
        assert (response.status, response.body) == (226, FEED)
        assert b"A-IM: feed\r\n" in server.requests[0]
        with pytest.raises(errors.HttpStatus):
            await client.fetch(asked(url, validators=validators))


async def test_user_info_in_a_url_becomes_basic_auth_and_stays_out_of_errors() -> None:
    async with RawServer(reply("404 Not Found")) as server, fetcher() as client:
        with pytest.raises(errors.HttpStatus) as caught:
            await client.fetch(asked(f"http://me:secret@127.0.0.1:{server.port}/"))
    assert b"Authorization: Basic bWU6c2VjcmV0\r\n" in server.requests[0]
    assert "secret" not in str(caught.value)


# ── answers ──────────────────────────────────────────────────────────────────────────────────


async def test_an_answer_is_given_whole() -> None:
    async with run_app(app_of(feed=give)) as base:
        response = await get(base + "/feed")
    assert (response.status, response.body, response.url) == (200, FEED, base + "/feed")
    assert response.headers["etag"] == '"v1"'
    assert response.content_type == "application/octet-stream"
    assert response.validators == Validators(base + "/feed", '"v1"', "yesterday")
    assert response.received_bytes == len(FEED)
    assert response.elapsed > timedelta(0)
    assert response.hops == ()


@pytest.mark.parametrize(
    ("coding", "packed"),
    [
        ("gzip", gzip.compress(FEED, mtime=0)),
        ("deflate", zlib.compress(FEED)),
        ("br", brotli.compress(FEED)),
        ("zstd", zstandard.compress(FEED)),
    ],
)
async def test_compressed_answers_are_decoded(coding: str, packed: bytes) -> None:
    answer = reply(body=packed, headers={"Content-Encoding": coding})
    async with RawServer(answer) as server:
        response = await get(server.url + "/")
    assert response.body == FEED
    assert response.received_bytes == len(packed)


async def test_chunked_and_unannounced_lengths_are_read_to_the_end() -> None:
    chunked = (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    )
    for answer in (chunked, b"HTTP/1.0 200 OK\r\n\r\nabcde"):
        async with RawServer(answer) as server:
            assert (await get(server.url + "/")).body == b"abcde"


async def test_a_203_counts_as_a_200() -> None:
    async with RawServer(reply("203 Non-Authoritative Information", FEED)) as server:
        assert (await get(server.url + "/")).status == 200


async def test_https_is_verified_and_works_with_a_trusted_certificate() -> None:
    settings = FetchSettings.model_validate({"allow_networks": ("127.0.0.0/8",)})
    async with (
        run_app(app_of(feed=give), tls=server_tls()) as base,
        HttpFetcher(settings, base_url="http://x", tls=client_tls()) as client,
    ):
        assert (await client.fetch(asked(base + "/feed"))).body == FEED


async def test_connections_are_kept_for_the_same_host() -> None:
    async with RawServer(reply(body=FEED), keep_alive=True) as server, fetcher() as client:
        for _ in range(3):
            await client.fetch(asked(server.url + "/feed"))
        assert (len(server.requests), server.connections) == (3, 1)


async def test_many_hosts_do_not_hold_as_many_connections(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("aggregator.fetch.client._MAX_IDLE", 5)
    async with run_app(app_of(feed=give), host="0.0.0.0") as everywhere, fetcher() as client:
        port = everywhere.rpartition(":")[2]
        for number in range(1, 21):
            await client.fetch(asked(f"http://127.0.1.{number}:{port}/feed"))
        side = client._transport._inside
        assert side is not None
        connector = side.straight.connector
        assert connector is not None
        assert sum(map(len, connector._conns.values())) == 5


# ── politeness ───────────────────────────────────────────────────────────────────────────────


class NotedSlots:
    """A limiter that lets everybody through and notes who held a slot when."""

    def __init__(self) -> None:
        self.log: list[str] = []

    @contextlib.asynccontextmanager
    async def slot(self, host: str, *, page: bool = False) -> AsyncIterator[None]:
        self.log.append(f"take {host}")
        yield
        self.log.append(f"give {host}")

    def cool_down(self, host: str, seconds: float) -> None:
        self.log.append(f"cool {host} {seconds:.0f}")

    def slow(self, host: str, gap: float) -> None:
        self.log.append(f"slow {host} {gap:.0f}")


async def noted(url: str) -> list[str]:
    settings = FetchSettings.model_validate({"allow_networks": ("127.0.0.0/8",)})
    limiter = NotedSlots()
    async with HttpFetcher(settings, base_url="http://x", limiter=limiter) as client:
        with contextlib.suppress(errors.FetchError):
            await client.fetch(asked(url))
    return limiter.log


async def test_each_host_of_a_redirect_chain_gets_its_turn_after_the_last_gave_it_back() -> None:
    app = app_of(a=to("/b"), c=give)
    async with run_app(app, host="0.0.0.0") as everywhere:
        port = everywhere.rpartition(":")[2]
        app_b = f"http://127.0.0.2:{port}/c"
        async with RawServer(reply("302 Found", headers={"Location": app_b})) as first:
            log = await noted(first.url + "/")
        assert log == ["take 127.0.0.1", "give 127.0.0.1", "take 127.0.0.2", "give 127.0.0.2"]


async def test_redirects_within_a_host_are_one_turn() -> None:
    async with run_app(app_of(a=to("/b"), b=to("/c"), c=give)) as base:
        assert await noted(base + "/a") == ["take 127.0.0.1", "give 127.0.0.1"]


@pytest.mark.parametrize(
    ("status", "fields", "seconds"),
    [
        ("429 Slow", {"Retry-After": "7"}, 7),
        ("429 Slow", {"X-RateLimit-Reset": "70"}, 70),
        ("429 Slow", {}, 300),
        ("503 Busy", {"Retry-After": "9"}, 9),
    ],
)
async def test_a_refusal_cools_the_host_that_said_it(
    status: str, fields: dict[str, str], seconds: int
) -> None:
    async with RawServer(reply(status, headers=fields), host="0.0.0.0") as last:
        location = {"Location": f"http://127.0.0.2:{last.port}/"}
        async with RawServer(reply("302 Found", headers=location)) as first:
            assert (await noted(first.url + "/"))[-1] == f"cool 127.0.0.2 {seconds}"


async def test_one_host_is_never_asked_twice_at_once() -> None:
    under_way = most = 0
    together = 1

    async def count(_: web.Request) -> web.Response:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await turns()
        await until(lambda: most >= together, "the requests to the other hosts")
        under_way -= 1
        return web.Response(body=FEED)

    async with run_app(app_of(feed=count), host="0.0.0.0") as everywhere, fetcher() as client:
        port = everywhere.rpartition(":")[2]
        one = [f"http://127.0.0.1:{port}/feed?{n}" for n in range(5)]
        await asyncio.gather(*(client.fetch(asked(url)) for url in one))
        assert most == 1
        many = [f"http://127.0.0.{n}:{port}/feed" for n in range(1, 6)]
        together = 5
        await asyncio.gather(*(client.fetch(asked(url)) for url in many))
        assert most == 5


# ── redirects ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirects_are_followed_and_recorded(status: int) -> None:
    async with run_app(app_of(a=to("/b?x=1", status), b=give)) as base:
        response = await get(base + "/a")
    assert response.url == base + "/b?x=1"
    assert response.body == FEED
    assert [(h.url, h.status, h.location) for h in response.hops] == [
        (base + "/a", status, base + "/b?x=1")
    ]


async def test_validators_are_not_replayed_on_a_redirect_target() -> None:
    seen: dict[str, str | None] = {}

    async def note(request: web.Request) -> web.Response:
        seen[request.path] = request.headers.get("If-None-Match")
        return await (to("/b") if request.path == "/a" else give)(request)

    async with run_app(app_of(a=note, b=note)) as base, fetcher() as client:
        await client.fetch(asked(base + "/a", validators=Validators(base + "/a", '"a"')))
        assert seen == {"/a": '"a"', "/b": None}
        await client.fetch(asked(base + "/a", validators=Validators(base + "/b", '"v1"')))
        assert seen == {"/a": None, "/b": '"v1"'}


async def test_credentials_are_not_sent_to_another_origin() -> None:
    async with (
        RawServer(reply(body=FEED)) as other,
        RawServer(reply("302 Found", headers={"Location": other.url + "/x"})) as first,
    ):
        response = await get(f"http://me:secret@127.0.0.1:{first.port}/")
    assert b"Authorization" in first.requests[0]
    assert b"authorization" not in other.requests[0].lower()
    assert b"referer" not in other.requests[0].lower()
    assert response.url == other.url + "/x"


@pytest.mark.parametrize(("path", "words"), [("a", "loop"), ("self", "loop")])
async def test_loops_are_noticed(path: str, words: str) -> None:
    handlers = {"a": to("/b"), "b": to("/a"), "self": to("/self#x")}
    async with run_app(app_of(**handlers)) as base:
        with pytest.raises(errors.TooManyRedirects, match=words):
            await get(f"{base}/{path}")


def gate(to_path: str, cookie: str) -> Handler:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": to_path, "Set-Cookie": cookie})

    return answer


def behind(cookie: str, gate_path: str) -> Handler:
    async def answer(request: web.Request) -> web.Response:
        seen = cookie in request.headers.get("Cookie", "")
        return await (give if seen else to(gate_path))(request)

    return answer


async def test_cookies_are_kept_within_one_exchange_and_never_longer() -> None:
    handlers = {"feed": behind("seen=1", "/gate"), "gate": gate("/feed", "seen=1; Path=/")}
    async with run_app(app_of(**handlers)) as base, fetcher() as client:
        for _ in range(2):  # the second time as the first
            response = await client.fetch(asked(base + "/feed"))
            assert response.body == FEED
            assert [hop.status for hop in response.hops] == [302, 302]


async def test_a_redirect_to_itself_that_sets_a_cookie_is_no_loop() -> None:
    async def feed(request: web.Request) -> web.Response:
        handler = give if "b=2" in request.headers.get("Cookie", "") else gate("/feed", "b=2")
        return await handler(request)

    async with run_app(app_of(feed=feed, again=gate("/again", "c=3"))) as base:
        assert (await get(base + "/feed")).body == FEED
        with pytest.raises(errors.TooManyRedirects, match="loop"):
            await get(base + "/again")


async def test_ever_new_cookies_are_bounded_by_the_cap() -> None:
    count = itertools.count()

    async def more(request: web.Request) -> web.Response:
        response: web.Response = await gate("/more", f"n={next(count)}")(request)
        return response

    async with run_app(app_of(more=more)) as base:
        with pytest.raises(errors.TooManyRedirects, match="more than 5"):
            await get(base + "/more", max_redirects=5)


async def test_cookies_go_to_no_other_site() -> None:
    async with (
        RawServer(reply(body=FEED)) as other,
        RawServer(
            reply(
                "302 Found",
                headers={
                    "Location": f"http://localhost:{other.port}/x",
                    "Set-Cookie": "a=1; Domain=0.0.2",
                },
            ),
        ) as first,
    ):
        await get(f"http://127.0.0.1:{first.port}/")
    assert b"cookie" not in other.requests[0].lower()


async def test_the_cap_on_redirects_counts_hops() -> None:
    handlers = {f"r{n}": to(f"/r{n + 1}") for n in range(6)}
    async with run_app(app_of(**handlers, r6=give)) as base:
        assert len((await get(base + "/r1", max_redirects=5)).hops) == 5
        with pytest.raises(errors.TooManyRedirects, match="more than 5"):
            await get(base + "/r0", max_redirects=5)
        with pytest.raises(errors.TooManyRedirects):
            await get(base + "/r5", max_redirects=0)


async def test_a_redirect_without_a_location_is_an_error() -> None:
    async with RawServer(reply("301 Moved Permanently")) as server:
        with pytest.raises(errors.HttpStatus, match="301"):
            await get(server.url + "/")


@pytest.mark.parametrize("location", ["file:///etc/passwd", "ftp://127.0.0.1/", "http://[::1/"])
async def test_redirects_lead_only_to_web_addresses(location: str) -> None:
    async with RawServer(reply("302 Found", headers={"Location": location})) as server:
        with pytest.raises(errors.InvalidUrl):
            await get(server.url + "/")
    assert len(server.requests) == 1


# ── refusals ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("status", "fields", "kind"),
    [
        (201, {}, errors.HttpStatus),
        (202, {}, errors.HttpStatus),
        (204, {}, errors.HttpStatus),
        (206, {}, errors.HttpStatus),
        (300, {}, errors.HttpStatus),
        (400, {}, errors.HttpStatus),
        (403, {}, errors.HttpStatus),
        (404, {}, errors.HttpStatus),
        (410, {}, errors.Gone),
        (429, {}, errors.Throttled),
        (500, {}, errors.HttpStatus),
        (503, {}, errors.HttpStatus),
        (503, {"Retry-After": "5"}, errors.Throttled),
        (999, {}, errors.HttpStatus),
    ],
)
async def test_every_other_status_is_its_own_error(
    status: int, fields: dict[str, str], kind: type[errors.HttpStatus]
) -> None:
    answer = reply(f"{status} Words", headers={"X-Note": "kept", **fields})
    async with RawServer(answer) as server:
        with pytest.raises(errors.HttpStatus) as caught:
            await get(server.url + "/feed")
    assert type(caught.value) is kind
    assert caught.value.status == status
    assert caught.value.headers["x-note"] == "kept"
    assert server.url + "/feed" in str(caught.value)


async def test_a_challenge_page_is_named() -> None:
    answer = reply("403 Forbidden", b"<html>", {"cf-mitigated": "challenge"})
    async with RawServer(answer) as server:
        with pytest.raises(errors.HttpStatus, match="challenge page"):
            await get(server.url + "/")


async def test_a_throttled_host_is_left_alone_until_the_rest_is_over() -> None:
    answer = reply("429 Too Many Requests", headers={"Retry-After": "3600"})
    async with RawServer(answer) as server, fetcher() as client:
        with pytest.raises(errors.Throttled):
            await client.fetch(asked(server.url + "/one"))
        with pytest.raises(errors.Throttled, match="not asked") as caught:
            await client.fetch(asked(server.url + "/two"))
    assert len(server.requests) == 1
    assert 3590 < int(caught.value.headers["retry-after"]) <= 3601


async def test_an_error_after_a_redirect_names_both_addresses() -> None:
    async with (
        RawServer(reply("410 Gone")) as last,
        RawServer(reply("302 Found", headers={"Location": last.url + "/x"})) as first,
    ):
        with pytest.raises(errors.Gone) as caught:
            await get(first.url + "/")
    assert caught.value.url == first.url + "/"
    assert f"redirected to {last.url}/x: HTTP status 410" in caught.value.message
