"""Upkeep of archive pages: what is too old or too much goes, and what may not be told any more."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    Select,
    and_,
    delete,
    func,
    insert,
    or_,
    select,
    tuple_,
    update,
)

from aggregator.model import ArchiveBounds, Guards, LineKind, LineReason
from aggregator.publish.archive_pages import without_items
from aggregator.select.guards import guards_within, must_go
from aggregator.store.db.chunks import chunks
from aggregator.store.db.counters import Counter, count
from aggregator.store.db.lock import AdvisoryLock, acquire
from aggregator.store.db.tables import (
    archive_bodies,
    archive_pages,
    output_items,
    output_logs,
    output_now,
)
from aggregator.store.outputs.archives import unpacked

_DROPPED = 100  # pages that one transaction drops
_LOOKED_AT = 20  # that one looks through
LEFT_FOR = timedelta(days=30)
"""So long the pages of an output stay that is configured no more: it may come back."""


def drop_pages(connection: Connection, bounds: Mapping[str, ArchiveBounds], now: datetime) -> bool:
    """Drop some of the pages that are past their output's bounds; is there more of it?

    ``bounds`` are by all names that outputs have or had.
    """
    acquire(connection, AdvisoryLock.SETTLE)
    logs = connection.execute(
        select(output_logs).where(output_logs.c.closed_page > 0).order_by(output_logs.c.id.desc())
    ).all()
    left = {name: one.max_bytes for name, one in bounds.items()}
    for log in logs:  # the latest first: the oldest pages are beyond the bytes
        gone = _too_old(connection, log, bounds.get(log.name), now)
        if not gone and log.name in bounds:
            gone, left[log.name] = _too_many(connection, log, left[log.name])
        if gone:
            for table in (archive_bodies, archive_pages):
                key = tuple_(table.c.log_id, table.c.number)
                connection.execute(delete(table).where(key.in_([(log.id, one) for one in gone])))
            return True
    return False


def _too_old(
    connection: Connection, log: Row[Any], bounds: ArchiveBounds | None, now: datetime
) -> list[int]:
    oldest = (
        select(archive_pages.c.number)
        .where(archive_pages.c.log_id == log.id)
        .order_by(archive_pages.c.number)
        .limit(_DROPPED)
    )
    if bounds is None:
        if log.ended_at is None or log.ended_at > now - LEFT_FOR:
            return []
    elif bounds.max_age:
        oldest = oldest.where(archive_pages.c.closed_at < now - bounds.max_age)
    return list(connection.execute(oldest).scalars())


def _too_many(connection: Connection, log: Row[Any], left: int) -> tuple[list[int], int]:
    """The log's oldest pages beyond ``left`` bytes, and how many bytes are left otherwise."""
    own = archive_pages.c.log_id == log.id
    total = connection.execute(select(func.sum(archive_pages.c.size)).where(own)).scalar() or 0
    beyond, gone = int(total) - left, []
    if beyond <= 0:
        return [], left - int(total)
    oldest = select(archive_pages.c.number, archive_pages.c.size).where(own)
    for row in connection.execute(oldest.order_by(archive_pages.c.number).limit(_DROPPED)):
        if beyond <= 0:
            break
        beyond -= row.size
        gone.append(row.number)
    return gone, 0


# ── what may not be told any more ───────────────────────────────────────────────────────────


def made_otherwise(connection: Connection, names: Sequence[str], allowed: str) -> bool:
    """True where there are pages of the output that were made when something else might be told."""
    return bool(_made_otherwise(connection, names, allowed, 1))


def _made_otherwise(
    connection: Connection, names: Sequence[str], allowed: str, most: int
) -> list[Row[Any]]:
    # Two ranges of an index for each log, where "is not" would be none.
    others = archive_pages.c.allowed < allowed, archive_pages.c.allowed > allowed
    with_pages = _logs_of(names).where(output_logs.c.closed_page > 0)
    for log_id in connection.execute(with_pages).scalars().all():
        own = select(archive_pages).where(archive_pages.c.log_id == log_id).limit(most)
        for other in others:
            found = connection.execute(own.where(other)).all()
            if found:
                return list(found)
    return []


def _logs_of(names: Sequence[str]) -> Select[Any]:
    return select(output_logs.c.id).where(output_logs.c.name.in_(names))


def look_through(
    connection: Connection, names: Sequence[str], guards: Guards, now: datetime
) -> int:
    """Look through some pages that were made when something else might be told; return how many.

    What tells too much by ``guards`` goes from them, and what of it still stands gets a line, so that
    a later page has it as it may be told.
    """
    acquire(connection, AdvisoryLock.SETTLE)
    found = _made_otherwise(connection, names, guards.digest, _LOOKED_AT)
    taken = 0
    for row in found:
        bad = must_go(row.items, row.guards, guards, was_private=row.private)
        told_of = _take_out(connection, row, bad, now)
        values = {
            "allowed": guards.digest,
            "private": guards.private,
            "guards": guards_within(told_of, guards),
        }
        connection.execute(update(archive_pages).where(_is(row)).values(**values))
        _tell_again(connection, row.log_id, bad, now)
        taken += len(bad)
    if taken:
        count(connection, {Counter.ARCHIVES: 1}, bump=True)
    return len(found)


def take_out(
    connection: Connection,
    names: Sequence[str],
    is_meant: Callable[[str, Sequence[str]], bool],
    after: tuple[int, int],
    now: datetime,
) -> tuple[set[str], tuple[int, int] | None]:
    """Take items out of some of an output's pages, beyond the page ``after``; their ids, and where to go on.

    ``is_meant`` is asked with an item's id and the marks of the feeds that it tells of.
    """
    acquire(connection, AdvisoryLock.SETTLE)
    log_id, number = after
    beyond = or_(
        archive_pages.c.log_id > log_id,
        and_(archive_pages.c.log_id == log_id, archive_pages.c.number > number),
    )
    rows = connection.execute(
        select(archive_pages)
        .where(beyond, archive_pages.c.log_id.in_(_logs_of(names)))
        .order_by(archive_pages.c.log_id, archive_pages.c.number)
        .limit(_LOOKED_AT)
    ).all()
    found: set[str] = set()
    for row in rows:
        bad = {item_id for item_id, marks in row.items.items() if is_meant(item_id, marks)}
        _take_out(connection, row, bad, now)
        found |= bad
    if found:
        count(connection, {Counter.ARCHIVES: 1}, bump=True)
    last = (rows[-1].log_id, rows[-1].number) if len(rows) == _LOOKED_AT else None
    return found, last


def _take_out(
    connection: Connection, page: Row[Any], item_ids: Collection[str], now: datetime
) -> dict[str, list[str]]:
    """Write the page without these items; return what is left: item id → marks of feeds."""
    left = {item_id: marks for item_id, marks in page.items.items() if item_id not in item_ids}
    if not item_ids:
        return left
    own = and_(archive_bodies.c.log_id == page.log_id, archive_bodies.c.number == page.number)
    size = 0
    for row in connection.execute(select(archive_bodies).where(own)).all():
        changed = without_items(unpacked(row), item_ids, now)
        body = gzip.compress(changed.body, mtime=0)
        size += len(body)
        of_kind = and_(own, archive_bodies.c.kind == row.kind)
        values = {"body": body, "digest": changed.digest}
        connection.execute(update(archive_bodies).where(of_kind).values(**values))
    connection.execute(
        update(archive_pages).where(_is(page)).values(items=left, size=size, changed_at=now)
    )
    return left


def _is(page: Row[Any]) -> Any:
    return and_(archive_pages.c.log_id == page.log_id, archive_pages.c.number == page.number)


def _tell_again(
    connection: Connection, log_id: int, item_ids: Collection[str], now: datetime
) -> None:
    """Give those of these items that stand a line, so that they stand in a later page."""
    log = connection.execute(select(output_logs).where(output_logs.c.id == log_id)).one()
    if log.ended_at is not None:
        return
    rows = [
        row
        for chunk in chunks(sorted(item_ids))
        for row in connection.execute(
            select(output_now).where(
                output_now.c.log_id == log_id,
                output_now.c.item_id.in_(chunk),
                output_now.c.seq <= log.closed_seq,  # else it has a line that is in no page yet
            )
        )
    ]
    for seq, row in enumerate(rows, log.next_seq):
        said = {"kind": LineKind.UPDATE.value, "reason": LineReason.TOLD_LESS.value, "at": now}
        shown = {"item_id": row.item_id, "entry_id": row.entry_id, "digest": row.digest}
        connection.execute(insert(output_items).values(log_id=log_id, seq=seq, **said, **shown))
        own = output_now.c.log_id == log_id, output_now.c.item_id == row.item_id
        connection.execute(update(output_now).where(*own).values(seq=seq))
    if rows:
        counted = {"next_seq": log.next_seq + len(rows)}
        connection.execute(update(output_logs).where(output_logs.c.id == log_id).values(**counted))
