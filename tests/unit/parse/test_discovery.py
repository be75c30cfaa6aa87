"""Finding a site's feed from its page or its address."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.errors import FeedOffer, NotAFeed
from aggregator.parse.discovery import discover, well_known_urls
from aggregator.parse.feed import parse_feed
from aggregator.parse.known_sites import known_feed_urls

URL = "https://example.org/blog/"


def found(page: str, url: str = URL) -> list[str]:
    return [offer.url for offer in discover(page.encode(), url)]


def test_declared_feeds_in_their_order_comments_last() -> None:
    page = """<head><link rel="alternate" type="application/rss+xml" title="x &raquo; Comments Feed" href="/comments/feed/">
    <LINK REL=ALTERNATE TYPE='application/atom+xml; charset=utf-8' HREF='atom.xml' title="Main &amp; only">
    <link rel="alternate" type="application/feed+json" href="//example.org/feed.json">
    <link rel="alternate" type="application/json" href="/wp-json/x">
    <link rel="alternate" type="application/json" href="/feeds/2.json">
    <link rel="alternate" hreflang="de" href="/de"><link rel=stylesheet href=x.css>
    <link rel="alternate stylesheet" type="application/rss+xml" href="/no">
    <!-- <link rel="alternate" type="application/rss+xml" href="/commented-out"> -->
    <script>"<link rel=alternate type=application/rss+xml href=/scripted>"</script></head>
    <a href="/rss">RSS</a>"""
    offers = discover(page.encode(), URL)
    assert offers[0] == FeedOffer(
        "https://example.org/blog/atom.xml", "Main & only", "application/atom+xml"
    )
    assert [o.url for o in offers] == [
        "https://example.org/blog/atom.xml",
        "https://example.org/feed.json",
        "https://example.org/feeds/2.json",
        "https://example.org/comments/feed/",
    ]


@pytest.mark.parametrize(
    ("page", "wanted"),
    [
        ("<a href=/rss.xml>x</a>", ["https://example.org/rss.xml"]),
        ("<a href='/feed/'>x</a>", ["https://example.org/feed/"]),
        ("<a href='/?feed=rss2'>x</a>", ["https://example.org/?feed=rss2"]),
        ("<a href='/x' type='application/rss+xml'>x</a>", ["https://example.org/x"]),
        ("<a href='feed:https://e.org/f'>x</a>", []),
        ("<a href='feed://e.org/feed'>x</a>", ["http://e.org/feed"]),
        ("<a href='feed:https://e.org/feed'>x</a>", ["https://e.org/feed"]),
        ("<a href=/feedback>feedback</a><a href=/atomic>x</a>", []),
        ("<a href=javascript:rss()>RSS</a>", []),
        (
            "<base href=https://cdn.example/><link rel=alternate type=application/rss+xml href=f>",
            ["https://cdn.example/f"],
        ),
        ("<p>nothing</p>", []),
        ("", []),
    ],
)
def test_anchors_where_nothing_is_declared(page: str, wanted: list[str]) -> None:
    assert found(page) == wanted


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        (
            "https://www.youtube.com/channel/UCabc",
            "https://www.youtube.com/feeds/videos.xml?channel_id=UCabc",
        ),
        (
            "https://www.youtube.com/playlist?list=PL1",
            "https://www.youtube.com/feeds/videos.xml?playlist_id=PL1",
        ),
        ("https://github.com/o/r", "https://github.com/o/r/releases.atom"),
        ("https://github.com/o/r/releases/tag/v1", "https://github.com/o/r/releases.atom"),
        ("https://github.com/o", "https://github.com/o.atom"),
        ("https://old.reddit.com/r/python/", "https://www.reddit.com/r/python/.rss"),
        ("https://mastodon.example/@jo", "https://mastodon.example/@jo.rss"),
        ("https://medium.com/@jo/story", "https://medium.com/feed/@jo"),
        ("https://jo.medium.com/", "https://jo.medium.com/feed"),
        ("https://jo.substack.com/p/x", "https://jo.substack.com/feed"),
        ("https://gitlab.com/g/s/p/-/releases", "https://gitlab.com/g/s/p/-/releases.atom"),
        (
            "https://gitlab.example.org/g/p/-/tags",
            "https://gitlab.example.org/g/p/-/tags?format=atom",
        ),
        (
            "https://gitlab.com/g/p/-/commits/main",
            "https://gitlab.com/g/p/-/commits/main?format=atom",
        ),
        (
            "https://m.youtube.com/channel/UCabc/videos",
            "https://www.youtube.com/feeds/videos.xml?channel_id=UCabc",
        ),
        (
            "https://www.youtube.com/watch?v=x&list=PL%261",
            "https://www.youtube.com/feeds/videos.xml?playlist_id=PL%261",
        ),
        ("https://github.com/o/r/tags", "https://github.com/o/r/tags.atom"),
        ("https://github.com/o/r/commits/a/branch", "https://github.com/o/r/commits/a/branch.atom"),
        ("https://github.com/o/r.git", "https://github.com/o/r/releases.atom"),
        ("https://codeberg.org/o/r/issues", "https://codeberg.org/o/r/releases.rss"),
        ("https://pypi.org/project/x-y/1.0/", "https://pypi.org/rss/project/x-y/releases.xml"),
        ("https://www.reddit.com/user/jo/submitted", "https://www.reddit.com/user/jo/.rss"),
        ("https://mastodon.example/@jo/1234", "https://mastodon.example/@jo.rss"),
        ("https://medium.com/tag/rust/recommended", "https://medium.com/feed/tag/rust"),
        ("https://substack.com/@jo", "https://jo.substack.com/feed"),
        ("https://jo.blogspot.com/2026/11/x.html", "https://jo.blogspot.com/feeds/posts/default"),
        ("https://bsky.app/profile/jo.example", "https://bsky.app/profile/jo.example/rss"),
        (
            "https://unix.stackexchange.com/questions/tagged/sed",
            "https://unix.stackexchange.com/feeds/tag/sed",
        ),
        ("https://arxiv.org/list/cs.CL/recent", "https://rss.arxiv.org/atom/cs.CL"),
    ],
)
def test_known_sites(url: str, wanted: str) -> None:
    assert known_feed_urls(url)[0] == wanted
    assert found("<p>no link</p>", url)[0] == wanted


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/a/b",
        "ftp://github.com/o/r",
        "http://[bad",
        "https://www.youtube.com/@handle",
        "https://www.tiktok.com/@jo",
        "https://github.com/o/r/releases.atom",
        "",
        "x",
    ],
)
def test_unknown_addresses(url: str) -> None:
    assert known_feed_urls(url) == ()


def test_the_canonical_address_tells_what_a_handle_does_not() -> None:
    page = '<link rel="canonical" href="https://www.youtube.com/channel/UCabc"><a href=/x>x</a>'
    feed = "https://www.youtube.com/feeds/videos.xml?channel_id=UCabc"
    assert found(page, "https://www.youtube.com/@handle") == [feed]
    declared = page + '<link rel="alternate" type="application/rss+xml" href="/f">'
    assert found(declared, "https://www.youtube.com/@handle") == ["https://www.youtube.com/f"]


def test_what_is_only_supposed_is_not_called_a_link() -> None:
    page = "<html><body>no link</body></html>"
    url = "https://github.com/o/r"
    with pytest.raises(NotAFeed, match="sites of its kind have a feed: one of 3, https://github"):
        parse_feed(page.encode(), url=url)
    linked = "<html><body><a href='/o/r/releases.atom'>Feed</a></body></html>"
    with pytest.raises(NotAFeed, match="it links to a feed: one of 3, https://github"):
        parse_feed(linked.encode(), url=url)


def test_well_known_places_are_of_the_site() -> None:
    places = well_known_urls("https://example.org/a/b?c")
    assert "https://example.org/feed" in places
    assert all(place.startswith("https://example.org/") for place in places)


@given(
    st.lists(
        st.sampled_from(
            [
                "<link ",
                "<a ",
                "<base ",
                "href=",
                "rel=alternate ",
                "type=application/rss+xml ",
                "'",
                '"',
                ">",
                "/rss",
                "http://[",
                "//",
                "<!--",
                "<script>",
                "javascript:",
            ]
        )
        | st.text(max_size=5),
        max_size=30,
    ).map("".join),
    st.text(max_size=20),
)
def test_any_page_gives_absolute_offers(page: str, url: str) -> None:
    for offer in (
        *discover(page.encode("utf-8", "surrogatepass"), URL),
        *discover(page.encode("utf-8", "surrogatepass"), url),
    ):
        assert offer.url.startswith(("http://", "https://"))
    known_feed_urls(url)
