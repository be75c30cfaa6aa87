"""An outage of our own network: it counts against no feed, is probed modestly, ends without a rush."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from aggregator.cli.status import _totals as totals
from aggregator.errors import (
    ConnectFailed,
    HttpStatus,
    NameNotResolved,
    NameServersSilent,
    TimedOut,
)
from aggregator.model import PollResult, Request, Response, Status
from aggregator.store.db.tables import articles, feeds
from aggregator.store.feeds import claims
from aggregator.store.hosts.counts import SqlHosts
from aggregator.web.page import render_page
from tests.support.polling import House, open_house, rss
from tests.support.published import all_told
from tests.support.storage import DAY, HOUR, MINUTE, NOW, Stored, new, stored_at, wanted

FEEDS = [f"https://{n}.example/feed" for n in range(40)]
KNOWN = "https://192.0.2."  # what no name server is asked for
SECOND = timedelta(seconds=1)


class Line:
    """A fetcher whose line can be cut. Some hosts are dead for good."""

    def __init__(self) -> None:
        self.cut = False
        self.dead: set[str] = set()
        self.names_cut = False
        self.lame: set[str] = set()  # whose own name servers are dead
        self.name_answered: Callable[[], None] = lambda: None
        self.turns = Random(1)
        self.asked: list[str] = []

    async def fetch(self, request: Request) -> Response:
        self.asked.append(request.url)
        for _ in range(self.turns.randrange(1, 5)):  # they end in another order than they began
            await asyncio.sleep(0)
        if not request.url.startswith(KNOWN):
            if self.names_cut or request.url in self.lame:
                raise NameServersSilent(request.url, "no address")
            if not self.cut:
                self.name_answered()
        if self.cut or request.url in self.dead:
            kind = (NameNotResolved, ConnectFailed, TimedOut)[len(self.asked) % 3]
            raise kind(request.url, "nobody there")
        if request.kind == "page":
            raise HttpStatus(request.url, 404)
        return Response(request.url, 200, {"etag": '"1"'}, rss("one"), 1, timedelta(0))


@pytest.fixture
def line() -> Line:
    return Line()


@asynccontextmanager
async def house_at(
    database_url: str, line: Line, *urls: str, **options: Any
) -> AsyncIterator[House]:
    """A house that hears of the name servers' answers."""
    async with open_house(database_url, *urls, fetcher=line, **options) as house:
        names = house.engine.pipeline.network.names
        line.name_answered = lambda: names.answered(house.clock.now())
        yield house


def failures(house: House) -> dict[str, int]:
    return {row.key: row.failures for row in house.stored.rows(feeds) if row.failures}


def page(status: Status) -> str:
    """The status page."""
    return render_page(
        title="T",
        base_url="",
        version="1",
        outputs=(),
        status=status,
        told=all_told(status.feeds),
        now=NOW,
    )


async def ticks(house: House, count: int, step: timedelta) -> None:
    """Tick ``count`` times, each to its end."""
    for _ in range(count):
        await house.tick(step)


async def test_it_counts_against_no_feed_and_ends_without_a_rush(
    sqlite_url: str, line: Line
) -> None:
    async with open_house(sqlite_url, *FEEDS, fetcher=line) as house:
        await house.poll()
        line.cut = True
        del line.asked[:]
        await house.tick(2 * DAY)
        assert len(line.asked) <= len(FEEDS)
        assert failures(house) == {}
        status = await house.status()
        assert status.outage_since == house.clock.now()
        assert {feed.result for feed in status.feeds} >= {"offline"}
        assert "No host has answered since" in page(status)
        assert any("no host has answered since" in line for line in totals(status))

        # Hours without a network: an attempt every minute, whatever is due.
        del line.asked[:]
        await ticks(house, 4 * 60, MINUTE)
        assert 4 * 60 - 1 <= len(line.asked) <= 4 * 60
        assert len(set(line.asked)) == len(FEEDS)  # each has its turn as the probe
        assert failures(house) == {}

        # Back: one answer, then everything that is due within ten minutes, none at once.
        line.cut = False
        del line.asked[:]
        per_tick = list[int]()
        for _ in range(25):
            before = len(line.asked)
            await ticks(house, 1, MINUTE)
            per_tick.append(len(line.asked) - before)
        assert sorted(set(line.asked)) == sorted(FEEDS)
        assert max(per_tick) <= 6
        status = await house.status()
        assert status.outage_since is None
        assert "No host has answered" not in page(status)
        assert {row.last_result for row in house.stored.rows(feeds)} == {PollResult.UNCHANGED}


async def test_a_short_outage_costs_a_minute_and_one_interval_also_where_nothing_is_due(
    sqlite_url: str, line: Line
) -> None:
    every = {"every": "5s"}
    async with open_house(sqlite_url, *FEEDS, fetcher=line, feed=every) as house:
        await house.poll()
        line.cut = True
        await ticks(house, 15, SECOND)
        assert house.engine.network_down
        # Nothing is due for a day, as where all feeds are polled once a day.
        later = {row.key: house.clock.now() + DAY for row in house.stored.rows(feeds)}
        for key, when in later.items():
            await house.stored.poll(key, next_poll=when, result=PollResult.OFFLINE)
        line.cut = False
        del line.asked[:]
        for _ in range(60):
            await house.tick(SECOND)
            if not house.engine.network_down:
                break
        assert len(line.asked) <= 2  # the probe, and the first that was due
        per_tick = list[int]()
        for _ in range(6):
            before = len(line.asked)
            await house.tick(SECOND)
            per_tick.append(len(line.asked) - before)
        assert set(line.asked) == set(FEEDS)
        assert max(per_tick[:5]) <= 2 * len(FEEDS) / 5


NAMED = FEEDS[:20]
ADDRESSES = [f"{KNOWN}{n}/feed" for n in range(10)]
BOTH = [url for pair in zip(NAMED, ADDRESSES * 2, strict=True) for url in pair]


@pytest.mark.parametrize("seed", range(5))
async def test_dead_name_servers_count_against_no_feed_and_others_go_on(
    sqlite_url: str, line: Line, seed: int
) -> None:
    line.turns.seed(seed)
    async with house_at(sqlite_url, line, *dict.fromkeys(BOTH)) as house:
        await house.poll()
        line.names_cut = True
        await house.tick(2 * DAY)
        assert not house.engine.network_down  # some do answer
        await ticks(house, 5, SECOND)
        assert failures(house) == {}
        results = {row.key: row.last_result for row in house.stored.rows(feeds)}
        assert {results[key] for key in NAMED} == {"offline"}
        assert {results[key] for key in ADDRESSES} == {"unchanged"}
        del line.asked[:]
        await ticks(house, 3 * 60, MINUTE)
        assert len(line.asked) >= 3 * 60  # one a minute, beside what is due
        assert set(ADDRESSES) <= set(line.asked)
        assert failures(house) == {}

        line.names_cut = False
        del line.asked[:]
        await ticks(house, 14, MINUTE)
        assert set(NAMED) <= set(line.asked)
        results = {row.key: row.last_result for row in house.stored.rows(feeds)}
        assert {results[key] for key in NAMED} == {"unchanged"}
        line.lame = {NAMED[0]}  # from here on it is theirs
        await house.poll(HOUR)
        assert failures(house) == {NAMED[0]: 1}


async def test_name_servers_gone_for_fifteen_seconds_silence_nothing(
    sqlite_url: str, line: Line
) -> None:
    async with house_at(sqlite_url, line, *dict.fromkeys(BOTH), feed={"every": "5s"}) as house:
        await house.poll()
        await ticks(house, 10, SECOND)
        line.names_cut = True
        await ticks(house, 15, SECOND)
        line.names_cut = False
        names = house.engine.pipeline.network.names
        for _ in range(60):  # the next probe shows that it is over
            await house.tick(SECOND)
            if not names.down:
                break
        assert failures(house) == {}
        del line.asked[:]
        await ticks(house, 6, SECOND)
        assert set(NAMED) <= set(line.asked)
        assert failures(house) == {}


@pytest.mark.parametrize("seed", range(5))
async def test_names_that_are_dead_among_living_ones_are_to_blame(
    sqlite_url: str, line: Line, seed: int
) -> None:
    line.turns.seed(seed)
    line.lame = set(NAMED[::2])
    async with house_at(sqlite_url, line, *dict.fromkeys(BOTH)) as house:
        for number in range(1, 4):
            await house.poll(DAY)
            await ticks(house, 5, SECOND)
            assert failures(house) == dict.fromkeys(line.lame, number)


async def test_one_run_without_name_servers_blames_nobody(sqlite_url: str, line: Line) -> None:
    async with house_at(sqlite_url, line, *dict.fromkeys(BOTH)) as house:
        await house.poll()
        line.names_cut = True
        await house.poll(HOUR)
        assert failures(house) == {}


async def test_a_first_start_without_a_network_counts_against_no_feed(
    sqlite_url: str, line: Line
) -> None:
    line.cut = True
    async with open_house(sqlite_url, *FEEDS, fetcher=line) as house:
        await house.tick()
        assert failures(house) == {}
        line.cut = False
        await ticks(house, 30, MINUTE)
        assert {row.last_result for row in house.stored.rows(feeds)} == {PollResult.UPDATED}


async def test_hosts_that_are_dead_among_living_ones_are_to_blame(
    sqlite_url: str, line: Line
) -> None:
    line.dead = set(FEEDS[::4])
    async with open_house(sqlite_url, *FEEDS, fetcher=line) as house:
        for number in range(1, 4):
            await house.poll(DAY)
            assert failures(house) == dict.fromkeys(line.dead, number)
            assert (await house.status()).outage_since is None


async def test_a_list_that_begins_with_dead_addresses_is_no_lasting_outage(
    sqlite_url: str, line: Line
) -> None:
    line.dead = set(FEEDS[:20])
    async with open_house(sqlite_url, *FEEDS, fetcher=line) as house:
        await house.tick()
        await ticks(house, 120, MINUTE)
        assert set(failures(house)) == line.dead
        assert (await house.status()).outage_since is None


async def test_one_run_tries_everything_that_is_due(sqlite_url: str, line: Line) -> None:
    line.dead = set(FEEDS[:20])
    async with open_house(sqlite_url, *FEEDS, fetcher=line, concurrency=1) as house:
        await house.poll_due()
        assert sorted(line.asked) == sorted(FEEDS)
        assert house.engine.stats.updated == 20


async def test_a_feed_that_fails_already_neither_proves_an_outage_nor_pays_for_it(
    sqlite_url: str, line: Line
) -> None:
    line.dead = set(FEEDS[::2])
    async with open_house(sqlite_url, *FEEDS, fetcher=line) as house:
        await house.poll()
        assert failures(house) == dict.fromkeys(line.dead, 1)
        for key in FEEDS[1::2]:
            await house.stored.poll(key, next_poll=house.clock.now() + 300 * DAY)
        await house.tick(8 * DAY)
        assert failures(house) == dict.fromkeys(line.dead, 2)
        line.cut = True
        await house.poll(DAY)
        before = failures(house)
        assert (await house.status()).outage_since is not None
        await ticks(house, 60, MINUTE)
        assert failures(house) == before


async def test_pages_lose_no_attempt(sqlite_url: str, line: Line) -> None:
    async with open_house(sqlite_url, *FEEDS, fetcher=line, mode="always") as house:
        await house.poll()
        stored, pipeline = house.stored, house.engine.pipeline
        await stored.poll(FEEDS[0], new("story", "https://0.example/story"))
        (task,) = await stored.pages()
        line.cut = True
        await house.poll(DAY)
        assert await pipeline.extract(task) is False
        row = stored.row(articles)
        assert (row.attempts, row.error) == (0, None)
        assert row.next_attempt_at > house.clock.now()


# ── what the store does for it ───────────────────────────────────────────────────────────────


async def test_only_a_single_failure_is_taken_back(database_url: str) -> None:
    with stored_at(database_url) as stored:
        keys = [f"https://{name}.example/" for name in ("once", "often", "well")]
        await stored.subscribe(*keys)
        nothing: dict[str, Any] = {"parsed": None, "validators": None}
        for key, count in zip(keys, (1, 3, 0), strict=True):
            result = PollResult.FAILED if count else PollResult.NOT_MODIFIED
            await stored.poll(key, result=result, failures=count, **nothing)
        ids = {row.id: NOW + 5 * MINUTE for row in stored.rows(feeds)}
        await stored.store.forgive(ids)
        await stored.store.forgive({})
        rows = {row.key: row for row in stored.rows(feeds)}
        assert [rows[key].failures for key in keys] == [0, 3, 0]
        assert [rows[key].last_result for key in keys] == ["offline", "failed", "not_modified"]
        assert [rows[key].next_poll_at - NOW for key in keys] == [5 * MINUTE, HOUR, HOUR]


async def test_what_is_due_is_spread_and_nothing_else_is_touched(database_url: str) -> None:
    with stored_at(database_url) as stored:
        due = [f"https://{n}.example/" for n in range(10)]
        later, leased = "https://later.example/", "https://leased.example/"
        await stored.store.sync_feeds(
            wanted(
                {key: NOW - n * MINUTE for n, key in enumerate(due)}
                | {later: NOW + HOUR, leased: NOW}
            )
        )
        await stored.claim_one(leased)
        await stored.store.spread_due(NOW, HOUR, {})
        rows = {row.key: row.next_poll_at for row in stored.rows(feeds)}
        assert (rows[later], rows[leased]) == (NOW + HOUR, NOW)
        ordered = sorted(due, key=lambda key: rows[key])
        assert ordered == due[::-1]  # the longest overdue first
        assert [rows[key] - NOW for key in ordered] == [n * MINUTE for n in range(10)]
        await stored.store.spread_due(NOW - DAY, HOUR, {})  # nothing is due: nothing to do


async def test_each_feed_within_its_own_interval(stored: Stored) -> None:
    keys = [f"https://{n}.example/" for n in range(10)]
    await stored.subscribe(*keys)
    own = dict.fromkeys(keys[::2], 5 * SECOND) | {keys[1]: 2 * HOUR}
    await stored.store.spread_due(NOW, HOUR, own)
    waits = {row.key: row.next_poll_at - NOW for row in stored.rows(feeds)}
    assert [waits[key] for key in keys[::2]] == [n * SECOND for n in range(5)]
    assert [waits[key] for key in keys[1::2]] == [n * MINUTE for n in range(1, 10, 2)]


async def test_a_probe_is_the_feed_asked_longest_ago_and_of_no_host_that_rests(
    stored: Stored,
) -> None:
    keys = [f"https://{name}.example/" for name in ("rests", "failed", "late", "early", "new")]
    await stored.subscribe(*keys[:4])
    await stored.store.sync_feeds(wanted(dict.fromkeys(keys, NOW + DAY)))
    nothing: dict[str, Any] = {"parsed": None, "validators": None}
    await stored.poll(keys[0], polled_at=NOW - 9 * HOUR)
    await stored.poll(
        keys[1], polled_at=NOW - 8 * HOUR, result=PollResult.FAILED, failures=1, **nothing
    )
    await stored.poll(keys[2], polled_at=NOW - HOUR)
    await stored.poll(keys[3], polled_at=NOW - 7 * HOUR)
    await SqlHosts(stored.database).note((), {"rests.example": NOW + HOUR}, NOW)
    asked = list[str]()
    while probe := await stored.store.claim_probe(NOW, HOUR):
        asked += [one.feed.key for one in probe]
    assert asked == [keys[4], keys[3], keys[2]]


async def test_a_probe_is_one_of_those_due_first_if_any_of_them_will_do(
    stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claims, "_PROBED", 2)
    keys = [f"https://{name}.example/" for name in ("first", "second", "third", "fourth")]
    await stored.store.sync_feeds(wanted({key: NOW + n * MINUTE for n, key in enumerate(keys)}))
    nothing: dict[str, Any] = {"parsed": None, "validators": None}
    for n, key in enumerate(keys):
        when = NOW - (n + 1) * HOUR
        await stored.poll(key, polled_at=when, next_poll=NOW + n * MINUTE, **nothing)
    asked = list[str]()
    while probe := await stored.store.claim_probe(NOW, HOUR):
        asked += [one.feed.key for one in probe]
    # Of the first two the one asked longer ago, then the other, then the rest in that order.
    assert asked == [keys[1], keys[0], keys[3], keys[2]]
