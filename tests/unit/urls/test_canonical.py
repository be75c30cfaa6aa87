"""canonical: what the URL Standard normalises, what is dropped, what must stay."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.urls import canonical, names_item, part_of, without_part

FORMS = [
    # the URL Standard
    ("HTTP://EXAMPLE.org", "http://example.org/"),
    ("https://example.org:443/a", "https://example.org/a"),
    ("http://example.org:0080/a", "http://example.org/a"),
    ("http://example.org:443/a", "http://example.org:443/a"),
    ("https://example.org/a/./b/../c", "https://example.org/a/c"),
    ("https://example.org/a/%2E%2e/c", "https://example.org/c"),
    ("https://example.org/../../a/..", "https://example.org/"),
    ("https://example.org\\a\\b", "https://example.org/a/b"),
    ("  https://example.org/a\tb\n ", "https://example.org/ab"),
    ("https://example.org/a b?c d", "https://example.org/a%20b?c%20d"),
    ("https://example.org/ä?q=ü'", "https://example.org/%C3%A4?q=%C3%BC%27"),
    ("https://example.org/%7euser/%e4", "https://example.org/~user/%E4"),
    ("https://example.org/%2fa%3F", "https://example.org/%2Fa%3F"),
    ("https://example.org/100%", "https://example.org/100%"),
    ("https://example.org/%%34%31", "https://example.org/%%34%31"),
    ("https://MÜNCHEN.example/", "https://xn--mnchen-3ya.example/"),
    ("https://faß.example/", "https://xn--fa-hia.example/"),
    ("https://i❤.example/", "https://xn--i-7iq.example/"),
    ("https://例え。テスト/", "https://xn--r8jz45g.xn--zckzah/"),
    ("https://ex%61mple.org/", "https://example.org/"),
    ("http://0x7f.1/", "http://127.0.0.1/"),
    ("http://3232235777/", "http://192.168.1.1/"),
    ("http://[2001:DB8:0:0::1]/", "http://[2001:db8::1]/"),
    ("https://user:pa ss@example.org/", "https://user:pa%20ss@example.org/"),
    ("https:example.org/a", "https://example.org/a"),
    ("https://example.org/a\ud800", "https://example.org/a%EF%BF%BD"),
    # dropped: tracking, sessions, fragments
    ("https://example.org/a?utm_source=rss&utm_medium=feed", "https://example.org/a"),
    ("https://example.org/a?b=2&UTM_Campaign=x&a=1", "https://example.org/a?b=2&a=1"),
    ("https://example.org/a?fbclid=x&gclid=y&mc_cid=z&id=7", "https://example.org/a?id=7"),
    ("https://example.org/a?&&b=1&", "https://example.org/a?b=1"),
    ("https://example.org/a?at_medium=RSS&at_campaign=x", "https://example.org/a"),
    ("https://example.org/a;jsessionid=0A1B?x=1", "https://example.org/a?x=1"),
    ("https://example.org/a/.;jsessionid=1/b", "https://example.org/a/b"),
    ("https://example.org/a/..;jsessionid=1/;jsessionid=2", "https://example.org/"),
    ("https://example.org/a?PHPSESSID=abc", "https://example.org/a"),
    ("https://example.org/(S(abcdefghij0123456789))/a", "https://example.org/a"),
    ("https://example.org/a?sid=0123456789abcdef0123456789abcdef", "https://example.org/a"),
    ("https://example.org/a#section:~:text=word", "https://example.org/a#section"),
    ("https://example.org/a#utm_source=rss&utm_medium=feed", "https://example.org/a"),
    ("https://example.org/a#content", "https://example.org/a"),
    ("https://example.org/a#.Uxyz12", "https://example.org/a"),
    ("https://example.org/a#_=_", "https://example.org/a"),
    ("https://example.org/a#xtor=RSS-1", "https://example.org/a"),
    ("https://example.org/a#:~:text=word", "https://example.org/a"),
    ("https://example.org/a#more-4711", "https://example.org/a"),
    ("https://example.org/a?", "https://example.org/a"),
    # kept: what may name a page
    ("https://example.org/?p=12", "https://example.org/?p=12"),
    ("https://example.org/a?id=1&v=2&t=3&ref=4&source=5", None),
    ("https://example.org/a?z=1&a=2&z=0", None),
    ("https://example.org/a?at_home=1&sc_id=2", None),
    ("https://example.org/a?sid=42", None),
    ("https://example.org/app#/stories/3", None),
    ("https://example.org/#!/stories/3", None),
    ("https://example.org/a#section", None),
    ("https://example.org/changelog#v1.2.3", None),
    ("https://example.org/changelog#2026-11-23", None),
    ("https://example.org/live#comment-4711", None),
    ("https://example.org/a/", None),
    ("https://example.org//a//b", None),
    ("https://www.example.org/index.html", None),
    ("https://example.org/A?B=C", None),
]

UNCHANGED = [
    "", "a", "/a", "mailto:a@example.org", "urn:uuid:60A7", "tag:example.org,2026:x", "ftp://example.org/",
    "javascript:alert(1)", "http://", "http://a b/", "http://example.org:99999/", "http://example.org:x/",
    "http://[::1", "http://[::1]x/", "http://[fe80::1%25eth0]/", "http://1.2.3.4.5/", "http://256.1.1.1/",
    "http://a%00b/", "http://" + "a" * 300 + ".org/", "http://./", "data:text/html,x",
]  # fmt: skip


@pytest.mark.parametrize(("url", "expected"), FORMS)
def test_form(url: str, expected: str | None) -> None:
    assert canonical(url) == (url if expected is None else expected)


@pytest.mark.parametrize("url", UNCHANGED)
def test_what_is_no_http_url_stays_as_it_is(url: str) -> None:
    assert canonical(url) == url


URLISH = st.one_of(
    st.text(max_size=60),
    st.text(alphabet="/\\?#&=%.:@[]aA1é;-_~! +'\"<>|^`{}", max_size=50).map("http://".__add__),
    st.text(alphabet="/?#&=%2eE41utm_.;()S", max_size=50).map("https://example.org/".__add__),
)


@given(URLISH)
def test_it_never_raises_and_is_idempotent(url: str) -> None:
    once = canonical(url)
    assert canonical(once) == once
    if once != url:
        assert once.isascii()
        assert once.startswith(("http://", "https://"))


@pytest.mark.parametrize(
    ("fragment", "part", "item"),
    [
        ("comment-7", "comment-7", True),
        ("p912", "p912", True),
        ("v2.1", "v2.1", True),
        ("c4711", "c4711", True),
        ("spring-update", "spring-update", False),
        ("utm_source=rss", "", False),
        ("more-12", "", False),
        ("/stories/3", "", False),
        ("!1", "", False),
    ],
)
def test_parts_of_pages(fragment: str, part: str, *, item: bool) -> None:
    url = f"https://example.org/a?b=1#{fragment}"
    assert part_of(url) == part
    assert names_item(part_of(url)) is item
    assert without_part(url) == "https://example.org/a?b=1"


@given(URLISH)
def test_a_part_is_that_of_a_page(url: str) -> None:
    page = without_part(url)
    assert part_of(page) == ""
    assert canonical(page) == page
