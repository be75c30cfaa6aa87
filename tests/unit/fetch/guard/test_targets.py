"""Which URLs may be asked for."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from yarl import URL

from aggregator.errors import AddressRefused, FetchError, InvalidUrl
from aggregator.fetch.guard.targets import parse_target, redirect_target
from aggregator.urls import host_of


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://example.org/",
        "gopher://127.0.0.1:6379/_",
        "data:text/xml,<rss/>",
        "javascript:alert(1)",
        "//example.org/feed",
        "/feed.xml",
        "example.org/feed",
        "",
        "http:///feed",
        "http://",
        "http://a b/",
        "http://a..b/",
        "http://-x.org/",
        "http://127.0.0.1%00.example.org/",
        "http://h:99999/",
        "http://[1::/",
        "http://[::1%25lo]evil/",
        "http://" + "a" * 64 + ".org/",
        "http://" + "a." * 130 + "org/",
        "http://exa\\mple.org/",
        "http://x/" + "a" * 9000,
    ],
)
def test_what_is_no_web_address_is_refused(url: str) -> None:
    with pytest.raises(InvalidUrl):
        parse_target(url)


@pytest.mark.parametrize(
    "host",
    [
        "0177.0.0.1",
        "017700000001",
        "2130706433",
        "127.1",
        "127.0.1",
        "0x7f.1",
        "0X7F000001",
        "0x7f.0.0.0x1",
        "127.0.0.1.",
        "127.0.0.01",
        "1.2.3.4.5",
        "256.1.1.1",
        "example.1",
        "①②⑦.①",
        "%31%32%37.0.0.1",
        "[fe80::1%25eth0]",
    ],
)
def test_addresses_in_odd_spellings_are_refused(host: str) -> None:
    with pytest.raises(AddressRefused):
        parse_target(f"http://{host}/feed")


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://example.org/feed.xml", "example.org"),
        ("HTTP://EXAMPLE.ORG./", "example.org"),
        ("http://127.0.0.1:8000/", "127.0.0.1"),
        ("http://①②⑦.⓪.⓪.①/", "127.0.0.1"),  # the guard refuses what it becomes
        ("http://１２７。0。0。1/", "127.0.0.1"),
        ("http://[::1]:80/", "::1"),
        ("http://bücher.example/feed", "xn--bcher-kva.example"),
        ("http://my_blog.example.org/", "my_blog.example.org"),
        ("http://1.example.org/", "1.example.org"),
        ("http://0xfeed.example.org/", "0xfeed.example.org"),
    ],
)
def test_web_addresses_pass(url: str, host: str) -> None:
    assert host_of(str(parse_target(url))) == host


def test_fragments_are_not_sent() -> None:
    assert str(parse_target("http://example.org/feed?a=1#top")) == "http://example.org/feed?a=1"


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/f?b=%2B1&a=x%26y&a=&token=a%2Fb%3D",
        "http://example.org/%7Euser/%2e%2E/a%2Fb//feed;v=1?x=[1]&y='z'",
    ],
)
def test_every_byte_of_a_valid_url_is_kept(url: str) -> None:
    assert str(parse_target(url)) == url
    assert str(redirect_target(URL("http://other.example/"), url)) == url


def test_what_is_not_yet_quoted_is_quoted() -> None:
    target = parse_target("http://example.org/größe 1?q=ä%")
    assert str(target) == "http://example.org/gr%C3%B6%C3%9Fe%201?q=%C3%A4%25"


@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("/new", "https://example.org/new"),
        ("new?x=1", "https://example.org/a/new?x=1"),
        ("//other.example/f", "https://other.example/f"),
        (" http://other.example/f#x ", "http://other.example/f"),
        ("http://user:pass@other.example/f", "http://other.example/f"),
        ("https://user:pass@example.org/f", "https://example.org/f"),
    ],
)
def test_locations_are_resolved_and_lose_their_user_info(location: str, target: str) -> None:
    base = parse_target("https://example.org/a/b")
    assert str(redirect_target(base, location)) == target


@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("/b", "https://me:secret@example.org/b"),
        ("https://example.org:443/b", "https://me:secret@example.org/b"),
        ("http://example.org/b", "http://example.org/b"),
        ("https://example.org:444/b", "https://example.org:444/b"),
        ("https://sub.example.org/b", "https://sub.example.org/b"),
        ("https://other.example/b", "https://other.example/b"),
    ],
)
def test_credentials_stay_with_their_origin(location: str, target: str) -> None:
    base = parse_target("https://me:secret@example.org/a")
    assert str(redirect_target(base, location)) == target


@pytest.mark.parametrize(
    ("location", "error"),
    [
        ("file:///etc/passwd", InvalidUrl),
        ("javascript:alert(1)", InvalidUrl),
        ("http://127.1/", AddressRefused),
        ("http://[::1/", InvalidUrl),
        ("http://h:99999/", InvalidUrl),
        ("/" + "x" * 9000, InvalidUrl),
    ],
)
def test_bad_locations_are_refused(location: str, error: type[FetchError]) -> None:
    with pytest.raises(error):
        redirect_target(URL("http://example.org/"), location)


def test_secrets_stay_out_of_the_error() -> None:
    with pytest.raises(InvalidUrl) as caught:
        parse_target("ftp://me:secret@example.org/")
    assert "secret" not in str(caught.value)


_URLS = st.one_of(
    st.text(max_size=60),
    st.builds("{}{}".format, st.sampled_from(["http://", "https://", "//", "http:"]), st.text()),
    st.from_regex(r"https?://[\[\]0-9a-fx.:%@\\]{0,20}(/[^\s]{0,10})?", fullmatch=True),
)


@given(_URLS)
@example("http://[]@")
def test_any_text_gives_a_target_or_a_typed_error(url: str) -> None:
    for judge in (parse_target, lambda text: redirect_target(URL("http://example.org/a"), text)):
        try:
            target = judge(url)
        except FetchError:
            continue
        assert target.scheme in {"http", "https"}
        assert host_of(str(target)) == (target.raw_host or "").rstrip(".").lower() != ""
