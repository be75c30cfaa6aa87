"""A made store: feeds and entries that follow from their numbers, in the database and on the farm alike.

Entry ``n`` is of feed ``(n - 1) % feeds + 1`` and appeared ``n`` steps after the beginning, and so do those
after the store was made: whoever polls the feeds later finds what came since, and nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from typing import Self

from aggregator.model import ParsedFeed
from aggregator.parse.feed import parse_feed
from aggregator.parse.incremental import item_mark
from aggregator.parse.prepare import prepare

SPAN_S = (
    50 * 86_400
)  # in which they appeared: 100,000 feeds with 50 each make more than one a second
FAILING = 50  # one of so many feeds fails
HOSTS = 20_000
_HALF_OF_MARK = 12  # characters of a source digest that tell its surroundings
_SCRAMBLE = 2_654_435_761  # an odd number (Knuth's), so that neighbours stand far apart
# Words of texts: some stand in every second one, some in two of all.
VOCABULARIES = (7, 41, 211, 997, 2003, 5003, 9973, 20_011, 50_021, 99_991)
TEASER, PAGE = 24, 48  # words


@dataclass(frozen=True)
class Made:
    """How much is stored, since when, and on which port of loopback the feeds are."""

    feeds: int
    began: int  # Unix seconds: the time of entry 0
    port: int
    per_feed: int  # entries of each

    @property
    def entries(self) -> int:
        """Entries that were there when it was made."""
        return self.feeds * self.per_feed

    @property
    def listed(self) -> int:
        """Entries in a feed's document, its newest."""
        return max(self.per_feed * 2 // 5, 1)

    @property
    def step(self) -> float:
        """Seconds between two entries."""
        return SPAN_S / self.entries

    @property
    def made_at(self) -> int:
        """When it was made, Unix seconds."""
        return self.began + SPAN_S

    def __str__(self) -> str:
        return f"{self.feeds:,} feeds and {self.entries:,} entries"

    @classmethod
    def read(cls, folder: Path) -> Self:
        """The one that was kept in ``folder``."""
        return cls(**json.loads((folder / "made.json").read_text("utf-8")))

    def write(self, folder: Path) -> None:
        """Keep in ``folder`` how it was made."""
        (folder / "made.json").write_text(json.dumps(asdict(self)), "utf-8")

    # feeds, from 1

    def host(self, feed: int) -> str:
        """The address of loopback at which ``feed`` is."""
        number = feed % HOSTS
        return f"127.1.{number // 250}.{number % 250 + 1}"

    def feed_url(self, feed: int) -> str:
        """The address of ``feed``."""
        return f"http://{self.host(feed)}:{self.port}/f/{feed}"

    def count(self, feed: int, now: float) -> int:
        """Entries that ``feed`` has published by ``now``."""
        latest = int((now - self.began) / self.step)
        return max(latest - feed, -1) // self.feeds + 1

    def document(self, feed: int, count: int) -> bytes:
        """What the feed says when it has published ``count`` entries."""
        newest = range(count - 1, max(count - self.listed, 0) - 1, -1)
        items = b"".join(self.item(place * self.feeds + feed) for place in newest)
        return self._head(feed) + items + b"</channel></rss>"

    def _head(self, feed: int) -> bytes:
        site = f"http://{self.host(feed)}:{self.port}/"
        return (
            "<?xml version='1.0' encoding='utf-8'?><rss version='2.0'><channel>"
            f"<title>Feed {feed}</title><link>{site}</link><language>en</language>"
        ).encode()

    # entries, from 1

    def page_url(self, entry: int) -> str:
        """The address of the page of ``entry``."""
        return f"http://{self.host((entry - 1) % self.feeds + 1)}:{self.port}/p/{entry}"

    def item(self, entry: int) -> bytes:
        """The entry as its feed lists it."""
        url = self.page_url(entry)
        when = datetime.fromtimestamp(int(self.began + entry * self.step), UTC)
        date = when.strftime("%a, %d %b %Y %H:%M:%S +0000")
        return (
            f"<item><title>Title {entry} {words(entry, 4)}</title><link>{url}</link><guid>{url}</guid>"
            f"<pubDate>{date}</pubDate><description>{words(entry, TEASER)}</description></item>"
        ).encode()

    def page(self, entry: int) -> bytes:
        """The page of the entry."""
        body = "".join(f"<p>{words(entry + part, PAGE // 2, part)}.</p>" for part in range(1, 5))
        return (
            f"<html lang='en'><head><title>Title {entry}</title></head><body><nav><a href='/'>Home</a></nav>"
            f"<article><h1>Title {entry} {words(entry, 4)}</h1>{body}</article></body></html>"
        ).encode()

    # digests, by which a poll knows the items that are stored

    def listed_digests(self) -> Iterator[tuple[int, str]]:
        """The number of each listed entry, and the digest that its item has in its feed."""
        first = self.per_feed - self.listed
        for feed in range(1, self.feeds + 1):
            around = self._surroundings(feed)
            for place in range(first, self.per_feed):
                entry = place * self.feeds + feed
                yield entry, around + item_mark(self._around_items, self.item(entry))

    def _surroundings(self, feed: int) -> str:
        parsed = self.parsed(feed, self._head(feed) + self.item(feed) + b"</channel></rss>")
        return parsed.entries[0].source_digest[:_HALF_OF_MARK]

    @cached_property
    def _around_items(self) -> str:
        return prepare(self.document(1, 1)).items[0].around

    def parsed(self, feed: int, document: bytes) -> ParsedFeed:
        """``document`` as a poll of ``feed`` reads it."""
        return parse_feed(document, url=self.feed_url(feed), content_type="application/rss+xml")


def words(entry: int, count: int, salt: int = 0) -> str:
    """Words of an entry's text: no two entries have more in common than any two texts."""
    digest = int.from_bytes(blake2b(b"%d %d" % (entry, salt), digest_size=8).digest())
    return " ".join(
        f"w{(digest >> place % 32) % VOCABULARIES[place % len(VOCABULARIES)]}"
        for place in range(count)
    )


def scrambled(entry: str, bits: int = 32) -> str:
    """SQL for a number of so many bits that looks random, of the entry whose number is ``entry``."""
    return f"(({entry} * {_SCRAMBLE}) % {1 << bits})"
