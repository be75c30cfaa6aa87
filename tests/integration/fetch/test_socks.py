"""SOCKS proxies: who resolves names, what is judged, and what a proxy's refusal is called."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from aggregator import errors
from aggregator.config.feed_options import FeedOptions, fetch_options
from aggregator.config.settings import FetchSettings
from aggregator.fetch.client import HttpFetcher
from aggregator.model import Request
from tests.support.asked import asked
from tests.support.names import Names
from tests.support.patience import PATIENCE_S
from tests.support.servers import Listener, RawServer, reply, server_tls
from tests.support.socks_proxy import SocksProxy

SECRET = "s3cr3t-value"
PUBLIC = "93.184.215.14"
CERTIFICATE = str(Path(__file__).parents[2] / "data" / "tls" / "cert.pem")


def fetcher(*answers: str) -> HttpFetcher:
    """A fetcher to which every name has the addresses ``answers``; nothing private is allowed."""
    given = {"allow_networks": ("10.9.9.9/32",), "host_gap": 0, "timeout": PATIENCE_S}
    return HttpFetcher(
        FetchSettings.model_validate(given),
        base_url="http://feeds.example",
        resolver=Names(list(answers)),
    )


def asking(url: str, **options: str) -> Request:
    return asked(url, options=fetch_options(url, FeedOptions.model_validate(options)))


async def test_the_proxy_is_told_the_address_that_was_judged_and_the_server_the_name() -> None:
    async with (
        SocksProxy() as proxy,
        RawServer(reply(body=b"x")) as server,
        fetcher(PUBLIC) as ours,
    ):
        url = f"http://feeds.test:{server.port}/f"
        assert (await ours.fetch(asking(url, proxy=proxy.url))).body == b"x"
        assert (await ours.fetch(asking(url, proxy=proxy.url))).body == b"x"
    assert set(proxy.asked) == {PUBLIC}
    assert f"Host: feeds.test:{server.port}".encode() in server.requests[0]


async def test_a_connection_through_it_is_kept_for_the_next_request() -> None:
    async with (
        SocksProxy() as proxy,
        RawServer(reply(body=b"x"), keep_alive=True) as server,
        fetcher(PUBLIC) as ours,
    ):
        for n in range(3):
            await ours.fetch(asking(f"http://feeds.test:{server.port}/{n}", proxy=proxy.url))
    assert (len(server.requests), proxy.connections) == (3, 1)


async def test_with_socks5h_the_proxy_is_told_the_name_and_no_name_server_is() -> None:
    async with SocksProxy() as proxy, RawServer(reply(body=b"x")) as server, fetcher() as ours:
        via = proxy.url.replace("socks5:", "socks5h:")
        answer = await ours.fetch(asking(f"http://abc.onion:{server.port}/f", proxy=via))
    assert answer.body == b"x"
    assert proxy.asked == ["abc.onion"]


@pytest.mark.parametrize("scheme", ["socks5", "socks5h"])
async def test_through_it_a_server_proves_its_name_by_its_certificate(scheme: str) -> None:
    async with (
        SocksProxy() as proxy,
        RawServer(reply(body=b"x"), tls=server_tls()) as server,
        fetcher(PUBLIC) as ours,
    ):
        options = {"proxy": proxy.url.replace("socks5:", f"{scheme}:"), "ca_file": CERTIFICATE}
        named = f"https://feeds.test:{server.port}/f"
        assert (await ours.fetch(asking(named, **options))).body == b"x"
        with pytest.raises(errors.TlsFailed, match="certificate"):
            await ours.fetch(asking(f"https://other.test:{server.port}/f", **options))


async def test_name_and_password_reach_the_proxy_and_nobody_else() -> None:
    async with (
        SocksProxy() as proxy,
        RawServer(reply(body=b"x")) as server,
        fetcher(PUBLIC) as ours,
    ):
        via = proxy.url.replace("//", f"//me:{SECRET}%20x@")
        await ours.fetch(asking(f"http://feeds.test:{server.port}/f", proxy=via))
    assert proxy.given == [("me", f"{SECRET} x")]
    assert SECRET.encode() not in server.requests[0]


@pytest.mark.parametrize(
    ("scheme", "host", "answers"),
    [
        ("socks5", "127.0.0.1", []),
        ("socks5", "[::1]", []),
        ("socks5", "feeds.test", ["10.0.0.1"]),
        ("socks5h", "127.0.0.1", []),
        ("socks5h", "[fd00::1]", []),
        ("socks5h", "localhost", []),
        ("socks5h", "printer.local", []),
        ("socks5h", "intranet", []),
    ],
)
async def test_it_opens_no_hole_in_the_guard(scheme: str, host: str, answers: list[str]) -> None:
    async with SocksProxy() as proxy, fetcher(*answers) as ours:
        via = proxy.url.replace("socks5:", f"{scheme}:")
        with pytest.raises(errors.AddressRefused, match=r"fetch\.allow_networks"):
            await ours.fetch(asking(f"http://{host}:8080/", proxy=via))
    assert proxy.connections == 0


async def test_where_the_proxy_has_one_family_only_the_other_address_is_asked_for() -> None:
    async with (
        SocksProxy(only=4) as proxy,
        RawServer(reply(body=b"x")) as server,
        fetcher("2606:2800:21f:cb07:6820:80da:af6b:8b2c", PUBLIC) as ours,
    ):
        url = f"http://feeds.test:{server.port}/f"
        assert (await ours.fetch(asking(url, proxy=proxy.url))).body == b"x"
    assert proxy.asked[-1] == PUBLIC


async def test_a_proxy_is_found_as_all_names_are_and_at_each_of_its_addresses() -> None:
    names = Names(["127.0.0.9", "127.0.0.1"])
    async with (
        SocksProxy() as proxy,
        RawServer(reply(body=b"x")) as server,
        HttpFetcher(
            FetchSettings(host_gap=0), base_url="http://feeds.example", resolver=names
        ) as ours,
    ):
        via = proxy.url.replace("socks5://127.0.0.1", "socks5h://proxy.test")
        url = f"http://feeds.example:{server.port}/f"
        assert (await ours.fetch(asking(url, proxy=via))).body == b"x"
    assert names.asked == ["proxy.test"]


async def test_a_refusal_and_a_proxy_that_is_away_are_named_without_the_secret() -> None:
    async with SocksProxy(refusal=4) as proxy, fetcher(PUBLIC) as ours:
        via = proxy.url.replace("//", f"//me:{SECRET}@")
        asked = asking("http://feeds.test/f", proxy=via)
        with pytest.raises(errors.ConnectFailed, match="the proxy refused") as refused:
            await ours.fetch(asked)
        await proxy.__aexit__(None, None, None)
        with pytest.raises(errors.ConnectFailed, match="cannot connect to the proxy") as away:
            await ours.fetch(asked)
    for said in (refused.value, away.value):
        assert SECRET not in f"{said} {said.hint}"
        assert "options.proxy" in said.hint


@pytest.mark.parametrize("said", [b"", b"\x05\xff", b"\x05\x00\x05", b"HTTP/1.1 400 No\r\n\r\n"])
async def test_whatever_answers_there_is_called_the_proxy(said: bytes) -> None:
    class Odd(Listener):
        async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(said)
            await writer.drain()
            writer.transport.abort()

    async with Odd() as odd, fetcher(PUBLIC) as ours:
        asked = asking("http://feeds.test/f", proxy=odd.url.replace("http:", "socks5:"))
        with pytest.raises(errors.ConnectFailed, match="proxy") as caught:
            await ours.fetch(asked)
    assert "options.proxy" in caught.value.hint
