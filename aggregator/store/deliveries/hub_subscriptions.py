"""Subscriptions at our hub: which are to be told, and how far each knows its output's log.

``due_at`` says when. Who claims one moves it to where the claim ends, so that what a killed process
had in hand is done again. What is marked meanwhile (``again``) is due at once when the claim's result is
written: nothing that is new in between is missed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    case,
    delete,
    func,
    literal,
    null,
    or_,
    select,
    true,
    update,
)

from aggregator.model import Cursor, HubMode, HubRequest, HubSubscription, HubTopic
from aggregator.store.db.chunks import chunks
from aggregator.store.db.tables import hub_requests, hub_subscriptions
from aggregator.store.deliveries.hub_asked import put

_PER_SITE = 4  # told at once
_LOOKED_AT = 16  # due ones for each that is claimed, so that one site's do not hide the others
_DROPPED_FOR = timedelta(days=7)  # shown to the operator

_own = hub_subscriptions.c
_living = _own.dropped_at.is_(None)


def mark(connection: Connection, output: str, head: Cursor | None, now: datetime) -> int:
    """Have all told that do not know ``head``, see :meth:`aggregator.ports.HubStore.mark`."""
    behind: ColumnElement[bool] = true()
    if head is not None:
        behind = or_(_own.epoch.is_(None), _own.epoch != head.epoch, _own.seq < head.seq)
    due = func.coalesce(_own.due_at, literal(now, _own.due_at.type))
    marked = (
        update(hub_subscriptions)
        .where(_own.output == output, _living, behind)
        .values(due_at=due, again=True)
    )
    return connection.execute(marked).rowcount


def claim(
    connection: Connection,
    now: datetime,
    until: datetime,
    limit: int,
    busy: Mapping[str, int],
    *,
    slow: bool,
) -> list[HubSubscription]:
    """Claim subscriptions, see :meth:`aggregator.ports.HubStore.claim_subscriptions`."""
    full = sorted(site for site, count in busy.items() if count >= _PER_SITE)
    which = and_(
        _own.due_at <= now,
        _living,
        _own.lease_until > now,
        _own.slow.is_(slow),
        _own.site.not_in(full),
    )
    looked = select(_own.id, _own.site).where(which).order_by(_own.due_at, _own.id)
    chosen: list[int] = []
    taken = dict(busy)
    for row in connection.execute(looked.limit(limit * _LOOKED_AT)):
        if taken.get(row.site, 0) < _PER_SITE and len(chosen) < limit:
            taken[row.site] = taken.get(row.site, 0) + 1
            chosen.append(row.id)
    # Anew, since others claim as well.
    free = (
        select(_own.id)
        .where(_own.id.in_(chosen), which)
        .order_by(_own.id)
        .with_for_update(key_share=True, skip_locked=True)
    )
    ids = connection.execute(free).scalars().all()
    if not ids:
        return []
    claimed = (
        update(hub_subscriptions)
        .where(_own.id.in_(ids))
        .values(claim=_own.claim + 1, due_at=until, again=False)
        .returning(hub_subscriptions)
    )
    return [_load(row) for row in connection.execute(claimed)]


def _load(row: Row[Any]) -> HubSubscription:
    return HubSubscription(
        id=row.id,
        claim=row.claim,
        topic=HubTopic(row.topic, row.output, row.kind),
        callback=row.callback,
        site=row.site,
        cursor=None if row.epoch is None else Cursor(row.epoch, row.seq),
        secret=row.secret,
        failures=row.failures,
        failing_since=row.failing_since,
        slow=row.slow,
    )


def _mine(claimed: HubSubscription) -> ColumnElement[bool]:
    return and_(_own.id == claimed.id, _own.claim == claimed.claim)


def told(
    connection: Connection,
    claimed: HubSubscription,
    upto: Cursor,
    now: datetime,
    *,
    more: bool,
    slow: bool,
    delivered: bool,
) -> None:
    """Note how far it knows the log, see :meth:`aggregator.ports.HubStore.told`."""
    at_once = literal(now, _own.due_at.type)
    values: dict[str, Any] = {
        "epoch": upto.epoch,
        "seq": upto.seq,
        "due_at": at_once if more else case((_own.again, at_once), else_=null()),
    }
    if delivered:
        ended = {"failures": 0, "failing_since": None, "error": None}
        values |= {"slow": slow, "told_at": now, **ended}
    connection.execute(update(hub_subscriptions).where(_mine(claimed)).values(**values))


def failed(
    connection: Connection,
    claimed: HubSubscription,
    error: str,
    now: datetime,
    at: datetime | None,
) -> None:
    """Note a failure, see :meth:`aggregator.ports.HubStore.failed`."""
    values: dict[str, Any] = {
        "failures": _own.failures + 1,
        "failing_since": func.coalesce(_own.failing_since, literal(now, _own.due_at.type)),
        "error": error,
        "slow": True,
        "due_at": at,
    }
    if at is None:
        values["dropped_at"] = now
    connection.execute(update(hub_subscriptions).where(_mine(claimed)).values(**values))


def postpone(
    connection: Connection, claimed: HubSubscription, at: datetime, *, slow: bool = False
) -> None:
    """Have it told ``at`` that time; nobody failed."""
    values = {"due_at": at, **({"slow": True} if slow else {})}
    connection.execute(update(hub_subscriptions).where(_mine(claimed)).values(**values))


def end(connection: Connection, claimed: HubSubscription) -> None:
    """Nobody listens there any more."""
    connection.execute(delete(hub_subscriptions).where(_mine(claimed)))


def begin(connection: Connection, now: datetime) -> None:
    """End all claims: whoever held them is no more."""
    held = and_(_own.due_at > now, _own.failures == 0)
    connection.execute(update(hub_subscriptions).where(held).values(due_at=now))
    asked = hub_requests.c
    waiting = and_(asked.due_at > now, asked.attempts == 0)
    connection.execute(update(hub_requests).where(waiting).values(due_at=now))


def any_over(connection: Connection, now: datetime) -> bool:
    """True when :func:`expire` has anything to do."""
    return connection.execute(select(_own.id).where(_over(now)).limit(1)).first() is not None


def expire(connection: Connection, now: datetime) -> int:
    """Remove what is over, see :meth:`aggregator.ports.HubStore.expire`."""
    living = select(func.count()).select_from(hub_subscriptions).where(_over(now), _living)
    count: int = connection.execute(living).scalar_one()
    connection.execute(delete(hub_subscriptions).where(_over(now)))
    return count


def _over(now: datetime) -> ColumnElement[bool]:
    ended = and_(_living, _own.lease_until <= now)
    return or_(ended, _own.dropped_at <= now - _DROPPED_FOR)


def topics(connection: Connection) -> list[HubTopic]:
    """All topics that are subscribed to."""
    columns = (_own.topic, _own.output, _own.kind)
    rows = connection.execute(select(*columns).distinct().order_by(*columns))
    return [HubTopic(row.topic, row.output, row.kind) for row in rows]


def sync_topics(
    connection: Connection,
    resolve: Callable[[str], HubTopic | None],
    now: datetime,
) -> int:
    """End subscriptions of topics that are none, see :meth:`aggregator.ports.HubStore.sync_topics`."""
    ended = 0
    for one in topics(connection):
        meant = resolve(one.url)
        if meant is None:
            ended += _deny_all(connection, one, now)
        elif meant != one:
            values = {"output": meant.output, "kind": meant.format}
            rows = update(hub_subscriptions).where(_own.topic == one.url)
            connection.execute(rows.values(**values))
    asked = hub_requests.c
    for url in connection.scalars(select(asked.topic).distinct()).all():
        if resolve(url) is None:
            gone = and_(asked.topic == url, asked.mode != HubMode.DENIED)
            connection.execute(delete(hub_requests).where(gone))
    return ended


def _deny_all(connection: Connection, topic: HubTopic, now: datetime) -> int:
    found = select(_own.id, _own.callback, _own.site, _living.label("living"))
    rows = connection.execute(found.where(_own.topic == topic.url)).all()
    told = [row for row in rows if row.living]
    for row in told:
        denial = HubRequest(HubMode.DENIED, topic, row.callback, row.site, timedelta(0))
        put(connection, denial, now)
    for chunk in chunks([row.id for row in rows]):
        connection.execute(delete(hub_subscriptions).where(_own.id.in_(chunk)))
    return len(told)
