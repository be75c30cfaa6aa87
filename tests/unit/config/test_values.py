"""What an operator writes: durations, sizes, networks, URLs, cron expressions."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit, urlunsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.config import values
from aggregator.config.values import (
    feed_address,
    format_duration,
    format_size,
    parse_category,
    parse_database_url,
    parse_duration,
    parse_network,
    parse_size,
    parse_time_zone,
)
from aggregator.privacy.masking import masked
from aggregator.schedule.cron import parse_cron


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90s", 90),
        ("1h 30m", 5400),
        ("2d", 172800),
        ("250ms", 0.25),
        ("0s", 0),
        ("0", 0),
        (15, 15),
        (0.5, 0.5),
    ],
)
def test_durations(text: object, seconds: float) -> None:
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "value",
    [
        "soon",
        "",
        "5 parsecs",
        "-5s",
        -5,
        True,
        None,
        [],
        float("nan"),
        float("inf"),
        "9" * 400 + "w",
    ],
)
def test_what_is_no_duration(value: object) -> None:
    with pytest.raises(ValueError, match="a duration such as"):
        parse_duration(value)


@given(st.integers(0, 100 * 365 * 86_400_000))
def test_a_written_duration_reads_back(milliseconds: int) -> None:
    value = timedelta(milliseconds=milliseconds)
    assert parse_duration(format_duration(value)) == value


@pytest.mark.parametrize(
    ("text", "size"),
    [("20MB", 20 << 20), ("512k", 512 << 10), ("1.5 GiB", 3 << 29), ("7", 7), (7, 7), ("0", 0)],
)
def test_sizes(text: object, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("value", ["big", "", "-1", -1, True, 1.5, "9" * 400])
def test_what_is_no_size(value: object) -> None:
    with pytest.raises(ValueError, match="a size such as"):
        parse_size(value)


@given(st.integers(0, 1 << 40))
def test_a_written_size_reads_back(size: int) -> None:
    assert parse_size(format_size(size)) == size


def test_networks() -> None:
    assert str(parse_network("10.0.0.7")) == "10.0.0.7/32"
    assert str(parse_network("fd00::/8")) == "fd00::/8"
    with pytest.raises(ValueError, match=r"a network such as .* without bits set after the prefix"):
        parse_network("10.0.0.1/8")


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://example.org/feed", "https://example.org/feed"),
        ("  HTTPS://Example.ORG:443#top ", "https://example.org/"),
        ("http://example.org:80/A?b=C%2f#x", "http://example.org/A?b=C%2f"),
        ("http://example.org:443/", "http://example.org:443/"),
        ("http://User:Pa@ss@Example.org/x", "http://User:Pa@ss@example.org/x"),
        ("http://[FE80::1]:80/x", "http://[fe80::1]/x"),
        ("https://example.org?q", "https://example.org/?q"),
    ],
)
def test_a_feed_is_known_by_its_url(url: str, key: str) -> None:
    assert feed_address(url) == key
    assert feed_address(key) == key


@pytest.mark.parametrize(
    "url",
    ["", "x", "ftp://x/", "feed://x/", "http:///x", "http://[x/", "http://x:99999/", "file:///etc",
     "http://x/a b", "http://x/a\x00", "http://x/" + "a" * 5000],
)  # fmt: skip
def test_what_is_no_feed_url(url: str) -> None:
    with pytest.raises(ValueError, match="starts with http:// or https://"):
        feed_address(url)


@given(st.text(max_size=40).map(lambda tail: f"http://{tail}"))
def test_a_key_is_its_own_key(url: str) -> None:
    try:
        key = feed_address(url)
    except ValueError:
        return
    assert feed_address(key) == key


@given(st.from_regex(values._NORMAL_ADDRESS, fullmatch=True))
def test_an_address_that_is_taken_as_it_stands_needs_nothing(url: str) -> None:
    parts = urlsplit(url)
    port = f":{parts.port}" if parts.port else ""
    assert (f"{parts.hostname}{port}", parts.username, parts.fragment) == (parts.netloc, None, "")
    assert urlunsplit(parts) == url == feed_address(url)


@pytest.mark.parametrize(
    ("url", "normal"),
    [
        ("sqlite:///data/x.db", "sqlite:///data/x.db"),
        ("postgres://u:p@h/d", "postgresql+psycopg://u:p@h/d"),
        ("postgresql://h/d", "postgresql+psycopg://h/d"),
        (
            "postgresql://u:p/w?x#y@[::1]:5432/d?a=b:c",
            "postgresql+psycopg://u:p/w?x#y@[::1]:5432/d?a=b:c",
        ),
        ("postgresql+psycopg:///d?host=/run", "postgresql+psycopg:///d?host=/run"),
    ],
)
def test_database_urls(url: str, normal: str) -> None:
    assert parse_database_url(url) == normal


@pytest.mark.parametrize(
    "url",
    [
        "", "sqlite://", "sqlite:///", "mysql://u:hunter2@h/d", "hunter2", "postgresql://",
        "postgresql://u:a@b:hunter2@h/d", "postgresql://u:a@h:hunter2/d", "postgresql://u:a@hunter2@h/d",
        "postgresql://u:a@hunter2/b?c@h/d",
    ],
)  # fmt: skip
def test_a_refused_database_url_is_not_shown(url: str) -> None:
    with pytest.raises(ValueError, match=r"sqlite:///data/aggregator\.db") as caught:
        parse_database_url(url)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql+psycopg://u:p@ss/w?x@h/d", "postgresql+psycopg://***@h/d"),
        ("postgresql+psycopg://h/d?user=u&password=p&x=1", "postgresql+psycopg://h/d?user=u&password=***&x=1"),
        ("sqlite:///data/x.db", "sqlite:///data/x.db"),
    ],
)  # fmt: skip
def test_masked(url: str, shown: str) -> None:
    assert masked(url) == shown


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://joe:p@ss@x.example/a@b", "https://***@b"),
        ("https://social.example/@joe.rss", "https://social.example/@joe.rss"),
    ],
)
def test_user_info_is_masked_and_paths_are_not(url: str, shown: str) -> None:
    assert masked(url) == shown


def test_categories_are_paths() -> None:
    assert parse_category(" Tech / /Web   pages/") == "Tech/Web pages"


@pytest.mark.parametrize(
    "cron", ["", "0 7 * *", "@daily", "61 * * * *", "0 7 * * 8", "0 7 * * fun", "0 7 * * 5-2",
             "0 0 30 2 *", "0 7 * * */0"],
)  # fmt: skip
def test_what_is_no_cron_expression(cron: str) -> None:
    with pytest.raises(ValueError, match="five cron fields"):
        parse_cron(cron)


@pytest.mark.parametrize("name", ["UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires"])
def test_time_zones_have_iana_names(name: str) -> None:
    assert parse_time_zone(name) == name


@pytest.mark.parametrize(
    "name", ["", "Berlin", "/etc/localtime", "../zone", "Europe", "a\0b", "UTC+1"]
)
def test_what_is_no_time_zone(name: str) -> None:
    with pytest.raises(ValueError, match="IANA name of a time zone"):
        parse_time_zone(name)


def test_a_misspelt_time_zone_gets_a_guess() -> None:
    with pytest.raises(ValueError, match="did you mean `Europe/Berlin`"):
        parse_time_zone("Europe/Berln")
