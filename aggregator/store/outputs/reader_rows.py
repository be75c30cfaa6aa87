"""Counts of readers in the database: added up by every process, kept for a week, bounded whoever asks.

Nothing here names or places a person: days, formats, answers, names of programs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Connection, delete, func, select

from aggregator.model import AgentRequests, AnswerCount, Audience, ReaderCount
from aggregator.store.db.database import Database
from aggregator.store.db.tables import reader_agents, reader_answers, reader_audiences
from aggregator.store.db.upsert import add_up, insert_or_most

T = TypeVar("T")

DAYS = 7  # that are kept and told of, with the present one
_AUDIENCE_DAYS = 3  # a service that asked no more since then has nobody left
_NAMES = 200  # programs of one output, and audiences; others are counted without a name
_TABLES = (reader_answers, reader_agents, reader_audiences)


class _Told(NamedTuple):
    """The largest number of subscribers that somebody told, and how often they asked."""

    subscribers: int
    requests: int


class SqlReaderCounts:
    """Counts of readers over a :class:`Database`.

    Every method raises :class:`~aggregator.errors.StoreError` when the database is down.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def note(self, counts: Sequence[ReaderCount], now: datetime) -> None:
        """Add ``counts`` to those of this day, and drop those that are too old."""
        await self._database.write(note, counts, now)


def note(connection: Connection, counts: Sequence[ReaderCount], now: datetime) -> None:
    """Add ``counts`` to those of this day, and drop those that are too old.

    Each table's rows are written in the order of their keys, as by every other process.
    """
    day = _day(now)
    answers: Counter[tuple[str, str, int]] = Counter()
    agents: Counter[tuple[str, str]] = Counter()
    audiences: dict[tuple[str, str, str, str], _Told] = {}
    for one in counts:
        answers[one.output, one.kind, one.status] += one.requests
        agents[one.output, one.agent] += one.requests
        if one.subscribers is not None and one.agent and one.status < 400:
            told = (one.output, one.agent, one.kind, one.feed)
            before = audiences.get(told, _Told(0, 0))
            most = max(one.subscribers, before.subscribers)
            audiences[told] = _Told(most, before.requests + one.requests)
    add_up(
        connection,
        reader_answers,
        [
            {"output": o, "day": day, "kind": k, "status": s, "requests": n}
            for (o, k, s), n in sorted(answers.items())
        ],
        *("output", "day", "kind", "status"),
    )
    _note_agents(connection, day, agents)
    _note_audiences(connection, day, audiences)
    for table in _TABLES:
        connection.execute(delete(table).where(table.c.day < _day(now, DAYS - 1)))


def _note_agents(connection: Connection, day: str, counted: Counter[tuple[str, str]]) -> None:
    named: Counter[tuple[str, str]] = Counter()
    own = reader_agents.c
    for output in {output for output, _ in counted}:
        rows = select(own.agent).where(own.output == output).distinct()
        known = set(connection.execute(rows).scalars())
        of_output = {agent: n for (name, agent), n in counted.items() if name == output}
        let_in = _let_in(of_output, known)
        for agent, number in of_output.items():
            named[output, agent if agent in let_in else ""] += number
    rows_of = [
        {"output": output, "day": day, "agent": agent, "requests": number}
        for (output, agent), number in sorted(named.items())
    ]
    add_up(connection, reader_agents, rows_of, "output", "day", "agent")


def _note_audiences(
    connection: Connection, day: str, told: dict[tuple[str, str, str, str], _Told]
) -> None:
    own = reader_audiences.c
    rows: list[dict[str, Any]] = []
    for output in {one[0] for one in told}:
        stored = select(own.agent, own.kind, own.feed).where(own.output == output).distinct()
        known = {(row.agent, row.kind, row.feed) for row in connection.execute(stored)}
        of_output = {one[1:]: said for one, said in told.items() if one[0] == output}
        asked = {one: said.requests for one, said in of_output.items()}
        rows += [
            {
                "output": output,
                "day": day,
                "agent": one[0],
                "kind": one[1],
                "feed": one[2],
                "subscribers": of_output[one].subscribers,
            }
            for one in _let_in(asked, known)
        ]
    keys = ("output", "day", "agent", "kind", "feed")
    rows.sort(key=lambda row: tuple(row[key] for key in keys))
    insert_or_most(connection, reader_audiences, rows, *keys)


def _let_in(found: dict[T, int], known: Collection[T]) -> set[T]:
    """Those of ``found`` that are known, and of the others the busiest, as far as there is room.

    By their requests, ``found``: what they claim costs them nothing.
    """
    room = max(0, _NAMES - len(known))
    others = sorted((one for one in found if one not in known), key=lambda one: -found[one])
    return {one for one in found if one in known} | set(others[:room])


# ── read ─────────────────────────────────────────────────────────────────────────────────────


def read_answers(connection: Connection, output: str, now: datetime) -> tuple[AnswerCount, ...]:
    """Requests by format and answer, those most asked first."""
    own, week, today = reader_answers.c, Counter[tuple[str, int]](), Counter[tuple[str, int]]()
    rows = select(own.day, own.kind, own.status, own.requests).where(
        own.output == output, own.day >= _day(now, DAYS - 1)
    )
    for row in connection.execute(rows):
        week[row.kind, row.status] += row.requests
        if row.day == _day(now):
            today[row.kind, row.status] += row.requests
    found = [
        AnswerCount(kind, status, today[kind, status], n) for (kind, status), n in week.items()
    ]
    return tuple(sorted(found, key=lambda one: (-one.week, one.kind, one.status)))


def read_agents(connection: Connection, output: str, now: datetime) -> tuple[AgentRequests, ...]:
    """Programs and their requests, the busiest first; those without a name last."""
    own = reader_agents.c
    rows = connection.execute(
        select(own.agent, func.sum(own.requests).label("requests"))
        .where(own.output == output, own.day >= _day(now, DAYS - 1))
        .group_by(own.agent)
    )
    found = [AgentRequests(row.agent, int(row.requests)) for row in rows]
    return tuple(sorted(found, key=lambda one: (not one.agent, -one.requests, one.agent)))


def read_audiences(connection: Connection, output: str, now: datetime) -> tuple[Audience, ...]:
    """Subscribers at each service that told of any in the last three days, the largest first.

    A service has several numbers where it knows the feed by several addresses: the newest of each is added, where
    that of yesterday may still be the newest.
    """
    own = reader_audiences.c
    rows = connection.execute(
        select(own.agent, own.kind, own.feed, own.day, own.subscribers)
        .where(own.output == output, own.day > _day(now, _AUDIENCE_DAYS))
        .order_by(own.day.desc())
    )
    newest: dict[tuple[str, str, str], tuple[int, str]] = {}
    for row in rows:
        newest.setdefault((row.agent, row.kind, row.feed), (row.subscribers, row.day))
    total: Counter[str] = Counter()
    last: dict[str, str] = {}
    for (agent, _, _), (subscribers, day) in newest.items():
        total[agent] += subscribers
        last[agent] = max(day, last.get(agent, ""))
    found = [
        Audience(agent, number, datetime.fromisoformat(last[agent]).date())
        for agent, number in total.items()
    ]
    return tuple(sorted(found, key=lambda one: (-one.subscribers, one.agent)))


def _day(now: datetime, before: int = 0) -> str:
    """The day (UTC) of ``now``, or so many before it, as it is stored: they sort as text."""
    return f"{now - timedelta(days=before):%Y-%m-%d}"
