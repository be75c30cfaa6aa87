"""Name resolution: what counts as an answer of name servers, and how long one is waited for."""

from __future__ import annotations

import asyncio
import socket
import threading
from contextlib import nullcontext
from typing import Any

import aiohttp
import pytest
from aiohttp.client_reqrep import ConnectionKey

from aggregator.errors import FetchError, NameNotResolved, NameServersSilent
from aggregator.fetch import failures
from aggregator.fetch.guard.resolver import HeardResolver, PooledResolver

NO_ANSWER = [socket.EAI_AGAIN, socket.EAI_FAIL, socket.EAI_SYSTEM]
NO_SUCH_NAME = [socket.EAI_NONAME, socket.EAI_NODATA]


def saying(monkeypatch: pytest.MonkeyPatch, error: int | None) -> None:
    """Have the system's resolution end with ``error``, or well."""

    def getaddrinfo(*_: Any, **__: Any) -> list[Any]:
        if error is not None:
            raise socket.gaierror(error, "so it is")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", 0))]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


@pytest.mark.parametrize("error", [None, *NO_SUCH_NAME, *NO_ANSWER])
@pytest.mark.parametrize("host", ["a.example", "localhost", "a.localhost.", "192.0.2.1"])
async def test_an_answer_is_a_result_or_that_there_is_no_such_name(
    monkeypatch: pytest.MonkeyPatch, error: int | None, host: str
) -> None:
    saying(monkeypatch, error)
    heard = list[None]()
    names = HeardResolver(PooledResolver(1), lambda: heard.append(None))
    with nullcontext() if error is None else pytest.raises(socket.gaierror):
        await names.resolve(host)
    await names.close()
    assert len(heard) == (host == "a.example" and error not in NO_ANSWER)


async def test_one_that_hangs_ends_unanswered_and_one_that_waits_for_its_turn_does_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answer = threading.Event()

    def getaddrinfo(*_: Any, **__: Any) -> list[Any]:
        answer.wait()
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", 0))]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    names = PooledResolver(1, patience=0.05)
    waiting = [asyncio.create_task(names.resolve(f"{n}.example")) for n in range(3)]
    with pytest.raises(socket.gaierror) as caught:
        await waiting[0]
    assert caught.value.errno == socket.EAI_AGAIN
    assert not any(one.done() for one in waiting[1:])
    await names.close()
    answer.set()
    for one in waiting[1:]:
        with pytest.raises(asyncio.CancelledError):
            await one


@pytest.mark.parametrize("errno", [*NO_SUCH_NAME, *NO_ANSWER])
def test_both_kinds_are_told_apart_with_a_proxy_too(errno: int) -> None:
    cause = socket.gaierror(errno, "so it is")
    key = ConnectionKey("a.example", 80, False, True, None, None, None)
    behind = failures.TargetUnknown("no address for 'a.example'")
    behind.__cause__ = cause
    for error in (aiohttp.ClientConnectorDNSError(key, cause), behind):
        told = failures.from_exception(
            "http://a.example/", error, at="http://a.example/", deadline=1, inside=True
        )
        wanted: type[FetchError] = NameServersSilent if errno in NO_ANSWER else NameNotResolved
        assert type(told) is wanted
