"""Nothing connects to an address that is not public, whatever leads there."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest
from aiohttp.abc import AbstractResolver

from aggregator import errors
from aggregator.config.settings import FetchSettings
from aggregator.fetch.client import HttpFetcher
from tests.support.asked import asked
from tests.support.names import Names
from tests.support.patience import PATIENCE_S
from tests.support.servers import RawServer, reply


def fetcher(*allowed: str, names: AbstractResolver | None = None) -> HttpFetcher:
    given: dict[str, Any] = {"allow_networks": allowed, "host_gap": 0, "timeout": PATIENCE_S}
    settings = FetchSettings.model_validate(given)
    return HttpFetcher(settings, base_url="http://feeds.example", resolver=names)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.9.9.9",
        "0.0.0.0",
        "0",
        "0177.0.0.1",
        "0x7f.1",
        "0x7f000001",
        "2130706433",
        "017700000001",
        "127.1",
        "127.0.0.1.",
        "①②⑦.⓪.⓪.①",
        "１２７.0.0.1",
        "127。0。0。1",
        "localhost",
        "LOCALHOST",
        "localhost.",
        "any.localhost",
        "[::1]",
        "[::]",
        "[0:0:0:0:0:0:0:1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[64:ff9b:1::7f00:1]",
        "[2002:7f00:1::1]",
        "[fe80::1]",
        "169.254.169.254",
        "[fd00:ec2::254]",
        "10.0.0.1",
        "100.64.0.1",
        "224.0.0.1",
        "255.255.255.255",
    ],
)
async def test_addresses_that_are_not_public_are_refused_in_every_spelling(host: str) -> None:
    async with RawServer(reply(body=b"secret")) as server, fetcher() as client:
        with pytest.raises(errors.AddressRefused) as caught:
            await client.fetch(asked(f"http://{host}:{server.port}/"))
    assert server.connections == 0
    assert caught.value.hint


async def test_a_name_is_judged_by_what_it_resolves_to() -> None:
    async with (
        RawServer(reply(body=b"secret")) as server,
        fetcher(names=Names(["127.0.0.1", "::1", "10.0.0.1"])) as client,
    ):
        with pytest.raises(errors.AddressRefused, match=r"fetch\.allow_networks"):
            await client.fetch(asked(f"http://feeds.test:{server.port}/"))
    assert server.connections == 0


async def test_every_address_of_a_name_is_judged_by_itself() -> None:
    async with RawServer(reply(body=b"fine")) as server:
        names = Names(["10.0.0.1", "127.0.0.3", "127.0.0.1"])
        async with fetcher("127.0.0.1/32", names=names) as client:
            response = await client.fetch(asked(f"http://feeds.test:{server.port}/"))
    assert response.body == b"fine"
    assert b"Host: feeds.test:" in server.requests[0]


async def test_a_resolver_that_changes_its_answer_gains_nothing() -> None:
    # Each time it is asked for a public address first, then for one inside.
    names = Names(["127.0.0.1"], ["127.0.0.1"], ["127.0.0.2"])
    async with (
        RawServer(reply(body=b"x", headers={"Connection": "close"})) as server,
        fetcher("127.0.0.1/32", names=names) as client,
    ):
        url = f"http://feeds.test:{server.port}/"
        assert (await client.fetch(asked(url))).status == 200
        for side in filter(None, (client._transport._public, client._transport._inside)):
            connector = side.straight.connector
            assert isinstance(connector, aiohttp.TCPConnector)
            connector.clear_dns_cache()
        with pytest.raises(errors.AddressRefused, match=r"127\.0\.0\.2"):
            await client.fetch(asked(url))
    assert names.asked == ["feeds.test"] * 4
    assert server.connections == 1


@pytest.mark.parametrize("target", ["127.0.0.2", "127.1", "[::1]", "[::ffff:127.0.0.2]", "0x7f.2"])
async def test_a_redirect_to_a_private_address_is_refused(target: str) -> None:
    async with RawServer(reply(body=b"secret")) as inside:
        location = {"Location": f"http://{target}:{inside.port}/"}
        async with (
            RawServer(reply("302 Found", headers=location)) as first,
            fetcher("127.0.0.1/32") as client,
        ):
            with pytest.raises(errors.AddressRefused) as caught:
                await client.fetch(asked(first.url + "/"))
    assert inside.connections == 0
    assert len(first.requests) == 1
    assert caught.value.url == first.url + "/"
    assert "redirected to " in caught.value.message


async def test_proxies_in_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    async with RawServer(reply(body=b"from the proxy")) as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        async with RawServer(reply(body=b"direct")) as server, fetcher("127.0.0.0/8") as client:
            assert (await client.fetch(asked(server.url + "/"))).body == b"direct"
    assert proxy.connections == 0
