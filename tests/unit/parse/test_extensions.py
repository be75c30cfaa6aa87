"""Extensions of the formats, and what one item must not do to the next."""

from __future__ import annotations

import pytest

from aggregator.errors import ParseError
from aggregator.model import Enclosure, Entry, ParsedFeed
from aggregator.parse.elements import Elements
from aggregator.parse.feed import parse_feed

URL = "https://feeds.example/feed"
ATOM = "http://www.w3.org/2005/Atom"
XHTML = "http://www.w3.org/1999/xhtml"
HISTORY = "http://purl.org/syndication/history/1.0"


def rss(inner: str, attributes: str = "") -> ParsedFeed:
    document = f"<rss version='2.0' {attributes}><channel><title>F</title>{inner}</channel></rss>"
    return parse_feed(document.encode(), url=URL)


def one(inner: str, attributes: str = "") -> Entry:
    (entry,) = rss(f"<item><title>t</title>{inner}</item>", attributes).entries
    return entry


def atom(inner: str, attributes: str = "") -> ParsedFeed:
    return parse_feed(f"<feed xmlns='{ATOM}' {attributes}>{inner}</feed>".encode(), url=URL)


@pytest.mark.parametrize("prefix", ["fh", "history"])
def test_complete_and_archived_feeds_say_so(prefix: str) -> None:
    declared = f"xmlns:{prefix}='{HISTORY}'"
    complete = atom(f"<{prefix}:complete/>", declared)
    archive = atom(f"<{prefix}:archive/><link rel='prev-archive' href='/2'/>", declared)
    assert (complete.complete, complete.archive, complete.previous_url) == (True, False, None)
    assert (archive.complete, archive.archive) == (False, True)
    assert (archive.previous_url, archive.previous_is_archive) == ("https://feeds.example/2", True)
    paged = atom("<link rel='next' href='?page=2'/>")
    assert (paged.previous_url, paged.previous_is_archive) == (f"{URL}?page=2", False)
    assert not atom("").complete


def test_what_a_podcast_says_of_itself_describes_it() -> None:
    itunes = "xmlns:itunes='http://www.itunes.com/dtds/podcast-1.0.dtd'"
    assert rss("<itunes:summary>About it</itunes:summary>", itunes).description == "About it"
    both = "<description>Its own</description><itunes:summary>About it</itunes:summary>"
    assert rss(both, itunes).description == "Its own"


def test_an_item_may_have_a_language_of_its_own() -> None:
    inner = "<language>en</language><item xml:lang='fr'><title>t</title><dc:language>de</dc:language></item>"
    (entry,) = rss(inner, "xmlns:dc='http://purl.org/dc/elements/1.1/'").entries
    assert entry.language == "de"


@pytest.mark.parametrize(
    ("served_in", "spoken"),
    [("de", "de"), ("pt_BR", "pt-BR"), ("de, en", None), ("", None), ("\ud800" * 9, None)],
)
def test_a_feed_without_a_language_has_that_of_its_answer(served_in: str, spoken: str) -> None:
    named = {
        "fr": "<rss version='2.0'><channel><language>fr</language><item><title>t</title></item></channel></rss>",
        "it": '{"version":"https://jsonfeed.org/version/1.1","language":"it","items":[{"id":"1","title":"t"}]}',
    }
    for language, document in named.items():
        silent = document.replace(f"<language>{language}</language>", "")
        silent = silent.replace(f'"language":"{language}",', "")
        for said, expected in ((document, language), (silent, spoken)):
            feed = parse_feed(said.encode(), url=URL, language=served_in)
            assert [feed.language, feed.entries[0].language] == [expected, expected]


def test_a_blank_language_is_none_but_not_that_of_a_whole_feed() -> None:
    inner = "<entry xml:lang=''><title>t</title></entry><entry><title>u</title></entry>"
    german = atom(inner, "xml:lang='de'")
    assert [e.language for e in german.entries] == [None, "de"]
    title = "<item><title xml:lang=''>t</title></item><item><title>u</title></item>"
    english = rss(f"<language>en</language>{title}", "xml:lang=''")
    assert [e.language for e in english.entries] == [None, "en"]


def test_what_a_podcast_encloses() -> None:
    itunes = "xmlns:itunes='http://www.itunes.com/dtds/podcast-1.0.dtd'"
    inner = (
        "<enclosure url='https://e.org/1.mp3' type='audio/mpeg' length='1234'/>"
        "<itunes:image href='https://e.org/1.jpg'/><itunes:duration>nonsense</itunes:duration>"
        "<itunes:explicit>no</itunes:explicit><itunes:episode>-1</itunes:episode>"
    )
    entry = one(inner, itunes)
    assert entry.enclosures == (Enclosure("https://e.org/1.mp3", "audio/mpeg", 1234),)
    assert entry.image == "https://e.org/1.jpg"


@pytest.mark.parametrize(
    "image", ["<image>{}</image>", "<image><url>{}</url><title>x</title></image>"]
)
def test_an_items_image_is_its_image_and_nothing_more(image: str) -> None:
    entry = one(image.format("https://e.org/i.png"))
    assert (entry.title, entry.image) == ("t", "https://e.org/i.png")


def test_a_file_named_in_a_links_text_is_not_the_page() -> None:
    page = "<link rel='alternate' href='/page'/>"
    file = "<link rel='enclosure'>https://e.org/a.mp3</link>"
    for links in (page + file, file + page):
        (entry,) = atom(f"<entry><title>t</title>{links}</entry>").entries
        assert entry.url == "https://feeds.example/page"
        assert [e.url for e in entry.enclosures] == ["https://e.org/a.mp3"]


@pytest.mark.parametrize(
    "inner",
    [
        "<thr:total xmlns:thr='http://purl.org/syndication/thread/1.0'>5</thr:total>",
        "<georss:point xmlns:georss='http://www.georss.org/georss'>nowhere</georss:point>",
        "<podcast:person xmlns:podcast='https://podcastindex.org/namespace/1.0'>Ann</podcast:person>",
        "<x:link xmlns:x='urn:x'>https://e.org/other</x:link>",
    ],
)
def test_what_the_model_has_no_place_for_changes_nothing(inner: str) -> None:
    text = "<link>https://e.org/1</link><description>d</description>"
    assert one(text + inner).content_hash == one(text).content_hash


@pytest.mark.parametrize("tag", ["title", "summary", "description", "content", "name", "source"])
def test_markup_that_is_named_like_an_element_is_text(tag: str) -> None:
    inner = f"<{tag}>in it</{tag}><p>after</p>"
    body = f"<content type='xhtml'><div xmlns='{XHTML}'>{inner}</div></content>"
    next_one = "<entry><id>2</id><title type='html'>&lt;b&gt;next&lt;/b&gt;</title></entry>"
    first, second = atom(f"<entry><id>1</id><title>t</title>{body}</entry>{next_one}").entries
    assert first.title == "t"
    assert "after" in first.content_html
    assert second.title == "next"


def test_a_base_ends_with_its_entry() -> None:
    div = "<content type='html'><div>text</div></content>"
    inner = f"<entry xml:base='https://b.example/'><id>1</id><link href='x'/>{div}</entry>"
    first, second = atom(f"{inner}<entry><id>2</id><link href='x'/></entry>").entries
    assert first.url == "https://b.example/x"
    assert second.url == "https://feeds.example/x"


def test_a_namespace_damaged_by_a_line_break_is_known() -> None:
    hub = "<a:link xmlns:a='http://www\n.w3.org/2005/Atom' rel='hub' href='https://hub.example/'/>"
    assert rss(hub).hub_url == "https://hub.example/"


MEDIA = "xmlns:media='http://search.yahoo.com/mrss/'"


def test_what_stands_after_the_items_belongs_to_the_feed() -> None:
    tail = "<media:description>of it</media:description><link>https://e.org/</link>"
    feed = rss(f"<item><title>t</title><channel/><rss/></item>{tail}", MEDIA)
    (entry,) = feed.entries
    assert (feed.site_url, feed.notes) == ("https://e.org/", ())
    assert (entry.title, entry.html, entry.url) == ("t", "", None)


def test_an_element_that_cannot_be_read_costs_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ValueError

    monkeypatch.setattr(Elements, "_start_media_credit", fail)
    broken = (
        "<item><title>t</title><media:credit>x</media:credit><link>https://e.org/1</link></item>"
    )
    feed = rss(broken * 2 + "<item><title>u</title></item>", MEDIA)
    assert [(e.title, e.url) for e in feed.entries] == [("t", "https://e.org/1"), ("u", None)]
    assert "2 elements could not be read" in feed.notes
    with pytest.raises(ParseError, match="too many elements"):
        rss(broken.replace("<media", "<media:credit/><media") * 600, MEDIA)


def test_the_source_of_an_entry_is_not_the_entry() -> None:
    source = "<source><id>s</id><title>Source</title><link href='/s'/><updated>2020-01-01T00:00:00Z</updated></source>"
    said = "<id>1</id><title>t</title><link href='/1'/><updated>2021-09-06T12:00:00Z</updated>"
    for inner in (said + source, source + said):
        (entry,) = atom(f"<entry>{inner}</entry>").entries
        assert (entry.guid, entry.title, entry.url) == ("1", "t", "https://feeds.example/1")
        assert entry.updated is not None
        assert entry.updated.year == 2021


def test_a_title_deeper_inside_does_not_replace_the_entrys_own() -> None:
    assert one("<x:box xmlns:x='urn:x'><title>inner</title></x:box>").title == "t"


def test_the_date_of_creation_counts_where_there_is_no_other() -> None:
    terms = "xmlns:dcterms='http://purl.org/dc/terms/'"
    created = "<dcterms:created>2021-09-06T12:00:00Z</dcterms:created>"
    issued = "<dcterms:issued>2021-09-07T12:00:00Z</dcterms:issued>"
    assert [str(one(x, terms).published)[:10] for x in (created, created + issued)] == [
        "2021-09-06",
        "2021-09-07",
    ]


def test_markup_where_text_was_announced_is_kept() -> None:
    content = "<content type='html'><div>one <b>two</b></div></content>"
    (entry,) = atom(f"<entry><id>1</id>{content}</entry>").entries
    assert "one" in entry.content_html
    assert "two" in entry.content_html
