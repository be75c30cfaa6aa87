"""A small configuration of feeds and outputs, and what must hold of the outputs' logs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import Row

from aggregator.model import Basis, DedupeMode, LineKind, OutputOrder, Quota, Selection
from aggregator.select.filters import output_filter
from aggregator.select.placing import Placed
from aggregator.select.ranking import floor
from aggregator.store.db.tables import (
    due_stories,
    entries,
    log_is_open,
    output_arrivals,
    output_items,
    output_logs,
    output_now,
)
from aggregator.store.feeds.feeds import WantedFeed
from aggregator.store.outputs.computed import computed_groups
from aggregator.store.outputs.fitting import Judge, items_by
from aggregator.store.outputs.groups import newest_groups
from aggregator.store.outputs.log_members import members_of
from aggregator.store.outputs.windows import window_groups
from tests.support.storage import Stored

FEEDS = tuple(f"https://{name}.example/feed" for name in "abcd")
MODES: Mapping[str, Mapping[str, object]] = {
    "near": {},
    "off": {"dedupe": DedupeMode.OFF},
    "exact": {"dedupe": DedupeMode.EXACT},
    "parted": {"window": timedelta(hours=30)},
    "tech": {},
    "by-category": {},
    "filtered": {"filter": output_filter((), ("w7x3", "/w1\\dx/"), "words > 100 || sources > 1")},
    "kept": {"filter": output_filter(["same1"]), "dedupe": DedupeMode.EXACT},
    "discovered": {"order": OutputOrder.DISCOVERED},
    "front": {"order": OutputOrder.SOURCES},
    "several": {"min_sources": 2},
    "quota": {"quota": Quota(2, timedelta(days=1)), "dedupe": DedupeMode.OFF},
    "few": {
        "quota": Quota(1, timedelta(days=2)),
        "filter": output_filter(expression="words > 100"),
    },
}
PLAIN = ("near", "off", "exact", "parted", "tech", "by-category")
"""Outputs that take everything of their feeds."""
REMEMBERING = ("several", "quota", "few")
"""Outputs of which what entered depends on when it came."""


@dataclass
class Configured:
    """What the operator says: which feeds there are, of which categories, which ones are hidden."""

    feeds: set[str] = field(default_factory=lambda: set(FEEDS))
    categories: dict[str, str] = field(default_factory=lambda: {FEEDS[0]: "Tech", FEEDS[1]: "Tech"})
    hidden: set[str] = field(default_factory=set)
    chosen: str = "Tech"  # the category of the output "tech"
    limit: int = 3
    outputs: tuple[str, ...] = tuple(MODES)

    def named(self, feed: str) -> tuple[str, ...]:
        """The feed's categories, which are said with a + between them."""
        said = self.categories.get(feed, "")
        return tuple(said.split("+")) if said else ()

    def feed_facts(self, feed: str) -> str:
        return f"{self.categories.get(feed, '')} {feed in self.hidden}"

    @property
    def facts(self) -> str:
        return " ".join(self.feed_facts(feed) for feed in sorted(self.feeds))

    def selections(self) -> dict[str, Selection]:
        return {name: self.selection(name) for name in self.outputs}

    def selection(self, name: str) -> Selection:
        found = Selection(self.limit, hidden=frozenset(self.hidden), **MODES[name])  # type: ignore[arg-type]
        if name == "tech":
            keys = {one for one in self.feeds if self.chosen in self.named(one)}
            found = replace(found, keys=frozenset(keys))
        if name == "by-category":
            found = replace(found, categories={key: self.named(key) for key in self.categories})
        identity = f"{name} {found.by_story}"
        choice = f"{self.chosen if name == 'tech' else ''} {bool(self.hidden)}"
        return replace(found, basis=Basis(name, identity, choice, self.facts))

    async def tell(self, stored: Stored) -> None:
        """Have the store work by it, as at a start or a reload."""
        now = stored.clock.now()
        wanted = [
            WantedFeed(one, one, now, facts=self.feed_facts(one)) for one in sorted(self.feeds)
        ]
        await stored.store.sync_feeds(wanted, self.facts)
        bases = [one.basis for one in self.selections().values() if one.basis is not None]
        await stored.store.sync_logs(bases)


def check_logs(stored: Stored) -> None:
    """Every open log tells what stands, by numbers without a gap; nothing is said twice.

    What retention forgot left without a line, and may come back with one.
    """
    lines, stored_ids = stored.rows(output_items), {row.id for row in stored.rows(entries)}
    for log in stored.rows(output_logs, log_is_open):
        own = sorted((line for line in lines if line.log_id == log.id), key=lambda line: line.seq)
        assert [line.seq for line in own] == list(range(1, log.next_seq))
        stands: dict[str, Row[Any]] = {}
        for line in own:
            before = stands.get(line.item_id)
            is_new = before is None or before.entry_id not in stored_ids
            assert is_new if line.kind == LineKind.ENTER else before is not None
            stands[line.item_id] = line
            if line.kind == LineKind.WITHDRAW:
                del stands[line.item_id]
        now = {row.item_id: row.seq for row in stored.rows(output_now) if row.log_id == log.id}
        assert now.items() <= {line.item_id: line.seq for line in stands.values()}.items()
        gone = stands.keys() - now.keys()
        assert all(stands[item_id].entry_id not in stored_ids for item_id in gone)


def check_windows(stored: Stored, config: Configured) -> None:
    """Each window is what all entries make of it, and read from its log."""
    with stored.database.engine.connect() as connection:
        for name, one in config.selections().items():
            plain = newest_groups if one.is_plain else computed_groups
            expected, window = plain(connection, one), window_groups(connection, one)
            now = [row for row in stored.rows(output_now) if row.log_id == log_of(stored, name)]
            newest = sorted(now, key=lambda row: (row.sort_at, row.tie, row.item_id), reverse=True)
            shown = [row.item_id for row in newest[: one.limit]]
            assert [group.id for group in window] == shown, name
            if name not in REMEMBERING:
                assert window == expected, name


def check_remembered(stored: Stored, config: Configured) -> None:
    """What fits stands, or was left out by its feed's quota; what is sorted by arrival has its time."""
    for name in REMEMBERING:
        log = stored.row(output_logs, log_is_open, output_logs.c.name == name)
        selection = config.selection(name)
        standing = {r.item_id: r for r in stored.rows(output_now, output_now.c.log_id == log.id)}
        own = {
            row.item_id: row
            for row in stored.rows(output_arrivals, output_arrivals.c.log_id == log.id)
        }
        assert not standing.keys() - {i for i, row in own.items() if not row.surplus}
        bound = None
        if log.floor_at is not None:
            bound = floor((log.floor_at, log.floor_tie), selection)
        for one in _items(stored, selection):
            seen = bound is None or one.place >= bound
            if seen and one.sources >= selection.min_sources and one.item_id not in standing:
                assert own[one.item_id].surplus, name
        if name == "several":
            assert all(own[i].at == row.sort_at for i, row in standing.items())
        else:
            assert selection.quota is not None
            _check_quota([row for row in own.values() if not row.surplus], selection.quota)


def _check_quota(entered: Sequence[Row[Any]], quota: Quota) -> None:
    """No feed's items came in closer together than they may, but for those that took another's place."""
    for feed in {row.feed_id for row in entered}:
        times = sorted(row.at for row in entered if row.feed_id == feed)
        for first, last in zip(times, times[2 * quota.most :], strict=False):
            assert last - first >= quota.span


def _items(stored: Stored, selection: Selection) -> list[Placed]:
    """All items of an output that its filter takes."""
    with stored.database.engine.connect() as connection:
        stories = {row.story_id for row in stored.rows(entries) if row.story_id is not None}
        items = items_by(members_of(connection, stories).values(), selection)
        return (
            Judge(connection, [selection])
            .judged(items, selection, [i.item_id for i in items])
            .items
        )


def log_of(stored: Stored, name: str) -> int:
    """The number of the output's open log."""
    found: int = stored.row(output_logs, log_is_open, output_logs.c.name == name).id
    return found


def due(stored: Stored) -> int:
    """How many stories wait to be decided on."""
    return stored.count(due_stories)
