"""Operations of a daemon, one of each kind, on a store of any size; and the CPU that each takes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from sqlalchemy import select

from aggregator.config import choices
from aggregator.config.config import Config
from aggregator.dedupe.keys import story_keys
from aggregator.model import (
    Basis,
    ClaimedFeed,
    Entry,
    EntryDelta,
    FeedPlace,
    ItemPlace,
    NewEntry,
    ParsedFeed,
    PollOutcome,
    PollResult,
    SettleOrder,
    Status,
)
from aggregator.privacy.public import Disclosure
from aggregator.select.search_query import parse_query
from aggregator.store.db.database import Database
from aggregator.store.db.tables import entries, output_now
from aggregator.store.hosts.counts import SqlHosts
from aggregator.store.store import SqlStore
from aggregator.web.page import FEEDS_PER_PAGE, render_page
from bench.made_rows import asked_for
from bench.made_store import Made
from bench.meter import Meter

_AT_ONCE = 20
_PAGES = 4
_LEASE = timedelta(minutes=5)
_KEPT = timedelta(days=60)  # longer than anything made is old
_SETTLED_BEFORE = 30
_DROPPED = 200  # entries, by the retention that finds some
_NEW = Basis("new", "made", "for the bench", "")

Work = Callable[[], Awaitable[None]]


class Clock:
    """The machine's."""

    def now(self) -> datetime:
        """Aware UTC."""
        return datetime.now(UTC)


class Operations:
    """One of each kind of work on a made store. Each leaves it much as it was."""

    def __init__(self, database: Database, made: Made, config: Config) -> None:
        self.database, self.made, self.config = database, made, config
        self.clock = Clock()
        self.store = SqlStore(database, self.clock)
        self.hosts = SqlHosts(database)
        self.all, self.few = choices.selections(config).values()
        self.outputs = (self.all, self.few)
        self.claimed: list[ClaimedFeed] = []
        self.number = 0

    # what polls do

    async def claim(self) -> None:
        """Lease feeds of several hosts."""
        self.claimed = await self.store.claim_due(
            self.clock.now() + timedelta(hours=3), _LEASE, _AT_ONCE, (), 2
        )
        assert self.claimed, "feeds that are due within three hours"

    async def commit_unchanged(self) -> None:
        """End their polls, which found nothing."""
        await self._commit(0)

    async def commit_new(self) -> None:
        """End their polls, which found two entries each."""
        await self._commit(2)

    async def _commit(self, fresh: int) -> None:
        now = self.clock.now()
        outcomes = [
            PollOutcome(
                feed_id=one.feed.id,
                result=PollResult.UPDATED if fresh else PollResult.NOT_MODIFIED,
                polled_at=now,
                next_poll=now + timedelta(hours=4),
                parsed=ParsedFeed(title=one.feed.title, site_url=one.feed.site_url, language="en")
                if fresh
                else None,
                delta=EntryDelta(new=tuple(self._new(now) for _ in range(fresh))),
            )
            for one in self.claimed
        ]
        await asyncio.gather(
            *(
                self.store.commit_poll(o, c.lease)
                for o, c in zip(outcomes, self.claimed, strict=True)
            )
        )

    def _new(self, now: datetime) -> NewEntry:
        self.number += 1
        name = f"new {id(self)} {now.timestamp()} {self.number}"
        said = " ".join(f"{name}word{place}" for place in range(60))
        url = f"https://fresh.example/{now.timestamp()}/{self.number}"
        entry = Entry(identity=name, title=name, url=url, content_html=f"<p>{said}</p>")
        return NewEntry(entry, uuid4().urn, now, None)

    async def known(self) -> None:
        """Read what is known of the entries that a claimed feed lists."""
        await self.store.known_entries(self.claimed[0].feed.id, ["an entry that is new"])

    async def claim_pages(self) -> None:
        """Lease pages, and give them back: as many as those that wait in a small store have hosts for."""
        later = self.clock.now() + timedelta(days=2)
        for one in await self.store.claim_articles(later, _LEASE, _PAGES, ()):
            await self.store.release_article(one)

    async def settle(self) -> None:
        """Give new entries their stories, and write what that changes of the outputs."""
        await self.store.settle(
            500,
            self.clock.now(),
            timedelta(days=30),
            story_keys,
            order=SettleOrder.NEWEST,
            searchable=True,
            outputs=self.outputs,
        )

    # outputs

    async def begin(self) -> None:
        """Fill the log of an output that is new, and end it."""
        bases = [one.basis for one in self.outputs if one.basis is not None]
        fresh = replace(self.all, basis=_NEW)
        await self.store.sync_logs([*bases, _NEW])
        await self.store.catch_up([*self.outputs, fresh])
        await self.store.sync_logs(bases)

    async def load(self) -> None:
        """Read the items of an output of all feeds."""
        await self.store.catch_up(self.outputs)
        await self.store.load_items(self.all)

    async def load_few(self) -> None:
        """Read those of an output of one feed in a thousand."""
        await self.store.load_items(self.few)

    async def reading_page(self) -> None:
        """Read a page for people."""
        assert await self.store.standing_items(replace(self.all, limit=20))

    async def old_reading_page(self) -> None:
        """Read one in the middle of everything that stands."""
        await self.store.standing_items(replace(self.all, limit=20), await self._middle())

    async def _middle(self) -> ItemPlace:
        entry = self.made.entries // 2
        chosen = (output_now.c.story_id == entry,)
        row = await self.database.read(
            lambda c: c.execute(
                select(output_now.c.sort_at, output_now.c.tie, output_now.c.item_id).where(*chosen)
            ).first()
        )
        assert row is not None, "the story stands"
        return ItemPlace(*row)

    async def story(self) -> None:
        """Read one story for people."""
        place = await self._middle()
        assert (await self.store.named_item(self.all, place.item_id)) is not None

    async def unknown_story(self) -> None:
        """Look for one that never was."""
        assert await self.store.named_item(self.all, uuid4().urn)

    async def search_rare(self) -> None:
        """Search for a number that one entry has in its title."""
        number = self.made.entries // 2 + 1
        found = await self.store.search_items(self.all, parse_query(f"{number}"))
        assert len(found.items) == 1

    async def search_common(self) -> None:
        """Search for words that many have, of whom the newest 20,000 are looked at."""
        await self.store.search_items(self.all, parse_query("w5 w17"))

    # pages and reports

    async def start_page(self) -> None:
        """Read and render the first page of the list."""
        self._render(await self.store.status({}, {}, FEEDS_PER_PAGE))

    def _render(self, status: Status) -> None:
        told = {feed.key: Disclosure() for feed in status.feeds}
        render_page(
            title="T", base_url="", version="1", outputs=(), status=status, told=told, now=self.clock.now()
        )  # fmt: skip

    async def later_page(self) -> None:
        """Likewise one in the middle."""
        place = FeedPlace(self.made.feeds // 2)
        self._render(await self.store.status({}, {}, FEEDS_PER_PAGE, place))

    async def status(self) -> None:
        """Read what ``aggregator status`` shows."""
        await self.store.status({}, {}, 200)

    async def backlog(self) -> None:
        """Count what waits, as ``/metrics`` tells it."""
        await self.store.backlog(self.clock.now())

    async def forget_hosts(self) -> None:
        """Drop what is too old of hosts."""
        await self.hosts.forget(self.clock.now() - timedelta(days=2))

    async def sample(self) -> None:
        """Read the feeds by which ``max_polls_per_hour`` is kept."""
        await self.store.pace_sample(2000)

    async def explain(self) -> None:
        """Explain an entry by another form of its address."""
        asked = self.made.page_url(asked_for(self.made)[0])
        found = await self.store.explain(f"{asked}/?utm_source=x", {"all": self.all})
        assert len(found) == 1

    async def explain_unknown(self) -> None:
        """Explain an address that no entry has."""
        asked = "https://host1.example/news/never-seen"
        assert not await self.store.explain(asked, {"all": self.all})

    # retention

    async def retention(self) -> None:
        """Look for what there is to drop, where nothing is."""
        await self.store.drop_old(self.clock.now(), _KEPT, 1000, self.outputs)

    async def drop(self) -> None:
        """Drop the oldest entries."""
        age = await self.database.read(
            lambda c: c.execute(
                select(entries.c.first_seen_at).order_by(entries.c.id).offset(_DROPPED).limit(1)
            ).scalar_one()
        )
        now = self.clock.now()
        dropped = await self.store.drop_old(now, now - age, 0, self.outputs)
        assert dropped > 0, "entries were dropped"


def _steps(of: Operations) -> list[tuple[str, Work, int]]:
    """Each kind of work with its name, and how often it is done."""
    return [
        ("claim of pages", of.claim_pages, 10),
        ("what is known of a feed", of.known, 40),
        ("output that is new", of.begin, 2),
        ("output of all feeds", of.load, 10),
        ("output of few feeds", of.load_few, 20),
        ("page for people", of.reading_page, 20),
        ("page for people, old", of.old_reading_page, 20),
        ("story for people", of.story, 20),
        ("story that never was", of.unknown_story, 20),
        ("search, a rare word", of.search_rare, 5),
        ("search, common words", of.search_common, 5),
        ("start page", of.start_page, 20),
        ("start page, later", of.later_page, 20),
        ("status", of.status, 20),
        ("backlog", of.backlog, 10),
        ("sample of feeds", of.sample, 3),
        ("hosts, nothing to drop", of.forget_hosts, 3),
        ("explain URL", of.explain, 10),
        ("explain unknown URL", of.explain_unknown, 10),
        ("retention, nothing to drop", of.retention, 5),
        ("retention, 200 entries", of.drop, 5),
    ]


@dataclass(slots=True)
class Store:
    """A store that is measured: CPU of each operation in seconds, a time for each go."""

    of: Operations
    meter: Meter
    spent: dict[str, list[float]] = field(default_factory=dict)

    async def do(self, name: str, work: Work) -> None:
        """Do it once."""
        before = self.meter.cpu()
        await work()
        self.spent.setdefault(name, []).append(self.meter.cpu() - before)


async def measured(stores: Sequence[Store]) -> None:
    """Do each kind of work in all stores in turn, so that what else the machine does is the same to them."""
    for one in stores:
        for _ in range(_SETTLED_BEFORE):  # what is too old to be a copy goes, some each time
            await one.of.settle()
    for turn in range(24):
        for one in stores:
            await one.do("claim", one.of.claim)
            if turn % 2:
                await one.do("commit unchanged", one.of.commit_unchanged)
            else:
                await one.do("commit new", one.of.commit_new)
                await one.do("settle", one.of.settle)
    for steps in zip(*(_steps(one.of) for one in stores), strict=True):
        for _, once, _ in steps:
            await once()
        for _ in range(steps[0][2]):
            for one, (name, work, _) in zip(stores, steps, strict=True):
                await one.do(name, work)
