"""Requests to our hub: kept until their callbacks confirm them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Table, and_, delete, func, insert, or_, select, true, update

from aggregator.model import Cursor, HubAnswer, HubCaps, HubMode, HubRequest, HubTopic
from aggregator.store.db.lock import AdvisoryLock, acquire
from aggregator.store.db.tables import hub_requests, hub_subscriptions

_PER_SITE = 2  # callbacks asked at once

requests, subscriptions = hub_requests.c, hub_subscriptions.c


def ask(connection: Connection, request: HubRequest, caps: HubCaps, now: datetime) -> HubAnswer:
    """Keep a request, see :meth:`aggregator.ports.HubStore.ask`."""
    acquire(connection, AdvisoryLock.HUB)
    if (full := _full(connection, request, caps)) is not HubAnswer.ACCEPTED:
        return full
    put(connection, request, now)
    return HubAnswer.ACCEPTED


def put(connection: Connection, request: HubRequest, now: datetime) -> None:
    """Keep a request in place of a former one of the same callback and topic.

    That one may be under way: its result counts no more.
    """
    values = {
        "mode": request.mode.value,
        "output": request.topic.output,
        "kind": request.topic.format,
        "site": request.site,
        "secret": request.secret,
        "lease_s": int(request.lease.total_seconds()),
        "attempts": 0,
        "due_at": now,
    }
    same = and_(requests.callback == request.callback, requests.topic == request.topic.url)
    former = update(hub_requests).where(same).values(claim=requests.claim + 1, **values)
    if not connection.execute(former).rowcount:
        key = {"callback": request.callback, "topic": request.topic.url}
        connection.execute(insert(hub_requests).values(**key, **values))


def _full(connection: Connection, request: HubRequest, caps: HubCaps) -> HubAnswer:
    """Is there room for one more? What is there already takes none."""
    if request.mode is not HubMode.SUBSCRIBE or _known(connection, request):
        return HubAnswer.ACCEPTED
    if _count(connection, request.site) >= caps.per_site:
        return HubAnswer.SITE_FULL
    return HubAnswer.FULL if _count(connection) >= caps.total else HubAnswer.ACCEPTED


def _known(connection: Connection, request: HubRequest) -> bool:
    def there(table: Table) -> bool:
        same = and_(table.c.callback == request.callback, table.c.topic == request.topic.url)
        if table is hub_requests:
            same &= requests.mode == HubMode.SUBSCRIBE
        else:
            same &= subscriptions.dropped_at.is_(None)
        return connection.execute(select(table.c.id).where(same)).first() is not None

    return there(hub_subscriptions) or there(hub_requests)


def _count(connection: Connection, site: str | None = None) -> int:
    """Subscriptions, and requests for more; of a ``site``, or all."""
    is_mine = subscriptions.site == site if site is not None else true()
    confirmed = select(func.count()).where(subscriptions.dropped_at.is_(None), is_mine)
    confirmed = confirmed.select_from(hub_subscriptions)
    is_mine = requests.site == site if site is not None else true()
    renewed = (
        select(subscriptions.id)
        .where(
            subscriptions.callback == requests.callback,
            subscriptions.topic == requests.topic,
            subscriptions.dropped_at.is_(None),
        )
        .exists()
    )
    more = select(func.count()).select_from(hub_requests)
    more = more.where(requests.mode == HubMode.SUBSCRIBE, is_mine, ~renewed)
    return sum(connection.execute(one).scalar_one() for one in (confirmed, more))


def claim_requests(
    connection: Connection, now: datetime, until: datetime, limit: int, busy: Collection[str]
) -> list[HubRequest]:
    """Claim up to ``limit`` requests, few of one site and none of the ``busy`` ones."""
    which = and_(requests.due_at <= now, requests.site.not_in(sorted(busy)))
    place = func.row_number().over(
        partition_by=requests.site, order_by=(requests.due_at, requests.id)
    )
    shared = select(requests.id, place.label("place")).where(which).subquery()
    chosen = select(shared.c.id).where(shared.c.place <= _PER_SITE).limit(limit)
    rows = (
        connection.execute(
            select(requests.id)
            .where(requests.id.in_(connection.scalars(chosen).all()), which)
            .order_by(requests.id)
            .with_for_update(key_share=True, skip_locked=True)
        )
        .scalars()
        .all()
    )
    if not rows:
        return []
    claimed = (
        update(hub_requests)
        .where(requests.id.in_(rows))
        .values(claim=requests.claim + 1, due_at=until)
        .returning(hub_requests)
    )
    return [_load(row) for row in connection.execute(claimed)]


def _load(row: Row[Any]) -> HubRequest:
    return HubRequest(
        mode=HubMode(row.mode),
        topic=HubTopic(row.topic, row.output, row.kind),
        callback=row.callback,
        site=row.site,
        lease=timedelta(seconds=row.lease_s),
        secret=row.secret,
        id=row.id,
        claim=row.claim,
        attempts=row.attempts,
    )


def retry_request(connection: Connection, request: HubRequest, at: datetime | None) -> None:
    """Ask the callback again ``at`` that time, or not any more."""
    mine = and_(requests.id == request.id, requests.claim == request.claim)
    if at is None:
        connection.execute(delete(hub_requests).where(mine))
    else:
        again = {"due_at": at, "attempts": requests.attempts + 1}
        connection.execute(update(hub_requests).where(mine).values(**again))


def confirm(
    connection: Connection,
    request: HubRequest,
    now: datetime,
    cursor: Cursor | None,
    caps: HubCaps,
) -> HubAnswer | None:
    """Do what was asked for, see :meth:`aggregator.ports.HubStore.confirm`."""
    acquire(connection, AdvisoryLock.HUB)
    mine = and_(requests.id == request.id, requests.claim == request.claim)
    if not connection.execute(delete(hub_requests).where(mine)).rowcount:
        return None
    same = and_(
        subscriptions.callback == request.callback, subscriptions.topic == request.topic.url
    )
    if request.mode is not HubMode.SUBSCRIBE:
        connection.execute(delete(hub_subscriptions).where(same))
        return HubAnswer.ACCEPTED
    if (full := _full(connection, request, caps)) is not HubAnswer.ACCEPTED:
        return full
    # One that was given up begins anew: its reader has read the feed since, as after a pause.
    connection.execute(
        delete(hub_subscriptions).where(
            same, or_(subscriptions.dropped_at.is_not(None), subscriptions.lease_until <= now)
        )
    )
    values: dict[str, Any] = {
        "output": request.topic.output,
        "kind": request.topic.format,
        "site": request.site,
        "secret": request.secret,
        "lease_until": now + request.lease,
        "failures": 0,
        "failing_since": None,
        "error": None,
    }
    if not connection.execute(update(hub_subscriptions).where(same).values(**values)).rowcount:
        values |= {"callback": request.callback, "topic": request.topic.url}
        if cursor is not None:
            values |= {"epoch": cursor.epoch, "seq": cursor.seq}
        connection.execute(insert(hub_subscriptions).values(**values))
    return HubAnswer.ACCEPTED
