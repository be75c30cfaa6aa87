"""What addresses in a feed mean: other schemes, click counters, signs escaped too often."""

from __future__ import annotations

import json

import pytest

from aggregator.model import Enclosure, Entry
from aggregator.parse.bases import text_base
from aggregator.parse.feed import parse_feed

FEED = "https://boats.example/feed.xml"
MAGNET = "magnet:?xt=urn:btih:0123456789abcdef0123456789abcdef01234567&dn=weir"


def rss(item: str, head: str = "<link>https://boats.example/</link>") -> Entry:
    body = (
        f'<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
        f'xmlns:media="http://search.yahoo.com/mrss/"><channel><title>Boats</title>{head}'
        f"<item><title>Oars</title>{item}</item></channel></rss>"
    )
    return parse_feed(body.encode(), url=FEED).entries[0]


# ── other schemes ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "address",
    [
        MAGNET,
        "gemini://capsule.example/1.gmi",
        "mailto:ida@boats.example",
        "xmpp:ida@boats.example",
    ],
)
def test_links_that_are_no_web_pages_come_through(address: str) -> None:
    written = address.replace("&", "&amp;")
    entry = rss(f'<link>{written}</link><guid isPermaLink="false">7</guid>')
    assert entry.url == address
    assert rss(f"<guid>{written}</guid>").url == address
    file = f'<enclosure url="{written}" length="7" type="application/x-bittorrent"/>'
    assert rss(file).enclosures == (Enclosure(address, "application/x-bittorrent", 7),)
    item = {"id": "7", "url": address, "attachments": [{"url": address, "mime_type": "a/b"}]}
    document = {"version": "https://jsonfeed.org/version/1.1", "title": "B", "items": [item]}
    (read,) = parse_feed(json.dumps(document).encode(), url=FEED).entries
    assert (read.url, read.enclosures[0].url) == (address, address)


def test_a_page_is_a_better_link() -> None:
    page = "https://boats.example/weir"
    assert rss(f"<link>magnet:?xt=urn:btih:01</link><guid>{page}</guid>").url == page


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "data:text/html,x", "magnet:", "file:///etc"]
)
def test_no_other_schemes(address: str) -> None:
    entry = rss(f'<link>{address}</link><enclosure url="{address}" type="a/b"/><guid>7</guid>')
    assert (entry.url, entry.enclosures) == (None, ())


def test_they_are_no_part_of_an_identity() -> None:
    bare = rss("<description>Text.</description>").identity
    with_link = rss("<link>magnet:?xt=urn:btih:01</link><description>Text.</description>")
    assert with_link.identity == bare


# ── the base of a text ───────────────────────────────────────────────────────────────────────

COUNTER = "https://clicks.example/~r/boats/~3/xyz/"
PICTURE = '<content:encoded>&lt;p&gt;Oars.&lt;img src="/p.jpg" alt="p"&gt;</content:encoded>'


def test_pictures_beside_a_click_counters_link_are_the_sites() -> None:
    assert 'src="https://boats.example/p.jpg"' in rss(f"<link>{COUNTER}</link>{PICTURE}").html
    assert (
        'src="https://a.boats.example/p.jpg"'
        in rss(f"<link>https://a.boats.example/oars</link>{PICTURE}").html
    )
    assert (
        'src="https://other.example/p.jpg"'
        in rss(
            f'<link>https://other.example/oars</link><source url="https://other.example/f">O</source>{PICTURE}'
        ).html
    )


@pytest.mark.parametrize(
    ("url", "guid", "copied", "base"),
    [
        ("https://boats.example/1", None, False, "https://boats.example/1"),
        (COUNTER, "https://boats.example/1", False, "https://boats.example/1"),
        (COUNTER, "https://boats.example/1", True, "https://boats.example/1"),
        (COUNTER, "https://clicks.example/1", False, "https://boats.example/"),
        ("https://t.co/x", None, True, "https://boats.example/"),
        ("https://news.example/1", None, False, "https://boats.example/"),  # a linkblog
        ("https://news.example/1", None, True, "https://news.example/1"),  # a planet
        ("https://feeds.example/1", None, False, "https://feeds.example/1"),
        ("magnet:?xt=1", None, False, "https://boats.example/"),
        (None, "https://boats.example/1", False, "https://boats.example/1"),
    ],
)
def test_base_of_a_text(url: str | None, guid: str | None, copied: bool, base: str) -> None:
    document, site = "https://feeds.example/boats", "https://boats.example/"
    assert text_base(url, guid, document, site, is_copied=copied) == base
    assert text_base(url, guid, document, None, is_copied=copied) in {url, guid, None}


# ── signs escaped once too often ─────────────────────────────────────────────────────────────


def test_ampersands_escaped_twice_are_ampersands() -> None:
    entry = rss(
        '<enclosure url="https://cdn.example/s.mp3?a=1&amp;amp;b=2" type="audio/mpeg"/>'
        '<media:thumbnail url="https://cdn.example/s.jpg?a=1&amp;amp;b=2"/><description>'
        '&lt;a href="/x?a=1&amp;amp;amp;b=2"&gt;x&lt;/a&gt;'
        '&lt;img src="/q.png?a=1&amp;amp;amp;b=2" alt="q"&gt;</description>'
    )
    assert entry.enclosures[0].url == "https://cdn.example/s.mp3?a=1&b=2"
    assert entry.image == "https://cdn.example/s.jpg?a=1&b=2"
    assert 'href="https://boats.example/x?a=1&amp;b=2"' in entry.html
    assert 'src="https://boats.example/q.png?a=1&amp;b=2"' in entry.html
    # The address as written is still what an entry without any other is known by.
    assert "amp;b=2" in entry.identity
