"""Counts of readers, written by daemons and read for the operator."""

from __future__ import annotations

from datetime import timedelta

from aggregator.model import AgentRequests, AnswerCount, Audience, Lateness, ReaderCount
from aggregator.store.db.tables import reader_agents, reader_answers, reader_audiences
from aggregator.store.outputs import reader_rows
from aggregator.store.outputs.reader_rows import SqlReaderCounts
from aggregator.store.reports.output_stats import read_stats
from tests.support.outputs import FEEDS, Configured
from tests.support.storage import DAY, HOUR, MINUTE, NOW, Stored, new

A = FEEDS[0]
ALL = {"all": False}


def said(agent: str, subscribers: int | None = None, feed: str = "", n: int = 1) -> ReaderCount:
    return ReaderCount("all", "atom", 200, agent, feed, subscribers, n)


async def test_days_add_up_and_old_ones_go(stored: Stored) -> None:
    counts = SqlReaderCounts(stored.database)
    for _ in range(2):  # as two processes do
        await counts.note(
            [said("newsboat", n=3), ReaderCount("all", "rss", 304, "", "", None, 2)], NOW
        )
    await counts.note([said("newsboat")], NOW + 2 * DAY)
    (stats,) = await stored.database.read(read_stats, ALL, {"all": 4}, NOW + 2 * DAY)
    assert stats.answers == (AnswerCount("atom", 200, 1, 7), AnswerCount("rss", 304, 0, 4))
    assert stats.agents == (AgentRequests("newsboat", 7), AgentRequests("", 4))
    assert (stats.subscribers, stats.at_hub, stats.late_week) == (0, 4, None)
    await counts.note([said("newsboat")], NOW + 9 * DAY)
    assert stored.count(reader_answers) == stored.count(reader_agents) == 1


async def test_services_are_believed_for_three_days(stored: Stored) -> None:
    counts = SqlReaderCounts(stored.database)
    await counts.note([said("Feedly", 90, "1"), said("Feedly", 10, "2"), said("Old", 7)], NOW)
    await counts.note([said("Feedly", 80, "1"), said("Feedly", 70, "1")], NOW + DAY)
    await counts.note([said("Feedly", 75, "1")], NOW + DAY)
    refused = ReaderCount("all", "atom", 429, "Evil", "", 10**9 - 1, 1)
    await counts.note([refused, said("", 10**9 - 1)], NOW + DAY)
    (stats,) = await stored.database.read(read_stats, ALL, {}, NOW + DAY)
    day = (NOW + DAY).date()
    assert stats.audiences == (Audience("Feedly", 90, day), Audience("Old", 7, NOW.date()))
    assert stats.subscribers == 97
    (stats,) = await stored.database.read(read_stats, ALL, {}, NOW + 3 * DAY)
    assert stats.audiences == (Audience("Feedly", 80, day),)


async def test_who_invents_names_fills_no_table(stored: Stored) -> None:
    counts, most = SqlReaderCounts(stored.database), reader_rows._NAMES
    await counts.note([said("Feedly", 5)], NOW)
    for round_ in range(2):
        invented = [said(f"n{round_}-{number}", 1) for number in range(most + 50)]
        await counts.note([*invented, said("Feedly", 6)], NOW + DAY)
    (stats,) = await stored.database.read(read_stats, ALL, {}, NOW + DAY)
    assert stored.count(reader_audiences) == most + 1  # Feedly's has two days
    assert len(stats.agents) == most + 1
    assert Audience("Feedly", 6, (NOW + DAY).date()) in stats.audiences
    assert sum(one.requests for one in stats.agents) == 2 * (most + 51) + 1


async def test_large_claims_displace_nobody_who_asks_more(stored: Stored) -> None:
    counts, most = SqlReaderCounts(stored.database), reader_rows._NAMES
    invented = [said(f"n{number}", 10**6) for number in range(2 * most)]
    await counts.note([*invented, said("Feedly", 5, n=2)], NOW)
    (stats,) = await stored.database.read(read_stats, ALL, {}, NOW)
    assert Audience("Feedly", 5, NOW.date()) in stats.audiences
    assert stats.agents[0] == AgentRequests("Feedly", 2)


async def test_lateness_is_of_news_only(stored: Stored) -> None:
    config = Configured()
    await config.tell(stored)
    outputs = list(config.selections().values())
    await stored.store.catch_up(outputs)
    stored.clock.advance(HOUR)
    now = stored.clock.now()
    dated = {
        "ten minutes late": now - 10 * MINUTE,
        "one minute late": now - MINUTE,
        "of before the feed was added": now - 30 * DAY,
        "ahead": now + DAY,
        "undated": None,
    }
    await stored.poll(A, *(new(name, published=at) for name, at in dated.items()))
    stored.clock.advance(timedelta(seconds=30))
    await stored.settle(outputs=outputs)
    asked = {outputs[0].basis.name: False, "nothing": False}  # type: ignore[union-attr]
    stats, nothing = await stored.database.read(read_stats, asked, {}, stored.clock.now())
    assert stats.late_day == stats.late_week == Lateness(4, 30.0, 630.0)
    assert nothing.late_day is None
    (editions,) = await stored.database.read(
        read_stats, dict.fromkeys(list(asked)[:1], True), {}, stored.clock.now()
    )
    assert editions.late_day is None
    late = stored.clock.now() + 2 * DAY
    (stats, _) = await stored.database.read(read_stats, asked, {}, late)
    assert stats.late_day is None
    assert stats.late_week is not None
