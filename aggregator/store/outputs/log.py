"""Logs of outputs: what stories change of them, in the transaction that changed the stories.

All under the settle lock, so that numbers become visible in their order and nobody decides on what
another is changing. See ``docs/decisions/output-log.md``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, or_, select, update

from aggregator.model import Basis, LineReason, Selection
from aggregator.select.arrivals import admit
from aggregator.select.decide import Decision, Standing, decide
from aggregator.select.placing import Member, Placed
from aggregator.store.db.due_stories import mark
from aggregator.store.db.lock import AdvisoryLock, acquire
from aggregator.store.db.tables import (
    due_stories,
    log_is_open,
    output_items,
    output_logs,
    output_now,
)
from aggregator.store.db.upsert import insert_or_update, insert_rows
from aggregator.store.outputs.arrivals_kept import door, remember
from aggregator.store.outputs.fitting import Judge, items_by
from aggregator.store.outputs.log_members import (
    members_of,
    standing_items,
    standing_of,
    stored_of,
)

SLICE = 200  # stories that one transaction decides on


@dataclass(frozen=True, slots=True)
class Log:
    """An open log, and the selection that it rests on."""

    row: Row[Any]
    selection: Selection
    id: int  # its epoch


_OPEN = select(output_logs).where(log_is_open)


def open_logs(connection: Connection) -> dict[str, Row[Any]]:
    """The open logs, by the names of their outputs."""
    return {row.name: row for row in connection.execute(_OPEN)}


def rests_on(row: Row[Any] | None, basis: Basis | None) -> bool:
    """True where the log rests on ``basis``, so that who works by it may decide and read."""
    return (
        row is not None
        and basis is not None
        and (row.identity, row.choice, row.facts) == (basis.identity, basis.choice, basis.facts)
    )


def has_begun(row: Row[Any]) -> bool:
    """True where the store was looked through for the log, for its newest items at least."""
    return bool(row.filled) or row.floor_at is not None


def note_stories(
    connection: Connection,
    story_ids: Collection[int],
    selections: Iterable[Selection],
    now: datetime,
) -> None:
    """Write what these stories, which have just settled, change of the logs of all outputs.

    Where a log rests on something else than ``selections``, or is empty yet, they are marked due there.
    """
    logs, others = _mine(connection, selections)
    mark(connection, story_ids, others)
    _decide_all(connection, story_ids, logs, now, LineReason.SETTLED)


def decide_due(
    connection: Connection, selections: Iterable[Selection], now: datetime, most: int = SLICE
) -> int:
    """Decide on up to ``most`` stories that are due, the ones marked last; return how many there were."""
    acquire(connection, AdvisoryLock.SETTLE)
    given = list(selections)
    logs, others = _mine(connection, given)
    ids = [log.id for log in logs]
    wanted = or_(due_stories.c.log_id.is_(None), due_stories.c.log_id.in_(ids))
    found = select(due_stories).where(wanted).order_by(due_stories.c.id.desc()).limit(most)
    rows = connection.execute(found).all()
    if not rows or not logs:
        return 0
    for log_id, quiet in sorted({(r.log_id, r.quiet) for r in rows}, key=repr):
        stories = {r.story_id for r in rows if (r.log_id, r.quiet) == (log_id, quiet)}
        why = LineReason.CONFIGURED if quiet else LineReason.SETTLED
        numbered, _ = _mine(connection, given)  # anew, for the numbers have moved
        own = [log for log in numbered if log_id in {None, log.id}]
        _decide_all(connection, stories, own, now, why)
        if log_id is None:
            mark(connection, stories, others, quiet=quiet)
    connection.execute(delete(due_stories).where(due_stories.c.id.in_([r.id for r in rows])))
    return len(rows)


def fill_with(connection: Connection, story_ids: Collection[int], log: Log, now: datetime) -> None:
    """Let what these stories make of an output stand there, without announcing it."""
    _decide_all(connection, story_ids, [log], now, LineReason.FILLED)


def _mine(connection: Connection, selections: Iterable[Selection]) -> tuple[list[Log], list[int]]:
    """The logs that have begun and rest on one of ``selections``, and the ids of all other open ones."""
    given = {one.basis.name: one for one in selections if one.basis is not None}
    logs, others = [], []
    for name, row in open_logs(connection).items():
        one = given.get(name)
        if one is not None and has_begun(row) and rests_on(row, one.basis):
            logs.append(Log(row, one, row.id))
        else:
            others.append(row.id)
    return logs, others


def _decide_all(
    connection: Connection,
    story_ids: Collection[int],
    logs: Sequence[Log],
    now: datetime,
    entering: LineReason,
) -> None:
    if not logs or not story_ids:
        return
    members = members_of(connection, story_ids)
    standing = standing_of(connection, story_ids, [log.id for log in logs])
    shapes = {log.selection.shape: log.selection for log in logs}
    items_of = {shape: items_by(members.values(), one) for shape, one in shapes.items()}
    made = [(log, items_of[log.selection.shape]) for log in logs]
    # An id may have stood for another story, which ended without a word.
    unknown = {
        (log.id, one.item_id)
        for log, items in made
        for one in items
        if one.item_id not in standing[log.id]
    }
    for log_id, one in standing_items(connection, unknown):
        standing[log_id][one.item_id] = one
    stage = _Stage(
        connection,
        {one.entry_id: one for own in members.values() for one in own},
        Judge(connection, [log.selection for log in logs]),
        now,
        entering,
    )
    stage.judge.prepare((log.selection, items) for log, items in made)
    decided = [
        (log, standing[log.id], decision)
        for log, items in made
        if items or standing[log.id]
        for decision in [stage.decided(log, items, standing[log.id])]
        if decision.stand or decision.gone
    ]
    _write(connection, decided, now)


@dataclass(frozen=True, slots=True)
class _Stage:
    """Everything that the decisions on some stories rest on, whatever the log."""

    connection: Connection
    by_id: Mapping[int, Member]
    judge: Judge
    now: datetime
    entering: LineReason

    def decided(
        self, log: Log, made: Sequence[Placed], standing: Mapping[str, Standing]
    ) -> Decision:
        """The decision on what stands; ``made`` are all items of these stories."""
        # Retention may forget who told what is shown: only the configuration takes it back.
        told_once = () if self.entering.quiet else standing.keys()
        judged = self.judge.judged(made, log.selection, told_once)
        items = self._let_in(log, judged.items, made, standing)
        left = {one.item_id for one in items}
        gone = {one.entry_id for one in standing.values() if one.item_id not in left}
        forgotten = gone - self.by_id.keys()
        if forgotten:
            forgotten -= stored_of(self.connection, forgotten)
        unfit = {one.item_id for one in judged.unfit}
        return decide(items, standing, self.by_id, forgotten, log.selection, self.entering, unfit)

    def _let_in(
        self,
        log: Log,
        items: Sequence[Placed],
        made: Sequence[Placed],
        standing: Mapping[str, Standing],
    ) -> Sequence[Placed]:
        """``items`` without those that a quota leaves out, which is remembered."""
        if not items or not log.selection.keeps_arrivals:
            return items
        still = {one.item_id for one in made}
        ended = [one for one in standing.values() if one.item_id not in still]
        state = door(
            self.connection, log.id, items, ended, standing.keys(), log.selection, self.now
        )
        found = admit(items, state, log.selection, self.now, quiet=self.entering.quiet)
        remember(self.connection, log.id, found.remember)
        return found.items


def _write(
    connection: Connection,
    decided: Sequence[tuple[Log, Mapping[str, Standing], Decision]],
    now: datetime,
) -> None:
    lines: list[dict[str, Any]] = []
    rows: list[dict[str, Any]] = []
    numbers: list[dict[str, Any]] = []
    for log, before, decision in decided:
        of_item = {}
        for seq, line in enumerate(decision.lines, log.row.next_seq):
            of_item[line.item_id] = seq
            lines.append(
                {
                    "log_id": log.id,
                    "seq": seq,
                    "item_id": line.item_id,
                    "kind": line.kind.value,
                    "reason": line.reason.value,
                    "entry_id": line.entry_id,
                    "digest": line.digest,
                    "at": now,
                }
            )
        for item_id, one in decision.stand.items():
            stood = before.get(item_id)
            rows.append(
                {
                    "log_id": log.id,
                    "item_id": item_id,
                    "seq": of_item.get(item_id, stood.seq if stood else 0),
                    "story_id": one.story,
                    "entry_id": one.entry_id,
                    "changed_at": one.changed_at,
                    "digest": one.digest,
                    "sort_at": one.place[0],
                    "tie": one.place[1],
                    "entered_at": stood.entered_at if stood else now,
                }
            )
        if decision.lines:
            numbers.append({"log": log.id, "next": log.row.next_seq + len(decision.lines)})
        for item_id in sorted(decision.gone):
            connection.execute(_REMOVE, {"log": log.id, "item": item_id})
    if lines:
        insert_rows(connection, output_items, lines)
        connection.execute(_COUNT_ON, numbers)
    insert_or_update(connection, output_now, rows, "log_id", "item_id")


_REMOVE = delete(output_now).where(
    output_now.c.log_id == bindparam("log"), output_now.c.item_id == bindparam("item")
)
_COUNT_ON = (
    update(output_logs)
    .where(output_logs.c.id == bindparam("log"))
    .values(next_seq=bindparam("next"))
)
