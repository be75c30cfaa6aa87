"""What a reading list may say, and when its new copy takes the place of the last one."""

from __future__ import annotations

from pathlib import Path

import pytest

from aggregator.config.list_copies import copies_folder, copy_of, read_list
from aggregator.errors import ConfigError
from aggregator.publish.xmltree import AGGREGATOR

URL = "https://list.example/planet.opml?token=SECRETTOKEN12345"


@pytest.mark.parametrize(
    "host", ["10.0.0.1", "localhost", "127.1", "nas.lan", "[::1]", "0x7f000001"]
)
def test_a_public_list_names_no_private_address(host: str) -> None:
    data = f'<opml><body><outline xmlUrl="http://{host}/feed"/></body></opml>'.encode()
    reading = read_list(data, URL)
    assert reading.feeds == ()
    assert "private network" in reading.faults[0].message
    assert "SECRETTOKEN" not in str(reading.faults)
    assert len(read_list(data, "http://10.0.0.9/list").feeds) == 1


def test_a_list_has_ten_thousand_feeds_at_most() -> None:
    for many in (b"<outline xmlUrl='https://a/'/>", b"\nhttps://a/"):
        with pytest.raises(ConfigError, match="more than 10,000 feeds"):
            read_list(b"<opml><body>" * (many[0:1] == b"<") + many * 10_001, URL)


@pytest.mark.parametrize(
    "data",
    [
        "<opml>" + '<outline type="rss" url="http://h{}.example/"/>' * 10_001 + "</opml>",
        "\ufeff<opml>" + '<outline xmlUrl="http://h{}.example/"/>' * 10_001 + "</opml>",
        "//h{}.example/\n" * 10_001,
        "<opml>" + '<outline text="{}"/>' * 20_001 + "</opml>",
    ],
)
def test_however_it_is_written(data: str) -> None:
    numbered = data.format(*range(20_001))
    encoded = numbered.encode("utf-16le" if data.startswith("\ufeff") else "utf-8")
    with pytest.raises(ConfigError, match="more than"):
        read_list(encoded, "https://example.org/list.opml")


def test_a_list_pauses_nothing() -> None:
    data = (
        f'<opml xmlns:a="{AGGREGATOR}"><outline xmlUrl="http://h.example/" a:paused="true"/></opml>'
    )
    (one,) = read_list(data.encode(), "https://example.org/list.opml").feeds
    assert not one.feed.paused


def test_copies_stand_beside_the_data_and_their_names_tell_nothing() -> None:
    assert copies_folder("sqlite:///var/x/a.db?timeout=3") == Path("var/x/opml")
    assert copies_folder("sqlite:////var/x/a.db") == Path("/var/x/opml")
    assert copies_folder("postgresql+psycopg://u:p@h/d") == Path("data/opml")
    assert copy_of(Path("d"), URL).parent == Path("d")
    assert "SECRET" not in str(copy_of(Path("d"), URL))
