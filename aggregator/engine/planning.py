"""Handing out what is due as jobs: in one process at a time, no more than workers keep up with."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import ceil

from aggregator.engine.untaken import Untaken
from aggregator.flow.pipeline import Pipeline
from aggregator.model import JOB_SIZE, JobKind, QueuedJobs
from aggregator.ports import JobStore
from aggregator.schedule.backlog import backlog_age, share_of_polls

_LEAST = 4  # jobs that wait at least, however few run
_PER_HOST = 50  # feeds of a host in one round: a job


def wanted_jobs(queued: QueuedJobs, share: float = 1.0) -> int:
    """Number of jobs to add: about as many wait as run, so that none waits longer than a lease.

    ``share`` (0 to 1) of them where subscribers wait for what came before.
    """
    allowed = max(ceil(max(queued.running, _LEAST) * share), 1)
    return max(allowed - queued.waiting, 0)


class Planner:
    """Hands out due feeds, pages to fetch and the finishing; each round is a few transactions."""

    def __init__(self, store: JobStore) -> None:
        self._store = store
        self._untaken = Untaken()

    async def plan(self, pipeline: Pipeline) -> None:
        """One round. Raises :class:`~aggregator.errors.StoreError`."""
        queued = await self._store.jobs()
        now, lease = pipeline.clock.now(), pipeline.config.settings.schedule.lease
        self._untaken.note(queued, now)
        share = share_of_polls(await self._age(pipeline, now))
        if polls := wanted_jobs(queued[JobKind.POLL], share):
            await self._store.hand_out_feeds(now, lease, polls * JOB_SIZE, _PER_HOST)
        if pages := wanted_jobs(queued[JobKind.EXTRACT]):
            await self._store.hand_out_pages(now, lease, pages * JOB_SIZE)
        await self._store.ask_to_finish()

    async def _age(self, pipeline: Pipeline, now: datetime) -> timedelta:
        return backlog_age(await pipeline.store.ready_since(), now)
