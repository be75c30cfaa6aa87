"""Rows of roads: those that the configuration wants, claims, and the state after each message.

A road is claimed as feeds are (:mod:`aggregator.store.db.leasing`): of two processes one delivers, and
a state is written only by the holder of the latest lease.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    delete,
    exists,
    insert,
    or_,
    select,
    update,
)

from aggregator.model import (
    ClaimedRoad,
    DeadLetter,
    Lease,
    NewLetter,
    RoadKey,
    RoadKind,
    RoadSource,
    RoadState,
    WantedRoad,
)
from aggregator.store.db.tables import (
    alarm_events,
    dead_letters,
    deliveries,
    editions,
    log_is_open,
    output_logs,
)

KEPT = timedelta(days=30)
"""So long the place of a road is known that the configuration has no more."""
_LETTERS = 1000  # dead letters of a road that are kept, the latest; of which …
_AT_ONCE = 20  # … so many are tried in a turn


def sync_roads(connection: Connection, wanted: Sequence[WantedRoad], now: datetime) -> None:
    """Let the roads be those of ``wanted``: new ones begin, former ones stop, renamed ones go on."""
    known = {_key(row): row for row in connection.execute(select(deliveries))}
    kept = set()
    for one in wanted:
        row = known.get(one.key) or _under_former_name(one, known, wanted)
        if row is None:
            connection.execute(insert(deliveries).values(**_new(one, now)))
            continue
        kept.add(row.id)
        values: dict[str, Any] = {"output": one.key.output, "gone_at": None}
        values["from_start"] = one.from_start
        if row.source != one.source.value:
            values |= {"source": one.source.value, "pending_upto": None} | _beginning(one, now)
        if row.target != one.target:
            values |= {"target": one.target, "disabled": None, "failures": 0}
            values |= {"failing_since": None, "error": None, "next_at": now}
        connection.execute(update(deliveries).where(deliveries.c.id == row.id).values(**values))
    left = [row.id for row in known.values() if row.id not in kept and row.gone_at is None]
    connection.execute(update(deliveries).where(deliveries.c.id.in_(left)).values(gone_at=now))
    connection.execute(delete(deliveries).where(deliveries.c.gone_at < now - KEPT))


def _under_former_name(
    one: WantedRoad, known: dict[RoadKey, Row[Any]], wanted: Sequence[WantedRoad]
) -> Row[Any] | None:
    """The row of a road whose output was renamed, unless another road has that name now."""
    taken = {other.key for other in wanted}
    for name in one.former:
        key = RoadKey(one.key.kind, one.key.name, name)
        if key in known and key not in taken:
            return known[key]
    return None


def _new(one: WantedRoad, now: datetime) -> dict[str, Any]:
    return {
        "kind": one.key.kind.value,
        "name": one.key.name,
        "output": one.key.output,
        "source": one.source.value,
        "from_start": one.from_start,
        "target": one.target,
        "next_at": now,
        "recent": [],
    } | _beginning(one, now)


def _beginning(one: WantedRoad, now: datetime) -> dict[str, Any]:
    """The place of a road that begins: at the end of its source, or before all that stands."""
    if one.begins is None:
        return {"epoch": 0, "seq": 0, "told_at": None, "quiet_upto": 0}
    epoch, end = one.begins
    seq, quiet = (0, end) if one.from_start else (end, 0)
    return {"epoch": epoch, "seq": seq, "told_at": now, "quiet_upto": quiet}


# ── claims ──────────────────────────────────────────────────────────────────────────────────


def _has_news() -> ColumnElement[bool]:
    """True of a road that has something to tell, or has not begun."""
    columns = deliveries.c
    logs, lines = output_logs.c, output_logs.c.next_seq - 1
    in_log = exists().where(
        logs.name == columns.output, log_is_open, or_(logs.id != columns.epoch, lines > columns.seq)
    )
    in_editions = exists().where(editions.c.name == columns.output, editions.c.id > columns.seq)
    in_alarms = exists().where(alarm_events.c.id > columns.seq)
    wanted = exists().where(dead_letters.c.delivery_id == columns.id, dead_letters.c.is_wanted)
    return or_(
        columns.epoch == 0,
        and_(columns.source == RoadSource.LOG.value, in_log),
        and_(columns.source == RoadSource.EDITIONS.value, in_editions),
        and_(columns.source == RoadSource.ALARMS.value, in_alarms),
        wanted,
    )


def _is_due(now: datetime) -> ColumnElement[bool]:
    columns = deliveries.c
    return and_(
        columns.gone_at.is_(None),
        columns.disabled.is_(None),
        columns.next_at <= now,
        or_(columns.lease_until.is_(None), columns.lease_until <= now),
        _has_news(),
    )


def any_due(connection: Connection, now: datetime) -> bool:
    """True when :func:`claim_roads` would find anything."""
    return (
        connection.execute(select(deliveries.c.id).where(_is_due(now)).limit(1)).first() is not None
    )


def claim_roads(
    connection: Connection,
    now: datetime,
    lease_for: timedelta,
    limit: int,
    in_hand: Collection[int] = (),
) -> list[ClaimedRoad]:
    """Lease up to ``limit`` roads that have something to tell, none of ``in_hand``."""
    found = (
        select(deliveries)
        .where(_is_due(now), deliveries.c.id.not_in(list(in_hand)))
        .order_by(deliveries.c.next_at, deliveries.c.id)
        .limit(limit)
        .with_for_update(key_share=True, skip_locked=True)
    )
    rows = connection.execute(found).all()
    until = now + lease_for
    connection.execute(
        update(deliveries)
        .where(deliveries.c.id.in_([row.id for row in rows]))
        .values(lease_token=deliveries.c.lease_token + 1, lease_until=until)
    )
    return [
        ClaimedRoad(
            row.id,
            _key(row),
            RoadSource(row.source),
            row.from_start,
            Lease(row.lease_token + 1, until),
            _state(row),
            tuple(_letters(connection, row)),
        )
        for row in rows
    ]


def _letters(connection: Connection, road: Row[Any]) -> list[DeadLetter]:
    own = and_(dead_letters.c.delivery_id == road.id, dead_letters.c.is_wanted)
    found = select(dead_letters).where(own).order_by(dead_letters.c.id).limit(_AT_ONCE)
    return [letter_of(row, _key(road)) for row in connection.execute(found)]


def letter_of(row: Row[Any], key: RoadKey) -> DeadLetter:
    """A row of ``dead_letters`` as a value."""
    return DeadLetter(row.id, key, row.epoch, row.first, row.upto, row.at, row.error, row.is_wanted)


# ── states ──────────────────────────────────────────────────────────────────────────────────


def save(
    connection: Connection,
    road: ClaimedRoad,
    state: RoadState,
    now: datetime,
    letter: NewLetter | None = None,
    *,
    until: datetime | None = None,
) -> bool:
    """Write the state of a road, with a message that is given up; False where the lease was lost.

    The lease goes on until the time ``until``, or ends.
    """
    values = _values(state) | {"lease_until": until}
    written = connection.execute(
        update(deliveries)
        .where(deliveries.c.id == road.id, deliveries.c.lease_token == road.lease.token)
        .values(**values)
    )
    if not written.rowcount:
        return False
    if letter is not None:
        row: dict[str, Any] = {"delivery_id": road.id, "epoch": letter.epoch, "first": letter.first}
        row |= {"upto": letter.upto, "at": now, "error": letter.error}
        connection.execute(insert(dead_letters).values(**row))
        _drop_old_letters(connection, road.id)
    return True


def _drop_old_letters(connection: Connection, road_id: int) -> None:
    own = dead_letters.c.delivery_id == road_id
    last = select(dead_letters.c.id).where(own).order_by(dead_letters.c.id.desc())
    bound = last.offset(_LETTERS).limit(1).scalar_subquery()
    connection.execute(delete(dead_letters).where(own, dead_letters.c.id <= bound))


def release(connection: Connection, road: ClaimedRoad) -> None:
    """End the lease of a road; a lost one is ignored."""
    own = and_(deliveries.c.id == road.id, deliveries.c.lease_token == road.lease.token)
    connection.execute(update(deliveries).where(own).values(lease_until=None))


def end_letter(connection: Connection, letter: DeadLetter, error: str) -> None:
    """A dead letter was tried again: it is gone where ``error`` is empty, and dead again otherwise."""
    own = dead_letters.c.id == letter.id
    if not error:
        connection.execute(delete(dead_letters).where(own))
        return
    connection.execute(update(dead_letters).where(own).values(is_wanted=False, error=error))


def leave_letters(connection: Connection, road: ClaimedRoad) -> None:
    """Nobody answers: what was to be tried again is not tried now."""
    own = dead_letters.c.delivery_id == road.id
    connection.execute(update(dead_letters).where(own).values(is_wanted=False))


def retry(connection: Connection, name: str, now: datetime) -> tuple[int, int]:
    """Try again at once what the roads called ``name`` gave up; how many roads and messages are they?"""
    several = deliveries.c.name.startswith(f"{name}.", autoescape=True)
    named = and_(or_(deliveries.c.name == name, several), deliveries.c.gone_at.is_(None))
    ids = list(connection.execute(select(deliveries.c.id).where(named)).scalars())
    anew = {"next_at": now, "failures": 0, "failing_since": None, "disabled": None}
    connection.execute(update(deliveries).where(deliveries.c.id.in_(ids)).values(**anew))
    wanted = connection.execute(
        update(dead_letters).where(dead_letters.c.delivery_id.in_(ids)).values(is_wanted=True)
    )
    return len(ids), wanted.rowcount


def _key(row: Row[Any]) -> RoadKey:
    return RoadKey(RoadKind(row.kind), row.name, row.output)


_PLAIN = (
    "epoch", "seq", "next_at", "told_at", "quiet_upto", "pending_upto", "failures", "failing_since",
    "error", "disabled", "sent", "sent_at", "is_held",
)  # fmt: skip


def _state(row: Row[Any]) -> RoadState:
    recent = tuple(datetime.fromtimestamp(one, UTC) for one in row.recent)
    return RoadState(recent=recent, **{name: getattr(row, name) for name in _PLAIN})


def _values(state: RoadState) -> dict[str, Any]:
    recent = [one.timestamp() for one in state.recent]
    return {name: getattr(state, name) for name in _PLAIN} | {"recent": recent}
