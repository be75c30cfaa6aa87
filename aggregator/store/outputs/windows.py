"""Windows of outputs: the newest items that stand, read from the log's rows in their order."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import Connection, Row, and_, exists, func, select

from aggregator.model import (
    LatestLine,
    LineKind,
    LineReason,
    OutputSummary,
    Selection,
    WithdrawnItem,
)
from aggregator.publish.groups import Group
from aggregator.select.ranking import floor
from aggregator.store.db.chunks import chunks
from aggregator.store.db.tables import (
    due_stories,
    entries,
    is_withdrawal,
    log_is_open,
    output_items,
    output_logs,
    output_now,
)
from aggregator.store.outputs.computed import computed_groups
from aggregator.store.outputs.fitting import Judge, items_by
from aggregator.store.outputs.groups import groups_of, newest_groups
from aggregator.store.outputs.log import has_begun, open_logs, rests_on
from aggregator.store.outputs.log_members import members_of


def window_groups(connection: Connection, selection: Selection) -> list[Group]:
    """The items of the output's window, newest first, by the configuration of this moment.

    From its log, where that rests on ``selection`` and is whole; else from all entries.
    """
    log = _log(connection, selection)
    if log is None or not has_begun(log):
        return _computed(connection, selection)
    rows = _newest(connection, log.id, selection)
    # While the store is looked through, what was met by then are the window's newest items.
    if log.filled and not _is_whole(log, rows, selection):
        return _computed(connection, selection)
    groups = groups_of(connection, selection, {row.story_id for row in rows})
    by_id = {group.id: group for own in groups.values() for group in own}
    # What must not be told any more is no group, even before its log knows.
    found = [by_id[row.item_id] for row in rows if row.item_id in by_id]
    return _fitting(connection, log, selection, found)


def _computed(connection: Connection, selection: Selection) -> list[Group]:
    if selection.is_plain and selection.since is None:
        return newest_groups(connection, selection)
    return computed_groups(connection, selection)


def _fitting(
    connection: Connection, log: Row[Any], selection: Selection, groups: list[Group]
) -> list[Group]:
    """Those of ``groups`` that the filter takes, which the log knows but for what waits to be decided on."""
    waits = due_stories.c.log_id == log.id
    if selection.filter is None or not connection.execute(_ANY_DUE.where(waits)).first():
        return groups
    ids = [entry_id for group in groups for entry_id in group.entry_ids]
    stories = {
        story
        for chunk in chunks(ids)
        for story in connection.execute(
            select(entries.c.story_id).where(entries.c.id.in_(chunk)).distinct()
        ).scalars()
    }
    items = items_by(members_of(connection, stories).values(), selection)
    judged = Judge(connection, [selection]).judged(items, selection, {g.id for g in groups})
    unfit = {one.item_id for one in judged.unfit}
    return [group for group in groups if group.id not in unfit]


def short(connection: Connection, selections: Iterable[Selection]) -> list[Selection]:
    """Those outputs whose logs rest on these selections, and hold less than the window."""
    logs = open_logs(connection)
    found = []
    for one in selections:
        log = logs.get(one.basis.name) if one.basis is not None else None
        if log is None or not rests_on(log, one.basis):
            continue
        if not log.filled or not _is_whole(log, _newest(connection, log.id, one), one):
            found.append(one)
    return found


def latest_line(connection: Connection, selection: Selection, item_id: str) -> LatestLine | None:
    """The latest line on an item that stands in the output's log; None where it does not."""
    log = _log(connection, selection)
    if log is None:
        return None
    stands = (
        select(output_items, output_now.c.entered_at)
        .join(
            output_now,
            and_(
                output_now.c.log_id == output_items.c.log_id,
                output_now.c.seq == output_items.c.seq,
            ),
        )
        .where(output_now.c.log_id == log.id, output_now.c.item_id == item_id)
    )
    row = connection.execute(stands).one_or_none()
    if row is None:
        return None
    return LatestLine(row.seq, LineKind(row.kind), LineReason(row.reason), row.at, row.entered_at)


def withdrawn_items(
    connection: Connection, selection: Selection, item_ids: Collection[str]
) -> tuple[WithdrawnItem, ...]:
    """Those of these items that the output's log withdrew, and that do not stand there again; the latest first."""
    log = _log(connection, selection)
    if log is None or not item_ids:
        return ()
    stands = exists().where(
        output_now.c.log_id == output_items.c.log_id, output_now.c.item_id == output_items.c.item_id
    )
    found = select(output_items).where(
        output_items.c.log_id == log.id,
        output_items.c.item_id.in_(sorted(item_ids)),
        is_withdrawal,
        ~stands,
    )
    latest: dict[str, WithdrawnItem] = {}
    # Put in order here: asked for it, SQLite reads the whole log by its numbers instead.
    for row in sorted(connection.execute(found), key=lambda row: -int(row.seq)):
        one = WithdrawnItem(row.item_id, row.seq, LineReason(row.reason), row.at)
        latest.setdefault(row.item_id, one)
    return tuple(latest.values())


def summary(connection: Connection, name: str, selection: Selection) -> OutputSummary:
    """Summary of the output ``name``."""
    shown, log = len(window_groups(connection, selection)), _log(connection, selection)
    if log is None:
        return OutputSummary(name, shown, 0, None, None, 0, None, up_to_date=False)
    count = select(func.count()).select_from(output_now).where(output_now.c.log_id == log.id)
    latest = select(output_items.c.at).where(
        output_items.c.log_id == log.id, output_items.c.seq == log.next_seq - 1
    )
    waits = due_stories.c.log_id.is_(None) | (due_stories.c.log_id == log.id)
    due = connection.execute(_ANY_DUE.where(waits)).first()
    return OutputSummary(
        name=name,
        shown=shown,
        standing=connection.execute(count).scalar_one(),
        epoch=log.id,
        began=log.began_at,
        lines=log.next_seq - 1,
        changed=connection.execute(latest).scalar_one_or_none(),
        up_to_date=due is None and log.filled,
    )


def any_due(connection: Connection) -> bool:
    """True where stories wait to be decided on."""
    return connection.execute(_ANY_DUE).first() is not None


_ANY_DUE = select(due_stories.c.id).limit(1)


def _log(connection: Connection, selection: Selection) -> Row[Any] | None:
    if selection.basis is None:
        return None
    named = log_is_open, output_logs.c.name == selection.basis.name
    row = connection.execute(select(output_logs).where(*named)).one_or_none()
    return row if rests_on(row, selection.basis) else None


def _newest(connection: Connection, log_id: int, selection: Selection) -> list[Row[Any]]:
    found = (
        select(output_now.c.item_id, output_now.c.story_id, output_now.c.sort_at, output_now.c.tie)
        .where(output_now.c.log_id == log_id)
        # Of one entry there may be an item in each category: they have one place, and their own order.
        .order_by(output_now.c.sort_at.desc(), output_now.c.tie.desc(), output_now.c.item_id.desc())
        .limit(selection.limit)
    )
    if selection.since is not None:
        found = found.where(output_now.c.sort_at >= selection.since)
    return list(connection.execute(found))


def _is_whole(log: Row[Any], rows: list[Row[Any]], selection: Selection) -> bool:
    """True where nothing that is stored and stands nowhere in the log belongs to the window."""
    if log.floor_at is None:
        return bool(log.filled)
    bound = floor((log.floor_at, log.floor_tie), selection)
    if selection.since is not None and bound[0] < selection.since:
        return True
    return len(rows) == selection.limit and (rows[-1].sort_at, rows[-1].tie) >= bound
