"""What broken documents still say: one document for each kind of damage, entries and note both."""

from __future__ import annotations

import pytest

from aggregator.errors import NotAFeed, ParseError
from aggregator.model import ParsedFeed
from aggregator.parse.feed import parse_feed

URL = "https://example.org/feed"
HEAD = '<?xml version="1.0" encoding="utf-8"?>\n'


def rss(*items: str, head: str = HEAD, attributes: str = "") -> str:
    return f'{head}<rss version="2.0"{attributes}><channel><title>F</title>{"".join(items)}</channel></rss>'


def item(number: int, title: str = "", extra: str = "") -> str:
    title = title or f"Entry {number}"
    return f"<item><title>{title}</title><link>https://example.org/{number}</link>{extra}</item>"


def parse(document: str | bytes, content_type: str = "") -> ParsedFeed:
    body = document if isinstance(document, bytes) else document.encode()
    return parse_feed(body, url=URL, content_type=content_type)


def titles(feed: ParsedFeed) -> list[str]:
    return [entry.title for entry in feed.entries]


@pytest.mark.parametrize(
    ("title", "wanted"),
    [
        ("Tom & Jerry", "Tom & Jerry"),
        ("It&rsquo;s", "It’s"),
        ("a&nbsp;b &eacute;&nosuch; c", "a b é&nosuch; c"),
        ("bell\x07 and null\x00 and \x0b", "bell and null and"),
        ("bad &#0; &#xD800; &#x1F; ref", "bad � � ref"),
        ("huge &#99999999999999999999; ref", "huge � ref"),
        ("a < b", "a < b"),
        ("<b>bold</i> end", "bold end"),
        ("<br>new", "new"),
        ("a ]]> b", "a ]]> b"),
        ("<![CDATA[R&D <b>x</b>]]>", "R&D x"),
        ("<foo:bar>x</foo:bar>", "x"),
    ],
)
def test_damage_in_a_title(title: str, wanted: str) -> None:
    feed = parse(rss(item(1), item(2, title), item(3)))
    assert titles(feed) == ["Entry 1", wanted, "Entry 3"]


@pytest.mark.parametrize(
    "lead",
    [
        "\n\n  ",
        "\ufeff",
        "\x00\x00",
        "junk before\n",
        "<br />\n<b>Warning</b>: x in <b>y</b><br />\n",
    ],
)
def test_junk_before_the_document(lead: str) -> None:
    assert titles(parse(lead + rss(item(1)))) == ["Entry 1"]


def test_a_root_in_a_comment_is_none() -> None:
    feed = parse(rss(item(1), head="<?xml version='1.0'?><!-- made as <rss> -->"))
    assert (titles(feed), feed.notes, feed.partial) == (["Entry 1"], (), False)


def test_what_was_mended_is_said() -> None:
    assert parse(rss(item(1))).notes == ()
    (note,) = parse(rss(item(1, "a & b"))).notes
    assert note.startswith("malformed XML mended (line 2: ")
    assert "control characters removed" in parse(rss(item(1, "\x01"))).notes


@pytest.mark.parametrize("cut", range(10, 180, 7))
def test_a_truncated_document_gives_what_it_still_holds(cut: int) -> None:
    whole = rss(*(item(n) for n in range(1, 6)))
    feed = parse(whole[: len(whole) - cut])
    wanted = ["Entry 1", "Entry 2", "Entry 3", "Entry 4", "Entry 5"]
    complete = whole[: len(whole) - cut].count("</title><link>")
    assert titles(feed)[:complete] == wanted[:complete]


def test_a_broken_entry_costs_itself_only() -> None:
    broken = "<item><title>Broken <b></title><link></item>"
    feed = parse(rss(item(1), broken, item(3)))
    assert [t for t in titles(feed) if t.startswith("Entry")] == ["Entry 1", "Entry 3"]


def test_an_entry_that_is_never_closed_ends_where_the_next_begins() -> None:
    feed = parse(rss("<item><title>A</title>", "<item><title>B</title></item>"))
    assert titles(feed) == ["A", "B"]


def test_a_cdata_section_that_is_never_closed_ends_with_its_element() -> None:
    feed = parse(rss(item(1), item(2, "<![CDATA[R&D <b>x</b>"), item(3), item(4, "<![CDATA[y")))
    assert titles(feed) == ["Entry 1", "R&D x", "Entry 3", "y"]


def test_undeclared_prefixes_mean_what_they_usually_mean() -> None:
    extra = "<content:encoded>long text</content:encoded><dc:creator>Jo</dc:creator><x:y z:w='1'/>"
    (entry,) = parse(rss(item(1, extra=extra))).entries
    assert (entry.html, entry.authors) == ("long text", ("Jo",))


def test_attributes_without_quotes() -> None:
    feed = parse(
        "<rss version=2.0><channel><item><title>t</title><guid isPermaLink=false>g</guid></item>"
    )
    assert [(e.guid, e.url) for e in feed.entries] == [("g", None)]


TITLE = "Ünïcödé"


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        (rss(item(1, TITLE)).encode("utf-16"), TITLE),
        (rss(item(1, TITLE)).encode("utf-16-be"), TITLE),
        (rss(item(1, TITLE)).encode("utf-32"), TITLE),
        (rss(item(1, TITLE)).encode("utf-16-le"), TITLE),
        (b"\xef\xbb\xbf" + rss(item(1, TITLE), head='<?xml version="1.0" encoding="iso-8859-1"?>').encode(), TITLE),
        (rss(item(1, "“q” – r")).encode("cp1252"), "“q” – r"),
        (rss(item(1, TITLE)).encode("latin-1"), TITLE),
        (rss(item(1, TITLE), head='<?xml version="1.0" encoding="iso-8859-15"?>').encode("iso-8859-15"), TITLE),
        (rss(item(1, TITLE), head='<?xml version="1.0" encoding="iso-8859-1"?>').encode(), TITLE),
        (rss(item(1, TITLE), head='<?xml version="1.0" encoding="utf-16"?>').encode(), TITLE),
        (rss(item(1, TITLE), head='<?xml version="1.0" encoding="hex"?>').encode(), TITLE),
        (rss(item(1, TITLE), head='<?xml version="1.0" encoding="unicode_escape"?>').encode(), TITLE),
        (rss(item(1, "“q”"), head='<?xml version="1.0" encoding="iso-8859-1"?>').encode("cp1252"), "“q”"),
        (rss(item(1, "Привет мир")).encode("cp1251"), "Привет мир"),
        (rss(item(1, "Привет"), head='<?xml version="1.0" encoding="koi8-r"?>').encode("koi8-r"), "Привет"),
        (rss(item(1, "你好世界")).encode("gb18030"), "你好世界"),
        (rss(item(1, "繁體中文的標題與內容")).encode("big5"), "繁體中文的標題與內容"),
        (rss(item(1, "日本語のタイトルです")).encode("euc_jp"), "日本語のタイトルです"),
        (rss(item(1, "안녕하세요 세계")).encode("euc_kr"), "안녕하세요 세계"),
        (rss(item(1, "こんにちは世界")).encode("shift_jis"), "こんにちは世界"),
        (rss(item(1, "テスト"), head='<?xml version="1.0" encoding="iso-2022-jp"?>').encode("iso-2022-jp"), "テスト"),
    ],
)  # fmt: skip
def test_encodings_declared_or_not(body: bytes, wanted: str) -> None:
    assert titles(parse(body)) == [wanted]


def test_the_charset_of_the_server_counts_where_the_document_says_nothing() -> None:
    body = rss(item(1, "Žluťoučký"), head="").encode("iso-8859-2")
    assert titles(parse(body, content_type="text/xml; charset=ISO-8859-2")) == ["Žluťoučký"]


@pytest.mark.parametrize("encoding", ["windows-1251", "utf-8"])
def test_the_document_is_believed_before_its_server(encoding: str) -> None:
    head = f'<?xml version="1.0" encoding="{encoding}"?>'
    body = rss(item(1, "Привет"), head=head).encode(encoding)
    for charset in ("utf-8", "iso-8859-1", "us-ascii", "nonsense"):
        assert titles(parse(body, content_type=f"text/xml; charset={charset}")) == ["Привет"]


def test_atom_is_mended_as_rss_is() -> None:
    broken = (
        "<feed><title>F</title><entry><id>1</id><title>A & B&rsquo;s</title></entry>"
        "<entry><id>2</id><title type='html'>AT&amp;amp;amp;T<title></entry>"
        "<entry><id>3</id><title><![CDATA[C]]></title><dc:creator>Jo</dc:creator>"
        "<entry><id>4</id><title>caf\x0b\xe9</title><link href='https://e.org/4'/></ent"
    )
    feed = parse(broken)
    assert [(e.guid, e.title) for e in feed.entries] == [
        ("1", "A & B’s"), ("2", "AT&T"), ("3", "C"), ("4", "café"),
    ]  # fmt: skip
    assert feed.entries[2].authors == ("Jo",)
    assert feed.partial


def test_one_wrong_byte_garbles_nothing_else() -> None:
    body = rss(*(item(n, f"Grüße №{n}") for n in range(1, 9)), item(9, "caf@")).encode()
    feed = parse(body.replace(b"caf@", b"caf\xe9"))
    assert titles(feed) == [*(f"Grüße №{n}" for n in range(1, 9)), "café"]
    assert feed.notes == ("1 bytes are not UTF-8",)


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;">]>',
        '<!DOCTYPE rss [\n<!ENTITY c SYSTEM "file:///etc/passwd">\n]>',
        '<!DOCTYPE rss SYSTEM "http://127.0.0.1:9/x.dtd" [<!ENTITY % c SYSTEM "file:///x"> %c;]>',
        '<!DOCTYPE rss PUBLIC "-//N//DTD RSS 0.91//EN" "http://n.example/rss-0.91.dtd">',
        '<!DOCTYPE rss [ <!ENTITY c "]>">',
    ],
)
def test_entities_that_a_document_defines_do_no_harm(doctype: str) -> None:
    feed = parse(rss(item(1, "x &c; y"), head=doctype))
    assert len(feed.entries) == 1
    assert len(feed.entries[0].title) < 20
    assert "root:" not in feed.entries[0].title


def test_short_plain_entities_are_put_in() -> None:
    head = '<!DOCTYPE rss [<!ENTITY corp "Example Ltd"><!ENTITY nbsp "&#160;">]>'
    assert titles(parse(rss(item(1, "&corp;&nbsp;news"), head=head))) == ["Example Ltd news"]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "empty"),
        (b" \n\t", "empty"),
        (b"Not a feed at all", "neither XML nor JSON"),
        (b"/etc/passwd", "neither XML nor JSON"),  # no parser may take a body for a file's name
        (b"file:///etc/passwd", "neither XML nor JSON"),
        (b"\x89PNG\r\n\x1a\n\x00\x01", "neither XML nor JSON"),
        (b'<?xml version="1.0"?><opml version="2.0"><body/></opml>', "OPML"),
        (b'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url/></urlset>', "sitemap"),
        (b"<note><to>you</to></note>", "<note>"),
        (b"<!DOCTYPE html><html><body>hello</body></html>", "web page without"),
        (b'{"a": 1}', "no JSON Feed"),
        (b"[1, 2]", "no JSON Feed"),
    ],
)
def test_what_is_no_feed_is_called_by_its_name(body: bytes, message: str) -> None:
    with pytest.raises(NotAFeed, match=message):
        parse(body)


def test_a_page_offers_the_feeds_it_links_to() -> None:
    page = (
        b"<!doctype html><html><head><title>x</title>"
        b"<link rel=alternate type=application/rss+xml href=/rss title='The feed'></head></html>"
    )
    with pytest.raises(NotAFeed) as caught:
        parse(page)
    assert [offer.url for offer in caught.value.offers] == ["https://example.org/rss"]
    assert "https://example.org/rss" in str(caught.value)


def test_a_feed_inside_a_page_or_under_its_doctype_is_a_feed() -> None:
    feed = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>t</title><id>1</id></entry></feed>'
    )
    assert titles(parse("<!DOCTYPE html>" + feed)) == ["t"]
    assert titles(parse(f"<!DOCTYPE html><html><body>{feed}</body></html>")) == ["t"]


@pytest.mark.parametrize(
    "body",
    [b"{", b'{"items": [', b"[" * 100_000, b'{"a":' * 50_000, b'{"n": ' + b"9" * 9999 + b"}"],
)
def test_broken_json_is_a_parse_error(body: bytes) -> None:
    with pytest.raises(ParseError):
        parse(body)


# ── where a document breaks off ──────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("end", "partial", "cut"),
    [
        ("</channel></rss>", False, None),
        ("</rss>", False, None),  # careless, but nothing is missing
        ("", True, None),
        ("</chann", True, None),
        ("<item><title>Entry 3</title><link>https://example.org/3", True, "Entry 3"),
        ("<item><title>Entry 3</title><description>It was <b>a", True, "Entry 3"),
        ("<item><title><![CDATA[Entry 3", True, "Entry 3"),
        ("<item>", True, None),  # says nothing, so there is no such entry
        ("<item><title>Entry 2</title><link>https://example.org/2", True, "Entry 2"),
    ],
)
def test_where_a_document_breaks_off_is_told(end: str, partial: bool, cut: str | None) -> None:
    whole = rss(item(1), item(2))
    feed = parse(whole.removesuffix("</channel></rss>") + end)
    assert feed.partial is partial
    assert any("breaks off" in note for note in feed.notes) is partial
    named = [entry.title for entry in feed.entries if entry.identity == feed.cut]
    assert named == ([cut] if cut else [])


def test_a_broken_sign_is_no_break() -> None:
    assert not parse(rss(item(1, "a & b"), item(2))).partial


def test_a_cut_entry_that_is_not_among_the_newest_is_not_named() -> None:
    dated = "".join(
        item(n, extra=f"<pubDate>Mon, {n:02} Nov 2026 12:00:00 GMT</pubDate>") for n in (9, 8, 7)
    )
    old = "<item><title>Old</title><pubDate>Mon, 02 Nov 2020 12:00:00 GMT</pubDate><descr"
    body = rss(dated).removesuffix("</channel></rss>") + old
    feed = parse_feed(body.encode(), url=URL, max_entries=3)
    assert (feed.partial, feed.cut, len(feed.entries)) == (True, None, 3)


def test_an_entry_that_is_named_twice_loses_only_its_cut_copy() -> None:
    body = rss(item(1), item(1, "Entry 1 again")).replace("</link></item></channel></rss>", "")
    feed = parse(body)
    assert [e.title for e in feed.entries if e.identity != feed.cut] == ["Entry 1"]
