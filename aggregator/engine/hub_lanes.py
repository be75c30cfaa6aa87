"""The engine's side of our hub: callbacks asked, subscribers told, other hubs pinged, each bounded.

Whoever is slow or fails has places of their own, so that nobody else waits for them.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from threading import Lock

import structlog

from aggregator.config.own_address import external_hubs
from aggregator.deliver.hub_service import CLAIMED_FOR, Hub
from aggregator.engine.lane import Lane
from aggregator.engine.repeated import RepeatedErrors
from aggregator.errors import StoreError
from aggregator.model import (
    HubAddress,
    HubPing,
    HubRequest,
    HubSubscription,
    OutputFeed,
    Rendered,
)
from aggregator.ports import Clock, Engine

log = structlog.get_logger("aggregator")

_VERIFIED_AT_ONCE = 8
_TOLD_AT_ONCE, _SLOW_AT_ONCE = 64, 16
_PINGED_AT_ONCE = 4
_EXPIRE_EVERY_S = 30.0
_DRAIN_S = 5.0


class Published:
    """Renderings published last of each output without a token; a publisher beside the others.

    The news of the hub: whatever changes there is looked for in the logs.
    """

    def __init__(self) -> None:
        self._lock = Lock()  # rendering publishes from threads
        self._known: dict[str, tuple[Rendered, ...]] = {}
        self._links: dict[tuple[str, str], str] = {}
        self._changed: set[str] = set()

    def publish(self, output: OutputFeed, rendered: Sequence[Rendered]) -> None:
        """Note ``rendered``, and whether it is another than before."""
        with self._lock:
            if output.private:
                self._known.pop(output.name, None)
                self._changed.discard(output.name)
                return
            fresh = tuple(one for one in rendered if not one.token)
            tags = {(one.format, one.etag) for one in self._known.get(output.name, ())}
            if tags != {(one.format, one.etag) for one in fresh}:
                self._changed.add(output.name)
            self._known[output.name] = fresh
            for one in fresh:
                self._links[one.name, one.format] = output.links[one.format]

    def take(self) -> dict[str, tuple[Rendered, ...]]:
        """The outputs that changed since the last time, with what is published of them."""
        with self._lock:
            changed, self._changed = self._changed, set()
            return {name: self._known[name] for name in changed if name in self._known}

    def put_back(self, names: set[str]) -> None:
        """They are still to be taken."""
        with self._lock:
            self._changed |= names

    def link(self, one: Rendered) -> str:
        """The address at which ``one`` is served."""
        return self._links[one.name, one.format]


class HubEngine:
    """Runs our hub's work beside ``engine``, which runs everything else.

    ``alone``: no other process uses the database, so that what is claimed there is nobody's.
    """

    def __init__(
        self, engine: Engine, hub: Hub, published: Published, clock: Clock, *, alone: bool
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._published = published
        self._alone = alone
        self.hub = hub
        self.asking: Lane[HubRequest] = Lane(
            "hub verification", _VERIFIED_AT_ONCE, self._asked, hub.verify, _left_to_its_claim
        )
        self.telling: Lane[HubSubscription] = Lane(
            "hub delivery", _TOLD_AT_ONCE, self._due, hub.deliver, self._give_back
        )
        self.slow: Lane[HubSubscription] = Lane(
            "slow hub delivery", _SLOW_AT_ONCE, self._slow_due, hub.deliver, self._give_back
        )
        self.pinging: Lane[HubPing] = Lane(
            "hub ping", _PINGED_AT_ONCE, self._pings, hub.ping, _left_to_its_claim
        )
        self._lanes = (self.asking, self.telling, self.slow, self.pinging)
        self._expire_at = 0.0
        self._topics_differ = True
        self._stopping = False
        self._spreading = RepeatedErrors("subscribers not looked for")

    def reconfigured(self) -> None:
        """Compare the topics of subscriptions with the configuration at the next tick."""
        self._topics_differ = True

    async def begin(self) -> None:
        """Take up what a process before this one left."""
        if self._alone:
            await self.hub.store.begin(self._clock.now())

    async def tick(self) -> None:
        """Mark who is to be told of what was published; look for what is due."""
        try:
            await self._compare()
            await self._spread()
            await self._expire()
            self._spreading.worked()
        except StoreError as error:
            self._spreading.failed(error)
        self.wake()

    def wake(self) -> None:
        """Look for work now."""
        for lane in self._lanes:
            lane.wake()

    async def serve(self) -> None:
        """Work until :meth:`stop`."""
        async with asyncio.TaskGroup() as group:
            for lane in self._lanes:
                group.create_task(lane.serve())

    async def stop(self) -> None:
        """Finish what runs; the rest is delivered by whoever comes next."""
        self._stopping = True
        with suppress(StoreError):
            await self._spread()
        await asyncio.gather(*(lane.stop(_DRAIN_S) for lane in self._lanes))

    async def _compare(self) -> None:
        if self._topics_differ:
            self._topics_differ = False
            try:
                ended = 0
                if self.hub.is_on:  # while it is off leases run on
                    ended = await self.hub.store.sync_topics(self.hub.topic_of, self._clock.now())
                await self.hub.store.sync_hubs(external_hubs(self.hub.settings))
            except StoreError:
                self._topics_differ = True
                raise
            if ended:
                log.info("hub topics ended", subscribers=ended)

    async def _spread(self) -> None:
        """What was published is news for subscribers, and for other hubs."""
        changed = self._published.take()
        left = set(changed)
        try:
            for name, rendered in changed.items():
                now = self._clock.now()
                await self._announce(rendered)
                if self.hub.is_on:
                    cursor = next((one.cursor for one in rendered), None)
                    await self.hub.store.mark(name, cursor, now)
                left.discard(name)
        finally:
            self._published.put_back(left)

    async def _announce(self, rendered: Sequence[Rendered]) -> None:
        others = external_hubs(self.hub.settings)
        wanted = [
            HubAddress(hub, self._published.link(one), one.etag)
            for one in rendered
            for hub in others
        ]
        if wanted:
            await self.hub.store.announce(wanted, self._clock.now())

    async def _expire(self) -> None:
        now = asyncio.get_running_loop().time()
        if now >= self._expire_at:
            self._expire_at = now + _EXPIRE_EVERY_S
            if ended := await self.hub.store.expire(self._clock.now()):
                log.info("hub leases ended", subscribers=ended)

    # what the lanes claim

    async def _asked(self, free: int) -> list[HubRequest]:
        if not self._may_call():
            return []
        busy = {request.site for request in self.asking.running}
        now = self._clock.now()
        return await self.hub.store.claim_requests(now, now + CLAIMED_FOR, free, busy)

    async def _due(self, free: int) -> list[HubSubscription]:
        return await self._claim(self.telling, free, slow=False)

    async def _slow_due(self, free: int) -> list[HubSubscription]:
        return await self._claim(self.slow, free, slow=True)

    async def _claim(
        self, lane: Lane[HubSubscription], free: int, *, slow: bool
    ) -> list[HubSubscription]:
        if not self._may_call():
            return []
        busy, now = Counter(one.site for one in lane.running), self._clock.now()
        return await self.hub.store.claim_subscriptions(
            now, now + CLAIMED_FOR, free, busy, slow=slow
        )

    async def _pings(self, free: int) -> list[HubPing]:
        if self._engine.network_down or not external_hubs(self.hub.settings):
            return []
        now = self._clock.now()
        return await self.hub.store.claim_pings(now, now + CLAIMED_FOR, free)

    def _may_call(self) -> bool:
        return self.hub.is_on and not self._engine.network_down

    async def _give_back(self, claimed: HubSubscription) -> None:
        await self.hub.store.postpone(claimed, self._clock.now())


async def _left_to_its_claim(_piece: object) -> None:
    """Nothing to give back: the database knows when it is due again."""
