"""A pipeline that does little, for tests of the engine that runs it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace

from aggregator.flow.network_watch import NetworkWatch
from aggregator.model import ClaimedFeed, PollOutcome, SettleOrder, SettleStats
from tests.support.storage import HOUR, LEASE, MINUTE, Stored, new


class Flow:
    """A pipeline whose polls find one entry each, over a real store; everything is counted."""

    def __init__(self, stored: Stored, pause: timedelta = timedelta(0)) -> None:
        self.stored, self.store, self.clock = stored, stored.store, stored.clock
        sections = {
            "fetch": SimpleNamespace(concurrency=1),  # four polls in hand
            "publish": SimpleNamespace(min_interval=pause),
            "schedule": SimpleNamespace(lease=LEASE, min_interval=MINUTE),
        }
        self.config = SimpleNamespace(settings=SimpleNamespace(**sections, outputs=()))
        self.network = NetworkWatch()
        self.next_poll = HOUR
        self.polled: list[str] = []
        self.published: list[int] = []
        self.batch = 500  # entries
        self.to_judge = 0  # steps
        self.edition_at: datetime | None = None
        self.settled: list[SettleOrder] = []  # which batch was it?
        self.hold: asyncio.Event | None = None
        self.on_publish: Callable[[], None] = lambda: None

    async def poll(self, claimed: ClaimedFeed) -> PollOutcome:
        self.polled.append(claimed.feed.key)
        if self.hold is not None:
            await self.hold.wait()
        self.clock.advance(timedelta(seconds=1))
        outcome = self.stored.outcome(
            claimed,
            new(f"{claimed.feed.key} {len(self.polled)}"),
            next_poll=self.clock.now() + self.next_poll,
        )
        await self.store.commit_poll(outcome, claimed.lease)
        return outcome

    async def release_overdue(self, *, wait: bool = True) -> None:
        """Nothing waits."""

    async def judge_again(self) -> bool:
        """A step of those that are to judge, of which the last finds that none is left."""
        self.to_judge = max(self.to_judge - 1, 0)
        return self.to_judge > 0

    async def settle(self, order: SettleOrder = SettleOrder.FIRST_COME) -> SettleStats:
        """A batch of ``batch`` entries; its order is noted."""
        batch = await self.stored.settle(self.batch, order=order)
        if batch.entries:
            self.settled.append(order)
        return batch

    def next_edition(self, now: datetime) -> datetime | None:
        """The time at which an output is to be published, though nothing has changed."""
        return self.edition_at if self.edition_at is not None and self.edition_at > now else None

    async def publish(self) -> int:
        self.on_publish()
        self.published.append(len(await self.stored.items()))
        return self.published[-1]
