"""Requests as rows: taken by one daemon or by each, answered, and over in time."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from aggregator.store.db.tables import request_answers, requests
from aggregator.store.requests.posted import SqlRequests
from tests.support.storage import MINUTE, Stored


async def test_one_daemon_takes_what_is_for_one_and_each_what_is_for_all(stored: Stored) -> None:
    box = SqlRequests(stored.database)
    start = await box.newest()
    assert await box.take(start, []) == []
    one = await box.post("poll", MINUTE, for_all=False)
    every = await box.post("reload", MINUTE, for_all=True)
    both = await asyncio.gather(*(box.take(start, []) for _ in range(2)))
    assert sorted(request.id for taken in both for request in taken) == [one, every, every]
    assert await box.take(start, [every]) == []
    await box.answer(one, "done")
    await box.answer(every, "a")
    await box.answer(every, "b")
    assert (await box.answers(one), await box.answers(every)) == (["done"], ["a", "b"])
    assert await box.newest() == every


async def test_what_nobody_waits_for_is_not_obeyed(stored: Stored) -> None:
    box = SqlRequests(stored.database)
    await box.post("poll", timedelta(seconds=-1), for_all=False)
    await box.post("reload", timedelta(seconds=-1), for_all=True)
    left = await box.post("poll", MINUTE, for_all=False)
    await box.withdraw(left)
    assert await box.take(0, []) == []
    await box.answer(left, "late")
    assert (stored.count(requests), stored.count(request_answers)) == (0, 0)
