"""Feeds: the subscription list, and rows as the model's values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, bindparam, case, insert, select, true, update

from aggregator.model import Feed, Move, UpdateHints, Validators
from aggregator.store.db.chunks import chunks
from aggregator.store.db.counters import Counter, bump_version, set_counter
from aggregator.store.db.due_stories import mark_of_feeds
from aggregator.store.db.lock import AdvisoryLock, acquire
from aggregator.store.db.row_locks import lock_rows, lock_where
from aggregator.store.db.tables import feeds, log_is_open, output_logs
from aggregator.store.feeds.renames import Known, Sought, renames
from aggregator.urls import host_of


@dataclass(frozen=True, slots=True)
class WantedFeed:
    """A feed of the configuration: ``key`` is its identity, ``url`` its address with all secrets.

    ``first_poll`` is when to poll it if it never was; under ``former_keys`` it may be stored. One
    that is ``paused`` is not polled and keeps all it has.
    """

    key: str
    url: str
    first_poll: datetime
    former_keys: tuple[str, ...] = ()
    paused: bool = False
    facts: str = ""  # digest of what else is said of it, so far as outputs depend on it


@dataclass(frozen=True, slots=True)
class FeedChanges:
    """Keys of the feeds that a new configuration added, resumed and stopped, paused and continued.

    ``left`` are the addresses at which feeds were configured before, key by key.
    """

    added: tuple[str, ...]
    resumed: tuple[str, ...]
    stopped: tuple[str, ...]
    paused: tuple[str, ...] = ()
    continued: tuple[str, ...] = ()
    left: Mapping[str, str] = field(default_factory=dict, repr=False)


def sync_feeds(
    connection: Connection, wanted: Sequence[WantedFeed], now: datetime, facts: str = ""
) -> FeedChanges:
    """Make the active feeds those that are ``wanted``.

    A feed that left the configuration keeps its entries and validators, so that adding it again
    costs no unconditional request and repeats no entry. One that is stored under a former key keeps
    all it has under its present one. One whose configured address changed (a new password, a new
    token) is asked there anew: redirects seen and failures were those of the address before.

    Outputs decide again on the stories of feeds of which something else is said; ``facts`` is a
    digest over what is said of all of them.
    """
    acquire(connection, AdvisoryLock.SUBSCRIBE)
    by_key = {one.key: one for one in wanted}
    if _is_as_wanted(connection, by_key, facts):
        return FeedChanges((), (), (), (), ())
    # Before any row's: who settles by the configuration before must not end after this.
    acquire(connection, AdvisoryLock.SETTLE)
    rows = connection.execute(_SYNCED).all()
    renamed = _rename(connection, rows, wanted)
    known = {renamed.get(key, key): _Row(*rest) for key, *rest in rows}
    added = [one for one in wanted if one.key not in known]
    resumed = [key for key in by_key if key in known and not known[key].active]
    stopped = [key for key, row in known.items() if row.active and key not in by_key]
    moved = [one for one in wanted if one.key in known and known[one.key].url != one.url]
    turned = [one for one in wanted if one.key in known and known[one.key].paused != one.paused]
    paused = [one.key for one in turned if one.paused]
    continued = [one.key for one in turned if not one.paused]
    told = [one for one in wanted if one.key in known and known[one.key].facts != one.facts]
    touched = {*resumed, *stopped, *(one.key for one in (*moved, *turned, *told))}
    lock_rows(connection, feeds, [known[key].id for key in touched])
    if added:
        connection.execute(insert(feeds), [_new_row(one, now) for one in added])
    # Whatever a resumed feed was put off for is over: the operator asks for it anew.
    reschedule(connection, {key: by_key[key].first_poll for key in (*resumed, *continued)})
    _readdress(connection, moved)
    for keys, values in (
        (resumed, {"active": True, "gone": False}),
        (stopped, {"active": False}),
        (paused, {"paused": True}),
        (continued, {"paused": False}),
    ):
        for chunk in chunks(keys):
            connection.execute(update(feeds).where(feeds.c.key.in_(chunk)).values(values))
    _note_facts(connection, told)
    decided_anew = {*resumed, *stopped, *(one.key for one in told)}
    mark_of_feeds(connection, [known[key].id for key in decided_anew])
    connection.execute(update(output_logs).where(log_is_open).values(facts=facts))
    if added or resumed or stopped or renamed or moved or told:
        set_counter(connection, Counter.FEEDS, len(by_key))
        bump_version(connection)
    left = {key: known[key].url for key in (*stopped, *(one.key for one in moved))}
    return FeedChanges(
        tuple(one.key for one in added),
        tuple(resumed),
        tuple(stopped),
        tuple(paused),
        tuple(continued),
        left,
    )


def _new_row(one: WantedFeed, now: datetime) -> dict[str, Any]:
    return {
        "key": one.key,
        "url": one.url,
        "configured_url": one.url,
        "host": host_of(one.url),
        "active": True,
        "hints": {},
        "recent": [],
        "next_poll_at": one.first_poll,
        "gone": False,
        "paused": one.paused,
        "added_at": now,
        "facts": one.facts,
    }


def _note_facts(connection: Connection, told: Sequence[WantedFeed]) -> None:
    if told:
        connection.execute(
            update(feeds).where(feeds.c.key == bindparam("of")).values(facts=bindparam("said")),
            [{"of": one.key, "said": one.facts} for one in told],
        )


class _Row(NamedTuple):
    """What is stored of a feed and follows from the configuration, beside its key."""

    id: int
    url: str  # as configured
    active: bool
    paused: bool
    facts: str


_SYNCED = select(
    feeds.c.key, feeds.c.id, feeds.c.configured_url, feeds.c.active, feeds.c.paused, feeds.c.facts
)


def _is_as_wanted(connection: Connection, wanted: Mapping[str, WantedFeed], facts: str) -> bool:
    """True where the active feeds are those that are ``wanted``, and outputs know all of it.

    So it is at nearly every start, which a hundred thousand feeds should not hold up.
    """
    behind = select(output_logs.c.id).where(log_is_open, output_logs.c.facts != facts)
    if connection.execute(behind.limit(1)).first() is not None:
        return False
    active = connection.execute(_SYNCED.where(feeds.c.active)).all()
    return len(active) == len(wanted) and all(
        (one := wanted.get(key)) is not None
        and (one.url, one.paused, one.facts) == (url, paused, facts_of)
        for key, _, url, _, paused, facts_of in active
    )


def _rename(
    connection: Connection,
    rows: Iterable[Row[str, int, str, bool, bool, str]],
    wanted: Sequence[WantedFeed],
) -> Mapping[str, str]:
    """Give ``rows`` that are stored under another key their present one; former key → present one."""
    ids, known = {}, []
    for key, row_id, url, active, _, _ in rows:
        ids[key] = row_id
        known.append(Known(key, url, active))
    found = renames(known, [Sought(one.key, one.url, one.former_keys) for one in wanted])
    if found:
        lock_where(connection, feeds, true())  # more of them follow, by whatever ids they have
        connection.execute(
            update(feeds).where(feeds.c.id == bindparam("row_id")).values(key=bindparam("new_key")),
            [{"row_id": ids[former], "new_key": key} for former, key in found.items()],
        )
    return found


def _readdress(connection: Connection, moved: Sequence[WantedFeed]) -> None:
    for one in moved:
        connection.execute(
            update(feeds)
            .where(feeds.c.key == one.key)
            .values(
                url=one.url,
                configured_url=one.url,
                host=host_of(one.url),
                moved_to=None,
                moved_sightings=0,
                moved_since=None,
                failures=0,
                last_error=None,
                gone=False,
                next_poll_at=case(
                    (feeds.c.next_poll_at > one.first_poll, one.first_poll),
                    else_=feeds.c.next_poll_at,
                ),
            )
        )


def mask_errors(connection: Connection, mask: Callable[[str], str]) -> None:
    """Put ``mask(error)`` in place of every feed's last error."""
    rows = connection.execute(
        select(feeds.c.id, feeds.c.last_error)
        .where(feeds.c.last_error.is_not(None))
        .order_by(feeds.c.id)
    ).all()
    changed = [
        {"row_id": row.id, "said": said}
        for row in rows
        if (said := mask(row.last_error)) != row.last_error
    ]
    if changed:
        connection.execute(
            update(feeds)
            .where(feeds.c.id == bindparam("row_id"))
            .values(last_error=bindparam("said")),
            changed,
        )


def reschedule(connection: Connection, next_polls: Mapping[str, datetime]) -> None:
    """Bring polls forward to at latest these times (an operator chose a closer schedule)."""
    later: dict[int, datetime] = {}
    for chunk in chunks(sorted(next_polls)):
        rows = select(feeds.c.id, feeds.c.key, feeds.c.next_poll_at).where(feeds.c.key.in_(chunk))
        for row in connection.execute(rows):
            if row.next_poll_at > next_polls[row.key]:
                later[row.id] = next_polls[row.key]
    if later:
        lock_rows(connection, feeds, later)
        connection.execute(
            update(feeds)
            .where(feeds.c.id == bindparam("row_id"), feeds.c.next_poll_at > bindparam("by"))
            .values(next_poll_at=bindparam("by")),
            [{"row_id": row_id, "by": when} for row_id, when in later.items()],
        )


def make_due(connection: Connection, now: datetime) -> None:
    """Make every active feed due, also those that are gone."""
    lock_where(connection, feeds, feeds.c.active)
    connection.execute(update(feeds).where(feeds.c.active).values(next_poll_at=now, gone=False))


def load_hints(stored: Mapping[str, Any]) -> UpdateHints:
    """The column ``hints`` as the model's value."""
    seconds = stored.get("min_interval")
    return UpdateHints(
        min_interval=timedelta(seconds=seconds) if seconds else None,
        skip_hours=frozenset(stored.get("skip_hours", ())),
        skip_days=frozenset(stored.get("skip_days", ())),
    )


_NOT_OF_A_FEED = frozenset(
    {"active", "description", "language", "host", "recent", "appeared", "last_result", "added_at", "hub_url",
     "topic_url", "facts", "judged_by", "lease_token", "lease_until", "entries", "paused"}
)  # fmt: skip
FEED_COLUMNS = tuple(column for column in feeds.c if column.name not in _NOT_OF_A_FEED)
"""What :func:`load_feed` reads: not the long texts that only outputs show."""


def load_feed(row: Row[Any]) -> Feed:
    """A row of :data:`FEED_COLUMNS` as the model's value."""
    validators = None
    if row.validators_url and (row.etag or row.last_modified):
        validators = Validators(row.validators_url, row.etag, row.last_modified)
    return Feed(
        id=row.id,
        key=row.key,
        url=row.url,
        title=row.title,
        site_url=row.site_url,
        validators=validators,
        body_hash=row.body_hash,
        hints=load_hints(row.hints),
        failures=row.failures,
        polls=row.polls,
        last_poll=row.last_poll_at,
        last_success=row.last_success_at,
        next_poll=row.next_poll_at,
        last_error=row.last_error,
        gone=row.gone,
        move=_load_move(row),
        last_full=row.last_full_at,
        polls_since_full=row.polls_since_full,
        pushed_until=row.pushed_until,
        configured_url=row.configured_url,
        inside=row.inside,
    )


def _load_move(row: Row[Any]) -> Move | None:
    return Move(row.moved_to, row.moved_sightings, row.moved_since) if row.moved_to else None


def all_feeds(connection: Connection, keys: Sequence[str] | None = None) -> list[Feed]:
    """Every active feed, or those with these keys, by key."""
    query = select(*FEED_COLUMNS).where(feeds.c.active).order_by(feeds.c.key)
    if keys is not None:
        query = query.where(feeds.c.key.in_(keys))
    return [load_feed(row) for row in connection.execute(query)]
