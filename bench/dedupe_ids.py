"""Ids that subscribers see: one labelled set in a fresh database, in several random orders.

Every document keeps its date and its own id, as feeds give them; what differs is which feed is polled
first. Measures how many documents are shown under one id in all orders, how many leave the item in which
they were shown (their text, or another, was looked at again), and how many items end in others.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, select

from aggregator.dedupe.score import LabelledSet
from aggregator.store.db.tables import entries, stories
from bench.dedupe_orders import ORDERS
from bench.settling import settled

_START = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Ids:
    """What became of the ids of a set's items, over all orders."""

    same: float  # share of the documents that are shown under one id in all orders
    left: float  # documents a run that left an item which goes on
    ended: float  # items a run that had been shown, and are part of another


def ids(
    labelled: LabelledSet, batch: int, arriving: int = 0, orders: int = ORDERS, seed: int = 1
) -> Ids:
    """Settle ``labelled`` in so many random orders, ``batch`` at a time of ``arriving`` that came."""
    draw = random.Random(seed)
    dates = {one.id: _START + timedelta(minutes=n) for n, one in enumerate(labelled.documents)}
    found: dict[str, set[str]] = {}
    left = ended = 0
    for _ in range(orders):
        documents = draw.sample(labelled.documents, len(labelled.documents))
        before: dict[str, str] = {}
        for connection, _ in settled(documents, batch, dates, arriving):
            now = _shown(connection)
            stand = set(now.values())
            left += sum(now[one] != item and item in stand for one, item in before.items())
            ended += len(set(before.values()) - stand)
            before = now
        for one, item in before.items():
            found.setdefault(one, set()).add(item)
    same = sum(len(items) == 1 for items in found.values()) / max(1, len(found))
    return Ids(same, left / orders, ended / orders)


def _shown(connection: Connection) -> dict[str, str]:
    """Document → id of the item that it is part of."""
    found = select(entries.c.identity, stories.c.public_id).join(
        stories, stories.c.id == entries.c.story_id
    )
    return {row.identity: row.public_id for row in connection.execute(found)}
