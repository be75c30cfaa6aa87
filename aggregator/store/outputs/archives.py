"""Archive pages of logs: lines that are in none yet, closing a page, and what is stored of closed ones.

See ``docs/decisions/archives.md``.
"""

from __future__ import annotations

import gzip
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, bindparam, insert, or_, select, update

from aggregator.model import (
    Absence,
    Guards,
    LatestPage,
    LineKind,
    PageBody,
    PageLines,
    PageNumber,
    Selection,
    StoredPage,
)
from aggregator.publish.groups import Group
from aggregator.select.guards import feed_mark, guards_within
from aggregator.select.page_lines import LINES, LogLine, newest_outside, statements
from aggregator.store.db.chunks import chunks
from aggregator.store.db.lock import AdvisoryLock, acquire
from aggregator.store.db.tables import (
    archive_bodies,
    archive_pages,
    due_stories,
    entries,
    feeds,
    log_is_open,
    output_items,
    output_logs,
    output_now,
)
from aggregator.store.outputs.groups import allowed, groups_of
from aggregator.store.outputs.items import items_of
from aggregator.store.outputs.log import rests_on

_LEVEL = 6  # of gzip: the highest takes up to twice as long for a hundredth less
_IN_OPEN_PAGE = 2  # pages' worth of lines at most: of a backlog that is being closed, the latest


def sync_archives(connection: Connection, kept: Mapping[str, bool]) -> None:
    """Note of which outputs pages are ``kept`` (by all names that an output has or had).

    Where they were not kept before, all lines that are stored stand in no page again.
    """
    acquire(connection, AdvisoryLock.SETTLE)
    for row in connection.execute(select(output_logs)).all():
        wanted = kept.get(row.name, False)
        if row.archived != wanted:
            own = output_logs.c.id == row.id
            anew = {"closed_seq": 0} if wanted and row.ended_at is None else {}
            connection.execute(update(output_logs).where(own).values(archived=wanted, **anew))


_ARCHIVED = output_logs.c.archived


def next_page(
    connection: Connection, selection: Selection, names: Sequence[str], most: int | None = None
) -> PageLines | None:
    """The lines that are to be closed as a page next, at most so many; None: there are too few.

    Of logs that ended, whatever is left is one. ``names`` are all that the output has or had.
    """
    ended = _logs(names).where(~log_is_open, output_logs.c.closed_seq < output_logs.c.next_seq - 1)
    for log in connection.execute(ended.where(_ARCHIVED)):
        found = _open_lines(connection, log, most or LINES)
        if found:
            return _page(connection, log, found, selection, names, whole=True)
    current = current_log(connection, selection)
    if current is None or not current.archived or is_due(connection, current):
        return None
    if current.next_seq - 1 - current.closed_seq < LINES:
        return None
    found = _open_lines(connection, current, LINES)
    if len(found) < LINES:
        return None
    return _page(connection, current, found[: most or LINES], selection, names, whole=True)


def open_page(
    connection: Connection, selection: Selection, names: Sequence[str]
) -> PageLines | None:
    """The latest lines that are in no closed page; None where the output keeps no archive."""
    log = current_log(connection, selection)
    if log is None or not log.archived:
        return None
    found = _latest_lines(connection, log)
    return _page(connection, log, found, selection, names, whole=False)


def latest_page(
    connection: Connection, selection: Selection, names: Sequence[str], window: Collection[str]
) -> LatestPage | None:
    """The page that follows on the ``window`` (ids of its items).

    The open one where lines are in it of which the window tells nothing, else the one closed last.
    """
    log = current_log(connection, selection)
    if log is None or not log.archived:
        return None
    outside = newest_outside(_latest_lines(connection, log), window)
    if outside:
        return LatestPage(PageNumber(log.id, None), upto=outside)
    page, kinds = _before(connection, log, names)
    return LatestPage(page, kinds) if page is not None else None


def _latest_lines(connection: Connection, log: Row[Any]) -> list[LogLine]:
    newest = _lines(log).order_by(output_items.c.seq.desc()).limit(_IN_OPEN_PAGE * LINES)
    return [_line(row) for row in connection.execute(newest)][::-1]


def _open_lines(connection: Connection, log: Row[Any], most: int) -> list[LogLine]:
    found = _lines(log).order_by(output_items.c.seq).limit(most)
    return [_line(row) for row in connection.execute(found)]


def _lines(log: Row[Any]) -> Select[Any]:
    return select(output_items).where(
        output_items.c.log_id == log.id, output_items.c.seq > log.closed_seq
    )


def _line(row: Row[Any]) -> LogLine:
    return LogLine(row.seq, row.item_id, LineKind(row.kind), row.entry_id, row.at)


def _logs(names: Sequence[str]) -> Select[Any]:
    return select(output_logs).where(output_logs.c.name.in_(names)).order_by(output_logs.c.id)


def current_log(connection: Connection, selection: Selection) -> Row[Any] | None:
    """The output's open log, where it rests on ``selection`` and is filled."""
    if selection.basis is None:
        return None
    named = _logs([selection.basis.name]).where(log_is_open)
    row = connection.execute(named).one_or_none()
    return row if row is not None and row.filled and rests_on(row, selection.basis) else None


def is_behind(connection: Connection, selection: Selection) -> bool:
    """True where the output has no log that follows what is configured, or it is not filled: it will be."""
    return selection.basis is not None and current_log(connection, selection) is None


def is_due(connection: Connection, log: Row[Any]) -> bool:
    """True where it must be decided first what stands: a page would leave it out for ever."""
    waits = due_stories.c.log_id.is_(None) | (due_stories.c.log_id == log.id)
    return connection.execute(select(due_stories.c.id).where(waits).limit(1)).first() is not None


def _page(
    connection: Connection,
    log: Row[Any],
    lines: Sequence[LogLine],
    selection: Selection,
    names: Sequence[str],
    *,
    whole: bool,
) -> PageLines:
    stands = _standing(connection, log.id, {line.item_id for line in lines})
    groups = _groups(connection, log, stands, selection)
    said = statements(lines, stands)
    shown = [groups[item_id] for item_id in said.shown if item_id in groups]
    older, kinds = _before(connection, log, names)
    return PageLines(
        page=PageNumber(log.id, log.closed_page + 1 if whole else None),
        after=log.closed_seq,
        last=lines[-1].seq if lines else log.closed_seq,
        items=tuple(items_of(connection, selection, shown)),
        gone=said.gone,
        at=max((line.at for line in lines), default=log.began_at),
        told_of=_told_of(connection, shown),
        older=older,
        older_kinds=kinds,
        whole=whole,
    )


def _standing(
    connection: Connection, log_id: int, item_ids: Collection[str]
) -> dict[str, tuple[int, int]]:
    """Those of these items that stand in the log → story and entry shown."""
    found: dict[str, tuple[int, int]] = {}
    for chunk in chunks(sorted(item_ids)):
        own = select(output_now).where(
            output_now.c.log_id == log_id, output_now.c.item_id.in_(chunk)
        )
        found |= {row.item_id: (row.story_id, row.entry_id) for row in connection.execute(own)}
    return found


def _groups(
    connection: Connection,
    log: Row[Any],
    stands: Mapping[str, tuple[int, int]],
    selection: Selection,
) -> dict[str, Group]:
    """Item id → the entries in it that may be told of.

    Items of a log that ended were made by another configuration: of them the entry shown is left.
    """
    if log.ended_at is None:
        of_story = groups_of(connection, selection, {story for story, _ in stands.values()})
        return {one.id: one for own in of_story.values() for one in own}
    shown = {entry for _, entry in stands.values()}
    told = {
        entry
        for chunk in chunks(sorted(shown))
        for entry in connection.execute(
            select(entries.c.id)
            .join(feeds, feeds.c.id == entries.c.feed_id)
            .where(entries.c.id.in_(chunk), allowed(connection, selection))
        ).scalars()
    }
    return {
        item_id: Group(item_id, (entry,)) for item_id, (_, entry) in stands.items() if entry in told
    }


def _told_of(connection: Connection, groups: Sequence[Group]) -> dict[str, tuple[str, ...]]:
    ids = sorted({entry_id for group in groups for entry_id in group.entry_ids})
    keys = {
        row.id: row.key
        for chunk in chunks(ids)
        for row in connection.execute(
            select(entries.c.id, feeds.c.key)
            .join(feeds, feeds.c.id == entries.c.feed_id)
            .where(entries.c.id.in_(chunk))
        )
    }
    return {
        group.id: tuple(sorted({feed_mark(keys[i]) for i in group.entry_ids})) for group in groups
    }


def _before(
    connection: Connection, log: Row[Any], names: Sequence[str]
) -> tuple[PageNumber | None, frozenset[str]]:
    """The page that was closed last before the log's next one, if it is stored still, and its formats.

    The first page of a log follows on the last of the log before.
    """
    row: Row[Any] | None = log
    if not log.closed_page:
        closed = _logs(names).where(output_logs.c.id < log.id, output_logs.c.closed_page > 0)
        row = connection.execute(closed.order_by(None).order_by(output_logs.c.id.desc())).first()
    if row is None:
        return None, frozenset()
    own = and_(archive_bodies.c.log_id == row.id, archive_bodies.c.number == row.closed_page)
    kinds = frozenset(connection.execute(select(archive_bodies.c.kind).where(own)).scalars())
    return (PageNumber(row.id, row.closed_page) if kinds else None), kinds


def close_page(
    connection: Connection,
    lines: PageLines,
    bodies: Sequence[PageBody],
    guards: Guards,
    now: datetime,
) -> bool:
    """Store a page for good, whole or not at all; False where its lines were closed meanwhile."""
    acquire(connection, AdvisoryLock.SETTLE)
    page, log_id = lines.page.number, lines.page.epoch
    row = connection.execute(select(output_logs).where(output_logs.c.id == log_id)).one()
    if page is None or (row.closed_seq, row.closed_page + 1) != (lines.after, page):
        return False
    packed = [(one, gzip.compress(one.body, _LEVEL, mtime=0)) for one in bodies]
    connection.execute(
        insert(archive_pages).values(
            log_id=log_id,
            number=page,
            last_seq=lines.last,
            items={item_id: list(marks) for item_id, marks in lines.told_of.items()},
            guards=guards_within(lines.told_of, guards),
            allowed=guards.digest,
            private=guards.private,
            size=sum(len(body) for _, body in packed),
            closed_at=now,
            changed_at=now,
        )
    )
    for one, body in packed:
        values = {"kind": one.kind, "body": body, "mark": one.mark, "digest": one.digest}
        connection.execute(insert(archive_bodies).values(log_id=log_id, number=page, **values))
    own = output_logs.c.id == log_id
    closed = {"closed_seq": lines.last, "closed_page": page}
    connection.execute(update(output_logs).where(own).values(**closed))
    return True


# ── what is stored ──────────────────────────────────────────────────────────────────────────


def find_page(
    connection: Connection, names: Sequence[str], page: PageNumber, kind: str, allowed_now: str
) -> StoredPage | Absence:
    """A closed page of the output with these ``names``, or the reason why there is none to be had.

    ``allowed_now`` is the digest of what may be told of feeds: pages made by another are not given
    out before they were looked through.
    """
    row = connection.execute(
        _STORED, {"log": page.epoch, "page": page.number, "kind": kind}
    ).first()
    log = connection.execute(
        select(output_logs.c.name, output_logs.c.closed_page).where(output_logs.c.id == page.epoch)
    ).one_or_none()
    number = page.number or 0
    if log is None or log.name not in names or not 0 < number <= log.closed_page:
        return Absence.NEVER
    if row is None:
        own = archive_pages.c.log_id == page.epoch, archive_pages.c.number == number
        stored = connection.execute(select(archive_pages.c.number).where(*own)).first()
        return Absence.GONE if stored is None else Absence.NEVER  # else in other formats alone
    if row.allowed != allowed_now:
        return Absence.LATER
    return StoredPage(page, kind, row.digest, row.changed_at)


def _stored() -> Select[Any]:
    from_both = and_(
        archive_pages.c.log_id == archive_bodies.c.log_id,
        archive_pages.c.number == archive_bodies.c.number,
    )
    return select(
        archive_pages.c.allowed, archive_pages.c.changed_at, archive_bodies.c.digest
    ).join(archive_bodies, from_both)


_STORED = _stored().where(
    archive_bodies.c.log_id == bindparam("log"),
    archive_bodies.c.number == bindparam("page"),
    archive_bodies.c.kind == bindparam("kind"),
)


def page_body(connection: Connection, page: PageNumber, kind: str) -> PageBody | None:
    """The bytes of a closed page."""
    row = connection.execute(
        select(archive_bodies).where(
            archive_bodies.c.log_id == page.epoch,
            archive_bodies.c.number == page.number,
            archive_bodies.c.kind == kind,
        )
    ).one_or_none()
    return unpacked(row) if row is not None else None


def unpacked(row: Row[Any]) -> PageBody:
    """A row of bytes as they were before they were compressed."""
    return PageBody(row.kind, gzip.decompress(row.body), row.mark, row.digest)


def stored_pages(
    connection: Connection, names: Sequence[str], allowed_now: str, after: PageNumber | None = None
) -> list[StoredPage]:
    """All closed pages of an output that may be given out, in each format, beyond ``after``."""
    ids = [row.id for row in connection.execute(_logs(names))]
    found = (
        _stored()
        .add_columns(archive_bodies.c.log_id, archive_bodies.c.number, archive_bodies.c.kind)
        .where(archive_bodies.c.log_id.in_(ids), archive_pages.c.allowed == allowed_now)
        .order_by(archive_bodies.c.log_id, archive_bodies.c.number, archive_bodies.c.kind)
    )
    if after is not None:
        later = and_(
            archive_bodies.c.log_id == after.epoch, archive_bodies.c.number > (after.number or 0)
        )
        found = found.where(or_(archive_bodies.c.log_id > after.epoch, later))
    return [
        StoredPage(PageNumber(row.log_id, row.number), row.kind, row.digest, row.changed_at)
        for row in connection.execute(found)
    ]


def waiting_entries(connection: Connection) -> set[int]:
    """Entries in lines that are in no closed page yet: retention waits for them."""
    # Log by log: asked for all at once, a database may go through all lines for the few that wait.
    logs = connection.execute(
        select(output_logs.c.id, output_logs.c.closed_seq).where(_ARCHIVED)
    ).all()
    found: set[int] = set()
    for log in logs:
        waits = select(output_items.c.entry_id).where(
            output_items.c.log_id == log.id, output_items.c.seq > log.closed_seq
        )
        found.update(connection.execute(waits).scalars())
    return found
