"""Counts of readers written down by a process."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from structlog.testing import capture_logs

from aggregator.app.reader_stats import ReaderCountsWriter
from aggregator.errors import StoreError
from aggregator.model import ReaderCount
from aggregator.store.db.tables import reader_answers
from aggregator.store.outputs.reader_rows import SqlReaderCounts
from aggregator.web.counting import ReaderCounts
from tests.support.storage import NOW, FakeClock, Stored


class Away:
    """A database that is away."""

    async def note(self, counts: Sequence[ReaderCount], now: datetime) -> None:
        raise StoreError("away")


async def test_what_was_counted_is_written_once(stored: Stored) -> None:
    writer = ReaderCountsWriter(ReaderCounts(), SqlReaderCounts(stored.database), stored.clock)
    writer.counts.count("all", "atom", 304, "newsboat/2.21")
    for _ in range(2):
        await writer.write()
    (row,) = stored.rows(reader_answers)
    assert (row.day, row.status, row.requests) == (f"{NOW:%Y-%m-%d}", 304, 1)


async def test_a_database_that_is_away_costs_counts_and_a_line() -> None:
    writer = ReaderCountsWriter(ReaderCounts(), Away(), FakeClock())
    with capture_logs() as lines:
        for _ in range(3):
            writer.counts.count("all", "atom", 304, "newsboat/2.21")
            await writer.write()
    assert [line["event"] for line in lines] == ["counts of readers not stored"]
    assert writer.counts.take() == []
