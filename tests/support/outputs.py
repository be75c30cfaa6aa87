"""A small configuration of feeds and outputs, and what must hold of the outputs' logs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import Row

from aggregator.model import Basis, DedupeMode, LineKind, Selection
from aggregator.store.db.tables import (
    due_stories,
    entries,
    log_is_open,
    output_items,
    output_logs,
    output_now,
)
from aggregator.store.feeds.feeds import WantedFeed
from aggregator.store.outputs.groups import newest_groups
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
}


@dataclass
class Configured:
    """What the operator says: which feeds there are, of which categories, which ones are hidden."""

    feeds: set[str] = field(default_factory=lambda: set(FEEDS))
    categories: dict[str, str] = field(default_factory=lambda: {FEEDS[0]: "Tech", FEEDS[1]: "Tech"})
    hidden: set[str] = field(default_factory=set)
    chosen: str = "Tech"  # the category of the output "tech"
    limit: int = 3

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
        return {name: self.selection(name) for name in MODES}

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
            expected = newest_groups(connection, one)
            assert window_groups(connection, one) == expected, name
            now = [row for row in stored.rows(output_now) if row.log_id == log_of(stored, name)]
            newest = sorted(now, key=lambda row: (row.sort_at, row.tie, row.item_id), reverse=True)
            assert [row.item_id for row in newest[: one.limit]] == [group.id for group in expected]


def log_of(stored: Stored, name: str) -> int:
    """The number of the output's open log."""
    found: int = stored.row(output_logs, log_is_open, output_logs.c.name == name).id
    return found


def due(stored: Stored) -> int:
    """How many stories wait to be decided on."""
    return stored.count(due_stories)
