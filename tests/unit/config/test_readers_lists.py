"""Subscription lists in the shape in which readers of feeds export them (`tests/data/opml`)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from aggregator.config.load import load
from aggregator.config.opml import read_opml
from aggregator.config.opml_feed import NoFeedError, reader_address
from aggregator.config.settings import FeedSettings

LISTS = Path(__file__).parents[2] / "data" / "opml"

# List → its feeds (address, title, categories), what gives no feed, what is left out of feeds.
READERS: dict[str, tuple[list[tuple[str, str, str]], list[str], list[str]]] = {
    "feedly.opml": (
        [
            ("https://harbour.example/feed", "Harbour & Quay", "Boats, Must Read"),
            ("http://mills.example/rss.xml", "Mills", "Must Read"),
        ],
        [],
        [],
    ),
    "inoreader.opml": (
        [
            ("http://quay.example/feed.xml", "Quay", "News"),
            ("https://sails.example/atom", "Sails", "News"),
            ("http://oars.example/feed?kind=all&n=1", "Oars", ""),
        ],
        ['10: outline 4 ("Letters"): `xmlUrl` = "***@inoreader.example": mail'],
        [],
    ),
    "newsboat.opml": (
        [
            ("https://knots.example/feed.xml", "Knots", ""),
            ("https://ropes.example/rss", "Ropes", ""),
        ],
        [
            '8: outline 2 ("Unread"): `xmlUrl` = "query:Unread:unread = "yes"": a saved search',
            '9: outline 3 ("Boats"): `xmlUrl` = ""query:Boats:tags # ',
            '10: outline 4 ("Tides"): `xmlUrl` = "exec:~/bin/tides.sh": a program',
            '12: outline 6 ("Own"): `xmlUrl` = "file:///srv/ida/own.xml": a file',
        ],
        ['11: outline 5 ("Ropes"): its filter is a program, which is not run'],
    ),
    "newsboat-urls.txt": (
        [
            ("https://knots.example/feed.xml", "Knots and splices", ""),
            ("https://ropes.example/rss", "", ""),
            ("http://mills.example/rss.xml", "", ""),
        ],
        ['3: `xmlUrl` = "query:Unread', '5: `xmlUrl` = "exec:'],
        ["4: its filter is a program"],
    ),
    "freshrss.opml": (
        [
            ("https://gazette.example/rss", "Gazette", "Press"),
            ("https://sunday.example/rss", "Sunday", "Press"),
            ("https://members.example/rss", "Members", "Press"),
        ],
        [
            '12: outline 5 ("A page"): `xmlUrl` = "https://page.example/": a page that the reader',
            '14: outline 6 ("From elsewhere"): another list, at an address',
        ],
        [
            '10: outline 3 ("Sunday"): its filter of entries that are marked as read',
            '10: outline 3 ("Sunday"): its reader does not update it',
            '10: outline 3 ("Sunday"): its selector of the full text is left out: expected',
            '11: outline 4 ("Members"): its cookie may be secret',
        ],
    ),
    "miniflux.opml": (
        [
            ("https://ferries.example/feed", "Ferries", "All"),
            ("https://locks.example/atom", "", "All"),
        ],
        [],
        [],
    ),
    "netnewswire.opml": (
        [
            ("https://weather.example/feed.json", "Weather", "Ports"),
            ("https://piers.example/feed", "Piers", "Ports"),
        ],
        [],
        [],
    ),
    "newsblur.opml": (
        [
            ("https://skerries.example/rss", "Skerries", "Isles"),
            ("https://rocks.example/rss", "Rocks", "Isles/North"),
        ],
        [],
        [],
    ),
    "tt-rss.opml": (
        [
            ("https://weirs.example/rss", "Weirs", "Rivers"),
            ("https://fords.example/rss", "Fords", "Rivers"),
            ("https://old.example/rss", "Old", "Rivers"),
        ],
        ['19: outline 9 ("tt-rss-filters"): filters of the reader are left out'],
        ['11: outline 4 ("Old"): its reader does not update it'],
    ),
    "liferea.opml": (
        [
            ("https://planes.example/feed", "Planes", "Tools"),
            ("https://saws.example/feed", "Saws", "Tools"),
        ],
        [
            '10: outline 4 ("Script"): `xmlUrl` = "|~/bin/script.sh": a program',
            '12: outline 5 ("Important"): a saved search',
        ],
        ['9: outline 3 ("Saws"): its filter is a program'],
    ),
    "thunderbird.opml": (
        [
            ("https://dikes.example/feed", "Dikes", "Sea"),
            ("https://dunes.example/feed", "Dunes", "Sea"),
            ("https://tides.example/feed", "Tides", ""),
        ],
        [],
        ['17: outline 7 ("Tides"): its reader does not update it'],
    ),
    "rssowl.opml": ([("http://baskets.example/rss", "Baskets", "My Bookmarks/Crafts")], [], []),
    "quiterss.opml": (
        [("http://ponds.example/feed", "Ponds", "Gardens"), ("http://hedges.example/rss", "Hedges", "")],
        [],
        [],
    ),
    "akregator.opml": (
        [
            ("https://valves.example/feed", "Valves", "Engines"),
            ("https://pumps.example/feed", "Pumps", "Engines"),
        ],
        [],
        [],
    ),
    "gpodder.opml": ([("https://horns.example/podcast", "Fog horns", "")], [], []),
    "antennapod.opml": ([("https://bells.example/podcast.xml", "Bells", "")], [], []),
    "overcast.opml": (
        [("https://buoys.example/rss", "Buoys", "")],
        ['6: outline 6 ("Left"): `xmlUrl` = "https://left.example/rss": not subscribed'],
        [],
    ),
    "pocketcasts.opml": ([("https://waves.example/feed", "Waves", "")], [], []),
    "wordpress.opml": ([("https://ida.example/feed/", "Ida", "Blogroll")], [], []),
    "broken.opml": (
        [
            ("https://a.example/feed?x=1&copy=2&y=3", "A < B", "Tom & Jerry"),
            ("https://cafe.example/feed", "Café", "Tom & Jerry"),
            ("https://last.example/feed", "Last", ""),
        ],
        [],
        [],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", READERS)
def test_what_a_reader_exports_is_read_or_told_line_by_line(name: str) -> None:
    reading = read_opml((LISTS / name).read_bytes(), name)
    feeds, faults, notes = READERS[name]
    assert [
        (one.feed.url, one.feed.title, ", ".join(one.feed.categories)) for one in reading.feeds
    ] == feeds
    for told, expected in ((reading.faults, faults), (reading.notes, notes)):
        lines = [f"{one.where}: {one.message}" for one in told]
        assert len(lines) == len(expected), lines
        for line, start in zip(lines, expected, strict=True):
            assert line.startswith(f"{name}:{start}")
        assert "SECRETCOOKIE" not in "".join(lines)
    assert bool(reading.mended) == (name == "broken.opml")


def test_every_list_is_in_the_table() -> None:
    assert {path.name for path in LISTS.iterdir()} == set(READERS)


def feed(name: str, title: str) -> FeedSettings:
    reading = read_opml((LISTS / name).read_bytes(), name)
    return next(one.feed for one in reading.feeds if one.feed.title == title)


def test_what_has_an_equal_here_is_taken() -> None:
    gazette = feed("freshrss.opml", "Gazette")
    assert gazette.options is not None
    assert (gazette.options.content, gazette.options.strip) == ("article .body", (".ad, aside",))
    assert (gazette.options.user_agent, gazette.extract) == ("agent/1.0", "always")
    assert gazette.every == timedelta(hours=2)
    assert feed("tt-rss.opml", "Weirs").every == timedelta(hours=1)
    assert feed("tt-rss.opml", "Fords").every is None
    assert feed("liferea.opml", "Saws").every == timedelta(minutes=45)
    assert feed("liferea.opml", "Planes").extract == "always"
    assert feed("thunderbird.opml", "Dikes").every is None
    assert feed("thunderbird.opml", "Dunes").every == timedelta(days=1)
    assert feed("akregator.opml", "Valves").every == timedelta(minutes=90)
    assert feed("newsboat-urls.txt", "Knots and splices").tags == ("boats", "much read")


def test_no_list_of_a_reader_stops_the_start(tmp_path: Path) -> None:
    names = [str(LISTS / name) for name in READERS]
    path = tmp_path / "c.toml"
    path.write_text(
        f"feeds_files = {names!r}\n[[feeds]]\nurl = 'https://piers.example/feed'\nevery = '7h'\n"
    )
    config = load(path, {})
    assert len(config.feeds) == len({url for feeds, *_ in READERS.values() for url, *_ in feeds})
    assert any(
        one.endswith("not well-formed XML: xmlParseEntityRef: no name (line 5)")
        for one in config.warnings
    )
    # What the config file says goes before; what it leaves out is that of the list.
    (piers,) = (one for one in config.feeds if one.url == "https://piers.example/feed")
    assert (piers.every, piers.title, piers.categories) == (timedelta(hours=7), "Piers", ("Ports",))


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ("feed://a.example/x", "http://a.example/x"),
        ("feed:https://a.example/x", "https://a.example/x"),
        ("feed:http:a.example/x", "http://a.example/x"),
        ("FEED://https://a.example", "https://a.example"),
        ("feed:a.example", "http://a.example"),
        ("itpc://a.example/x", "http://a.example/x"),
        ("podcast://a.example/x", "http://a.example/x"),
        ("//a.example/x", "http://a.example/x"),
        ("www.a.example", "http://www.a.example"),
        ("192.168.1.5/feed", "http://192.168.1.5/feed"),
        ("localhost:8000/feed", "http://localhost:8000/feed"),
        ("[fd00::1]:8000/feed", "http://[fd00::1]:8000/feed"),
        ("a.example:8080/x?u=http://b/", "http://a.example:8080/x?u=http://b/"),
        ("https://a.example/?a=1&amp;b=2", "https://a.example/?a=1&b=2"),
        (" https://a.example/a b ", "https://a.example/a%20b"),
    ],
)
def test_addresses_as_readers_write_them(given: str, address: str) -> None:
    assert reader_address(given) == address


@pytest.mark.parametrize(
    "given",
    [
        "",
        "feed:",
        "feed://",
        "ftp://a.example",
        "javascript:alert(1)",
        "tel:1",
        "1.2.3.4.5",
        "a",
        "x y.z",
        "/etc",
    ],
)
def test_what_is_no_address(given: str) -> None:
    with pytest.raises(NoFeedError):
        reader_address(given)
