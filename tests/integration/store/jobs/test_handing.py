"""Leases are handed out once, in the transaction that enqueues them, and taken over once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta

import pytest
from sqlalchemy import Connection

from aggregator.errors import StoreError
from aggregator.model import JOB_SIZE, Handed, JobKind, QueuedJobs
from aggregator.store.jobs.store import SqlJobs
from tests.support.storage import LEASE, MINUTE, NOW, Stored, wanted

FEEDS = [f"https://h{number % 9}.example/{number}" for number in range(120)]


class Queue:
    """A queue that keeps what was enqueued, or refuses it."""

    def __init__(self) -> None:
        self.jobs: list[tuple[JobKind, list[Handed], str | None]] = []
        self.refuses = False

    def count(self, _: Connection) -> Mapping[JobKind, QueuedJobs]:
        waiting = Counter(kind for kind, _, _ in self.jobs)
        return {kind: QueuedJobs(waiting[kind]) for kind in JobKind}

    def add(
        self,
        _: Connection,
        kind: JobKind,
        batches: Sequence[Sequence[Handed]],
        key: str | None,
    ) -> None:
        if self.refuses:
            raise StoreError("refused")
        self.jobs += [(kind, list(batch), key) for batch in batches]


@pytest.fixture
async def queue(stored: Stored) -> Queue:
    await stored.store.sync_feeds(wanted(dict.fromkeys(FEEDS, NOW - MINUTE)))
    return Queue()


async def test_what_is_due_is_handed_out_once(stored: Stored, queue: Queue) -> None:
    jobs = SqlJobs(stored.database, queue.add, queue.count)
    assert await jobs.hand_out_feeds(NOW, LEASE, 500, 50) == len(FEEDS)
    assert await jobs.hand_out_feeds(NOW, LEASE, 500, 50) == 0
    assert {kind for kind, _, _ in queue.jobs} == {JobKind.POLL}
    assert all(len(batch) <= JOB_SIZE for _, batch, _ in queue.jobs)
    assert len({one.id for _, batch, _ in queue.jobs for one in batch}) == len(FEEDS)


async def test_what_cannot_be_enqueued_is_not_leased(stored: Stored, queue: Queue) -> None:
    queue.refuses = True
    jobs = SqlJobs(stored.database, queue.add, queue.count)
    with pytest.raises(StoreError):
        await jobs.hand_out_feeds(NOW, LEASE, 500, 50)
    queue.refuses = False
    assert await jobs.hand_out_feeds(NOW, LEASE, 500, 50) == len(FEEDS)


async def test_a_job_that_is_repeated_gets_nothing(stored: Stored, queue: Queue) -> None:
    jobs = SqlJobs(stored.database, queue.add, queue.count)
    await jobs.hand_out_feeds(NOW, LEASE, 30, 50)
    handed = queue.jobs[0][1]
    assert {one.feed.id for one in await jobs.take_feeds(handed, NOW, LEASE)} == {
        one.id for one in handed
    }
    assert await jobs.take_feeds(handed, NOW, LEASE) == []


async def test_a_job_whose_leases_ended_gets_what_nobody_took_meanwhile(
    stored: Stored, queue: Queue
) -> None:
    jobs = SqlJobs(stored.database, queue.add, queue.count)
    await jobs.hand_out_feeds(NOW, LEASE, 30, 50)
    late = NOW + LEASE + timedelta(seconds=1)
    taken = await stored.store.claim_due(late, LEASE, 10, (), 50)
    handed = [one for _, batch, _ in queue.jobs for one in batch]
    got = await jobs.take_feeds(handed, late, LEASE)
    assert {one.feed.id for one in got} == {one.id for one in handed} - {
        one.feed.id for one in taken
    }


async def test_a_feed_that_was_polled_is_not_polled_again_for_its_job(
    stored: Stored, queue: Queue
) -> None:
    jobs = SqlJobs(stored.database, queue.add, queue.count)
    await jobs.hand_out_feeds(NOW, LEASE, 30, 50)
    handed = queue.jobs[0][1]
    for claimed in await jobs.take_feeds(handed, NOW, LEASE):
        await stored.store.release(claimed.feed.id, claimed.lease)
    mine = [Handed(one.id, one.token + 1) for one in handed]
    assert await jobs.take_feeds(mine, NOW, LEASE) == []


async def test_a_paused_feed_is_not_taken(stored: Stored, queue: Queue) -> None:
    jobs = SqlJobs(stored.database, queue.add, queue.count)
    await jobs.hand_out_feeds(NOW, LEASE, 500, 50)
    await stored.store.sync_feeds(wanted(dict.fromkeys(FEEDS[:5], NOW)))
    handed = [one for _, batch, _ in queue.jobs for one in batch]
    assert len(await jobs.take_feeds(handed, NOW, LEASE)) == 5
