"""Damaged feeds: whatever happens to a document, the result is a feed or a typed error."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from aggregator.errors import ParseError
from aggregator.model import ParsedFeed
from aggregator.parse.encoding import decode
from aggregator.parse.feed import parse_feed
from aggregator.parse.repair import rebuild
from aggregator.parse.scan import scan
from aggregator.sanitize import clean_html, plain, xml_safe

SEEDS = (
    b"""<?xml version="1.0" encoding="utf-8"?><!DOCTYPE rss [<!ENTITY x "y">]>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:media="http://search.yahoo.com/mrss/"
 xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"><channel><title>T</title><link>https://e.org/</link>
<item><title>A &amp; b</title><link>/1</link><guid>1</guid><pubDate>Mon, 06 Sep 2021 12:00:00 GMT</pubDate>
<author>a@e.org (A)</author><category>c</category><content:encoded><![CDATA[<p>x <img src="i.png"></p>]]></content:encoded>
<media:group><media:content url="/m.mp4" type="video/mp4"/><media:description>d</media:description></media:group>
<enclosure url="https://e.org/a.mp3" length="5"/></item><item><description>&lt;b&gt;x&lt;/b&gt;</description></item>
</channel></rss>""",
    """<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://e.org/" xml:lang="de"><title type="html">T&amp;amp;</title>
<link rel="self" href="f"/><entry xml:base="a/"><id>u:1</id><title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">Ü</div></title>
<link href="1"/><author><name>N</name></author><updated>2021-09-06T12:00:00Z</updated><source><title>s</title></source>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>x<br/></p><svg><title>q</title></svg></div></content>
</entry></feed>""".encode(),
    b'{"version":"https://jsonfeed.org/version/1.1","title":"T","items":[{"id":"1","content_html":"<p>x</p>","tags":["a"]}]}',
    b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"><item rdf:about="x"><title>t</title></item></rdf:RDF>',
)
PIECES = (
    b"<", b">", b"&", b"<item>", b"</item>", b"</channel>", b"<entry>", b"<![CDATA[", b"]]>", b"<!--",
    b"<?x", b"\x00", b"\xff", b"\xe9", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"&rsquo;", b"&#0;", b"&#xD800;",
    b"&x;", b'"', b"'", b"xmlns:a='b'", b"<a:b>", b"xml:base='//['", b"<link>http://[</link>",
    b"<textInput>", b"</image>", b"<source url='x'>", b"<svg>", b"</svg>", b"<title>", b"<width>x</width>",
    b"<image>", b"<media:thumbnail/>", b"<media:rating>x</media:rating>", b"<category term='a'/>",
    b"<content type='x' mode='base64'>!</content>", b"<georss:point>x</georss:point>",
    b"<itunes:owner><itunes:name>x", b"<psc:chapters><psc:chapter/></psc:chapters>", b"<dcterms:valid>start=",
    b"<cc:license rdf:resource='x'/>", b"<created>1</created>", b"<guid isPermaLink='true'>x</guid>",
)  # fmt: skip


@st.composite
def _damaged(draw: st.DrawFn) -> bytes:
    body = bytearray(draw(st.sampled_from(SEEDS)))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(body)))
        kind = draw(st.sampled_from(("insert", "cut", "delete", "double", "byte")))
        if kind == "insert":
            body[at:at] = draw(st.sampled_from(PIECES))
        elif kind == "cut":
            del body[at:]
        elif kind == "delete":
            del body[at : at + draw(st.integers(1, 40))]
        elif kind == "double":
            body[at:at] = body[at : at + draw(st.integers(1, 200))]
        else:
            body[at:at] = draw(st.binary(min_size=1, max_size=3))
    return bytes(body)


def _check(feed: ParsedFeed) -> None:
    identities = [entry.identity for entry in feed.entries]
    assert len(set(identities)) == len(identities)
    for entry in feed.entries:
        assert entry.identity
        assert entry.content_hash
        assert plain(entry.title) == entry.title
        assert entry.url is None or entry.url.startswith(("http://", "https://"))
        for text in (entry.content_html, entry.summary_html, entry.guid or "", entry.identity):
            assert xml_safe(text) == text
        assert clean_html(entry.html, entry.url) == entry.html


@given(_damaged())
def test_a_damaged_feed_gives_a_feed_or_a_typed_error(body: bytes) -> None:
    try:
        feed = parse_feed(body, url="https://e.org/feed", max_entries=5)
    except ParseError as error:
        message = str(error)
    else:
        message = ""
        _check(feed)
    # The catch-all of the stage is for what nobody thought of; these were thought of.
    assert "cannot be read:" not in message


@given(st.lists(st.sampled_from(PIECES) | st.binary(max_size=6), max_size=30).map(b"".join))
def test_what_is_rebuilt_is_well_formed(body: bytes) -> None:
    rebuilt, _ = rebuild("<rss><channel>" + xml_safe(decode(body).text))
    assert scan(rebuilt.encode()).error == ""


@given(st.binary(max_size=200), st.text(max_size=40))
def test_any_bytes_decode(body: bytes, content_type: str) -> None:
    assert isinstance(decode(body, content_type).text.encode("utf-8", "surrogatepass"), bytes)
    assert not any("\ud800" <= c <= "\udfff" for c in decode(body, content_type).text)
