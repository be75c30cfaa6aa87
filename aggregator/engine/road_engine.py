"""Roads delivered on: each in its turn, one message after the other, beside all others.

At least once: the place of a road moves after its message was taken. A message of several events is
named before it is sent, so that it is the same when it is sent again after a crash.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

import structlog

from aggregator.config.config import Config
from aggregator.config.roads import ConfiguredRoad, roads_of
from aggregator.deliver.plans import Outgoing, Plan, Waiting
from aggregator.deliver.road_state import begun, delivered, failed, passed
from aggregator.engine.lane import Lane
from aggregator.engine.road_ends import RoadEnd, Senders, end_of
from aggregator.engine.road_reader import RoadReader
from aggregator.model import ClaimedRoad, NewLetter, RoadEvents, RoadKey, RoadState, SendOutcome
from aggregator.ports import NO_METRICS, Clock, DeliveryStore, Metrics
from aggregator.schedule.chance import chance

log = structlog.get_logger("aggregator")

_AT_ONCE: Final = 64  # roads: most only wait for an answer
_LEASE: Final = timedelta(minutes=5)  # longer than any message may take; it goes on with each
_TURN_S: Final = (
    60.0  # then the road is claimed again, so that a configuration that changed is heeded
)
_UNREADABLE: Final = timedelta(seconds=5)  # a log that is being filled
_DRAIN_S: Final = 5.0


class RoadsEngine:
    """Delivers on all roads of the configuration that ``config`` gives at each moment."""

    def __init__(
        self,
        store: DeliveryStore,
        clock: Clock,
        config: Callable[[], Config],
        senders: Senders,
        *,
        make_end: Callable[[Config, ConfiguredRoad, Senders], RoadEnd] = end_of,
        metrics: Metrics = NO_METRICS,
    ) -> None:
        self._metrics = metrics
        self._store = store
        self._clock = clock
        self._config = config
        self._senders = senders
        self._make_end = make_end
        self._stopping = False
        self.lane: Lane[ClaimedRoad] = Lane(
            "delivery", _AT_ONCE, self._claim, self.deliver, self._release
        )

    async def tick(self) -> None:
        """Look for roads that have something to tell."""
        if roads_of(self._config()):
            self.lane.wake()

    async def serve(self) -> None:
        """Work until :meth:`stop`."""
        await self.lane.serve()

    async def stop(self) -> None:
        """Finish the messages under way; what is left is told after the next start."""
        self._stopping = True
        await self.lane.stop(_DRAIN_S)

    async def run_once(self) -> None:
        """Tell what is due now, to the end."""
        if roads_of(self._config()):
            await self.lane.drain()

    async def _claim(self, free: int) -> list[ClaimedRoad]:
        if not roads_of(self._config()):
            return []
        in_hand = [road.id for road in self.lane.running]
        return await self._store.claim_roads(self._clock.now(), _LEASE, free, in_hand)

    async def _release(self, road: ClaimedRoad) -> None:
        # Cancelled in its turn: what it stored meanwhile is more than we know here.
        await self._store.release_road(road)

    async def deliver(self, road: ClaimedRoad) -> None:
        """Tell what waits on a road, until nothing does, an attempt fails, or its turn is over."""
        config = self._config()
        configured = roads_of(config).get(road.key)
        if configured is None:  # it left the configuration a moment ago, or enters it in one
            await self._save(road, replace(road.state, next_at=self._clock.now() + _UNREADABLE))
            return
        end = self._make_end(config, configured, self._senders)
        reader = RoadReader(self._store, config, configured, end.wanted)
        turn = _Turn(
            self._store, self._clock, road, reader, end, lambda: self._stopping, self._metrics
        )
        await turn.run()

    async def _save(self, road: ClaimedRoad, state: RoadState) -> None:
        await self._store.save_road(road, state, self._clock.now())


@dataclass(slots=True)
class _Turn:
    """One turn of one road."""

    store: DeliveryStore
    clock: Clock
    road: ClaimedRoad
    reader: RoadReader
    end: RoadEnd
    is_stopping: Callable[[], bool]
    metrics: Metrics = NO_METRICS

    async def run(self) -> None:
        """See :meth:`RoadsEngine.deliver`."""
        loop = asyncio.get_running_loop()
        until = loop.time() + _TURN_S
        state: RoadState | None = self.road.state
        if self.road.letters:
            await self._try_letters()
        while state is not None:
            if self.is_stopping() or loop.time() >= until:
                await self._release(state)
                return
            if not state.epoch:
                state = await self._begin(state)
                continue
            # Up to a named message not all is told that happened by now.
            asked = self.clock.now() if state.pending_upto is None else None
            read = await self.reader.next(state, state.pending_upto)
            if read is None:
                await self._later(state)
                return
            state = await self._tell(state, read, asked)

    async def _begin(self, state: RoadState) -> RoadState | None:
        end = await self.reader.end()
        if end is None:
            await self._later(state)
            return None
        state = begun(state, end, self.clock.now(), from_start=self.road.from_start)
        return state if await self._keep(state) else None

    async def _tell(
        self, state: RoadState, read: RoadEvents, asked: datetime | None
    ) -> RoadState | None:
        """Tell what was ``read``, ``asked`` for then; the state after it, or None when the turn is over."""
        left = list(read.events)
        while left:
            if self.is_stopping():
                await self._release(state)
                return None
            plan = self.end.plan(Waiting(left, read, state, self.clock.now()))
            if plan.wait_until is not None:
                await self._release(replace(state, next_at=plan.wait_until, is_held=True))
                return None
            told = await self._send(state, read, plan)
            if told is None:
                return None
            state = told
            left = [one for one in left if one.seq > plan.upto]
        return await self._after(state, read, asked)

    async def _after(
        self, state: RoadState, read: RoadEvents, asked: datetime | None
    ) -> RoadState | None:
        """The state when all that was read is told; None where that is all there is."""
        is_behind = read.epoch != state.epoch or state.seq < read.upto
        if is_behind:  # lines of which nothing is told
            state = passed(state, read.epoch, read.upto, read.last_at, self.clock.now())
        if not read.more:
            await self._release(replace(state, told_at=asked or state.told_at))
            return None
        return state if not is_behind or await self._keep(state) else None

    async def _send(self, state: RoadState, read: RoadEvents, plan: Plan) -> RoadState | None:
        """Send one message; the state after it, or None when the turn is over."""
        if not plan.is_single and (state.pending_upto, state.epoch) != (plan.upto, read.epoch):
            state = self._named(state, read, plan)
            if not await self._keep(state):
                return None
        outcome = await self.end.send(Outgoing(read.epoch, plan, self.clock.now()))
        now = self.clock.now()
        if outcome.is_success:
            self.metrics.delivered(self.road.key.kind, "delivered")
            if state.failures:
                log.info("delivery works again", road=str(self.road.key), failures=state.failures)
            after = delivered(state, read.epoch, plan.upto, plan.at, now)
            return after if await self._keep(after) else None
        await self._failed(state, read, plan, outcome)
        return None

    def _named(self, state: RoadState, read: RoadEvents, plan: Plan) -> RoadState:
        """The state that names a message before it is sent, in the log that it is of."""
        if state.epoch != read.epoch:
            state = replace(state, epoch=read.epoch, seq=0, quiet_upto=0)
        return replace(state, pending_upto=plan.upto)

    async def _failed(
        self, state: RoadState, read: RoadEvents, plan: Plan, outcome: SendOutcome
    ) -> None:
        now = self.clock.now()
        after, is_dead = failed(state, outcome, now, chance())
        letter = None
        if is_dead:
            first = state.seq + 1 if state.epoch == read.epoch else 1
            letter = NewLetter(read.epoch, first, plan.upto, outcome.error)
            at = after.next_at
            after = replace(passed(after, read.epoch, plan.upto, plan.at, now), next_at=at)
        self.metrics.delivered(self.road.key.kind, "given_up" if is_dead else "failed")
        await self.store.save_road(self.road, after, now, letter)
        _log_failure(self.road.key, after, outcome, is_dead=is_dead)

    async def _try_letters(self) -> None:
        """Try once more what was given up, where the operator wants it."""
        for letter in self.road.letters:
            place = replace(self.road.state, epoch=letter.epoch, seq=letter.first - 1)
            place = replace(place, pending_upto=letter.upto, quiet_upto=letter.upto)
            read = await self.reader.next(place, letter.upto)
            if read is None or self.is_stopping():
                return  # for now
            if read.epoch != letter.epoch or not read.events:
                log.info(
                    "dead letter dropped", road=str(letter.key), reason="what it told is no more"
                )
                await self.store.end_letter(letter)
                continue
            last = read.events[-1]
            plan = Plan(read.events, letter.upto, last.at, read.beyond)
            outcome = await self.end.send(Outgoing(read.epoch, plan, self.clock.now()))
            await self.store.end_letter(letter, outcome.error)
            if not outcome.was_answered:
                await self.store.leave_letters(self.road)
                return

    async def _keep(self, state: RoadState) -> bool:
        """Store the state, and have the lease go on; False where another has the road by now."""
        now = self.clock.now()
        return await self.store.save_road(self.road, state, now, until=now + _LEASE)

    async def _later(self, state: RoadState) -> None:
        await self._release(replace(state, next_at=self.clock.now() + _UNREADABLE))

    async def _release(self, state: RoadState) -> None:
        await self.store.save_road(self.road, state, self.clock.now())


def _log_failure(key: RoadKey, state: RoadState, outcome: SendOutcome, *, is_dead: bool) -> None:
    """A line where it begins, and where something is given up; the rest is in `status`."""
    said: Mapping[str, object] = {"road": str(key), "error": outcome.error}
    again = f"`aggregator deliver retry {key.name}` tries it again"
    if state.disabled:
        log.error("delivery is off", **said, hint=again)
    elif is_dead:
        log.error("delivery given up", **said, since=state.failing_since, hint=again)
    elif state.failures == 1:
        log.warning("delivery failed", **said, next=state.next_at)
