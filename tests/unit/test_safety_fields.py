"""No attack in any field of any format is more than text, or an address that may be followed."""

from __future__ import annotations

import json
import re
from urllib.parse import urlsplit

import pytest
from lxml import etree

from aggregator.errors import AggregatorError
from aggregator.model import ParsedFeed
from aggregator.parse.feed import parse_feed
from aggregator.publish.render import render
from tests.support.attacks import ADDRESSES, MARKUP, Poisoned, poisoned
from tests.support.auditor import audit
from tests.support.showing import output_of

URL = "https://feeds.example/all.xml"
_ATOM = "{http://www.w3.org/2005/Atom}"
_FORBIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u202d\u202e\ud800-\udfff\ufffe\uffff]")


def parsed(feed: Poisoned) -> ParsedFeed:
    return parse_feed(feed.body, url=URL, content_type=feed.content_type)


def check(feed: ParsedFeed) -> None:
    for entry in feed.entries:
        for html in (entry.summary_html, entry.content_html):
            audit(html)
        addresses = (entry.url, entry.image, *(one.url for one in entry.enclosures))
        for address in (*addresses, feed.site_url, feed.self_url, feed.hub_url):
            assert address is None or is_followed(address), address
        for text in (entry.title, *entry.authors, *entry.categories):
            assert not _FORBIDDEN.search(text)
    assert not _FORBIDDEN.search(feed.title + feed.description)


def is_followed(address: str) -> bool:
    parts = urlsplit(address)
    quoted = not re.search(r"[\s<>\"\\^`{|}]", address)
    return parts.scheme in ("http", "https") and bool(parts.hostname) and quoted


@pytest.mark.parametrize("number", range(len(MARKUP)))
def test_markup_in_every_field_is_cleaned_or_text(number: int) -> None:
    kinds = []
    for feed in poisoned(MARKUP[number], ADDRESSES[number % len(ADDRESSES)]):
        try:
            understood = parsed(feed)
        except AggregatorError:
            assert feed.kind.endswith(("bare", "wrapped")), feed.kind  # no longer a feed at all
            continue
        check(understood)
        kinds.append(feed.kind)
        assert understood.entries or feed.kind.endswith(("bare", "wrapped")), feed.kind
    assert {"rss escaped", "rdf cdata", "atom html escaped", "json"} <= set(kinds)


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_address_leads_to_a_script(address: str) -> None:
    for feed in poisoned("<p>x</p>", address):
        check(parsed(feed))


@pytest.mark.parametrize("number", range(0, len(MARKUP), 7))
def test_text_comes_out_of_every_output_as_the_same_text(number: int) -> None:
    for feed in poisoned(MARKUP[number], "https://e.org/a"):
        if not feed.kind.endswith(("escaped", "cdata", "json")):
            continue
        output = output_of(parsed(feed))
        titles = [item.title for item in output.items]
        atom = etree.fromstring(render(output, "atom"))
        title = f"{_ATOM}entry/{_ATOM}title"
        shown = [e.text or "" for e in atom.findall(title)]
        assert [t for t, own in zip(shown, titles, strict=True) if own] == [t for t in titles if t]
        assert {e.get("type") for e in atom.findall(title)} <= {None, "text"}
        assert not atom.findall(f".//{_ATOM}content[@type='xhtml']")
        rss = etree.fromstring(render(output, "rss"))
        assert [i.findtext("title") or "" for i in rss.iter("item")] == titles
        items = json.loads(render(output, "json"))["items"]
        assert [i.get("title", "") for i in items] == titles
        for item, own in zip(items, output.items, strict=True):
            audit(item.get("content_html", ""))
            assert item.get("content_html", "") == own.content_html


def test_the_checks_would_see_an_attack() -> None:
    with pytest.raises(AssertionError):
        audit("<p onclick=x>y</p>")
    with pytest.raises(AssertionError):
        audit("<a href=javascript:x>y</a>")
    assert not is_followed("javascript:alert(1)")
    assert _FORBIDDEN.search("a\u202eb")
