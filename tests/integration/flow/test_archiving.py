"""Archives: window and pages together always tell the log, whoever reads them, and whenever."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import count

import pytest
from lxml import etree
from sqlalchemy import event

from aggregator.model import Absence, ArchiveBounds, PageNumber, Selection
from aggregator.publish.archive_pages import page_bodies
from aggregator.select.filters import output_filter
from aggregator.select.guards import feed_mark
from aggregator.store.db.tables import (
    archive_bodies,
    archive_pages,
    entries,
    output_items,
    output_logs,
    output_now,
)
from aggregator.store.outputs import archives
from tests.support.archive_reader import BASE, Outlet, Reader, older, titles_in
from tests.support.feed_rules import faults
from tests.support.outputs import FEEDS, Configured, log_of
from tests.support.storage import DAY, HOUR, NOW, Stored, changed, new
from tests.support.thorough import IS_THOROUGH

A, B, C, D = FEEDS
PAGE = 5  # lines
YEAR = ArchiveBounds(365 * DAY, 1 << 30)


@pytest.fixture(autouse=True)
def _small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "LINES", PAGE)


async def outlet(stored: Stored, config: Configured, name: str = "off") -> Outlet:
    await config.tell(stored)
    made = Outlet(stored, name, lambda: config.selection(name))
    await made.window()
    return made


async def settle(stored: Stored, config: Configured) -> None:
    await stored.settle(outputs=config.selections().values())


async def test_pages_close_and_lead_back_to_the_first(stored: Stored) -> None:
    config = Configured(limit=3)
    one = await outlet(stored, config)
    for number in range(13):
        stored.clock.advance(HOUR)
        await stored.poll(A, new(str(number), at=stored.clock.now()))
        await settle(stored, config)
    window = await one.window()
    log = log_of(stored, "off")
    pages = stored.rows(archive_pages)
    assert [(row.log_id, row.number, row.last_seq) for row in pages] == [(log, 1, 5), (log, 2, 10)]
    assert older(window) == f"{BASE}/feeds/off.{log}-2.atom"  # the rest is in the window
    second = await one.fetch(f"{BASE}/feeds/off.{log}-2.atom")
    assert second is not None
    assert older(second) == f"{BASE}/feeds/off.{log}-1.atom"
    first = await one.fetch(f"{BASE}/feeds/off.{log}-1.atom")
    assert first is not None
    assert older(first) is None
    assert b"fh:archive" in first
    assert (
        f'rel="current" type="application/atom+xml" href="{BASE}/feeds/off.atom"'.encode() in first
    )
    for kind in ("atom", "rss", "json"):
        for page in (f"{log}-1", f"{log}-2", f"{log}-open"):
            body = await one.fetch(f"{BASE}/feeds/off.{page}.{kind}")
            assert body is not None
            assert faults(body) == [], (kind, page)
    reader = Reader(one.fetch)
    await reader.read(window)
    assert len(set(reader.titles.values())) == 13
    assert reader.titles.keys() == one.told()
    assert reader.requests == 2


async def test_closed_pages_keep_their_bytes(stored: Stored) -> None:
    config = Configured(limit=2)
    one = await outlet(stored, config)
    ids = await stored.poll(A, *(new(str(n), at=NOW - n * HOUR) for n in range(6)))
    await settle(stored, config)
    await one.window()
    address = f"{BASE}/feeds/off.{log_of(stored, 'off')}-1.atom"
    before = await one.fetch(address)
    stored.clock.advance(DAY)
    await stored.poll(A, changed=[changed(ids[3], "3", title="Another title")])
    await settle(stored, config)
    window = await one.window()
    assert await one.fetch(address) == before
    link = older(window)
    assert link is not None
    assert "-open.atom?to=7" in link  # below the window something changed
    reader = Reader(one.fetch)
    await reader.read(window)
    assert "Another title" in reader.titles.values()
    assert len(reader.titles) == 6


async def test_a_withdrawn_item_leaves_a_tombstone(stored: Stored) -> None:
    config = Configured(limit=3)
    one = await outlet(stored, config)
    await stored.poll(A, *(new(f"a{n}") for n in range(4)))
    await stored.poll(B, *(new(f"b{n}") for n in range(4)))
    await settle(stored, config)
    reader = Reader(one.fetch)
    await reader.read(await one.window())
    assert len(reader.titles) == 8
    config.feeds.discard(B)
    await config.tell(stored)
    window = await one.window()
    await reader.read(window)
    assert sorted(reader.titles.values()) == [f"Title a{n}" for n in range(4)]
    page = await one.fetch(f"{BASE}/feeds/off.{log_of(stored, 'off')}-2.rss")
    assert page is not None
    assert b"at:deleted-entry" in page
    assert faults(page) == []


async def test_what_becomes_private_leaves_the_closed_pages(stored: Stored) -> None:
    config = Configured(limit=3)
    one = await outlet(stored, config)
    await stored.poll(A, *(new(f"a{n}") for n in range(4)))
    await stored.poll(B, *(new(f"secret{n}") for n in range(4)))
    await settle(stored, config)
    await one.window()
    log = log_of(stored, "off")
    page, guards = PageNumber(log, 1), one.archive().guards
    assert b"secret" in (await one.fetch(f"{BASE}/feeds/off.{log}-1.atom") or b"")
    config.hidden.add(B)
    await config.tell(stored)
    now = one.archive().guards
    # Before it was looked through, it is given to nobody.
    absent = await stored.store.find_page(["off"], page, "atom", now.digest)
    assert absent is Absence.LATER
    reader = Reader(one.fetch)
    await reader.read(await one.window())
    assert sorted(reader.titles.values()) == [f"Title a{n}" for n in range(4)]
    for row in stored.rows(archive_bodies):
        body = archives.unpacked(row).body
        assert b"secret" not in body
        assert faults(body) == []
    assert feed_mark(B) not in str(stored.rows(archive_pages)[0].items)
    assert guards.digest != now.digest


async def test_an_item_that_is_told_of_less_stands_again(stored: Stored) -> None:
    """The story has another source, which is private now: what is left of it is told anew."""
    config = Configured(limit=1)
    one = await outlet(stored, config, "tech")
    page = "https://pages.example/1"
    await stored.poll(A, new("mine", url=page, at=NOW - DAY))
    await stored.poll(B, new("theirs", url=page, at=NOW - DAY))
    await stored.poll(A, *(new(f"a{n}") for n in range(6)))
    await settle(stored, config)
    await one.window()
    guards = one.archive().guards
    config.hidden.add(B)
    reader = Reader(one.fetch)
    await config.tell(stored)
    await reader.read(await one.window())
    assert "Title mine" in reader.titles.values()
    assert len(reader.titles) == 7
    for row in stored.rows(archive_bodies):
        assert b"b.example" not in archives.unpacked(row).body
    assert guards != one.archive().guards


async def test_two_that_close_at_once_close_it_once(stored: Stored) -> None:
    config = Configured(limit=2)
    one = await outlet(stored, config)
    await stored.poll(A, *(new(str(n)) for n in range(6)))
    await settle(stored, config)
    await stored.store.sync_archives({"off": True})
    archive = one.archive()
    lines = await stored.store.next_page(archive.selection, archive.names)
    assert lines is not None
    assert await stored.store.close_page(lines, (), archive.guards)
    assert not await stored.store.close_page(lines, (), archive.guards)
    assert stored.count(archive_pages) == 1


async def test_a_page_is_stored_whole_or_not_at_all(stored: Stored) -> None:
    config = Configured(limit=2)
    one = await outlet(stored, config)
    await stored.poll(A, *(new(str(n)) for n in range(6)))
    await settle(stored, config)
    archive = one.archive()
    lines = await stored.store.next_page(archive.selection, archive.names)
    assert lines is not None
    bodies = page_bodies(archive.empty, lines)
    for place in range(1, 30):
        seen = count(1)

        def fail(*_: object, at: int = place, seen: Iterator[int] = seen) -> None:
            if next(seen) == at:
                raise RuntimeError("pulled the plug")

        event.listen(stored.database.engine, "before_cursor_execute", fail)
        try:
            await stored.store.close_page(lines, bodies, archive.guards)
            break
        except RuntimeError:
            pass
        finally:
            event.remove(stored.database.engine, "before_cursor_execute", fail)
        assert stored.count(archive_pages) == stored.count(archive_bodies) == 0
        check_pages(stored)
    assert place > 6
    assert (stored.count(archive_pages), stored.count(archive_bodies)) == (1, 3)
    check_pages(stored)


async def test_retention_waits_for_lines_in_no_closed_page(stored: Stored) -> None:
    config = Configured(limit=1)
    one = await outlet(stored, config)
    ids = await stored.poll(A, *(new(str(n), at=NOW - n * HOUR) for n in range(4)))
    await settle(stored, config)
    await one.window()
    await stored.poll(A, unlisted=ids)
    stored.clock.advance(100 * DAY)
    selections = [config.selection("off")]
    await stored.store.drop_old(stored.clock.now(), DAY, 0, selections)
    assert stored.count(entries) == 4
    await stored.poll(A, *(new(f"later {n}", at=stored.clock.now()) for n in range(2)))
    await settle(stored, config)
    reader = Reader(one.fetch)
    await reader.read(await one.window())
    await stored.store.drop_old(stored.clock.now(), DAY, 0, selections)
    assert stored.count(entries) < 6
    await Reader(one.fetch).read(await one.window())
    assert len(reader.titles) == 6


async def test_pages_go_with_their_age_and_bytes(stored: Stored) -> None:
    config = Configured(limit=1)
    one = await outlet(stored, config)
    for number in range(4):
        await stored.poll(A, *(new(f"{number} {n}") for n in range(PAGE)))
        await settle(stored, config)
        await one.window()
        stored.clock.advance(100 * DAY)
    sizes = [row.size for row in stored.rows(archive_pages)]
    await stored.store.drop_pages({"off": YEAR})
    assert [row.number for row in stored.rows(archive_pages)] == [2, 3, 4]
    log = log_of(stored, "off")
    reader = Reader(one.fetch)
    await reader.read(await one.window())  # 410 ends the chain
    assert len(reader.titles) == 3 * PAGE
    gone = await stored.store.find_page(["off"], PageNumber(log, 1), "atom", "")
    assert gone is Absence.GONE
    never = await stored.store.find_page(["off"], PageNumber(log, 9), "atom", "")
    assert never is Absence.NEVER
    await stored.store.drop_pages({"off": ArchiveBounds(365 * DAY, sum(sizes[2:]))})
    assert [row.number for row in stored.rows(archive_pages)] == [3, 4]
    await stored.store.drop_pages({"off": ArchiveBounds(timedelta(), 1 << 30)})
    assert stored.count(archive_pages) == stored.count(archive_bodies) == 0


async def test_pages_of_an_output_that_is_configured_no_more_stay_for_a_while(
    stored: Stored,
) -> None:
    config = Configured(limit=1)
    one = await outlet(stored, config)
    await stored.poll(A, *(new(str(n)) for n in range(PAGE)))
    await settle(stored, config)
    await one.window()
    await stored.store.sync_logs([])
    await stored.store.sync_archives({})
    await stored.store.drop_pages({})
    assert stored.count(archive_pages) == 1
    stored.clock.advance(31 * DAY)
    await stored.store.drop_pages({})
    assert stored.count(archive_pages) == 0
    await stored.store.drop_old(stored.clock.now(), timedelta(), 0, [])
    assert stored.count(output_items) == 0


async def test_a_new_log_follows_on_the_one_that_ended(stored: Stored) -> None:
    config = Configured(limit=2)
    one = await outlet(stored, config, "near")
    await stored.poll(A, *(new(f"a{n}", at=NOW - n * DAY) for n in range(8)))
    await settle(stored, config)
    await one.window()
    before = log_of(stored, "near")
    config.hidden.add(D)  # other ids and places: a log of its own
    await config.tell(stored)
    await one.window()
    window = await one.window()
    assert log_of(stored, "near") != before
    reader = Reader(one.fetch)
    await reader.read(window)
    assert len(set(reader.titles.values())) == 8
    assert reader.titles.keys() == one.told()
    ended = stored.row(output_logs, output_logs.c.id == before)
    assert ended.closed_seq == ended.next_seq - 1
    await stored.store.drop_old(stored.clock.now(), timedelta(), 0, [])
    assert before not in {row.log_id for row in stored.rows(output_now)}


@dataclass
class _Choosing(Configured):
    """One whose outputs are asked for something else now and then."""

    drop: tuple[str, ...] = ()
    least: int = 0

    def selection(self, name: str) -> Selection:
        found = super().selection(name)
        basis = found.basis
        assert basis is not None
        if name == "filtered":
            found = replace(found, filter=output_filter((), self.drop))
            basis = replace(basis, choice=f"{basis.choice} {self.drop}")
        if name == "several" and self.least:
            found = replace(found, min_sources=self.least)
            basis = replace(basis, choice=f"{basis.choice} {self.least}")
        return replace(found, basis=basis)


CHOOSING = ("filtered", "discovered", "front", "several", "quota", "few", "kept")
VISITED = ("near", "off", "tech", "by-category", *CHOOSING)


@pytest.mark.parametrize(("seed", "name"), [*enumerate(VISITED)])
async def test_a_reader_that_comes_and_goes_ends_with_what_the_log_tells(
    stored: Stored, seed: int, name: str
) -> None:
    chance = random.Random(seed)
    config = _Choosing(limit=chance.choice([1, 3, 8]), outputs=(name,))
    one = await outlet(stored, config, name)
    often, seldom = Reader(one.fetch), Reader(one.fetch)
    news = _News(stored, config, chance)
    for _ in range(30 if IS_THOROUGH else 15):
        stored.clock.advance(chance.choice([timedelta(minutes=5), HOUR, DAY, 20 * DAY]))
        await news.happen()
        await settle(stored, config)
        one.note()
        window = await one.window()
        if chance.random() < 0.4:
            await often.read(window)
    check_pages(stored)
    window = await one.window()
    log = log_of(stored, name)
    ever, told = one.ever(log), one.told(log)
    for reader in (often, seldom, Reader(one.fetch)):
        await reader.read(window)
        assert reader.titles.keys() & ever == told
        # Of logs that ended, what became private meanwhile is told to nobody any more.
        assert reader.titles.keys() - ever <= one.told()
        if {log} == {epoch for epoch, _ in one.known}:
            assert reader.titles.keys() == told
    shown = await stored.store.load_items(config.selection(name))
    assert {item.id: item.title for item in shown}.items() <= seldom.titles.items()
    assert often.titles.items() >= {key: seldom.titles[key] for key in told}.items()
    assert titles_in(etree.fromstring(window)).items() <= often.titles.items()


@dataclass
class _News:
    """Whatever may happen to feeds, the configuration and the store."""

    stored: Stored
    config: _Choosing
    chance: random.Random
    known: list[tuple[str, int, str]] = field(default_factory=list)
    step: int = 0

    async def happen(self) -> None:
        self.step += 1
        config, feed = self.config, self.chance.choice(FEEDS)
        match self.chance.randrange(12):
            case 0 if len(config.feeds) > 1:
                config.feeds ^= {feed}
                await config.tell(self.stored)
            case 1:
                config.hidden ^= {feed}
                await config.tell(self.stored)
            case 2 if self.known:
                await self._change(*self.chance.choice(self.known))
            case 3:
                now, shown = self.stored.clock.now(), list(config.selections().values())
                await self.stored.store.drop_old(now, 30 * DAY, 0, shown)
            case 4:
                config.drop = self.chance.choice([(), ("1",), ("2", "3"), ("at",)])
                config.least = self.chance.choice([1, 2])
                await config.tell(self.stored)
            case 5 if self.known and feed in config.feeds:  # another source of a known story
                _, _, label = self.chance.choice(self.known)
                if label not in {known for own, _, known in self.known if own == feed}:
                    await self._add(feed, [label])
            case _ if feed in config.feeds:
                await self._add(feed)

    async def _change(self, feed: str, entry_id: int, label: str) -> None:
        if feed in self.config.feeds and self.stored.rows(entries, entries.c.id == entry_id):
            title = f"{label} at {self.step}"
            await self.stored.poll(feed, changed=[changed(entry_id, label, title=title)])

    async def _add(self, feed: str, labels: Sequence[str] = ()) -> None:
        now = self.stored.clock.now()
        labels = labels or [f"{self.step} {n}" for n in range(self.chance.randrange(1, 5))]
        news = [
            new(
                label,
                url=f"https://pages.example/{label.replace(' ', '-')}",
                at=now - self.chance.choice([0, 1, 40]) * DAY,
            )
            for label in labels
        ]
        ids = await self.stored.poll(feed, *news)
        self.known += [(feed, i, label) for i, label in zip(ids, labels, strict=True)]


def check_pages(stored: Stored) -> None:
    """Pages of each log stand in a row, as its row says."""
    for log in stored.rows(output_logs):
        pages = stored.rows(archive_pages, archive_pages.c.log_id == log.id)
        assert [page.number for page in pages] == list(range(1, log.closed_page + 1))
        assert not pages or pages[-1].last_seq == log.closed_seq
        lasts = [page.last_seq for page in pages]
        assert lasts == sorted(set(lasts))
