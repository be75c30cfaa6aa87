"""The poll budget of a process, kept up to date."""

from __future__ import annotations

from aggregator.app.wiring import Parts
from aggregator.config.config import Config
from aggregator.engine.repeated import RepeatedErrors
from aggregator.errors import AggregatorError
from aggregator.ports import Clock

BUDGET_EVERY_S = 60.0
"""Seconds between two looks at the stored factor."""


class BudgetWatch:
    """Looks at the stored factor; what cannot be read is said once."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._failing = RepeatedErrors("poll budget not kept")

    async def look(self, config: Config, parts: Parts) -> None:
        """Take the factor from the store, or find it anew."""
        try:
            await parts.budget.refresh(config, parts.store, self._clock.now())
        except AggregatorError as error:
            self._failing.failed(error)
        else:
            self._failing.worked()
