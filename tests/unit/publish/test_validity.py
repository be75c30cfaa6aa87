"""Nothing that a stranger wrote makes an output invalid: RFC 3986, BCP 47, XML 1.0, as validators read them."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.model import Enclosure, Item, OutputFeed, Related, Source
from aggregator.privacy.public import PublicUrl
from aggregator.publish.formats import FORMATS
from aggregator.publish.formatting import link
from aggregator.publish.languages import registered
from aggregator.publish.uris import uri
from tests.support.feed_rules import faults

_PCT, _UNRESERVED, _SUB = "%[0-9A-Fa-f]{2}", r"A-Za-z0-9._~\-", r"!$&'()*+,;="
_PCHAR = rf"(?:[{_UNRESERVED}{_SUB}:@]|{_PCT})"
# RFC 3986 appendix A.
URI = re.compile(
    rf"(?:[A-Za-z][A-Za-z0-9+.-]*:)?"
    rf"(?://(?:(?:[{_UNRESERVED}{_SUB}:]|{_PCT})*@)?(?:\[[0-9A-Fa-f:.]+\]|\[v[0-9A-Fa-f]+\.[{_UNRESERVED}{_SUB}:]+\]|(?:[{_UNRESERVED}{_SUB}]|{_PCT})*)(?::\d*)?(?=[/?#]|\Z))?"
    rf"(?:{_PCHAR}|/)*(?:\?(?:{_PCHAR}|[/?])*)?(?:#(?:{_PCHAR}|[/?])*)?"
)
TAG = re.compile(r"[a-z]{2,3}(?:-[A-Z][a-z]{3})?(?:-(?:[A-Z]{2}|\d{3}))?(?:-(?:[a-z]{5,8}|\d{4}))?")
NONCHARACTERS = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff\U0001fffe\U0001ffff\U0010ffff]"
)

WHEN = datetime(2026, 11, 30, 12, tzinfo=UTC)
ODD = st.text(
    alphabet=st.sampled_from(
        "aZ0/:?#[]@!$&'()*+,;=%-._~ \t\n\\|^`{}<>\"é字\u202e\x85\ufffe\U0001fffe\udcff😀"
    ),
    max_size=40,
)
ADDRESSES = st.one_of(
    ODD,
    ODD.map("https://weir.example/".__add__),
    ODD.map("https://".__add__),
    ODD.map("http://münchen.example:80/a?".__add__),
    ODD.map("magnet:?xt=".__add__),
    ODD.map("mailto:".__add__),
    st.just("https://weir.example/a[1].mp3?x[]=1&y={z}#a#b"),
    st.just("http://[2001:db8::1]/[x]"),
    st.just("http://[::1/"),
)
LANGUAGES = st.one_of(
    st.none(),
    st.sampled_from(["en", "EN_us", "en-UK", "eng", "deu", "xx", "en-XX", "zh-hant-tw", "zh-Hant", "x-klingon", "de-1996", "en-US-x-a", "iw", "sr-latn-rs", "english", "und", "i-default"]),
    st.text(alphabet="abzEN-_19 ", max_size=12),
)  # fmt: skip
TEXTS = st.text(
    alphabet=st.one_of(
        st.sampled_from("a<&>\"'\x00\x0b\x85\x9f\ufdd0\ufffe\U0001fffe\ud800]]>"),
        st.characters(codec=None),
    ),
    max_size=30,
)


def feed_of(item: Item) -> OutputFeed:
    return OutputFeed(
        name="all",
        title="T",
        description="",
        base_url="https://weir.example",
        items=(item,),
        updated=WHEN,
        page="https://weir.example/read/all",
    )


@given(ADDRESSES)
def test_every_address_is_a_uri(address: str) -> None:
    written = uri(address)
    assert URI.fullmatch(written), written
    assert uri(written) == written


@given(st.from_regex(URI, fullmatch=True))
def test_a_uri_stays_what_it_is(address: str) -> None:
    if not re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", address):
        return
    try:
        authority = urlsplit(address).netloc
    except ValueError:  # in brackets stands no address
        return
    has_host = bool(authority)
    if not re.fullmatch(r"(?:\[[^\]]*\]|[^:\[\]]*)(?::\d*)?", authority.rpartition("@")[2]):
        return  # no host and port: the pattern takes it for a path
    if has_host or "//" not in address:
        assert uri(address) == address


def test_hosts_are_written_as_they_are_looked_up() -> None:
    assert (
        uri("https://münchen.example/ü?ü#ü")
        == "https://xn--mnchen-3ya.example/%C3%BC?%C3%BC#%C3%BC"
    )
    assert (
        uri("https://weir.example/a[1].mp3?x[]=1#a#b")
        == "https://weir.example/a%5B1%5D.mp3?x%5B%5D=1#a%23b"
    )
    assert uri("http://[2001:db8::1]:8080/") == "http://[2001:db8::1]:8080/"


@pytest.mark.parametrize(
    ("claimed", "tag"),
    [("en", "en"), ("EN_us", "en-US"), ("en-UK", "en"), ("eng", "en"), ("xx", None), ("zh-hant-tw", "zh-Hant-TW"), ("iw", "he"),
     ("english", None), ("de-1996", "de-1996"), ("en-US-x-private", "en-US"), ("und", None), ("", None), (None, None)],
)  # fmt: skip
def test_languages_are_registered_ones(claimed: str | None, tag: str | None) -> None:
    assert registered(claimed) == tag


@given(LANGUAGES)
def test_every_language_is_one_or_none(claimed: str | None) -> None:
    tag = registered(claimed)
    assert tag is None or (TAG.fullmatch(tag) and registered(tag) == tag)


@given(TEXTS, TEXTS, ADDRESSES, ADDRESSES, ADDRESSES, LANGUAGES)
def test_every_output_is_valid(
    title: str, text: str, link: str, file: str, source: str, language: str | None
) -> None:
    item = Item(
        id="urn:uuid:958acddb-a79a-4f13-a83a-48466205e8a9",
        title=title,
        url=link,
        summary=text,
        content_html=f"<p>{text.replace('<', '').replace('&', '')}</p>" if text else "",
        authors=(title,) if title else (),
        categories=(text, title),
        enclosures=(Enclosure(file, title, 1), Enclosure(link, "audio/mpeg", None)),
        image=file,
        language=language,
        published=WHEN,
        updated=WHEN,
        source=Source(
            title=title,
            feed_url=PublicUrl(f"https://weir.example/{source}"),
            site_url=PublicUrl(link),
        ),
        related=(
            Related(title=text, url=file),
            Related(title, None, PublicUrl(file), PublicUrl(link)),
            Related(text, source, None, PublicUrl(source)),
        ),
    )
    for name, kind in FORMATS.items():
        document = kind.render(feed_of(item))
        written = document.decode("utf-8")
        assert not NONCHARACTERS.search(written.replace("\\ud", "")), name
        assert not faults(document), name


@pytest.mark.parametrize("url", ["https://", "http:///a", "https://?x", "http://:80/", "http:a"])
def test_the_web_without_a_host_is_no_link(url: str) -> None:
    assert link(url) is None


def test_rss_has_no_relative_links() -> None:
    html = '<p>a<a href="#entry-12345678-fn1">1</a></p><p id="entry-12345678-fn1">note</p>'
    shown = Item(id="urn:x:1", title="T", url="https://weir.example/p?a=1&b=2#top", summary="s", content_html=html,
                 published=WHEN, updated=WHEN, source=Source("S", PublicUrl("https://weir.example/f"), None))  # fmt: skip
    rss, atom = (FORMATS[name].render(feed_of(shown)).decode() for name in ("rss", "atom"))
    assert 'href="https://weir.example/p?a=1&amp;amp;b=2#fn1"' in rss.replace("&lt;", "<").replace(
        "&gt;", ">"
    )
    assert 'href="#entry-12345678-fn1"' in atom
    assert (
        "https://weir.example/p?a=1"
        not in FORMATS["rss"].render(feed_of(replace(shown, url=None))).decode()
    )


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        (b"<link>https://weir.example/</link>", "address: channel/link"),
        (b"<language>english</language>", "form: language"),
        (b"<item><pubDate>2026-11-30</pubDate></item>", "date: pubDate"),
        (b"<item><author>Ida</author></item>", "contact: Ida"),
        (b"<item><enclosure url='/a.mp3' type='mp3' length='-1'/></item>", "length: -1"),
        (b"<item><guid>7</guid></item>", "guid: 7"),
        (b"<item/>", "missing: item/title or description"),
    ],
)
def test_the_rules_find_faults(written: bytes, fault: str) -> None:
    """What holds for no document is no rule."""
    document = b"<rss version='2.0'><channel><title>T</title><description>D</description><link>x</link>%b</channel></rss>"
    assert any(one.startswith(fault) for one in faults(document % written))
