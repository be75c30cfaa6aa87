"""Who answered is known: the public internet, or a network that the operator opened."""

from __future__ import annotations

import pytest

from aggregator import errors
from aggregator.config.settings import FetchSettings
from aggregator.fetch.client import HttpFetcher
from aggregator.model import FetchOptions, Request, RequestKind
from tests.support.asked import asked
from tests.support.names import Names
from tests.support.outside import outside
from tests.support.servers import RawServer, reply

_ANY = "0.0.0.0"


@pytest.fixture(autouse=True)
def _outside(monkeypatch: pytest.MonkeyPatch) -> None:
    outside(monkeypatch)


def fetcher(*names: str, **more: object) -> HttpFetcher:
    given = {"allow_networks": ["127.0.0.0/8"], "host_gap": 0, **more}
    return HttpFetcher(
        FetchSettings.model_validate(given), base_url="", resolver=Names(list(names))
    )


@pytest.mark.parametrize("listening", ["127.0.0.1", "127.0.0.9"])
@pytest.mark.parametrize("names", [("127.0.0.1", "127.0.0.9"), ("127.0.0.9", "127.0.0.1")])
async def test_of_a_name_with_both_who_answers_counts(
    listening: str, names: tuple[str, ...]
) -> None:
    async with RawServer(reply(body=b"x"), host=listening) as server, fetcher(*names) as client:
        url = f"http://both.test:{server.port}/"
        answer = await client.fetch(asked(url))
        assert answer.inside == (listening == "127.0.0.1")
        if answer.inside:
            with pytest.raises(errors.FetchError):
                await client.fetch(Request(url))
            assert server.connections == 1


async def test_a_connection_inside_is_not_shared_with_who_may_not_go_there() -> None:
    answer = reply(body=b"x", headers={"Connection": "keep-alive"})
    async with (
        RawServer(answer, host=_ANY, keep_alive=True) as server,
        fetcher("127.0.0.1") as client,
    ):
        for url in (f"http://in.test:{server.port}/", server.url + "/"):
            assert (await client.fetch(asked(url))).inside
            with pytest.raises(errors.AddressRefused) as refused:
                await client.fetch(Request(url))
            assert "no way leads there from outside" in refused.value.hint
    assert len(server.requests) == 2


async def test_a_refusal_of_robots_does_not_stand_for_who_may_ask() -> None:
    async with RawServer(reply(body=b"x"), host=_ANY) as server, fetcher() as client:
        url = server.url + "/page"
        for _ in range(2):
            with pytest.raises(errors.AddressRefused):
                await client.fetch(Request(url, RequestKind.PAGE))
            assert (await client.fetch(asked(url, RequestKind.PAGE))).inside
    assert sum(head.startswith(b"GET /robots.txt ") for head in server.requests) == 1


@pytest.mark.parametrize(
    ("host", "address", "inside", "is_certain"),
    [
        ("127.0.0.1", "127.0.0.1", True, True),
        ("name.test", "127.0.0.1", True, False),  # the proxy may have asked somebody else
        ("name.test", "127.0.0.9", True, False),
        ("127.0.0.1", "127.0.0.1", False, False),
    ],
)
async def test_through_a_proxy(host: str, address: str, inside: bool, is_certain: bool) -> None:
    async with RawServer(reply(body=b"x")) as proxy, fetcher(address) as client:
        request = Request(
            f"http://{host}:81/", options=FetchOptions("", proxy=proxy.url), inside=inside
        )
        if inside:
            assert (await client.fetch(request)).inside == is_certain
        else:
            with pytest.raises(errors.AddressRefused):
                await client.fetch(request)
            assert proxy.connections == 0
