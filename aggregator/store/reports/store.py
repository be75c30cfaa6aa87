"""Reports for operators, read from SQL."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from sqlalchemy import Connection

from aggregator.model import (
    Backlog,
    Explained,
    HealthEvent,
    JudgedEntry,
    OutputSummary,
    Selection,
    TriedItem,
)
from aggregator.ports import Reports
from aggregator.store.outputs.windows import summary
from aggregator.store.reports.explain import explain
from aggregator.store.reports.find_entries import find_entries
from aggregator.store.reports.health_log import read_health
from aggregator.store.reports.overview import SqlOverview
from aggregator.store.reports.trial import try_output
from aggregator.store.reports.waiting_counts import read_backlog


class SqlReports(SqlOverview, Reports):
    """Reports over a :class:`Database`; each method reads one consistent snapshot.

    Every method raises :class:`~aggregator.errors.StoreError` when the database is down.
    """

    async def backlog(self, now: datetime) -> Backlog:
        """Work that waits ``now``, and feeds by state."""
        return await self._database.read(read_backlog, now)

    async def find_entries(self, what: str) -> list[int]:
        """Ids of the entries that ``what`` names, ascending, at most 50."""
        return await self._database.read(find_entries, what)

    async def explain(
        self,
        what: str,
        selections: Mapping[str, Selection],
        ruled: Callable[[JudgedEntry], str] | None = None,
    ) -> list[Explained]:
        """Everything known of the entries that ``what`` names, in each of ``selections``."""
        return await self._database.read(explain, what, selections, ruled)

    async def health(self, titles: Mapping[str, str], limit: int) -> list[HealthEvent]:
        """The latest health events, up to ``limit``; ``titles``: the operator's, by feed key."""
        return await self._database.read(read_health, titles, limit)

    async def outputs(self, selections: Mapping[str, Selection]) -> list[OutputSummary]:
        """Summaries of these outputs, by their names, in their order."""
        return await self._database.read(_summaries, selections)

    async def try_output(self, selection: Selection, since: datetime) -> list[TriedItem]:
        """The stories that ``selection`` would take and drop, with a place from ``since`` on."""
        return await self._database.read(try_output, selection, since)


def _summaries(connection: Connection, selections: Mapping[str, Selection]) -> list[OutputSummary]:
    return [summary(connection, name, one) for name, one in selections.items()]
