"""Counts of readers: written down while a daemon runs, and read for the operator."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from aggregator.app.stored import open_database
from aggregator.config.config import Config
from aggregator.engine.repeated import RepeatedErrors
from aggregator.errors import StoreError
from aggregator.model import OutputStats
from aggregator.ports import Clock, ReaderCountStore
from aggregator.store.db.database import Database
from aggregator.store.deliveries.hub_store import SqlHub
from aggregator.store.outputs.reader_rows import SqlReaderCounts
from aggregator.store.reports.output_stats import read_stats
from aggregator.web.counting import ReaderCounts

EVERY = timedelta(seconds=30)  # what a process that is killed has not written


class ReaderCountsWriter:
    """Writes what ``counts`` has counted whenever it is told to."""

    def __init__(self, counts: ReaderCounts, store: ReaderCountStore, clock: Clock) -> None:
        self.counts = counts
        self._store = store
        self._clock = clock
        self._errors = RepeatedErrors("counts of readers not stored")

    async def write(self) -> None:
        """Write what was counted since the last time; a database that is away costs these counts, nothing else."""
        counted = self.counts.take()
        if not counted:
            return
        try:
            await self._store.note(counted, self._clock.now())
        except StoreError as error:
            self._errors.failed(error)
        else:
            self._errors.worked()


def counts_writer(database: Database, clock: Clock) -> ReaderCountsWriter:
    """The writer of a process, with counts of its own."""
    return ReaderCountsWriter(ReaderCounts(), SqlReaderCounts(database), clock)


async def read_reader_stats(config: Config, name: str | None = None) -> Sequence[OutputStats]:
    """Statistics of the output called ``name``, now or formerly, or of all; in the configuration's order.

    Raises :class:`StoreError` where there is no such output.
    """
    outputs = [
        one for one in config.settings.outputs if name is None or name in (one.name, *one.aliases)
    ]
    if not outputs:
        raise StoreError(
            "no output of this name is configured",
            hint=f"the configuration has: {', '.join(one.name for one in config.settings.outputs)}",
        )
    with open_database(config) as database:
        asked = {one.name: bool(one.digest) for one in outputs}
        now = datetime.now(UTC)
        audiences = (await SqlHub(database).report(now)).audiences
        at_hub = {one.output: one.subscribers for one in audiences}
        return await database.read(read_stats, asked, at_hub, now)
