"""Names with addresses of both families (RFC 8305): the one that does not answer holds nothing up."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from aggregator import errors
from aggregator.config.settings import FetchSettings
from aggregator.fetch.client import HttpFetcher
from tests.support.asked import asked
from tests.support.names import Names
from tests.support.patience import PATIENCE_S
from tests.support.servers import RawServer, reply

FAMILIES = {"127.0.0.1": socket.AF_INET, "::1": socket.AF_INET6}


def fetcher(names: Names, *allowed: str) -> HttpFetcher:
    given = {"allow_networks": allowed, "host_gap": 0, "timeout": PATIENCE_S}
    settings = FetchSettings.model_validate(given)
    return HttpFetcher(settings, base_url="http://feeds.example", resolver=names)


@contextmanager
def silent(address: str, port: int) -> Iterator[None]:
    """Whoever connects to ``address`` hears nothing: its queue is full, so the system drops what comes."""
    with ExitStack() as open_:
        listener = open_.enter_context(socket.socket(FAMILIES[address]))
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address, port))
        listener.listen(0)
        waiting = open_.enter_context(socket.socket(FAMILIES[address]))
        waiting.connect((address, port))
        yield


@pytest.mark.parametrize(("dead", "alive"), [("::1", "127.0.0.1"), ("127.0.0.1", "::1")])
async def test_an_address_that_does_not_answer_does_not_hold_up_the_other(
    dead: str, alive: str
) -> None:
    async with RawServer(reply(body=b"x"), host=alive) as server:
        with silent(dead, server.port):
            names = Names([dead, dead, alive])  # the dead family has more
            async with fetcher(names, "127.0.0.0/8", "::1/128") as client:
                answer = await client.fetch(asked(f"http://feeds.test:{server.port}/"))
    assert answer.body == b"x"
    # The next attempt is due after a quarter of a second; one alone would be waited for up to 15.
    assert answer.elapsed.total_seconds() < 10


@pytest.mark.parametrize(("private", "public"), [("::1", "127.0.0.1"), ("127.0.0.1", "::1")])
async def test_each_family_is_judged(private: str, public: str) -> None:
    # What may not be connected to is left out, and the other is tried.
    async with (
        RawServer(reply(body=b"x"), host=public) as server,
        fetcher(Names([private, public]), public) as client,
    ):
        answer = await client.fetch(asked(f"http://feeds.test:{server.port}/"))
    assert answer.body == b"x"
    async with fetcher(Names([private, private]), public) as client:
        with pytest.raises(errors.AddressRefused):
            await client.fetch(asked("http://feeds.test:9/"))
