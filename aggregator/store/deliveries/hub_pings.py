"""Other hubs: what each was told of, and what it is still to be told."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, case, delete, func, literal, select, update

from aggregator.model import HubAddress, HubPing
from aggregator.store.db.tables import hub_pings
from aggregator.store.db.upsert import insert_missing

_own = hub_pings.c


def differs(connection: Connection, wanted: Sequence[HubAddress]) -> bool:
    """True when :func:`announce` has anything to do."""
    rows = connection.execute(select(_own.hub, _own.topic, _own.digest)).all()
    known = {HubAddress(row.hub, row.topic, row.digest) for row in rows}
    return not known.issuperset(wanted)


def announce(connection: Connection, wanted: Sequence[HubAddress], now: datetime) -> None:
    """Have hubs told of what changed, see :meth:`aggregator.ports.HubStore.announce`.

    What changes while it waits is told at once with it; a hub that fails is not asked sooner for it.
    """
    order = sorted(wanted, key=lambda one: (one.hub, one.topic))
    fresh = [{"hub": o.hub, "topic": o.topic, "digest": ""} for o in order]
    insert_missing(connection, hub_pings, fresh)
    for one in order:
        connection.execute(
            update(hub_pings)
            .where(_own.hub == one.hub, _own.topic == one.topic, _own.digest != one.digest)
            .values(
                digest=one.digest,
                due_at=case(
                    (and_(_own.failures > 0, _own.due_at.is_not(None)), _own.due_at),
                    else_=literal(now, _own.due_at.type),
                ),
                # Whoever tells it now tells of bytes before these.
                claim=_own.claim + 1,
            )
        )


def sync_hubs(connection: Connection, hubs: Collection[str]) -> None:
    """Forget all other hubs."""
    connection.execute(delete(hub_pings).where(_own.hub.not_in(sorted(hubs))))


def claim(connection: Connection, now: datetime, until: datetime, limit: int) -> list[HubPing]:
    """Claim up to ``limit`` hubs to be told, each of one topic."""
    free = (
        select(_own.id)
        .where(_own.due_at <= now)
        .order_by(_own.due_at, _own.id)
        .limit(limit)
        .with_for_update(key_share=True, skip_locked=True)
    )
    ids = connection.execute(free).scalars().all()
    if not ids:
        return []
    claimed = (
        update(hub_pings)
        .where(_own.id.in_(ids))
        .values(claim=_own.claim + 1, due_at=until)
        .returning(hub_pings)
    )
    return [
        HubPing(
            row.id,
            row.claim,
            HubAddress(row.hub, row.topic, row.digest),
            row.failures,
            row.failing_since,
        )
        for row in connection.execute(claimed)
    ]


def pinged(
    connection: Connection, claimed: HubPing, now: datetime, error: str, at: datetime | None
) -> None:
    """Note how it went, see :meth:`aggregator.ports.HubStore.pinged`."""
    values: dict[str, Any] = {"failures": 0, "failing_since": None, "error": None, "due_at": None}
    if error:
        values = {
            "failures": _own.failures + 1,
            "failing_since": func.coalesce(_own.failing_since, literal(now, _own.due_at.type)),
            "error": error,
            "due_at": at,
        }
        if at is None:  # the next change begins anew
            values["failures"] = 0
    mine = and_(_own.id == claimed.id, _own.claim == claimed.claim)
    connection.execute(update(hub_pings).where(mine).values(**values))
