"""Requests that lie in a shared database: who obeys, who answers, what is no request."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from aggregator.app.daemon_line import RowLine
from aggregator.app.obeying import Mailbox
from aggregator.control.messages import Asked, Poll, Refused, Reload, Reloaded, Reply, Request
from aggregator.errors import StoreError
from aggregator.model import AskedPoll
from aggregator.store.db.tables import request_answers, requests
from aggregator.store.requests.posted import SqlRequests
from tests.support.patience import PATIENCE_S, until
from tests.support.storage import MINUTE, Stored

POLL = Poll(("a",))
NAMES = ("one", "two")


class Daemon:
    """One that obeys by words."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.obeyed: list[Request] = []
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def obey(self, request: Request) -> Reply:
        self.obeyed.append(request)
        await self.may_answer.wait()
        if self.name == "broken":
            raise StoreError("the database refused")
        if isinstance(request, Poll):
            return Asked(dict.fromkeys(request.keys, AskedPoll.SOON))
        return Reloaded(self.name)


@asynccontextmanager
async def looking(stored: Stored, *daemons: Daemon) -> AsyncIterator[SqlRequests]:
    """The daemons look into their mailboxes again and again."""
    box = SqlRequests(stored.database)
    mailboxes = [Mailbox(box, one) for one in daemons]
    for one in mailboxes:
        await one.look()

    async def look(again: Callable[[], Awaitable[None]]) -> None:
        while True:
            await again()
            await asyncio.sleep(0.01)

    tasks = [asyncio.create_task(look(one.look)) for one in mailboxes]
    yield box
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_a_poll_is_obeyed_by_one_and_a_reload_by_each(stored: Stored) -> None:
    one, two = Daemon("one"), Daemon("two")
    async with looking(stored, one, two) as box:
        line = RowLine(box, PATIENCE_S, others_s=0)
        assert await line.ask(POLL) == [Asked({"a": AskedPoll.SOON})]
        assert sorted([*one.obeyed, *two.obeyed], key=repr) == [POLL]
        del one.obeyed[:], two.obeyed[:]
        assert set(map(str, await line.ask(Reload()))) <= set(map(str, map(Reloaded, NAMES)))
        await until(lambda: one.obeyed == two.obeyed == [Reload()], "the other's reload")
        assert await line.ask(POLL) == [Asked({"a": AskedPoll.SOON})]
    assert stored.count(requests) == 1  # the reload, for whoever is late; it ends by itself


async def test_where_nobody_looks_nobody_answers(stored: Stored) -> None:
    line = RowLine(SqlRequests(stored.database), heard_s=0.05)
    assert await line.ask(POLL) == []
    assert stored.count(requests) == 0


async def test_one_that_has_heard_is_waited_for(stored: Stored) -> None:
    slow = Daemon("slow")
    slow.may_answer.clear()
    async with looking(stored, slow) as box:
        line = RowLine(box, PATIENCE_S, others_s=0)
        waiting = asyncio.create_task(line.ask(Reload()))
        await until(lambda: slow.obeyed, "the request")
        await until(lambda: stored.count(request_answers) == 1, "a sign of it")
        assert not waiting.done()
        slow.may_answer.set()
        assert await waiting == [Reloaded("slow")]


async def test_what_is_no_request_is_refused_and_a_failure_told(stored: Stored) -> None:
    async with looking(stored, Daemon("broken")) as box:
        strange = await box.post("DROP TABLE feeds", MINUTE, for_all=False)
        assert await RowLine(box, PATIENCE_S).ask(POLL) == [Refused("the database refused")]
        _, answer = await box.answers(strange)
        assert "not a message of ours" in answer
