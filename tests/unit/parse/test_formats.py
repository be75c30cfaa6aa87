"""Each format and namespace, one small document each: what an entry is made of."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime, timedelta

import pytest

from aggregator.model import Enclosure, ParsedFeed
from aggregator.parse.feed import parse_feed

URL = "https://feeds.example.org/main/rss.xml"
WHEN = datetime(2021, 9, 6, 12, 0, tzinfo=UTC)


def parse(document: str, url: str = URL) -> ParsedFeed:
    return parse_feed(document.encode(), url=url)


RSS = """<?xml version="1.0"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/"
 xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" xmlns:atom="http://www.w3.org/2005/Atom"
 xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"
 xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0">
<channel><title>The &amp; Channel</title><link>https://www.example.org/</link>
<description>About &lt;b&gt;it&lt;/b&gt;</description><language>en_GB</language><ttl>90</ttl>
<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>
<skipHours><hour>1</hour><hour>2</hour><hour>24</hour></skipHours>
<skipDays><day>Saturday</day><day>Sunday</day></skipDays>
<atom:link rel="self" href="https://feeds.example.org/self.xml"/>
<atom:link rel="hub" href="https://hub.example.org/"/>
<item><title>One</title><link>/posts/1</link><guid isPermaLink="false">id-1</guid>
<pubDate>Mon, 06 Sep 2021 14:00:00 CEST</pubDate><author>jo@example.org (Jo Doe)</author>
<dc:creator>Ann Other</dc:creator><category>News</category><category>News</category><dc:subject>Art</dc:subject>
<description>short</description>
<content:encoded><![CDATA[<p>Long <a href="more">text</a> of the post</p>]]></content:encoded>
<enclosure url="/a.mp3" length="1234" type="audio/mpeg"/>
<media:content url="https://cdn.example.org/p.jpg" medium="image" type="image/jpeg" fileSize="99"/>
<media:description>caption, which is no text of the entry at all, however long it may be</media:description>
<media:thumbnail url="//cdn.example.org/t.jpg"/></item>
<item><title>Two</title><link>https://proxy.example/x</link>
<feedburner:origLink>https://www.example.org/two</feedburner:origLink><guid>two</guid></item>
</channel></rss>"""


def test_rss_with_its_usual_namespaces() -> None:
    feed = parse(RSS)
    assert (feed.title, feed.format, feed.language) == ("The & Channel", "rss20", "en-GB")
    assert feed.description == "About it"
    assert feed.site_url == "https://www.example.org/"
    assert feed.self_url == "https://feeds.example.org/self.xml"
    assert feed.hub_url == "https://hub.example.org/"
    assert feed.hints.min_interval == timedelta(hours=6)
    assert feed.hints.skip_hours == {0, 1, 2}
    assert feed.hints.skip_days == {5, 6}
    assert feed.notes == ()
    one, two = feed.entries
    assert (one.identity, one.guid, one.title) == ("id-1", "id-1", "One")
    assert one.url == "https://www.example.org/posts/1"
    assert one.authors == ("Jo Doe", "Ann Other")
    assert one.categories == ("News", "Art")
    assert one.published == WHEN
    assert one.updated is None
    assert one.summary_html == "short"
    assert one.content_html == (
        '<p>Long <a href="https://www.example.org/posts/more" rel="noopener noreferrer">text</a>'
        " of the post</p>"
        '<figure><img src="https://cdn.example.org/p.jpg" alt="" referrerpolicy="no-referrer" loading="lazy"></figure>'
    )
    assert one.enclosures == (
        Enclosure("https://www.example.org/a.mp3", "audio/mpeg", 1234),
        Enclosure("https://cdn.example.org/p.jpg", "image/jpeg", 99),
    )
    assert one.image == "https://cdn.example.org/t.jpg"
    assert two.url == "https://www.example.org/two"


def test_a_parsed_feed_travels_between_processes() -> None:
    feed = parse(RSS)
    assert pickle.loads(pickle.dumps(feed)) == feed


ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="de" xml:base="https://example.org/a/">
<title type="html">&lt;b&gt;Feed&lt;/b&gt;</title><id>urn:f</id><link href="/"/>
<link rel="self" href="feed.atom"/><author><name>Feed Author</name></author>
<entry><id>urn:1</id><title type="html">R&amp;amp;D &lt;i&gt;now&lt;/i&gt;</title>
<link rel="alternate" href="1.html"/><link rel="enclosure" href="1.ogg" type="audio/ogg" length="x"/>
<published>2021-09-06T12:00:00Z</published><updated>2021-09-07T12:00:00+02:00</updated>
<summary>a &lt; b</summary><category term="t" label="Tag"/>
<content type="xhtml" xml:base="https://img.example.org/x/"><div xmlns="http://www.w3.org/1999/xhtml">
<p>Hi <img src="i.png"/></p></div></content></entry>
<entry xml:lang="fr"><id>relative-id</id><title>How to use &lt;b&gt; well</title><link href="//example.net/2"/>
<author><name>Own</name><email>own@example.org</email></author><author><email>x@example.org</email></author>
<updated>2021-09-06T12:00:00Z</updated><content type="text">one
two</content></entry></feed>"""


def test_atom() -> None:
    feed = parse(ATOM)
    assert (feed.title, feed.format, feed.language) == ("Feed", "atom10", "de")
    assert feed.self_url == "https://example.org/a/feed.atom"
    one, two = feed.entries
    assert one.title == "R&D now"
    assert one.url == "https://example.org/a/1.html"
    assert one.authors == ("Feed Author",)
    assert one.categories == ("Tag",)
    assert (one.published, one.updated) == (WHEN, datetime(2021, 9, 7, 10, 0, tzinfo=UTC))
    assert one.summary_html == "a &lt; b"
    assert 'src="https://img.example.org/x/i.png"' in one.content_html
    assert one.enclosures == (Enclosure("https://example.org/a/1.ogg", "audio/ogg", None),)
    assert one.language == "de"
    assert two.title == "How to use <b> well"
    assert two.url == "https://example.net/2"
    assert two.identity == "relative-id"
    assert two.authors == ("Own", "x@example.org")
    assert two.published is None
    assert two.updated == WHEN
    assert two.content_html == "one<br>\ntwo"
    assert two.language == "fr"


@pytest.mark.parametrize(
    ("document", "wanted"),
    [
        (
            ('<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">'
            '<channel rdf:about="x"><title>c</title><link>https://example.org/</link></channel>'
            '<item rdf:about="https://example.org/1"><title>t</title><link>https://example.org/1</link><dc:date>2021-09-06T12:00:00Z</dc:date></item></rdf:RDF>'),
            "rss10",
        ),
        ('<rss version="0.91"><channel><title>c</title><item><title>t</title><link>https://example.org/1</link><pubDate>6 Sep 2021 12:00 GMT</pubDate></item></channel></rss>', "rss091u"),
        ('<rss version="0.92"><channel><title>c</title><item><title>t</title><link>https://example.org/1</link><pubDate>1630929600</pubDate></item></channel></rss>', "rss092"),
        ('<feed version="0.3" xmlns="http://purl.org/atom/ns#"><title>c</title><entry><title>t</title><link rel="alternate" type="text/html" href="https://example.org/1"/><issued>2021-09-06T12:00:00Z</issued></entry></feed>', "atom03"),
        ('{"version":"https://jsonfeed.org/version/1","title":"c","items":[{"id":1,"title":"t","url":"https://example.org/1","date_published":"2021-09-06T12:00:00Z"}]}', "json10"),
    ],
)  # fmt: skip
def test_older_formats(document: str, wanted: str) -> None:
    feed = parse(document)
    (entry,) = feed.entries
    assert feed.format == wanted
    assert (feed.title, entry.title, entry.url) == ("c", "t", "https://example.org/1")
    assert entry.published == WHEN


@pytest.mark.parametrize(
    ("content", "url", "html", "enclosed"),
    [
        ("type='text/html' src='p.html'", "https://e.org/a/p.html", "", ["https://e.org/a/p.html"]),
        ("type='audio/mpeg' src='/a.mp3'", None, "", ["https://e.org/a.mp3"]),
        ("type='html'", None, "<b>x</b>", []),
        ("type='text'", None, "1 &lt; 2", []),
    ],
)
def test_what_an_atom_content_may_be(
    content: str, url: str | None, html: str, enclosed: list[str]
) -> None:
    text = {"type='html'": "&lt;b&gt;x&lt;/b&gt;", "type='text'": "1 &lt; 2"}.get(content, "")
    feed = f"<feed xmlns='http://www.w3.org/2005/Atom' xml:base='https://e.org/a/'><entry><id>1</id><content {content}>{text}</content></entry></feed>"
    (entry,) = parse(feed).entries
    assert (entry.url, entry.content_html) == (url, html)
    assert [e.url for e in entry.enclosures] == enclosed


@pytest.mark.parametrize(("mode", "text"), [("escaped", "&lt;b&gt;x&lt;/b&gt;"), ("base64", "PGI+eDwvYj4="), ("xml", "<b>x</b>")])  # fmt: skip
def test_the_modes_of_atom_03(mode: str, text: str) -> None:
    feed = f"<feed version='0.3' xmlns='http://purl.org/atom/ns#'><entry><id>1</id><content type='text/html' mode='{mode}'>{text}</content></entry></feed>"
    assert parse(feed).entries[0].content_html == "<b>x</b>"


def test_rss_090_and_items_outside_of_the_channel() -> None:
    items = "<channel><title>c</title></channel><item><title>t</title><link>https://e.org/1</link></item>"
    rdf = "xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'"
    netscape = "xmlns='http://my.netscape.com/rdf/simple/0.9/'"
    first = parse(f"<rdf:RDF {rdf} {netscape}>{items}</rdf:RDF>")
    second = parse(f"<rss version='0.91'>{items}</rss>")
    assert (first.format, second.format) == ("rss090", "rss091u")
    assert first.title == second.title == "c"
    assert first.entries[0].url == second.entries[0].url == "https://e.org/1"


def test_media_in_groups() -> None:
    (entry,) = parse(
        "<rss version='2.0' xmlns:media='http://search.yahoo.com/mrss/'><channel><item><title>t</title><media:group>"
        "<media:title>Other</media:title><media:content url='https://e.org/v.mp4' type='video/mp4' fileSize='9'/>"
        "<media:content url='https://e.org/v.webm' type='video/webm'/><media:thumbnail url='https://e.org/t.jpg'/>"
        "<media:description>words</media:description></media:group></item></channel></rss>"
    ).entries
    assert (entry.title, entry.html, entry.image) == ("t", "words", "https://e.org/t.jpg")
    assert entry.enclosures == (
        Enclosure("https://e.org/v.mp4", "video/mp4", 9),
        Enclosure("https://e.org/v.webm", "video/webm", None),
    )


def test_a_podcast() -> None:
    (entry,) = parse(
        '<rss version="2.0" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"><channel><item>'
        "<title>E1</title><itunes:author>Host</itunes:author><itunes:image href='https://e.org/c.jpg'/>"
        "<itunes:summary>About this one</itunes:summary><itunes:keywords>a, b</itunes:keywords>"
        "<enclosure url='https://e.org/1.mp3' type='audio/mpeg' length='0'/></item></channel></rss>"
    ).entries
    assert entry.authors == ("Host",)
    assert entry.image == "https://e.org/c.jpg"
    assert entry.categories == ("a", "b")
    assert entry.html == "About this one"
    assert entry.url is None
    assert entry.identity == "https://e.org/1.mp3"
    assert entry.enclosures[0].length is None


def item(inner: str, channel: str = "") -> ParsedFeed:
    return parse(f'<rss version="2.0"><channel>{channel}<item>{inner}</item></channel></rss>')


@pytest.mark.parametrize(
    ("title", "wanted"),
    [
        ("AT&amp;T", "AT&T"),
        ("AT&amp;amp;T", "AT&T"),
        ("It&amp;#8217;s", "It’s"),
        ("It&amp;amp;#8217;s", "It’s"),
        ("&lt;b&gt;Bold&lt;/b&gt; move", "Bold move"),
        ("<![CDATA[<em>A</em> &amp; B]]>", "A & B"),
        ("Use &lt;div&gt; first", "Use <div> first"),
        ("1 &lt; 2", "1 < 2"),
        ("two\n   lines", "two lines"),
        ("x" * 2000, "x" * 999 + "…"),
    ],
)
def test_titles_are_text(title: str, wanted: str) -> None:
    (entry,) = item(f"<title>{title}</title><guid>1</guid>").entries
    assert entry.title == wanted


@pytest.mark.parametrize(
    ("inner", "wanted"),
    [
        ("<link>https://e.org/1</link>", "https://e.org/1"),
        ("<link>  https://e.org/1\n </link>", "https://e.org/1"),
        ("<link>//e.org/1</link>", "https://e.org/1"),
        ("<link>/1</link>", "https://site.example/1"),
        ("<link>https://e.org/a b</link>", "https://e.org/a%20b"),
        ("<link>javascript:alert(1)</link>", None),
        ("<link>http://[bad/0</link>", None),
        ("<guid>https://e.org/1</guid>", "https://e.org/1"),
        ("<guid isPermaLink='false'>https://e.org/1</guid>", "https://e.org/1"),
        ("<guid isPermaLink='false'>abc</guid>", None),
        ("<guid>abc</guid>", None),
        ("<guid>/abc</guid>", "https://site.example/abc"),
        ("<link>abc</link><guid>1</guid>", "https://site.example/abc"),
        ("<enclosure url='https://e.org/p' type='text/html'/>", "https://e.org/p"),
        ("<enclosure url='https://e.org/p.mp3' type='audio/mpeg'/>", None),
        ("<enclosure url='ftp://e.org/p.html'/>", None),
    ],
)
def test_where_an_entry_links_to(inner: str, wanted: str | None) -> None:
    (entry,) = item(f"<title>t</title>{inner}", "<link>https://site.example/</link>").entries
    assert entry.url == wanted


def test_character_data_anywhere() -> None:
    (entry,) = item(
        "<title><![CDATA[A & B]]></title><link><![CDATA[https://e.org/1?a=1&b=2]]></link>"
        "<guid><![CDATA[ g&1 ]]></guid><pubDate><![CDATA[Mon, 06 Sep 2021 12:00:00 GMT]]></pubDate>"
        "<category><![CDATA[R&D]]></category><author><![CDATA[jo@e.org (Jo & Co)]]></author>"
        "<description>one <![CDATA[<b>two</b>]]> three</description>"
    ).entries
    assert (entry.title, entry.url, entry.guid) == ("A & B", "https://e.org/1?a=1&b=2", "g&1")
    assert (entry.published, entry.categories, entry.authors) == (WHEN, ("R&D",), ("Jo & Co",))
    assert entry.html == "one <b>two</b> three"


def test_dates_that_cannot_be_are_left_out_and_those_to_come_kept() -> None:
    dates = ("Thu, 01 Jan 1970 00:00:00 GMT", "Mon, 01 Jan 0001 00:00:00 +0000", "1234", "soon")
    for date in dates:
        assert item(f"<title>t</title><pubDate>{date}</pubDate>").entries[0].published is None
    future = item("<title>t</title><pubDate>Mon, 01 Jan 2085 00:00:00 GMT</pubDate>").entries[0]
    assert future.published == datetime(2085, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("author", "wanted"),
    [
        ("Jo Doe", ("Jo Doe",)),
        ("Jo Doe &lt;jo@e.org&gt;", ("Jo Doe",)),
        ("jo@e.org (Jo Doe)", ("Jo Doe",)),
        ("jo@e.org", ("jo@e.org",)),
        ("J&amp;ouml;rg", ("Jörg",)),
        ("", ()),
    ],
)
def test_authors_are_names(author: str, wanted: tuple[str, ...]) -> None:
    (entry,) = item(f"<title>t</title><author>{author}</author>").entries
    assert entry.authors == wanted


def test_markup_escaped_once_too_often_is_markup() -> None:
    (entry,) = item(
        "<title>t</title><description>&amp;lt;p&amp;gt;a&amp;lt;/p&amp;gt;</description>"
    ).entries
    assert entry.html == "<p>a</p>"


def test_an_id_does_not_depend_on_the_address_of_the_feed() -> None:
    document = RSS.replace("<guid>two</guid>", "").replace(">id-1<", ">../relative<")
    first = parse(document, "http://a.example/x/feed").entries
    second = parse(document, "https://b.example/feed").entries
    assert [e.identity for e in first] == [e.identity for e in second]
    assert first[0].identity == "../relative"
    moved = parse(
        document.replace("https://www.example.org/two", "http://www.example.org/two")
    ).entries
    assert moved[1].identity == second[1].identity
