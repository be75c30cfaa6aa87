"""What holds of the comparison form of any address, whoever made it up."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from aggregator.urls import canonical, is_landing_page, story_key
from aggregator.urls.platform_forms import FORMS
from aggregator.urls.publisher_forms import TABLE
from aggregator.urls.story import site_host

_KNOWN_HOSTS = sorted(
    {host.replace("*", "some") for host in FORMS}
    | {
        host.replace("*", "some")
        for line in TABLE.splitlines()
        if line and not line.startswith("#")
        for host in line.partition(" ⇒ ")[0].split()
    }
    | {
        "l.facebook.com",
        "www.google.com",
        "out.reddit.com",
        "href.li",
        "some.translate.goog",
        "12ft.io",
    }
)
_NAMES = st.sampled_from(
    "id v p t q url u ref utm_source x_campaign x_medium page gift foo sid comment story_fbid amp".split()  # noqa: SIM905
)
_WORDS = st.text("ab1-2._~%20é/", max_size=8)
_SEGMENTS = st.one_of(
    st.from_regex(r"[a-z]{1,6}(?:-[a-z]{1,6}){0,5}(?:-\d{1,10})?(?:\.html|\.amp)?", fullmatch=True),
    st.from_regex(r"(?:a-|id|article|1\.)?\d{1,12}(?:-[a-z]+)?", fullmatch=True),
    st.sampled_from(
        [
            "amp",
            "print",
            "t",
            "d",
            "topic",
            "threads",
            "article",
            "articles",
            "story",
            "news",
            "watch",
            "videos",
            "p",
            "s",
            "posts",
            "comments",
            "doi",
            "abs",
            "pdf",
            "dp",
            "wiki",
            "index.php",
            "2026",
            "03",
            "r",
            "link",
            "redirect",
            "C",
            "L0",
            "CL0",
            "@ana",
            "users",
            "status",
        ]
    ),
    _WORDS,
)
_VALUES = st.one_of(
    _WORDS,
    st.from_regex(r"\d{1,12}", fullmatch=True),
    st.from_regex(r"https?(?::|%3A)//[a-z]{1,5}\.(?:com|net)/[a-z0-9-]{0,9}", fullmatch=True),
    st.sampled_from(["rss", "true", "newsletter_a", "eyJhbGciOiJIUzI1NiJ9.e30.abc"]),
)
_QUERIES = st.lists(st.builds("{}={}".format, _NAMES, _VALUES), max_size=3).map("&".join)
_PATHS = st.lists(_SEGMENTS, max_size=5).map("/".join)
_ENDS = st.sampled_from(["", "", "", "#top", "#a-part", "#xtor=RSS-1", "#/route", "/"])
_UNKNOWN_HOSTS = st.from_regex(r"[a-z]{3,8}(?:-[a-z]{1,4})?\.example", fullmatch=True)
_HOSTS = st.one_of(
    st.sampled_from(_KNOWN_HOSTS),
    st.builds("{}.{}".format, st.sampled_from(["www", "m", "amp"]), st.sampled_from(_KNOWN_HOSTS)),
    _UNKNOWN_HOSTS,
)


@st.composite
def addresses(draw: st.DrawFn, hosts: st.SearchStrategy[str] = _HOSTS, user: str = "") -> str:
    """An address such as the rules know, or nearly."""
    query = draw(_QUERIES)
    return f"https://{user}{draw(hosts)}/{draw(_PATHS)}{'?' + query if query else ''}{draw(_ENDS)}"


@given(st.one_of(st.text(), st.text().map("https://{}".format), addresses()))
def test_nothing_raises(text: str) -> None:
    story_key(text)
    canonical(text)
    is_landing_page(text)


@given(addresses())
def test_a_key_is_a_form_of_its_address(url: str) -> None:
    """By this, stored keys are keyed anew under later rules."""
    key = story_key(url)
    assert story_key(f"https://{key}") == key


@given(addresses())
def test_what_is_fetched_has_the_key_of_what_was_written(url: str) -> None:
    assert canonical(canonical(url)) == canonical(url)
    assert story_key(canonical(url)) == story_key(url)


@given(addresses(user="ana:s3cr3t-w0rd@"))
def test_a_password_is_not_shown(url: str) -> None:
    assert "s3cr3t" not in story_key(url)
    within = url.replace("&", "%26").replace("?", "%3F").replace("#", "%23")
    shown = story_key(f"https://out.reddit.com/?url={within}")
    assert "s3cr3t" not in shown or "out.reddit.com" in shown


@given(addresses(hosts=_UNKNOWN_HOSTS))
def test_a_host_without_a_rule_keeps_its_pages(url: str) -> None:
    """But for what names another site's address itself, and posts that have one name in the world."""
    key = story_key(url)
    host = re.match(r"https://([^/]+)", url)
    assert host is not None
    moved = "http" in url or re.search(r"[0-9a-f]{12}|/10\.|/doi/", url)
    assert moved or key.partition("/")[0] == site_host(host[1])
