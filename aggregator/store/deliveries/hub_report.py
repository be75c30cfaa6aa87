"""The hub in numbers: counts for each output, and no word of who subscribes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, and_, case, func, select

from aggregator.model import HubAudience, HubMode, HubReport
from aggregator.store.db.tables import hub_pings, hub_requests, hub_subscriptions

_own = hub_subscriptions.c


def report(connection: Connection, now: datetime) -> HubReport:
    """Counts, for the operator."""
    living = and_(_own.dropped_at.is_(None), _own.lease_until > now)
    rows = connection.execute(
        select(
            _own.output,
            func.sum(case((living, 1), else_=0)).label("subscribers"),
            func.sum(case((and_(living, _own.failures > 0), 1), else_=0)).label("failing"),
            func.sum(case((_own.dropped_at.is_not(None), 1), else_=0)).label("dropped"),
        )
        .group_by(_own.output)
        .order_by(_own.output)
    ).all()
    asked = hub_requests.c
    waiting = select(func.count()).select_from(hub_requests).where(asked.mode != HubMode.DENIED)
    pings = hub_pings.c
    unreached = (
        select(
            pings.hub,
            func.min(pings.failing_since).label("since"),
            func.max(pings.error).label("error"),
        )
        .where(pings.error.is_not(None), pings.failing_since.is_not(None))
        .group_by(pings.hub)
        .order_by(pings.hub)
    )
    return HubReport(
        tuple(
            HubAudience(
                row.output,
                row.subscribers,
                row.failing,
                row.dropped,
                _error(connection, row.output),
            )
            for row in rows
        ),
        connection.execute(waiting).scalar_one(),
        tuple((row.hub, row.since, row.error) for row in connection.execute(unreached)),
    )


def _error(connection: Connection, output: str) -> str:
    """The latest failure of any subscriber of ``output``; an error names no address."""
    latest = (
        select(_own.error)
        .where(_own.output == output, _own.error.is_not(None))
        .order_by(_own.failing_since.desc(), _own.id)
        .limit(1)
    )
    return connection.execute(latest).scalar() or ""
