"""Our own address: as asked for on pages, as configured in what is kept; below a path, too."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from ipaddress import ip_network

import aiohttp
import pytest
from aiohttp import web

from aggregator.publish.formats import FORMATS
from aggregator.publish.render import pack, render
from aggregator.publish.snapshot import Snapshot
from aggregator.web.app import create_app
from aggregator.web.clients import LOOPBACK, Network
from aggregator.web.server import WebServer
from tests.integration.web.test_app import MODIFIED, OUTPUT, FakeDaemon
from tests.support.servers import run_app


@asynccontextmanager
async def serving(
    base_url: str = "", proxies: tuple[Network, ...] = LOOPBACK
) -> AsyncIterator[str]:
    """The server of a daemon with this configuration; its address."""
    snapshot, daemon = Snapshot(), FakeDaemon(base_url=base_url)
    snapshot.publish(
        OUTPUT, [pack("all", kind, render(OUTPUT, kind), MODIFIED) for kind in FORMATS]
    )
    app = create_app(snapshot, daemon, proxies=proxies, kept=timedelta(hours=1))
    server = WebServer(app, "127.0.0.1", 0)
    await server.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        await server.stop()


async def get(url: str, **headers: str) -> tuple[int, str, aiohttp.ClientResponse]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    async with (
        aiohttp.ClientSession() as session,
        session.get(url, headers=named, allow_redirects=False) as answer,
    ):
        return answer.status, await answer.text(), answer


async def raw(base: str, request: str) -> bytes:
    """The answer to the very bytes of a request."""
    host, _, port = base.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(request.encode())
    answer = await reader.read(-1)
    writer.close()
    return answer


def shown(page: str) -> str:
    """The address that the page gives to readers."""
    (found,) = re.findall(r"<code>(.*?)/feeds/all\.atom</code>", page)
    return str(found)


async def test_the_page_names_the_address_that_was_asked_for_and_keeps_none() -> None:
    async with serving() as base:
        _, page, answer = await get(f"{base}/")
        assert shown(page) == base
        assert answer.headers["Cache-Control"] == "no-store"
        for host, address in (
            ("nas.lan:8080", "http://nas.lan:8080"),
            ("Feeds.Example:80", "http://feeds.example"),
            ("[fd00::1]:8080", "http://[fd00::1]:8080"),
        ):
            _, page, _ = await get(f"{base}/", Host=host)
            assert shown(page) == address
        _, page, _ = await get(f"{base}/")  # the page was kept all the while
        assert shown(page) == base


@pytest.mark.parametrize(
    "host", ["evil.example", 'e"><script>x', "a b", "u:p@evil", "%65vil", "x" * 300, "é.example"]
)
async def test_a_host_that_lies_gets_into_nothing_that_others_see(host: str) -> None:
    async with serving() as base:
        feed = (await get(f"{base}/feeds/all.atom"))[1]
        request = f"GET {{}} HTTP/1.1\r\nHost: {host}\r\nX-Forwarded-Host: {host}\r\nConnection: close\r\n\r\n"
        for path in ("/", "/feeds/all.atom", "/feeds/all.rss", "/feeds/all.json", "/health"):
            answer = await raw(base, request.format(path))
            if path != "/":
                assert b"evil" not in answer.partition(b"\r\n\r\n")[2]
            assert b"<script" not in answer
        assert "evil" not in (await get(f"{base}/"))[1]
        assert (await get(f"{base}/feeds/all.atom"))[1] == feed


async def test_no_address_comes_from_absolute_forms_or_from_no_host() -> None:
    async with serving() as base:
        form = (
            "GET http://evil.example/{} HTTP/1.1\r\nHost: good.example\r\nConnection: close\r\n\r\n"
        )
        page = await raw(base, form.format(""))
        assert b"\r\nCache-Control: no-store\r\n" in page
        assert b"evil" not in page
        assert b"evil" not in await raw(base, form.format("feeds/all.atom"))
        assert shown((await get(f"{base}/"))[1]) == base
        without = await raw(base, "GET / HTTP/1.0\r\n\r\n")
        assert shown(without.decode()) == base


async def test_only_proxies_of_the_operator_are_believed() -> None:
    said = {"X_Forwarded_Host": "a.example, feeds.example", "X_Forwarded_Proto": "https"}
    async with serving() as base:
        assert shown((await get(f"{base}/", **said))[1]) == "https://feeds.example"
        told = 'for=1.2.3.4;host=x, for=1.2.3.4; host="f.example:8443";proto=https'
        assert shown((await get(f"{base}/", Forwarded=told))[1]) == "https://f.example:8443"
        bad = await get(f"{base}/", X_Forwarded_Host="e vil", X_Forwarded_Proto="javascript")
        assert shown(bad[1]) == base
    async with serving(proxies=(ip_network("10.0.0.0/8"),)) as base:
        assert shown((await get(f"{base}/", **said))[1]) == base


async def test_a_configured_address_is_named_whatever_is_asked_for() -> None:
    async with serving("https://feeds.example") as base:
        _, page, answer = await get(f"{base}/", Host="evil.example")
        assert shown(page) == "https://feeds.example"
        assert answer.headers["Cache-Control"] == "no-cache"


@asynccontextmanager
async def proxy(target: str, *, strips: bool) -> AsyncIterator[str]:
    """A reverse proxy that serves ``target`` below `/reader`, with or without that path."""

    async def forward(request: web.Request) -> web.Response:
        path = request.raw_path.removeprefix("/reader") or "/" if strips else request.raw_path
        async with (
            aiohttp.ClientSession(skip_auto_headers=["Accept-Encoding"]) as session,
            session.request(request.method, target + path, allow_redirects=False) as answer,
        ):
            kept = ("Content-Type", "Location", "X-Robots-Tag")
            headers = {name: answer.headers[name] for name in kept if name in answer.headers}
            return web.Response(status=answer.status, body=await answer.read(), headers=headers)

    app = web.Application()
    app.router.add_route("*", "/reader{rest:.*}", forward)
    async with run_app(app) as base:
        yield f"{base}/reader"


@pytest.mark.parametrize("strips", [True, False])
async def test_an_address_with_a_path_works_behind_a_proxy(*, strips: bool) -> None:
    async with serving("https://a.example/reader") as own, proxy(own, strips=strips) as base:
        for at in (f"{base}/", base) if strips else (f"{base}/",):
            status, page, _ = await get(at)
            assert status == 200
            assert shown(page) == "https://a.example/reader"
            links = re.findall(r'(?:href|src)="([^"#?]*)', page)
            ours = {link for link in links if not link.startswith("https://e.example")}
            assert {"/reader/style.css", "/reader/feeds/all.atom", "/reader/health"} <= ours
            for link in ours:
                assert link.startswith("/reader/")
                status = (await get(base.removesuffix("/reader") + link))[0]
                assert status == (503 if "late" in link and "opml" not in link else 200), link
        status, body, answer = await get(f"{base}/feeds/all.atom")
        assert (status, "X-Robots-Tag" in answer.headers) == (200, False)
        assert body.encode() == render(OUTPUT, "atom")
        assert (await get(f"{base}/?after=3"))[0] == 200
        assert (await get(f"{base}/nothing"))[0] == 404
        assert (await get(f"{base}/feeds/nothing.atom"))[0] == 404
        assert (await get(f"{own}/feeds/all.atom"))[0] == 200  # and without the proxy
    if not strips:
        async with serving("https://a.example/reader") as own:
            status, _, answer = await get(f"{own}/reader")
            assert (status, answer.headers["Location"]) == (308, "/reader/")
            assert (await get(f"{own}/readers/"))[0] == 404


async def test_a_path_that_is_like_ours_is_told_apart() -> None:
    async with serving("https://a.example/feeds") as base:
        for path in ("/feeds/all.atom", "/feeds/feeds/all.atom", "/style.css", "/feeds/style.css"):
            assert (await get(f"{base}{path}"))[0] == 200, path
