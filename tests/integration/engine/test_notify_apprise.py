"""Services told by way of Apprise: a real one on loopback."""

from __future__ import annotations

import asyncio
import logging
import threading
from typing import Any

import pytest
from aiohttp import web

from aggregator.deliver.notify_text import NotifyText
from aggregator.engine.bounded_threads import BoundedThreads
from aggregator.engine.notify_apprise import NotifySender
from aggregator.model import SendOutcome
from tests.support.patience import patience, turns
from tests.support.servers import run_app

# Apprise imports it where Python still has it.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated")
SAID = NotifyText("Title <b>", "Text & <script>\n@\u2060everyone")


async def told(status: int, kind: str = "json") -> tuple[SendOutcome, list[Any]]:
    got: list[Any] = []

    async def take(request: web.Request) -> web.Response:
        got.append(await request.json() if kind == "json" else await request.text())
        return web.Response(status=status, text="sEcReT")

    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", take)
    async with run_app(app) as base, patience():
        url = base.replace("http", kind) + "/t0k3nT0k3n/topic"
        return await NotifySender().notify(url, SAID), got


async def test_a_service_gets_the_text_as_it_is() -> None:
    outcome, (got,) = await told(200)
    assert outcome.is_success
    assert (got["title"], got["message"]) == (SAID.title, SAID.body)


async def test_the_librarys_threads_that_all_share_are_not_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = list[bool]()

    def pool() -> None:
        asked.append(True)
        raise RuntimeError

    monkeypatch.setattr("apprise.apprise.get_shared_executor", pool)
    assert (await told(200))[0].is_success
    assert asked == []


async def test_a_refusal_is_told_without_its_words_or_the_address(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.DEBUG, logger="apprise"):
        outcome, _ = await told(500)
    assert outcome == SendOutcome("the service did not take it")
    assert "t0k3n" not in caplog.text


async def test_an_address_of_no_service() -> None:
    for url in ("nonsense://x", "not an address", "tgram://"):
        outcome = await NotifySender().notify(url, SAID)
        assert outcome.error == "Apprise knows no service with such an address"


async def test_threads_are_bounded_in_number_and_time() -> None:
    ended, running = threading.Event(), []
    threads = BoundedThreads("test", 2, 0.2)

    def hang() -> None:
        running.append(1)
        ended.wait()

    calls = (threads.run(hang, which) for which in "aaaaa")
    results = await asyncio.gather(*calls, return_exceptions=True)
    assert all(isinstance(one, TimeoutError) for one in results)
    assert len(running) == 2  # what hangs is not begun again
    with pytest.raises(TimeoutError):
        await threads.run(lambda: 7, "a")
    ended.set()
    async with patience():
        while True:
            try:
                assert await threads.run(lambda: 7, "a") == 7
            except TimeoutError:
                await turns()
                continue
            break


async def test_what_hangs_holds_up_nothing_else() -> None:
    ended = threading.Event()
    threads = BoundedThreads("test", 1, 0.2)
    for which in "abc":
        with pytest.raises(TimeoutError):
            await threads.run(ended.wait, which)
    async with patience():
        assert await threads.run(lambda: 7, "d") == 7
    ended.set()


async def test_what_a_thread_raises_is_raised() -> None:
    def fail() -> None:
        raise KeyError("x")

    with pytest.raises(KeyError):
        await BoundedThreads("test", 1, 5).run(fail, "it")
