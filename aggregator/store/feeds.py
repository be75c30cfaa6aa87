"""Feeds: the subscription list, the index of due ones, and the one transaction of a poll."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    Update,
    and_,
    bindparam,
    func,
    insert,
    or_,
    select,
    update,
)

from aggregator.errors import LeaseLost
from aggregator.model import (
    Address,
    ClaimedFeed,
    Feed,
    Lease,
    Move,
    ParsedFeed,
    PollOutcome,
    PollResult,
    UpdateHints,
    Validators,
)
from aggregator.store import entries as entry_rows
from aggregator.store import leasing
from aggregator.store.counters import bump_version
from aggregator.store.tables import feeds

RECENT_TIMES = 64  # publication times kept per feed for the cadence
_UNSUCCESSFUL = frozenset({PollResult.FAILED, PollResult.GONE, PollResult.OFFLINE})
_LOOK_AHEAD = 4  # due feeds looked at for each that is claimed, where hosts are shared out
_SHOWN = ("title", "site_url", "language")  # columns that outputs show


@dataclass(frozen=True, slots=True)
class FeedChanges:
    """What a new configuration changed in the subscription list."""

    added: tuple[str, ...]
    resumed: tuple[str, ...]
    stopped: tuple[str, ...]


def sync_feeds(
    connection: Connection, first_polls: Mapping[str, datetime], now: datetime
) -> FeedChanges:
    """Make the active feeds those of ``first_polls`` (key → when to poll a feed never polled).

    A feed that left the configuration keeps its entries and validators, so that adding it again
    costs no unconditional request and repeats no entry.
    """
    known = {
        row.key: row for row in connection.execute(select(feeds.c.key, feeds.c.active, feeds.c.id))
    }
    added = [key for key in first_polls if key not in known]
    resumed = [key for key in first_polls if key in known and not known[key].active]
    stopped = [key for key, row in known.items() if row.active and key not in first_polls]
    if added:
        connection.execute(
            insert(feeds),
            [
                {
                    "key": key,
                    "url": key,
                    "host": _host(key),
                    "active": True,
                    "hints": {},
                    "recent": [],
                    "next_poll_at": first_polls[key],
                    "gone": False,
                    "added_at": now,
                }
                for key in added
            ],
        )
    # Whatever a resumed feed was put off for is over: the operator asks for it anew.
    reschedule(connection, {key: first_polls[key] for key in resumed})
    for keys, values in ((resumed, {"active": True, "gone": False}), (stopped, {"active": False})):
        for start in range(0, len(keys), 500):
            connection.execute(
                update(feeds).where(feeds.c.key.in_(keys[start : start + 500])).values(values)
            )
    if added or resumed or stopped:
        bump_version(connection)
    return FeedChanges(tuple(added), tuple(resumed), tuple(stopped))


def reschedule(connection: Connection, next_polls: Mapping[str, datetime]) -> None:
    """Bring polls forward to at latest these times (an operator chose a closer schedule)."""
    for key, when in next_polls.items():
        connection.execute(
            update(feeds)
            .where(feeds.c.key == key, feeds.c.next_poll_at > when)
            .values(next_poll_at=when)
        )


def make_due(connection: Connection, now: datetime) -> None:
    """See :meth:`aggregator.ports.FeedStore.make_due`."""
    connection.execute(update(feeds).where(feeds.c.active).values(next_poll_at=now, gone=False))


def claim_due(
    connection: Connection,
    now: datetime,
    lease_for: timedelta,
    limit: int,
    busy_hosts: Collection[str] = (),
    per_host: int | None = None,
) -> list[ClaimedFeed]:
    """See :meth:`aggregator.ports.FeedStore.claim_due`."""
    due = and_(
        feeds.c.active,
        ~feeds.c.gone,
        feeds.c.next_poll_at <= now,
        or_(feeds.c.lease_until.is_(None), feeds.c.lease_until <= now),
    )
    if busy_hosts:
        due &= feeds.c.host.not_in(sorted(busy_hosts))
    chosen = (
        (_longest_overdue(due, limit) if per_host is None else _shared_out(due, limit, per_host))
        .with_for_update(skip_locked=True)
        .cte("due")  # a CTE is evaluated once; a subquery could lock more rows than the limit
    )
    rows = connection.execute(
        update(feeds)
        .where(feeds.c.id.in_(select(chosen.c.id)))
        .values(lease_until=now + lease_for, lease_token=feeds.c.lease_token + 1)
        .returning(*feeds.c)
    ).all()
    return [_claimed(row) for row in sorted(rows, key=lambda row: row.next_poll_at)]


def _longest_overdue(due: ColumnElement[bool], limit: int) -> Select[int]:
    return select(feeds.c.id).where(due).order_by(feeds.c.next_poll_at).limit(limit)


def _shared_out(due: ColumnElement[bool], limit: int, per_host: int) -> Select[int]:
    """The longest overdue ones, at most ``per_host`` of each host."""
    # Among a bounded number only: a backlog of any length costs no more than this.
    first = (
        select(feeds.c.id, feeds.c.host, feeds.c.next_poll_at)
        .where(due)
        .order_by(feeds.c.next_poll_at)
        .limit(limit * _LOOK_AHEAD)
        .subquery()
    )
    turn = func.row_number().over(partition_by=first.c.host, order_by=first.c.next_poll_at)
    ranked = select(first.c.id, first.c.next_poll_at, turn.label("turn")).subquery()
    turns = (
        select(ranked.c.id)
        .where(ranked.c.turn <= per_host)
        .order_by(ranked.c.next_poll_at)
        .limit(limit)
        .cte("turns")
    )
    # Window functions cannot lock rows; the rows they chose are locked, and checked again.
    return select(feeds.c.id).where(feeds.c.id.in_(select(turns.c.id)), due)


def claim_feed(
    connection: Connection, feed_id: int, now: datetime, lease_for: timedelta
) -> ClaimedFeed | None:
    """See :meth:`aggregator.ports.FeedStore.claim_feed`."""
    row = connection.execute(
        update(feeds)
        .where(
            feeds.c.id == feed_id,
            feeds.c.active,
            or_(feeds.c.lease_until.is_(None), feeds.c.lease_until <= now),
        )
        .values(lease_until=now + lease_for, lease_token=feeds.c.lease_token + 1)
        .returning(*feeds.c)
    ).one_or_none()
    return _claimed(row) if row is not None else None


def commit_poll(connection: Connection, outcome: PollOutcome, lease: Lease) -> list[int]:
    """See :meth:`aggregator.ports.FeedStore.commit_poll`."""
    (result,) = commit_polls(connection, [(outcome, lease)])
    if isinstance(result, LeaseLost):
        raise result
    return result


def commit_polls(
    connection: Connection, polls: Sequence[tuple[PollOutcome, Lease]]
) -> list[list[int] | LeaseLost]:
    """Several polls in one transaction: for each its new entries' ids, or that its lease is lost."""
    held = leasing.held(connection, feeds, [(outcome.feed_id, lease) for outcome, lease in polls])
    results: list[list[int] | LeaseLost] = []
    updates: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for outcome, _ in polls:
        if outcome.feed_id not in held:
            results.append(leasing.lost(f"the poll of feed {outcome.feed_id}"))
            continue
        values = _poll_values(outcome) | _recent(connection, outcome)
        updates.setdefault(tuple(values), []).append({"row_id": outcome.feed_id} | values)
        if outcome.parsed is not None and _shows_otherwise(connection, outcome):
            bump_version(connection)
        results.append(
            entry_rows.apply_delta(connection, outcome.feed_id, outcome.delta, outcome.polled_at)
        )
    for columns, rows in updates.items():
        connection.execute(_update_feeds(columns), rows)
    return results


@lru_cache
def _update_feeds(columns: tuple[str, ...]) -> Update:
    values: dict[str, Any] = {name: bindparam(name) for name in columns}
    if "last_poll_at" in values:
        values["polls"] = feeds.c.polls + 1
    if "last_success_at" in values and "last_full_at" not in values:
        values["polls_since_full"] = feeds.c.polls_since_full + 1
    return update(feeds).where(feeds.c.id == bindparam("row_id")).values(values)


def _recent(connection: Connection, outcome: PollOutcome) -> dict[str, Any]:
    """The feed's latest publication times, when there are new ones."""
    new_times = [
        int((new.entry.published or outcome.polled_at).timestamp()) for new in outcome.delta.new
    ]
    if not new_times:
        return {}
    stored = connection.execute(
        select(feeds.c.recent).where(feeds.c.id == outcome.feed_id)
    ).scalar()
    return {"recent": sorted((*new_times, *(stored or ())), reverse=True)[:RECENT_TIMES]}


def _poll_values(outcome: PollOutcome) -> dict[str, Any]:
    if outcome.result is PollResult.POSTPONED:
        return {"lease_until": None, "next_poll_at": outcome.next_poll}
    if outcome.result is PollResult.PUSHED:  # what polls found, errors too, stands
        return {
            "lease_until": None,
            "next_poll_at": outcome.next_poll,
            "last_success_at": outcome.polled_at,
        }
    values: dict[str, Any] = {
        "lease_until": None,
        "last_poll_at": outcome.polled_at,
        "next_poll_at": outcome.next_poll,
        "last_result": outcome.result.value,
        "last_error": outcome.error,
        "failures": outcome.failures,
        "gone": outcome.result is PollResult.GONE,
    }
    if outcome.result not in _UNSUCCESSFUL:
        values["last_success_at"] = outcome.polled_at
    if outcome.whole:
        values["last_full_at"] = outcome.polled_at
        values["polls_since_full"] = 0
    if outcome.address is not None:
        values.update(_address(outcome.address))
    if outcome.validators is not None:
        values["validators_url"] = outcome.validators.url
        values["etag"] = outcome.validators.etag
        values["last_modified"] = outcome.validators.last_modified
    if outcome.body_hash is not None:
        values["body_hash"] = outcome.body_hash
    if outcome.parsed is not None:
        values.update(_feed_facts(outcome.parsed))
    return values


def _address(address: Address) -> dict[str, Any]:
    move = address.move
    return {
        "url": address.url,
        "host": _host(address.url),
        "moved_to": move.target if move else None,
        "moved_sightings": move.sightings if move else 0,
        "moved_since": move.since if move else None,
    }


def _shows_otherwise(connection: Connection, outcome: PollOutcome) -> bool:
    """Whether the poll changes what outputs say of the source of entries they already show."""
    if outcome.parsed is None:
        return False
    facts = _feed_facts(outcome.parsed)
    stored = connection.execute(
        select(*(feeds.c[name] for name in _SHOWN), feeds.c.last_success_at).where(
            feeds.c.id == outcome.feed_id
        )
    ).one_or_none()
    if stored is None or stored.last_success_at is None:
        return False  # nothing of it can have been shown
    return any(facts[name] != getattr(stored, name) for name in _SHOWN)


def _feed_facts(parsed: ParsedFeed) -> dict[str, Any]:
    return {
        "title": parsed.title,
        "site_url": parsed.site_url,
        "description": parsed.description,
        "language": parsed.language,
        "hints": _dump_hints(parsed.hints),
        "hub_url": parsed.hub_url,
        "topic_url": parsed.self_url,
    }


def _dump_hints(hints: UpdateHints) -> dict[str, Any]:
    return {
        "min_interval": hints.min_interval.total_seconds() if hints.min_interval else None,
        "skip_hours": sorted(hints.skip_hours),
        "skip_days": sorted(hints.skip_days),
    }


def _load_hints(stored: Mapping[str, Any]) -> UpdateHints:
    seconds = stored.get("min_interval")
    return UpdateHints(
        min_interval=timedelta(seconds=seconds) if seconds else None,
        skip_hours=frozenset(stored.get("skip_hours", ())),
        skip_days=frozenset(stored.get("skip_days", ())),
    )


def _claimed(row: Row[Any]) -> ClaimedFeed:
    return ClaimedFeed(
        feed=load_feed(row),
        lease=Lease(row.lease_token, row.lease_until),
        recent=tuple(datetime.fromtimestamp(seconds, UTC) for seconds in row.recent),
        host=row.host,
    )


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""


def load_feed(row: Row[Any]) -> Feed:
    """A row of ``feeds`` as the model's value."""
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
        hints=_load_hints(row.hints),
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
    )


def _load_move(row: Row[Any]) -> Move | None:
    return Move(row.moved_to, row.moved_sightings, row.moved_since) if row.moved_to else None


def all_feeds(connection: Connection, keys: Sequence[str] | None = None) -> list[Feed]:
    """Every active feed, or those with these keys, by key."""
    query = select(*feeds.c).where(feeds.c.active).order_by(feeds.c.key)
    if keys is not None:
        query = query.where(feeds.c.key.in_(keys))
    return [load_feed(row) for row in connection.execute(query)]
