"""Requests as rows, on the database's clock: for daemons that are on other machines, or on many.

A request is for the first daemon that takes it, or for each of them; whoever obeys answers. It ends
with its time, so that nobody obeys what nobody waits for any more.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, or_, select, update

from aggregator.model import PostedRequest
from aggregator.ports import RequestBox
from aggregator.store.db.database import Database
from aggregator.store.db.tables import request_answers, requests

_AT_ONCE = 100  # requests that a daemon takes in one look


class SqlRequests(RequestBox):
    """Requests over a :class:`Database`; each method is one transaction.

    Every method raises :class:`~aggregator.errors.StoreError` when the database is down.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def newest(self) -> int:
        """The latest request's id; 0: there is none."""
        return await self._database.read(_newest)

    async def post(self, body: str, lasts: timedelta, *, for_all: bool) -> int:
        """Ask with ``body`` for as long as it ``lasts``; the request's id."""
        return await self._database.write(_post, body, lasts, for_all)

    async def take(self, after: int, seen: Collection[int]) -> list[PostedRequest]:
        """Requests for one daemon that nobody took yet, and those for all with an id ``after`` that, not ``seen``."""
        if not await self._database.read(_some, after, seen):
            return []  # as nearly always: nothing is written then
        return await self._database.write(_take, after, seen)

    async def answer(self, request_id: int, body: str) -> None:
        """Answer a request that was taken; one that has ended meanwhile is let be."""
        await self._database.write(_answer, request_id, body)

    async def answers(self, request_id: int) -> Sequence[str]:
        """Answers given so far."""
        return await self._database.read(_answers, request_id)

    async def withdraw(self, request_id: int) -> None:
        """Nobody waits for the request any more."""
        await self._database.write(_withdraw, request_id)


def _now(connection: Connection) -> datetime:
    if connection.dialect.name != "postgresql":
        return datetime.now(UTC)
    now: datetime = connection.execute(select(func.now())).scalar_one()
    return now


def _newest(connection: Connection) -> int:
    return connection.execute(select(func.max(requests.c.id))).scalar_one() or 0


def _post(connection: Connection, body: str, lasts: timedelta, for_all: bool) -> int:
    made = insert(requests).values(body=body, for_all=for_all, until=_now(connection) + lasts)
    return int(connection.execute(made.returning(requests.c.id)).scalar_one())


def _some(connection: Connection, after: int, seen: Collection[int]) -> bool:
    """True where there is anything to take, or to clear away."""
    wanted = or_(_for_all(after, seen), ~requests.c.for_all & ~requests.c.taken)
    ended = requests.c.until <= _now(connection)
    return (
        connection.execute(select(requests.c.id).where(wanted | ended).limit(1)).first() is not None
    )


def _for_all(after: int, seen: Collection[int]) -> ColumnElement[bool]:
    # Ids are not committed in their order, so that the latest seen tells nothing of those before it.
    return and_(requests.c.for_all, requests.c.id > after, requests.c.id.not_in(sorted(seen)))


def _take(connection: Connection, after: int, seen: Collection[int]) -> list[PostedRequest]:
    now = _now(connection)
    connection.execute(delete(requests).where(requests.c.until <= now))
    free = (
        select(requests.c.id)
        .where(~requests.c.for_all, ~requests.c.taken)
        .order_by(requests.c.id)
        .limit(_AT_ONCE)
        .with_for_update(skip_locked=True)
        .cte("free")
    )
    mine = connection.execute(
        update(requests)
        .where(requests.c.id.in_(select(free.c.id)))
        .values(taken=True)
        .returning(requests.c.id, requests.c.body)
    ).all()
    everybodys = connection.execute(
        select(requests.c.id, requests.c.body)
        .where(_for_all(after, seen))
        .order_by(requests.c.id)
        .limit(_AT_ONCE)
    ).all()
    return sorted(
        (PostedRequest(row.id, row.body) for row in (*mine, *everybodys)), key=lambda one: one.id
    )


def _answer(connection: Connection, request_id: int, body: str) -> None:
    there = select(requests.c.id).where(requests.c.id == request_id).with_for_update(read=True)
    if connection.execute(there).first() is not None:
        connection.execute(insert(request_answers).values(request_id=request_id, body=body))


def _answers(connection: Connection, request_id: int) -> list[str]:
    found = (
        select(request_answers.c.body)
        .where(request_answers.c.request_id == request_id)
        .order_by(request_answers.c.id)
    )
    return list(connection.execute(found).scalars())


def _withdraw(connection: Connection, request_id: int) -> None:
    connection.execute(delete(requests).where(requests.c.id == request_id))
