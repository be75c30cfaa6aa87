"""The stage as it is used: in worker processes with their limits, results sent back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from aggregator.config import choices
from aggregator.config.settings import Settings
from aggregator.engine.workers import ProcessWorkers
from aggregator.errors import NotAFeed, ParseError, WorkerMemory, WorkerTimeout
from aggregator.parse.feed import parse_feed
from tests.support import tasks
from tests.support.patience import PATIENCE_S

URL = "https://example.org/feed"
ITEM = b"<item><title>good</title><link>https://example.org/1</link></item>"
HEAD = b'<rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/"><channel><title>F</title>'
ENTITIES = b'<!DOCTYPE rss [<!ENTITY a0 "lol">' + b"".join(
    b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 12)
) + b"]>"  # fmt: skip


def rss(inner: bytes, head: bytes = b"") -> bytes:
    return head + HEAD + ITEM + inner + b"</channel></rss>"


# Each of these took feedparser alone more than half a minute or a gigabyte, or made it raise.
BOMBS = {
    "entities": rss(b"<item><title>&a11;</title></item>", ENTITIES),
    "space before the root": b"\n" * 300_000 + rss(b""),
    "authors": rss(b"<item><author>" + b"a" * 400_000 + b"</author></item>"),
    "categories": rss(b"<item>" + b"<category>%d</category>" * 50_000 % tuple(range(50_000)) + b"</item>"),
    "attributes": rss(b"<item " + b" ".join(b'a%d=""' % n for n in range(100_000)) + b"/>"),
    "nesting": rss(b"<item>" + b"<a>" * 100_000 + b"</a>" * 100_000 + b"</item>"),
    "items": rss(b"<item><title>x</title></item>" * 50_000),
    "references": rss(b"<item><guid>2</guid><description>" + b"&amp;" * 900_000 + b"</description></item>"),
    "formatting": rss(b"<item><guid>2</guid><description><![CDATA[" + b"<b><p>" * 100_000 + b"]]></description></item>"),
    "unclosed": rss(b"<item><guid>2</guid><description>" + b'<a href="' * 100_000),
    "tags cut": HEAD + ITEM + b"<" * 500_000,
}  # fmt: skip


# The memory is the default's; the time is not, as tests run on machines of all kinds.
LIMITS = replace(
    choices.parse_limits(Settings()),
    cpu=timedelta(seconds=30),
    wall=timedelta(seconds=4 * PATIENCE_S),
)


@pytest.mark.parametrize("name", BOMBS)
async def test_hostile_documents_end_within_the_memory(name: str, workers: ProcessWorkers) -> None:
    feed = await workers.run(parse_feed, BOMBS[name], url=URL, limits=LIMITS)
    assert feed.entries[0].title == "good"


async def test_errors_travel_between_processes(workers: ProcessWorkers) -> None:
    page = b"<!doctype html><html><link rel=alternate type=application/atom+xml href=/a></html>"
    with pytest.raises(NotAFeed) as caught:
        await workers.run(parse_feed, page, url=URL, limits=LIMITS)
    assert [offer.url for offer in caught.value.offers] == ["https://example.org/a"]
    assert caught.value.hint
    with pytest.raises(ParseError):
        await workers.run(parse_feed, b"{", url=URL, limits=LIMITS)


async def test_a_document_past_a_limit_names_the_setting(workers: ProcessWorkers) -> None:
    with pytest.raises(WorkerMemory, match=r"\(parse\.memory sets the limit\)"):
        await workers.run(
            parse_feed, BOMBS["items"], url=URL, limits=replace(LIMITS, memory=1 << 20)
        )
    with pytest.raises(WorkerTimeout, match=r"\(parse\.timeout sets the limit\)"):
        await workers.run(
            parse_feed, BOMBS["items"], url=URL, limits=replace(LIMITS, cpu=timedelta(seconds=0.01))
        )
    assert await workers.run(tasks.add, 1, 2, limits=LIMITS) == 3
