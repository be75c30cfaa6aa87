"""Statistics of an output: what its readers ask, and how late stories come to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from aggregator.model import Lateness, LineKind, LineReason, OutputStats
from aggregator.store.db.tables import entries, feeds, output_items, output_logs
from aggregator.store.outputs.reader_rows import read_agents, read_answers, read_audiences

_WEEK = timedelta(days=7)
_DAY = timedelta(days=1)
_MOST = 50_000  # stories that are looked at, the latest


def read_stats(
    connection: Connection,
    outputs: Mapping[str, bool],
    at_hub: Mapping[str, int],
    now: datetime,
) -> list[OutputStats]:
    """Statistics of these outputs, in their order; by name, True where it shows editions.

    ``at_hub``: how many subscribe to each at our hub.
    """
    found = []
    for name, has_editions in outputs.items():
        late = [] if has_editions else _lateness(connection, name, now)
        found.append(
            OutputStats(
                name,
                read_audiences(connection, name, now),
                at_hub.get(name, 0),
                read_agents(connection, name, now),
                read_answers(connection, name, now),
                _summed([seconds for at, seconds in late if at > now - _DAY]),
                _summed([seconds for _, seconds in late]),
            )
        )
    return found


def _lateness(connection: Connection, name: str, now: datetime) -> list[tuple[datetime, float]]:
    """When each story of the last week entered the output, and how many seconds after its publication.

    By its date, or when it was first seen where it has none that can be: none, or one in the future. What was published
    before its feed was added was no news then.
    """
    log, line = output_logs.c, output_items.c
    rows = connection.execute(
        select(line.at, entries.c.published_at, entries.c.first_seen_at, feeds.c.added_at)
        .select_from(
            output_items.join(output_logs, log.id == line.log_id)
            .join(entries, entries.c.id == line.entry_id)
            .join(feeds, feeds.c.id == entries.c.feed_id)
        )
        .where(
            log.name == name,
            line.at > now - _WEEK,
            line.kind == LineKind.ENTER.value,
            line.reason == LineReason.SETTLED.value,
        )
        .order_by(line.at.desc())
        .limit(_MOST)
    )
    found = []
    for at, published, seen, added in rows:
        since = seen if published is None or published > at else published
        if since >= added:
            found.append((at, max(0.0, (at - since).total_seconds())))
    return found


def _summed(seconds: Sequence[float]) -> Lateness | None:
    if not seconds:
        return None
    ranked = sorted(seconds)
    return Lateness(len(ranked), _at(ranked, 0.5), _at(ranked, 0.95))


def _at(ranked: Sequence[float], share: float) -> float:
    """The least value that so large a share is no greater than (nearest rank)."""
    place = -int(-share * len(ranked) // 1)  # rounded up
    return ranked[max(0, place - 1)]
