"""The engine's side of push: hubs asked when it is time, deliveries taken like polls."""

from __future__ import annotations

import asyncio

from aggregator.engine.lane import Lane
from aggregator.engine.repeated import RepeatedErrors
from aggregator.errors import StoreError
from aggregator.model import Delivery, Document, SourceKind, Subscription
from aggregator.ports import Engine
from aggregator.websub.inbox import Inbox
from aggregator.websub.subscriber import Subscriber

_HUBS_AT_ONCE = 16
_DELIVERIES_AT_ONCE = 64  # most only wait for a poll of their feed to end
_LOOK_EVERY_S = 5.0  # for feeds that name another hub than before
_DRAIN_S = 5.0


class PushEngine:
    """Runs a subscriber's work beside ``engine``, which runs everything else."""

    def __init__(self, engine: Engine, subscriber: Subscriber, inbox: Inbox) -> None:
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
        self._comparing = RepeatedErrors("subscriptions not compared")

    async def tick(self) -> None:
        """Compare subscriptions with what feeds ask for, every few seconds; ask hubs."""
        now = asyncio.get_running_loop().time()
        try:
            if now >= self._look_at:
                self._look_at = now + _LOOK_EVERY_S
                await self.subscriber.reconcile()
                self._comparing.worked()
        except StoreError as error:
            self._comparing.failed(error)
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
        if self._engine.network_down:
            return []  # no hub is to blame for it
        return await self.subscriber.claim(free)

    async def _arrived(self, free: int) -> list[Delivery]:
        return self._inbox.take(free)

    async def _take(self, delivery: Delivery) -> None:
        try:
            document = Document(
                delivery.body, delivery.topic, delivery.content_type, SourceKind.HUB
            )
            if not await self._engine.ingest(delivery.feed_id, document, delivery.next_poll):
                await self.subscriber.leave(delivery)
        finally:
            self._inbox.forget(delivery)


async def _left_as_it_is(_piece: object) -> None:
    """Nothing to give back: the database knows when it is due again."""
