"""Whatever a stranger's feed says, the output is well-formed and says it as text."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from aggregator.model import Enclosure, Item, OutputFeed, Provenance, Related
from aggregator.privacy.public import PublicUrl
from aggregator.publish.formats import FORMATS
from aggregator.publish.render import render
from aggregator.publish.xmltree import child, root
from tests.support.published import source

ATOM = "{http://www.w3.org/2005/Atom}"
NOW = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
# XML 1.0 §2.2, and what Unicode calls no character (§23.7).
FORBIDDEN = re.compile(
    "[^\t\n\r\x20-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd\U00010000-\U0010fffd]|[\U0001fffe\U0001ffff]"
)
CONTROLS = re.compile("[\x7f-\x9f]")

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "]]>",
    "<![CDATA[x]]><!-- y --> &amp; &lt; &bogus; &#0; <?php ?>",
    "\x00a\x01b\x0bc\x1fd\x7fe\x85f\ufffeg\uffffh",
    "lone \ud800 and \udfff surrogates",
    "\u202egnp.exe",
    "line\r\nfeed\ttab\u2028separator",
    "</title></entry></feed></channel></rss>",
    "😀\U0010ffff",
)


def item_of(text: str) -> Item:
    """An item with ``text`` wherever a text can stand."""
    return Item(
        id="urn:uuid:11111111-2222-4333-8444-555555555555",
        title=text,
        url=f"https://example.org/{text}",
        content_html=text,
        summary=text,
        published=NOW,
        updated=NOW,
        source=source(text, f"https://example.org/feed/{text}", f"https://example.org/{text}"),
        authors=(text, text),
        categories=(text,),
        enclosures=(Enclosure(f"https://example.org/{text}", text, 1), Enclosure(text, text)),
        image=text,
        language=text,
        related=(Related(text, f"https://example.org/{text}"),),
        provenance=Provenance(text, 0.5),
    )


def feed_of(*items: Item, **changes: Any) -> OutputFeed:
    return replace(OutputFeed("all", "T", "D", "https://me.example", items, NOW), **changes)


def clean(text: str) -> str:
    return written(text).strip()


def written(text: str) -> str:
    return CONTROLS.sub(" ", FORBIDDEN.sub("", text))


def titles(output: OutputFeed) -> list[str]:
    """The first item's title as each format gives it back; RSS and JSON leave an empty one out."""
    atom = etree.fromstring(render(output, "atom"))
    rss = etree.fromstring(render(output, "rss"))
    return [
        atom.findtext(f"{ATOM}entry/{ATOM}title") or "",
        rss.findtext("channel/item/title") or "",
        json.loads(render(output, "json"))["items"][0].get("title", ""),
    ]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text_in_every_field(text: str) -> None:
    output = feed_of(item_of(text), title=text, description=text)
    assert titles(output) == [clean(text)] * 3
    atom = etree.fromstring(render(output, "atom"))
    entry = atom.find(f"{ATOM}entry")
    assert entry is not None
    assert atom.findtext(f"{ATOM}title") == clean(text)
    assert entry.findtext(f"{ATOM}author/{ATOM}name") == clean(text)
    assert entry.findtext(f"{ATOM}source/{ATOM}title") == clean(text)
    category = entry.find(f"{ATOM}category")
    assert category is not None
    assert category.get("term") == clean(text)
    assert entry.findtext(f"{ATOM}content") == written(text)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_adds_no_element(text: str) -> None:
    def names(document: bytes) -> list[str]:
        return [str(element.tag) for element in etree.fromstring(document).iter()]

    for kind in ("atom", "rss"):
        harmless = feed_of(replace(item_of("x"), language=None, image="x"))
        hostile = feed_of(replace(item_of(text), language=None))
        assert names(render(hostile, kind)) == names(render(harmless, kind))


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        " JaVaScRiPt:alert(1)",
        "java\x00script:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        "file:///etc/passwd",
        "//example.org/x",
        "/etc/passwd",
        "http://[broken",
        "",
    ],
)
def test_links_that_nobody_may_follow_are_left_out(url: str, kind: str) -> None:
    item = replace(
        item_of("x"),
        url=url,
        image=url,
        enclosures=(Enclosure(url),),
        related=(Related("R", url),),
        source=source("S", "https://example.org/feed", url),
    )
    without = replace(
        item_of("x"),
        url=None,
        image=None,
        enclosures=(),
        related=(Related("R", None),),
        source=source("S", "https://example.org/feed", None),
    )
    assert render(feed_of(item), kind) == render(feed_of(without), kind)


@pytest.mark.parametrize(
    ("url", "written"),
    [
        ("https://example.org/a b<c>\"d'", "https://example.org/a%20b%3Cc%3E%22d'"),
        ("https://example.org/100%/%41", "https://example.org/100%25/%41"),
        ("https://bücher.example/ß?q=ä", "https://xn--bcher-kva.example/%C3%9F?q=%C3%A4"),
        ("https://example.org/\r\nSet-Cookie:x", "https://example.org/%0D%0ASet-Cookie:x"),
        ("https://example.org/?a=1&b=[2]#c", "https://example.org/?a=1&b=%5B2%5D#c"),
    ],
)
def test_addresses_are_written_as_uris(url: str, written: str) -> None:
    item = json.loads(render(feed_of(replace(item_of("x"), url=url)), "json"))["items"][0]
    assert item["url"] == written


def test_no_caller_can_put_what_xml_forbids_into_a_tree() -> None:
    element = child(root("r", {}), "e", "\x00a\ud800", name="\x1fb\uffff", absent=None)
    assert (element.text, element.items()) == ("a", [("name", "b")])


# Surrogates too, as a decoder that lets them through would leave them.
any_text = st.text(st.characters(), max_size=60)
times = st.datetimes(timezones=st.just(UTC))
items = st.builds(
    Item,
    id=any_text,
    title=any_text,
    url=st.none() | any_text,
    content_html=any_text,
    summary=any_text,
    published=times,
    updated=times,
    source=st.builds(source, any_text, any_text, st.none() | any_text, st.none() | times),
    authors=st.lists(any_text, max_size=2).map(tuple),
    categories=st.lists(any_text, max_size=2).map(tuple),
    enclosures=st.lists(
        st.builds(Enclosure, any_text, any_text, st.none() | st.integers()), max_size=2
    ).map(tuple),
    image=st.none() | any_text,
    language=st.none() | any_text,
    related=st.lists(
        st.builds(
            Related,
            any_text,
            st.none() | any_text,
            st.none() | any_text.map(PublicUrl),
            st.none() | any_text.map(PublicUrl),
        ),
        max_size=2,
    ).map(tuple),
)


@given(items, any_text, any_text)
def test_any_item_is_well_formed_in_every_format(item: Item, name: str, title: str) -> None:
    output = feed_of(item, name=name, title=title, description=title)
    atom, rss, from_json = titles(output)
    assert rss == from_json == clean(item.title)
    assert atom == clean(item.title) or not clean(item.title)
    for kind in FORMATS:
        body = render(output, kind)
        assert body == render(output, kind)
        # What JSON escapes counts as well: no format carries what XML forbids.
        decoded = body.decode()
        assert not FORBIDDEN.search(json.dumps(json.loads(body), ensure_ascii=False)
                                    if kind == "json" else decoded)  # fmt: skip


@given(items)
def test_feedparser_reads_any_feed_without_complaint(item: Item) -> None:
    output = feed_of(replace(item, id="urn:x"), title="T")
    for kind in ("atom", "rss"):
        parsed = feedparser.parse(io.BytesIO(render(output, kind)), sanitize_html=False)
        assert not parsed.bozo, parsed.get("bozo_exception")
        assert [entry.id for entry in parsed.entries] == ["urn:x"]
