"""Editions in the database: each is stored once, whole, with the place up to which it tells the log.

Under the settle lock, so that of two processes that make the same edition one does.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    Select,
    Text,
    and_,
    cast,
    delete,
    func,
    insert,
    or_,
    select,
    union,
    update,
)

from aggregator.model import (
    Cursor,
    DueEdition,
    Edition,
    EditionCut,
    EditionNews,
    EditionsAfter,
    EditionStory,
    Guards,
    Selection,
)
from aggregator.publish.edition_text import without_others
from aggregator.schedule.edition_times import is_ahead
from aggregator.select.guards import guards_within, must_go
from aggregator.store.db.counters import bump_version
from aggregator.store.db.lock import AdvisoryLock, acquire
from aggregator.store.db.tables import edition_cuts, editions
from aggregator.store.outputs.archive_upkeep import LEFT_FOR
from aggregator.store.outputs.archives import current_log

REMEMBERED = 30  # editions at least, of which it is known what they told
_BYTES = 8 << 20  # of stories as they are stored: what a window reads at most
_has_stories = cast(editions.c["items"], Text) != "{}"


def cut_of(connection: Connection, names: Sequence[str]) -> EditionCut | None:
    """The place up to which the output with these names was told; of a renamed one, under the former name."""
    found = select(edition_cuts).where(edition_cuts.c.name.in_(names))
    rows = {row.name: row for row in connection.execute(found)}
    row = next((rows[name] for name in names if name in rows), None)
    if row is None:
        return None
    return EditionCut(row.name, Cursor(row.epoch, row.seq), row.cut_at, row.due_at, row.day)


def begin(
    connection: Connection, selection: Selection, names: Sequence[str], now: datetime
) -> bool:
    """Let editions tell what enters from now on, where they do not yet; False: its log is not filled."""
    acquire(connection, AdvisoryLock.SETTLE)
    if cut_of(connection, names) is not None:
        return True
    log = current_log(connection, selection)
    if log is None:
        return False
    place = {"epoch": log.id, "seq": log.next_seq - 1, "cut_at": now, "due_at": now}
    connection.execute(insert(edition_cuts).values(name=names[0], day="", **place))
    return True


def bring_back(connection: Connection, names: Sequence[str], now: datetime, today: str) -> bool:
    """Have editions come again, where the last was made by a clock far ahead; False: it was not.

    They tell what the log has since then, dated before it or not; ``today`` is the local date.
    """
    acquire(connection, AdvisoryLock.SETTLE)
    cut = cut_of(connection, names)
    if cut is None or not is_ahead(cut, now):
        return False
    days = select(func.max(editions.c.day)).where(
        editions.c.name.in_(names), editions.c.day <= today
    )
    values = {"cut_at": now, "due_at": now, "day": connection.execute(days).scalar() or ""}
    own = edition_cuts.c.name == cut.name
    connection.execute(update(edition_cuts).where(own).values(**values))
    return True


def store_edition(
    connection: Connection,
    names: Sequence[str],
    news: EditionNews,
    due: DueEdition,
    edition: Edition | None,
    guards: Guards,
) -> bool:
    """Store the edition (None: there is nothing to tell) with the next cut, whole or not at all.

    False where another process did meanwhile.
    """
    acquire(connection, AdvisoryLock.SETTLE)
    if cut_of(connection, names) != news.since:
        return False
    place = {"epoch": news.upto.epoch, "seq": news.upto.seq, "cut_at": news.at}
    # Of another output that had this name, or of a clock that was ahead. There is one a date: what this
    # one would tell waits for the next.
    exists = edition is not None and _is_there(connection, names[0], edition)
    connection.execute(
        update(edition_cuts)
        .where(edition_cuts.c.name == news.since.name)
        .values(name=names[0], due_at=due.at, day=due.day, **({} if exists else place))
    )
    if edition is None or exists:
        return not exists
    told_of = {one.item.id: one.marks for one in news.stories}
    connection.execute(
        insert(editions).values(
            name=names[0],
            day=edition.day,
            uid=edition.id,
            title=edition.title,
            body=_packed(edition.stories),
            items={item_id: list(marks) for item_id, marks in told_of.items()},
            told=sorted({one for story in news.stories for one in story.told}),
            guards=guards_within(told_of, guards),
            allowed=guards.digest,
            private=guards.private,
            made_at=edition.made_at,
            changed_at=edition.changed_at,
        )
    )
    bump_version(connection)
    return True


def _is_there(connection: Connection, name: str, edition: Edition) -> bool:
    same = and_(editions.c.name == name, editions.c.day == edition.day)
    found = select(editions.c.id).where(or_(same, editions.c.uid == edition.id))
    return connection.execute(found.limit(1)).first() is not None


def told_before(connection: Connection, names: Sequence[str]) -> set[str]:
    """Ids of items that the stored editions told, and of the entries in them."""
    rows = connection.execute(select(editions.c.told).where(editions.c.name.in_(names)))
    return {one for row in rows for one in row.told}


# ── what is shown ───────────────────────────────────────────────────────────────────────────


def latest_editions(
    connection: Connection,
    names: Sequence[str],
    allowed: str,
    most: int,
    *,
    below: int | None = None,
) -> tuple[list[Edition], bool]:
    """The latest editions, at most so many and not very many bytes of them; are there older ones?

    Those numbered below ``below``. Not those of which it was not looked yet whether they tell what may not
    be told any more, nor those of which nothing is left.
    """
    found = _own(names).where(editions.c.allowed == allowed, _has_stories)
    if below is not None:
        found = found.where(editions.c.id < below)
    shown, size = list[Edition](), 0
    for row in connection.execute(found.order_by(editions.c.id.desc()).limit(most + 1)):
        one = _edition(row)
        size += sum(len(story.section) + len(story.line) for story in one.stories)
        if len(shown) == most or (shown and size > _BYTES):
            return shown, True
        shown.append(one)
    return shown, False


def edition_called(
    connection: Connection, names: Sequence[str], allowed: str, uid: str
) -> Edition | None:
    """The edition with this id."""
    own = _own(names).where(editions.c.uid == uid, editions.c.allowed == allowed)
    row = connection.execute(own).one_or_none()
    edition = _edition(row) if row is not None else None
    return edition if edition is not None and edition.stories else None


def editions_after(
    connection: Connection,
    names: Sequence[str],
    allowed: str,
    after: int,
    most: int,
    *,
    upto: int | None = None,
    since: datetime | None = None,
) -> EditionsAfter | None:
    """The first editions after number ``after``, up to ``upto``, made after ``since``.

    None where one of them was not looked through yet.
    """
    later = _own(names).where(editions.c.id > after)
    if upto is not None:
        later = later.where(editions.c.id <= upto)
    if since is not None:
        later = later.where(editions.c.made_at > since)
    numbers = later.with_only_columns(editions.c.id)
    if connection.execute(numbers.where(editions.c.allowed != allowed).limit(1)).first():
        return None
    found = later.where(_has_stories).order_by(editions.c.id).limit(most + 1)
    shown = [_edition(row) for row in connection.execute(found)]
    if len(shown) > most:
        return EditionsAfter(tuple(shown[:most]), shown[most - 1].number, more=True)
    last = connection.execute(numbers.order_by(editions.c.id.desc()).limit(1)).scalar()
    return EditionsAfter(tuple(shown), last or after)


def latest_number(connection: Connection, names: Sequence[str]) -> int:
    """The number of the latest edition, shown or not; 0: there is none."""
    found = select(func.max(editions.c.id)).where(editions.c.name.in_(names))
    return connection.execute(found).scalar() or 0


def _own(names: Sequence[str]) -> Select[Any]:
    return select(editions).where(editions.c.name.in_(names))


def _edition(row: Row[Any]) -> Edition:
    stories = tuple(EditionStory(**one) for one in json.loads(gzip.decompress(row.body)))
    return Edition(row.uid, row.day, row.title, stories, row.made_at, row.changed_at, row.id)


def _packed(stories: Sequence[EditionStory]) -> bytes:
    said = json.dumps([asdict(one) for one in stories], ensure_ascii=False)
    return gzip.compress(said.encode(), mtime=0)


# ── upkeep ──────────────────────────────────────────────────────────────────────────────────


def look_through_editions(
    connection: Connection, names: Sequence[str], guards: Guards, now: datetime
) -> int:
    """Take out of editions that were made by other guards what may not be told any more; count these."""
    acquire(connection, AdvisoryLock.SETTLE)
    rows = connection.execute(_own(names).where(editions.c.allowed != guards.digest)).all()
    for row in rows:
        bad = must_go(row.items, row.guards, guards, was_private=row.private)
        left = _take_out(connection, row, bad, now)
        values = {"allowed": guards.digest, "private": guards.private}
        own = editions.c.id == row.id
        kept = guards_within(left, guards)
        connection.execute(update(editions).where(own).values(guards=kept, **values))
    return len(rows)


def made_by_others(connection: Connection, names: Sequence[str], allowed: str) -> bool:
    """True where some editions were made when something else might be told."""
    found = _own(names).where(editions.c.allowed != allowed).with_only_columns(editions.c.id)
    return connection.execute(found.limit(1)).first() is not None


def take_out_of_editions(
    connection: Connection,
    names: Sequence[str],
    item_ids: Collection[str],
    mark: str | None,
    now: datetime,
) -> set[str]:
    """Take these items, and those that tell of the feed with this mark, out of all editions; which ones were there?"""
    acquire(connection, AdvisoryLock.SETTLE)
    found: set[str] = set()
    for row in connection.execute(_own(names)).all():
        bad = {i for i, marks in row.items.items() if i in item_ids or mark in marks}
        _take_out(connection, row, bad, now)
        found |= bad
    return found


def _take_out(
    connection: Connection, row: Row[Any], item_ids: Collection[str], now: datetime
) -> dict[str, list[str]]:
    left = {item_id: marks for item_id, marks in row.items.items() if item_id not in item_ids}
    if len(left) < len(row.items):
        stories = without_others(_edition(row).stories, left)
        values = {"items": left, "body": _packed(stories), "changed_at": now}
        connection.execute(update(editions).where(editions.c.id == row.id).values(**values))
        bump_version(connection)
    return left


def drop_editions(connection: Connection, kept: Mapping[str, int], now: datetime) -> None:
    """Drop editions beyond the number that each output keeps, and in time those of outputs without any.

    ``kept`` is by all names that outputs have or had.
    """
    acquire(connection, AdvisoryLock.SETTLE)
    for name in connection.execute(select(editions.c.name).distinct()).scalars().all():
        own = editions.c.name == name
        if name in kept:
            last = (
                select(editions.c.id)
                .where(own)
                .order_by(editions.c.id.desc())
                .offset(max(kept[name], REMEMBERED))
                .limit(1)
            )
            connection.execute(delete(editions).where(own, editions.c.id <= last.scalar_subquery()))
    # What an output had goes together, so that it is there when the output comes back in time.
    since = now - LEFT_FOR
    stays = union(
        select(editions.c.name).where(editions.c.made_at >= since),
        select(edition_cuts.c.name).where(edition_cuts.c.cut_at >= since),
    )
    left = [*kept, *connection.execute(stays).scalars()]
    for table in (editions, edition_cuts):
        connection.execute(delete(table).where(table.c.name.not_in(left)))
