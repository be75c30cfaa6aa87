"""Events that a road tells next, as its output shows them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from aggregator.config import choices
from aggregator.config.config import Config
from aggregator.config.roads import ConfiguredRoad
from aggregator.config.settings import OutputSettings
from aggregator.flow.digesting import item_of, names_of
from aggregator.flow.pipeline import presented
from aggregator.model import RoadEvent, RoadEvents, RoadSource, RoadState, WantedEvents
from aggregator.ports import DeliveryStore
from aggregator.select.guards import guards_of

_EDITIONS = 3  # that are read at once: they are long
_ALARMS = 200


@dataclass(frozen=True, slots=True)
class RoadReader:
    """Reads the events of one road, with ``wanted`` of a log."""

    store: DeliveryStore
    config: Config
    road: ConfiguredRoad
    wanted: WantedEvents

    async def end(self) -> tuple[int, int] | None:
        """The place after all that there is now; None: it cannot be said yet."""
        output = self.road.output
        if output is None:
            return await self.store.alarms_end()
        if self.road.wanted.source is RoadSource.EDITIONS:
            return await self.store.editions_end(names_of(output))
        return await self.store.log_end(choices.selections(self.config)[output.name])

    async def next(self, state: RoadState, upto: int | None = None) -> RoadEvents | None:
        """The events after the road's place, up to line ``upto``; None: they cannot be read now."""
        output = self.road.output
        if output is None:
            return await self.store.read_alarms(state.seq, _ALARMS, upto)
        selection = choices.selections(self.config)[output.name]
        if self.road.wanted.source is RoadSource.EDITIONS:
            names, guards = names_of(output), guards_of(selection)
            found = await self.store.edition_events(names, guards, state.seq, _EDITIONS, upto)
        else:
            found = await self.store.log_events(selection, state, self.wanted, upto)
        if found is None:
            return None
        return replace(found, events=tuple(self._shown(one, output) for one in found.events))

    def _shown(self, event: RoadEvent, output: OutputSettings) -> RoadEvent:
        if event.edition is not None:
            return replace(event, item=item_of(self.config, output, event.edition))
        if event.item is not None:
            return replace(event, item=presented(event.item, output))
        return event
