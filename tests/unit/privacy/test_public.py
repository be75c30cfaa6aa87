"""What of a feed's addresses subscribers see."""

from __future__ import annotations

import html
import pickle
from urllib.parse import quote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.privacy.public import Disclosure, PublicUrl, origin

TOKEN = "s3cr3t-T0ken"
PRIVATE = Disclosure(True, secrets=frozenset({TOKEN, "me", "pw"}))
FEED = f"https://me:pw@pod.example:8443/feed?token={TOKEN}"


def test_the_address_of_an_open_feed_is_shown_as_it_is() -> None:
    assert (
        Disclosure().feed_url("https://a.example/feed?x=1#y", None)
        == "https://a.example/feed?x=1#y"
    )


@pytest.mark.parametrize(
    ("site", "shown"),
    [
        ("https://pod.example/show", "https://pod.example/show"),
        (f"https://pod.example/show?auth={TOKEN}&x=1", "https://pod.example/show?x=1"),
        (f"https://pod.example/{TOKEN}/", "https://pod.example/"),
        (FEED, "https://pod.example:8443/"),
        ("not a URL", "https://pod.example:8443/"),
        (None, "https://pod.example:8443/"),
    ],
)
def test_of_a_private_feed_its_site_is_shown_or_its_host(site: str | None, shown: str) -> None:
    assert PRIVATE.feed_url(FEED, site) == shown


def test_what_the_operator_wants_seen_is_seen() -> None:
    wanted = Disclosure(True, "https://pod.example/about", PRIVATE.secrets)
    assert wanted.feed_url(FEED, "https://pod.example/show") == "https://pod.example/about"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://a.example/p?x=1&y=2#part", "https://a.example/p?x=1&y=2#part"),
        ("https://u:p@a.example/p", "https://a.example/p"),
        (f"https://a.example/p?x=1&t={TOKEN}&y=2", "https://a.example/p?x=1&y=2"),
        (f"https://a.example/p?next={quote(f'https://b.example/?t={TOKEN}', safe='')}", "https://a.example/p"),
        ("https://a.example/p?t=s3cr3t%2DT0ken", "https://a.example/p"),
        ("https://a.example/p?who=me&x=1", "https://a.example/p?x=1"),
        ("https://a.example/p?X-Amz-Signature=abc&x=1", "https://a.example/p?x=1"),
        (f"https://a.example/{TOKEN}/1.mp3?x=1", "https://a.example/"),
        ("https://a.example/me/1.mp3", "https://a.example/"),
        ("https://a.example/some/1.mp3", "https://a.example/some/1.mp3"),
        (f"https://a.example/p#{TOKEN}", "https://a.example/p"),
        (f"https://{TOKEN}.a.example/p", None),
        ("mailto:joe@a.example", "mailto:joe@a.example"),
        (f"magnet:?xt={TOKEN}", None),
        ("", None),
        (None, None),
    ],
)  # fmt: skip
def test_links_of_a_private_feed_lose_what_is_secret(url: str | None, shown: str | None) -> None:
    assert PRIVATE.link(url) == shown


def test_links_of_an_open_feed_lose_user_info_alone() -> None:
    url = "https://u:p@a.example/p?X-Amz-Signature=abc&token=xyz"
    assert Disclosure().link(url) == "https://a.example/p?X-Amz-Signature=abc&token=xyz"


def test_html_has_its_addresses_as_links_have_them() -> None:
    given = (
        f'<p>With {TOKEN} <a href="https://a.example/?x=1&amp;token={TOKEN}" title="{TOKEN}">a</a>'
        f'<img srcset="https://a.example/1?sig=abc 1x, https://a.example/2,3 2x" alt="x > y">'
        f"<audio src='https://a.example/{TOKEN}.mp3'></audio> https://a.example/?token=hello1</p>"
    )
    assert PRIVATE.html(given) == (
        '<p>With *** <a href="https://a.example/?x=1" title="***">a</a>'
        '<img srcset="https://a.example/1 1x, https://a.example/2,3 2x" alt="x > y">'
        "<audio src='https://a.example/'></audio> https://a.example/?token=***</p>"
    )


def test_html_without_secrets_stays_byte_for_byte() -> None:
    given = "<p>a &lt; b <a href='https://a.example/?x=1&amp;y=2'>\"it's\"</a></p>"
    assert PRIVATE.html(given) == given
    assert (
        Disclosure().html(f'<a href="https://u:p@a.example/?token={TOKEN}">x</a>').count(TOKEN) == 1
    )


def test_text_loses_the_secrets_and_short_ones_are_left_in_words() -> None:
    assert PRIVATE.text(f"{TOKEN}: tell me") == "***: tell me"
    assert Disclosure().text(TOKEN) == TOKEN


def test_a_public_address_crosses_processes() -> None:
    shown = PRIVATE.link("https://a.example/")
    assert isinstance(pickle.loads(pickle.dumps(shown)), PublicUrl)


def test_no_repr_shows_the_secrets() -> None:
    assert TOKEN not in repr(PRIVATE)


SECRETS = st.text(st.characters(codec="utf-8"), min_size=8, max_size=20).filter(
    lambda text: text.strip() == text and not text.isalnum()
)


@given(st.text(), st.text(), st.text())
def test_nothing_raises(url: str, secret: str, more: str) -> None:
    for private in (True, False):
        one = Disclosure(private, secrets=frozenset({secret}))
        for text in (url, f"https://{url}", f"https://a.example/{url}?{more}#{url}", f"//{url}"):
            one.feed_url(text, more)
            one.link(text)
            one.html(f'<a href="{text}">{more}</a>')
            one.text(text)
        origin(url)


@given(SECRETS, st.sampled_from(["/{}", "/a/{}.mp3", "/?t={}", "/?a=1&t={}&b=2", "/#{}", "/?{}"]))
def test_no_link_holds_a_secret_however_it_is_encoded(secret: str, shape: str) -> None:
    one = Disclosure(True, secrets=frozenset({secret}))
    fully = "".join(f"%{byte:02x}" for byte in secret.encode())
    for form in (quote(secret), quote(secret, safe=""), fully, quote(fully, safe="")):
        url = "https://a.example" + shape.format(form)
        shown = one.link(url)
        assert shown is None or (form not in shown and urlsplit(shown).hostname == "a.example")
        written = one.html(f'<a href="{html.escape(url)}">{html.escape(secret)}</a>')
        assert form not in written
        assert html.escape(secret) not in written
