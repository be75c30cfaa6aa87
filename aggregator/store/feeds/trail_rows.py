"""Archives of feeds that are being read: a row for each feed that ever had some to follow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from aggregator.model import ArchiveTrail, Stretch
from aggregator.store.db.chunks import chunks
from aggregator.store.db.tables import archive_trails
from aggregator.store.db.upsert import insert_or_update

_COLUMNS = frozenset({"next_at"})


def is_due(connection: Connection, now: datetime) -> bool:
    """True where the page of some feed's archives is due, leased or not."""
    found = select(archive_trails.c.feed_id).where(archive_trails.c.next_at <= now).limit(1)
    return connection.execute(found).first() is not None


def trail_of(connection: Connection, feed_id: int) -> ArchiveTrail | None:
    """The trail of one feed."""
    return trails_of(connection, [feed_id]).get(feed_id)


def trails_of(connection: Connection, feed_ids: Sequence[int]) -> dict[int, ArchiveTrail]:
    """Feed id → its trail, of those that have one."""
    found = select(archive_trails)
    return {
        row.feed_id: _load(row.state, row.next_at)
        for chunk in chunks(feed_ids)
        for row in connection.execute(found.where(archive_trails.c.feed_id.in_(chunk)))
    }


def write_trails(connection: Connection, trails: Sequence[tuple[int, ArchiveTrail]]) -> None:
    """Store the trails of these feeds (by id), whose leases the caller holds."""
    rows = [
        {"feed_id": feed_id, "next_at": one.next_at, "state": _dump(one)}
        for feed_id, one in sorted(trails, key=lambda pair: pair[0])
    ]
    insert_or_update(connection, archive_trails, rows, "feed_id")


def _dump(trail: ArchiveTrail) -> dict[str, Any]:
    """All but what has a column, as JSON holds it; what is as it is at first is left out."""
    state = {
        one.name: value
        for one in fields(ArchiveTrail)
        if one.name not in _COLUMNS and (value := getattr(trail, one.name)) != one.default
    }
    if trail.stretches:
        state["stretches"] = [
            {
                "url": one.url,
                "archived": one.archived,
                "known_at": one.known_at.isoformat() if one.known_at is not None else None,
                "evidence": one.evidence,
                "inside": one.inside,
            }
            for one in trail.stretches
        ]
    return state


def _load(state: dict[str, Any], next_at: datetime | None) -> ArchiveTrail:
    known = {one.name for one in fields(ArchiveTrail)} - _COLUMNS
    said: dict[str, Any] = {
        name: tuple(one) if isinstance(one, list) else one
        for name, one in state.items()
        if name in known
    }
    said["stretches"] = tuple(
        Stretch(
            one["url"],
            one["archived"],
            datetime.fromisoformat(one["known_at"]) if one["known_at"] else None,
            one["evidence"],
            one.get("inside", False),
        )
        for one in state.get("stretches", ())
    )
    return replace(ArchiveTrail(next_at=next_at), **said)
