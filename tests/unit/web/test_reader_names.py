"""Programs by what they say of themselves."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.privacy.masking import masked
from aggregator.web.reader_names import BROWSER, ReaderName, reader_name


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (
            "Feedly/1.0 (+http://www.feedly.com/fetcher.html; 16 subscribers; like FeedFetcher-Google)",
            ReaderName("Feedly", "", 16),
        ),
        ("Feedbin feed-id:1373711 - 142 subscribers", ReaderName("Feedbin", "1373711", 142)),
        (
            "Mozilla/5.0 (compatible; theoldreader.com; 1 subscribers; feed-id=4f2a)",
            ReaderName("theoldreader.com", "4f2a", 1),
        ),
        (
            "NewsBlur Feed Fetcher - 54 subscribers - http://www.newsblur.com/site/7 (Mozilla/5.0 (X))",
            ReaderName("NewsBlur Feed Fetcher", "", 54),
        ),
        ("Inoreader/1.0 (+http://www.inoreader.com; 27 subscribers; )", ReaderName("Inoreader", "", 27)),
        ("Netvibes (http://www.netvibes.com; 12 subscribers; feedID: 9)", ReaderName("Netvibes", "9", 12)),
        ("Mozilla/5.0 (compatible; Miniflux/2.0; +https://miniflux.app)", ReaderName("Miniflux")),
        ("newsboat/2.21.0 (Linux x86_64)", ReaderName("newsboat")),
        ("Tiny Tiny RSS/21.03 (http://tt-rss.org/)", ReaderName("Tiny Tiny RSS")),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/150.0", ReaderName(BROWSER)),
        ("", ReaderName("")),
        ("192.0.2.7", ReaderName("")),
        ("\udcff\x1b[31m 5 subscribers", ReaderName("", "", 5)),
        ("Evil/1.0 99999999999 subscribers", ReaderName("Evil")),
        ("Evil/1.0 -5 subscribers", ReaderName("Evil")),
    ],
)  # fmt: skip
def test_names_and_subscribers(user_agent: str, name: ReaderName) -> None:
    assert reader_name(user_agent) == name


def test_a_secret_is_no_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def mask(text: str) -> str:
        return text.replace("s3cr3ttoken", "***")

    monkeypatch.setattr("aggregator.web.reader_names.masked", mask)
    assert reader_name("s3cr3ttoken/1.0 3 subscribers") == ReaderName("", "", 3)
    said = reader_name("Reader/1.0 feed-id:s3cr3ttoken 3 subscribers")
    assert said == ReaderName("Reader", "", 3)


@given(st.text() | st.from_regex(r"[A-Za-z /();:0-9.]{0,80} [0-9]{1,12} subscribers"))
def test_whatever_comes_is_short_and_printable(user_agent: str) -> None:
    name = reader_name(user_agent)
    assert re.fullmatch(r"[A-Za-z0-9_.+ -]{0,40}", name.agent)
    assert re.fullmatch(r"[A-Za-z0-9_-]{0,40}", name.feed)
    assert name.subscribers is None or 0 <= name.subscribers < 10**9
    assert masked(name.agent) == name.agent
