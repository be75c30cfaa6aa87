"""The one transaction of a poll: everything that it found, or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Row, Update, bindparam, select, update

from aggregator.errors import LeaseLost
from aggregator.model import (
    Address,
    EntryDelta,
    Lease,
    ParsedFeed,
    PollOutcome,
    PollResult,
    UpdateHints,
)
from aggregator.schedule.habits import appeared
from aggregator.store.db import leasing
from aggregator.store.db.chunks import chunks
from aggregator.store.db.counters import Counter, count
from aggregator.store.db.tables import feeds
from aggregator.store.feeds import entries as entry_rows
from aggregator.store.feeds.health_events import note_health
from aggregator.store.feeds.packed_times import packed, recent_times
from aggregator.store.feeds.trail_rows import write_trails
from aggregator.urls import host_of

_UNSUCCESSFUL = frozenset({PollResult.FAILED, PollResult.GONE, PollResult.OFFLINE})
_NO_DELTA = EntryDelta()
_SHOWN = ("title", "site_url", "language")  # columns that outputs show


def commit_polls(
    connection: Connection, polls: Sequence[tuple[PollOutcome, Lease]]
) -> list[list[int] | LeaseLost]:
    """Several polls in one transaction: for each its new entries' ids, or that its lease is lost.

    See :meth:`aggregator.ports.FeedStore.commit_poll`.
    """
    held = leasing.held(connection, feeds, [(outcome.feed_id, lease) for outcome, lease in polls])
    results: list[list[int] | LeaseLost] = []
    updates: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    written = [outcome for outcome, _ in polls if outcome.feed_id in held]
    before = _before(connection, written)
    shows_otherwise = any(
        outcome.delta.reread or _shows_otherwise(before.get(outcome.feed_id), outcome)
        for outcome in written
    )
    deltas = [one for one in written if one.delta != _NO_DELTA]
    wanted = None
    if deltas:
        latest = max(one.polled_at for one in deltas)
        changes = [(one.delta, one.inside) for one in deltas]
        wanted = entry_rows.prepare(connection, changes, latest)
    for outcome, _ in polls:
        if outcome.feed_id not in held:
            results.append(leasing.lost(f"the poll of feed {outcome.feed_id}"))
            continue
        values = _poll_values(outcome) | _recent(before.get(outcome.feed_id), outcome)
        updates.setdefault(tuple(values), []).append({"row_id": outcome.feed_id} | values)
        results.append(
            []
            if wanted is None or outcome.delta == _NO_DELTA
            else entry_rows.apply_delta(
                connection, outcome.feed_id, outcome.delta, wanted, outcome.polled_at
            )
        )
    note_health(connection, written)
    write_trails(connection, [(one.feed_id, one.trail) for one in written if one.trail is not None])
    for columns, rows in updates.items():
        connection.execute(_update_feeds(columns), rows)
    if wanted is not None or shows_otherwise:
        counted = {
            Counter.ENTRIES: sum(len(one.delta.new) for one in deltas),
            Counter.PAGES: wanted.added if wanted else 0,
            Counter.PAGES_FAILED: -wanted.tried_again if wanted else 0,
        }
        count(connection, counted, bump=shows_otherwise)
    return results


@lru_cache
def _update_feeds(columns: tuple[str, ...]) -> Update:
    values: dict[str, Any] = {name: bindparam(name) for name in columns}
    if "last_poll_at" in values:
        values["polls"] = feeds.c.polls + 1
    if "new_entries" in values:
        values["entries"] = feeds.c.entries + values.pop("new_entries")
    if "last_success_at" in values and "last_full_at" not in values:
        values["polls_since_full"] = feeds.c.polls_since_full + 1
    return update(feeds).where(feeds.c.id == bindparam("row_id")).values(values)


_BEFORE = select(
    feeds.c.id,
    feeds.c.recent,
    feeds.c.appeared,
    feeds.c.last_success_at,
    *(feeds.c[name] for name in _SHOWN),
).where(feeds.c.id.in_(bindparam("wanted", expanding=True)))


def _before(connection: Connection, written: Sequence[PollOutcome]) -> dict[int, Row[Any]]:
    """The feeds of which something was read, as they are stored."""
    wanted = [one.feed_id for one in written if one.parsed is not None or one.delta.new]
    return {
        row.id: row
        for chunk in chunks(wanted)
        for row in connection.execute(_BEFORE, {"wanted": chunk})
    }


def _recent(stored: Row[Any] | None, outcome: PollOutcome) -> dict[str, Any]:
    """When the feed's latest entries appeared, and how many are new, when there are any."""
    new = outcome.delta.new
    if not new:
        return {}
    if outcome.result is PollResult.ARCHIVE:  # it says nothing of the feed's pace
        return {"new_entries": len(new)}
    before = stored.last_success_at if stored is not None else None
    times = [appeared(one.entry.published, outcome.polled_at, before) for one in new]
    known = recent_times(stored.appeared, stored.recent) if stored is not None else ()
    # The list of the release before is emptied, not dropped: that release may run beside this one.
    return {"appeared": packed([*times, *known]), "recent": [], "new_entries": len(new)}


def _poll_values(outcome: PollOutcome) -> dict[str, Any]:
    if outcome.result is PollResult.ARCHIVE:
        return {"lease_until": None}
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
        values["inside"] = outcome.inside
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
        "host": host_of(address.url),
        "moved_to": move.target if move else None,
        "moved_sightings": move.sightings if move else 0,
        "moved_since": move.since if move else None,
    }


def _shows_otherwise(stored: Row[Any] | None, outcome: PollOutcome) -> bool:
    """Whether the poll changes what outputs say of the source of entries they already show."""
    if outcome.parsed is None:
        return False
    facts = _feed_facts(outcome.parsed)
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
