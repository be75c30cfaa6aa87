"""The engine's side of push: hubs asked when it is time, deliveries taken like polls."""

from __future__ import annotations

import asyncio

import structlog

from aggregator.config import choices
from aggregator.engine.in_process import InProcessEngine
from aggregator.engine.lane import Lane
from aggregator.errors import StoreError
from aggregator.flow.delivery import take
from aggregator.model import ClaimedFeed, Delivery, Subscription
from aggregator.websub.inbox import Inbox
from aggregator.websub.subscriber import Subscriber

log = structlog.get_logger("aggregator")

_HUBS_AT_ONCE = 16
_DELIVERIES_AT_ONCE = 64  # most only wait for a poll of their feed to end
_LOOK_EVERY_S = 5.0  # for feeds that name another hub than before
_DRAIN_S = 5.0
_PATIENCE_S = 300.0  # with a feed that is being polled: its host may make us wait
_PAUSES_S = (0.1, 5.0)  # between two looks whether it still is: first, longest


class PushEngine:
    """Runs a subscriber's work beside ``engine``, which runs everything else."""

    def __init__(self, engine: InProcessEngine, subscriber: Subscriber, inbox: Inbox) -> None:
        self._engine = engine
        self._inbox = inbox
        self.subscriber = subscriber
        self.requests: Lane[Subscription] = Lane(
            "subscription", _HUBS_AT_ONCE, self._due, subscriber.ask, _left_as_it_is
        )
        self.deliveries: Lane[Delivery] = Lane(
            "delivery", _DELIVERIES_AT_ONCE, self._arrived, self._take, _left_as_it_is
        )
        inbox.on_arrival = self.deliveries.wake
        self._look_at = 0.0

    async def tick(self) -> None:
        """Compare subscriptions with what feeds ask for, every few seconds; ask hubs."""
        now = asyncio.get_running_loop().time()
        try:
            if now >= self._look_at:
                self._look_at = now + _LOOK_EVERY_S
                await self.subscriber.reconcile()
        except StoreError as error:
            log.error("subscriptions not compared", error=str(error))
        self.requests.wake()

    async def serve(self) -> None:
        """Work until :meth:`stop`."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.requests.serve())
            group.create_task(self.deliveries.serve())

    async def stop(self) -> None:
        """Finish what runs; hubs are asked again, and feeds polled, for what is left."""
        await asyncio.gather(self.requests.stop(_DRAIN_S), self.deliveries.stop(_DRAIN_S))

    async def _due(self, free: int) -> list[Subscription]:
        if self._engine.pipeline.network.down:
            return []  # no hub is to blame for it
        return await self.subscriber.claim(free)

    async def _arrived(self, free: int) -> list[Delivery]:
        return self._inbox.take(free)

    async def _take(self, delivery: Delivery) -> None:
        try:
            claimed = await self._claim(delivery.feed_id)
            if claimed is None:
                await self.subscriber.leave(delivery)
                return
            outcome = await take(self._engine.pipeline, claimed, delivery)
            if outcome is not None:
                self._engine.note(outcome)
        finally:
            self._inbox.forget(delivery)

    async def _claim(self, feed_id: int) -> ClaimedFeed | None:
        """The delivery's feed, leased as for a poll; None when it stays busy, or is gone."""
        pipeline = self._engine.pipeline
        settings = pipeline.config.settings
        # Nobody renews this lease: it lasts as long as the work may take, which may be done twice.
        lease = settings.schedule.lease + 4 * choices.parse_limits(settings).wall
        waited, (pause, longest) = 0.0, _PAUSES_S
        while True:
            now = pipeline.clock.now()
            claimed = await pipeline.store.claim_feed(feed_id, now, lease)
            if claimed is not None or waited > _PATIENCE_S:
                return claimed
            await asyncio.sleep(pause)
            waited, pause = waited + pause, min(2 * pause, longest)


async def _left_as_it_is(_piece: object) -> None:
    """Nothing to give back: the database knows when it is due again."""
