"""Reports for operators, read from SQL."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from aggregator.model import Explained, HostStatus, Selection, Status
from aggregator.ports import Reports
from aggregator.store.db.database import Database
from aggregator.store.hosts.counts import read_hosts
from aggregator.store.reports.explain import explain
from aggregator.store.reports.find_entries import find_entries
from aggregator.store.reports.status import read_status


class SqlReports(Reports):
    """Reports over a :class:`Database`; each method reads one consistent snapshot.

    Every method raises :class:`~aggregator.errors.StoreError` when the database is down.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def status(self, titles: Mapping[str, str], categories: Mapping[str, str]) -> Status:
        """Every active feed and the totals. ``titles``/``categories``: the operator's, by feed key."""
        return await self._database.read(read_status, titles, categories)

    async def hosts(self, now: datetime) -> list[HostStatus]:
        """Every host asked in the 24 hours before ``now``, and every cooldown; most asked first."""
        return await self._database.read(read_hosts, now)

    async def find_entries(self, what: str) -> list[int]:
        """Ids of the entries that ``what`` names, ascending, at most 50."""
        return await self._database.read(find_entries, what)

    async def explain(self, what: str, selections: Mapping[str, Selection]) -> list[Explained]:
        """Everything known of the entries that ``what`` names, in each of ``selections``."""
        return await self._database.read(explain, what, selections)
