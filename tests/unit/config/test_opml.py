"""Subscription lists of other programs, and ours for them."""

from __future__ import annotations

import string
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from aggregator.config import opml
from aggregator.config.opml import FAULTS_CAP, PlacedFeed, hardened_parser, read_opml
from aggregator.config.opml_export import Outline, export_opml, outlines_opml
from aggregator.config.opml_repair import mended
from aggregator.config.settings import FeedSettings
from aggregator.errors import ConfigError, ConfigFault
from aggregator.publish.xmltree import AGGREGATOR

LISTS = b"""<?xml version="1.0" encoding="iso-8859-1"?>
<!DOCTYPE opml [<!ENTITY x SYSTEM "file:///etc/passwd">]>
<!-- exported -->
<OPML version="1.1"><head><title>Mine</title></head>
<body>
  <outline text="Tech" title="Technik">
    <outline text="Py thon ">
      <Outline type="rss" text="A &amp; B" xmlURL=" HTTPS://A.example/#x " htmlUrl="https://a/"/>
    </outline>
    <!-- a comment -->
    <outline title="only title" XMLURL="https://b.example/" category="/x/y, fast ,,fast"/>
  </outline>
  <outline text="https://c.example/" xmlUrl="https://c.example/"/>
  <outline text="a link" type="link" url="https://d.example/"/>
  <outline text="empty folder"/>
  <outline text="caf\xe9" xmlUrl="https://e.example/"/>
</body></OPML>
"""


def parse_opml(data: bytes, name: str) -> tuple[FeedSettings, ...]:
    """The feeds of a list in which nothing is wrong."""
    reading = read_opml(data, name)
    assert reading.said(name) == ()
    return tuple(placed.feed for placed in reading.feeds)


def scan_opml(data: bytes, name: str) -> tuple[tuple[PlacedFeed, ...], tuple[ConfigFault, ...]]:
    try:
        reading = read_opml(data, name)
    except ConfigError as error:
        return (), tuple(error.faults)
    return reading.feeds, reading.said(name)


def test_reading() -> None:
    assert parse_opml(LISTS, "f.opml") == (
        FeedSettings(url="https://a.example/", title="A & B", category="Tech/Py thon"),
        FeedSettings(
            url="https://b.example/", title="only title", category="Tech", tags=("x/y", "fast")
        ),
        FeedSettings(url="https://c.example/"),
        FeedSettings(url="https://e.example/", title="café"),
    )


@pytest.mark.parametrize(
    ("document", "fault"),
    [
        (b"", "f.opml:1: not well-formed XML: Document is empty"),
        (b"hello", "f.opml:1: not well-formed XML: "),
        (b"<opml>\n<body>", "f.opml:2: not well-formed XML: "),
        (
            b"<opml><body><outline text='a & b'/></body></opml>",
            "f.opml: not well-formed XML: xmlParseEntityRef: no name (line 1)",
        ),
        (b"\n<rss><channel/></rss>", "f.opml:1: expected an OPML document, found one whose root is "),
        (b"<opml>" + b" " * (20 << 20), "f.opml: larger than 20 MB; expected an OPML"),
        (
            b"<opml><body>\n<outline text='T' xmlUrl='ftp://x/'/></body></opml>",
            'f.opml:2: outline 1 ("T"): `xmlUrl` = "ftp://x/": expected an address that starts',
        ),
        (
            b"<opml><body>\n\n<outline text='F'><outline type='rss' title='T'/></outline></body></opml>",
            'f.opml:3: outline 2 ("T"): a feed without `xmlUrl`',
        ),
        (
            b"<opml><body><outline text='" + b"x" * 300 + b"'/></body></opml>",
            'f.opml:1: outline 1 ("' + "x" * 60 + '"): the names of the folders make more than 200',
        ),
    ],
)  # fmt: skip
def test_faults_have_their_place(document: bytes, fault: str) -> None:
    _, (found,) = scan_opml(document, "f.opml")
    assert f"{found.where}: {found.message}".startswith(fault)


def test_a_bad_outline_leaves_the_good_ones() -> None:
    document = b"<opml><body><outline xmlUrl='x'/><outline xmlUrl='https://a/'/></body></opml>"
    feeds, faults = scan_opml(document, "f.opml")
    assert [placed.feed.url for placed in feeds] == ["https://a/"]
    assert len(faults) == 1


def test_entities_are_not_expanded() -> None:
    bomb = b"<!DOCTYPE o [" + b"".join(
        b'<!ENTITY e%d "%s">' % (level, b"&e%d;" % (level - 1) * 10 if level else b"x" * 100)
        for level in range(12)
    )
    text = bomb + b"]><opml><head>&e11;</head><body><outline text='&e11;'/></body></opml>"
    feeds, faults = scan_opml(text, "f.opml")
    assert feeds == ()
    assert len(faults) == 1


def test_no_entity_opens_a_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("hunter2")
    text = f'<!DOCTYPE o [<!ENTITY x SYSTEM "{(tmp_path / "secret").as_uri()}">]><o>&x;</o>'
    root = etree.fromstring(text, hardened_parser())
    assert etree.tostring(root) == b"<o>&x;</o>"


def test_hostile_nesting_and_many_faults_are_bounded() -> None:
    deep = b"<opml><body>" + b"<outline text='abcdefgh'>" * 250 + b"</outline>" * 250
    feeds, faults = scan_opml(deep + b"</body></opml>", "f.opml")
    assert (feeds, len(faults)) == ((), 1)
    many = b"<opml><body>" + b"<outline xmlUrl='x'/>" * (FAULTS_CAP + 50) + b"</body></opml>"
    assert len(scan_opml(many, "f.opml")[1]) == FAULTS_CAP + 1


@given(st.one_of(
    st.binary(max_size=200),
    st.tuples(st.integers(0, len(LISTS)), st.integers(0, len(LISTS)), st.binary(max_size=9)).map(
        lambda cut: LISTS[: cut[0]] + cut[2] + LISTS[cut[1] :]
    ),
))  # fmt: skip
def test_any_bytes_are_feeds_or_faults(document: bytes) -> None:
    feeds, faults = scan_opml(document, "f.opml")
    assert all(placed.where.startswith("f.opml:") for placed in feeds)
    assert all(fault.where.startswith("f.opml") and fault.message for fault in faults)


NAMES = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Zl", "Zp"], exclude_characters="\ufffe\uffff,/"),
    min_size=1, max_size=8,
).map(lambda name: " ".join(name.split())).filter(bool)  # fmt: skip
FEEDS = st.builds(
    FeedSettings,
    url=st.text(string.ascii_letters + string.digits + "/?&=%", max_size=9).map(
        lambda path: f"https://example.org/{path}"
    ),
    title=st.one_of(st.just(""), NAMES),
    categories=st.lists(st.lists(NAMES, min_size=1, max_size=3).map("/".join), max_size=3).map(
        tuple
    ),
    tags=st.lists(NAMES, max_size=3, unique=True).map(tuple),
    every=st.one_of(
        st.none(), st.integers(60, 10**6).map(lambda seconds: timedelta(seconds=seconds))
    ),
    paused=st.booleans(),
)


@given(
    st.lists(
        st.one_of(
            st.text("<>/'\"=&; \n\x00é-", max_size=5),
            st.sampled_from(
                ["<outline", "</outline>", "xmlUrl=", "'https://a/", "text=", "<!--", "-->", "<![CDATA[", "<opml>", "/>", ">", "<?", "?>"]
            ),
        )
    ).map("".join)
)  # fmt: skip
def test_whatever_is_mended_is_well_formed_and_keeps_its_lines(text: str) -> None:
    data = mended(text.encode())
    root = etree.fromstring(data, hardened_parser())
    assert len(list(root.iter("outline"))) <= text.lower().count("outline")
    assert data.count(b"\n") <= text.count("\n")


def test_a_feed_in_very_many_folders_has_a_hundred_categories() -> None:
    folders = b"".join(
        b"<outline text='f%d'><outline xmlUrl='https://a/' category='t%d'/></outline>" % (i, i)
        for i in range(300)
    )
    (feed,) = parse_opml(b"<opml><body>" + folders + b"</body></opml>", "f.opml")
    assert (len(feed.categories), len(feed.tags)) == (100, 100)


def test_an_outline_of_very_many_attributes_is_none() -> None:
    many = b" ".join(b'a%d="x"' % i for i in range(200))
    document = (
        b"<opml><body><outline xmlUrl='https://a/' %s/><outline xmlUrl='https://b/'/></body></opml>"
    )
    assert [one.url for one in parse_opml(document % many, "f.opml")] == ["https://b/"]


def test_mending_is_flat_whatever_is_open() -> None:
    many = b"<outline text=''>" * 2000 + b"<outline text='x' xmlUrl='https://a/?a&b'>" * 2000
    feeds, _ = scan_opml(b"<opml><body>" + many, "f.opml")
    assert [placed.feed.url for placed in feeds] == ["https://a/?a&b"]
    for piece in (b"<!--", b"<outline '", b'<outline a="', b"</outline>", b"<", b"<![CDATA["):
        assert scan_opml(b"<opml>" + piece * 2000, "f.opml")[0] == ()


def told(feed: FeedSettings) -> tuple[object, ...]:
    """What OPML tells of a feed; its categories have the order of the folders."""
    categories = sorted(feed.categories)
    return feed.url, feed.title, categories, feed.tags, str(feed.every), feed.paused


@given(st.lists(FEEDS, max_size=8, unique_by=lambda feed: feed.url))
def test_what_is_exported_reads_back(feeds: list[FeedSettings]) -> None:
    document = export_opml("Mine", feeds, {})
    read = parse_opml(document.encode(), "f.opml")
    assert sorted(map(told, read)) == sorted(map(told, feeds))


def test_a_namespace_is_declared_only_where_it_is_used() -> None:
    plain = FeedSettings(url="https://a/")
    assert "xmlns" not in export_opml("T", [plain], {})
    own = FeedSettings(url="https://b/", every=timedelta(minutes=90), paused=True)
    lines = export_opml("T", [plain, own], {}).splitlines()
    assert 'aggregator:every="1h 30m" aggregator:paused="true"' in lines[-3]
    assert [line for line in lines if "xmlns" in line] == [
        f'<opml xmlns:aggregator="{AGGREGATOR}" version="2.0">'
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("outline", ["<outline>", "< OUTLINE a='>", "<o:outline/>", "<outline\n"])
def test_outlines_are_counted_before_they_are_read(
    encoding: str, outline: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opml, "parse_document", lambda *_: pytest.fail("read"))
    with pytest.raises(ConfigError, match="more than 250,000 outlines"):
        read_opml(f"<opml><body>{outline * 250_001}".encode(encoding), "f.opml")


def test_an_export_is_opml_2() -> None:
    feeds = [
        FeedSettings(url="https://a/", category="T/P", title="own & <title>"),
        FeedSettings(url="https://b/"),
        FeedSettings(url="https://c/", category="T"),
    ]
    root = etree.fromstring(export_opml("Mi\x00ne", feeds, {"https://b/": "known\x1b"}).encode())
    assert root.get("version") == "2.0"
    assert root.findtext("head/title") == "Mine"
    assert [o.get("text") for o in root.iter("outline")] == [
        "T", "P", "own & <title>", "https://c/", "known",
    ]  # fmt: skip
    assert all(o.get("text") for o in root.iter("outline"))
    assert [o.get("type") for o in root.iter("outline") if o.get("xmlUrl")] == ["rss"] * 3


def test_what_is_written_as_it_goes_is_what_the_tree_says() -> None:
    strange = "a<b>&\"c'\x00\x1b\u2028\n\td"
    feeds = [
        FeedSettings(url='https://a.example/?x=1&y="', title=strange, categories=("News/Local", "Tech")),
        FeedSettings(url="https://b.example/", title="B"),
        FeedSettings(url="https://c.example/", categories=("News", strange.replace("\n", " "))),
        FeedSettings(url="https://d.example/", title=" D ", categories=("News/Local/Sports",)),
    ]  # fmt: skip
    told = [Outline(one.url, one.title, one.categories) for one in feeds]
    written = outlines_opml(strange, told)
    whole = etree.fromstring(export_opml(strange, feeds, {}).encode())

    def said(document: etree._Element) -> list[tuple[str, ...]]:
        return sorted(
            (*(one.get("text") or "" for one in [*reversed(list(node.iterancestors("outline"))), node]), node.get("xmlUrl") or "")
            for node in document.iter("outline")
        )  # fmt: skip

    assert said(etree.fromstring(written)) == said(whole)
    assert etree.fromstring(written).findtext("head/title") == whole.findtext("head/title")
