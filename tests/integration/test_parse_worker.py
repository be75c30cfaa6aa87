"""The stage as it is used: in worker processes with a limit on memory, results sent back."""

from __future__ import annotations

import multiprocessing
import resource
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor

import pytest

from aggregator.errors import NotAFeed, ParseError
from aggregator.parse.feed import parse_feed

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


def _limit_memory() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (512 << 20, 512 << 20))


@pytest.fixture(scope="module")
def pool() -> Iterator[ProcessPoolExecutor]:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context, initializer=_limit_memory) as executor:
        yield executor


@pytest.mark.parametrize("name", BOMBS)
def test_hostile_documents_end_in_a_worker_with_512_mb(
    name: str, pool: ProcessPoolExecutor
) -> None:
    feed = pool.submit(parse_feed, BOMBS[name], url=URL).result(timeout=30)
    assert feed.entries[0].title == "good"


def test_errors_travel_between_processes(pool: ProcessPoolExecutor) -> None:
    page = b"<!doctype html><html><link rel=alternate type=application/atom+xml href=/a></html>"
    error = pool.submit(parse_feed, page, url=URL).exception(timeout=30)
    assert isinstance(error, NotAFeed)
    assert [offer.url for offer in error.offers] == ["https://example.org/a"]
    assert error.hint
    assert isinstance(pool.submit(parse_feed, b"{", url=URL).exception(timeout=30), ParseError)
