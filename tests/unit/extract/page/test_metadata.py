"""read_metadata: what a page says about itself, and what of it is believed."""

import json
from datetime import UTC, datetime
from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.extract.page.metadata import Metadata, read_metadata
from aggregator.extract.page.tree import parse_page
from aggregator.text.dates import parse_date

URL = "https://www.example.org/2026/bridge"


def read(head: str, body: str = "<p>x</p>", url: str = URL) -> Metadata:
    tree = parse_page(f"<html><head>{head}</head><body>{body}</body></html>")
    return read_metadata(tree, url, url)


@pytest.mark.parametrize(
    ("href", "expected"),
    [
        ("https://www.example.org/2026/bridge-opens", "https://www.example.org/2026/bridge-opens"),
        ("/2026/bridge?utm_source=x", "https://www.example.org/2026/bridge"),
        ("https://example.org/a", "https://example.org/a"),
        ("https://blog.example.org/a", "https://blog.example.org/a"),
        ("https://elsewhere.example/a", None),
        ("https://org/a", None),
        ("/", None),  # a template's mistake: every page claims to be the home page
        ("javascript:alert(1)", None),
        ("http://[", None),
        ("", None),
    ],
)
def test_canonical_is_believed_within_the_site(href: str, expected: str | None) -> None:
    assert read(f'<link rel="Canonical" href="{href}">').canonical_url == expected


def test_json_ld_wins_over_meta() -> None:
    found = read(
        '<script type="application/ld+json">{"@graph": [{"@type": "WebSite", "name": "The Daily"}, '
        '{"@type": ["NewsArticle"], "headline": "Bridge opens", "author": [{"name": "Jane Doe"}, {"name": "A. Smith"}], '
        '"datePublished": "2026-11-23T10:00:00Z", "image": {"url": "/i/b.jpg"}, "inLanguage": "en-GB"}]}</script>'
        '<meta name="author" content="jane doe"><meta name="date" content="2020-01-01">'
    )
    assert found.title == "Bridge opens"
    assert found.authors == ("Jane Doe", "A. Smith")
    assert found.published == datetime(2026, 11, 23, 10, tzinfo=UTC)
    assert found.image == "https://www.example.org/i/b.jpg"
    assert found.language == "en-GB"


@pytest.mark.parametrize(
    "json",
    ["{", "[" * 100_000, '{"@type": 5}', "null", '{"@type": "Article", "author": [[["x"]]]}'],
)
def test_broken_json_ld_is_passed_over(json: str) -> None:
    head = f'<script type="application/ld+json">{json}</script><meta property="og:title" content="Bridge">'
    assert read(head).title == "Bridge"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("By Jane Doe", ("Jane Doe",)),
        ("https://social.example/jane", ()),
        ("@jane", ()),
        ("x" * 200, ()),
        ("Von A. B.", ("A. B.",)),
    ],
)
def test_authors(content: str, expected: tuple[str, ...]) -> None:
    assert read(f'<meta name="author" content="{content}">').authors == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-11-23T08:30:00+01:00", datetime(2026, 11, 23, 7, 30, tzinfo=UTC)),
        ("2026-11-23", datetime(2026, 11, 23, tzinfo=UTC)),
        ("0001-01-01T00:00:00+14:00", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_dates(value: str, expected: datetime | None) -> None:
    assert parse_date(value) == expected


def test_a_page_that_says_nothing() -> None:
    assert read("") == Metadata()


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("By Jane Doe", "Jane Doe"),
        ("Author: Jane Doe", "Jane Doe"),
        ("Author 11", "Author 11"),
        ("Di Mario Rossi", "Mario Rossi"),
        ("Di Maria", "Di Maria"),
        ("Da Silva", "Da Silva"),
    ],
)
def test_bylines_lose_their_by_and_names_lose_nothing(said: str, name: str) -> None:
    page = f'<html><head><meta name="author" content="{said}"></head><body><p>x</p></body></html>'
    tree = parse_page(page)
    assert read_metadata(tree, "https://a.example/b", "https://a.example/b").authors == (name,)


def ld(**members: object) -> str:
    document = json.dumps({"@type": "NewsArticle", **members})
    return f'<script type="application/ld+json">{document}</script>'


@pytest.mark.parametrize(
    ("head", "name"),
    [
        ('<meta property="og:site_name" content="The Daily">', "The Daily"),
        (ld(publisher={"name": "The Daily"}), "The Daily"),
        ('<script type="application/ld+json">{"@type": "WebSite", "name": "The Daily"}</script>', "The Daily"),
        ('<meta name="application-name" content="x' + "y" * 200 + '">', ""),
        ("", ""),
    ],
)  # fmt: skip
def test_site_names(head: str, name: str) -> None:
    assert read(head).site_name == name


SECTIONED = (
    '<meta property="article:section" content="City"><meta property="article:tag" content="Bridges">'
    '<meta property="article:tag" content="bridges"><meta name="keywords" content="x, y">'
)


@pytest.mark.parametrize(
    ("head", "tags"),
    [
        (SECTIONED, ("City", "bridges")),
        ('<meta name="keywords" content="Bridges, Rivers; steel,, #rain">', ("Bridges", "Rivers", "steel", "rain")),
        (ld(keywords=["Bridges", "Rivers"], articleSection="City"), ("City", "Bridges", "Rivers")),
        (ld(keywords="橋、川, x"), ("橋", "川")),
        ('<meta name="keywords" content="' + ",".join(f"word{n}" for n in range(40)) + '">', ()),
        ("", ()),
    ],
)  # fmt: skip
def test_tags_are_a_list(head: str, tags: tuple[str, ...]) -> None:
    assert tuple(tag.casefold() for tag in read(head).tags) == tuple(t.casefold() for t in tags)


def test_what_the_page_says_of_its_text() -> None:
    found = read(
        ld(articleBody="<p>One &amp; two</p>\n<p>three</p>", isAccessibleForFree="False")
        + '<meta name="description" content="All of it">'
    )
    assert (found.body, found.description, found.is_free) == ("One & two three", "All of it", False)
    assert read(ld(isAccessibleForFree=True)).is_free
    assert read("").is_free


BYLINES = [
    (ld(author=[{"@type": "Person", "name": "Jane Doe"}, "Ann Lee"]), "", ("Jane Doe", "Ann Lee")),
    (ld(author={"@type": "Person", "givenName": "Jane", "familyName": "Doe"}), "", ("Jane Doe",)),
    (ld(author="Jane Doe and Ann Lee"), "", ("Jane Doe", "Ann Lee")),
    (ld(author="Jane Doe, Ann Lee & Max van der Berg"), "", ("Jane Doe", "Ann Lee", "Max van der Berg")),
    (ld(author="Barnes & Noble"), "", ("Barnes & Noble",)),
    (ld(author="Jane Doe, Staff Writer"), "", ("Jane Doe",)),
    (ld(author="Jane Doe, MD, PhD"), "", ("Jane Doe",)),
    (ld(author=[{"name": "admin"}]), '<a rel="author">Jane Doe</a>', ("Jane Doe",)),
    (ld(author="12345"), "", ()),
    (ld(author="jane@example.org"), "", ()),
    (ld(author="jane@example.org (Jane Doe)"), "", ("Jane Doe",)),
    (ld(author="The Associated Press"), "", ("The Associated Press",)),
    (
        '<meta name="citation_author" content="Doe, Jane"><meta name="citation_author" content="Lee, Ann">',
        "",
        ("Jane Doe", "Ann Lee"),
    ),
    (
        '<meta property="og:site_name" content="The Daily"><meta name="author" content="Daily">',
        '<p class="byline">By Jane Doe</p>',
        ("Jane Doe",),
    ),
    ('<meta property="og:site_name" content="The Daily"><meta name="author" content="The Daily">', "", ("The Daily",)),
    ('<meta property="article:author" content="https://social.example/jane">', "", ()),
    ('<meta name="twitter:label1" content="Written by"><meta name="twitter:data1" content="Jane Doe">', "", ("Jane Doe",)),
    ("", '<span itemprop="author" itemscope><span itemprop="name">Jane Doe</span>, Berlin</span>', ("Jane Doe",)),
    ("", '<div class="post-author"><span>Jane Doe</span><span>Head of Data</span></div>', ("Jane Doe",)),
    ("", "<h1>A bridge</h1><p>By Jane Doe | 3 March 2026</p>", ("Jane Doe",)),
    ("", '<div class="comments"><a rel="author">Jane Doe</a></div>', ()),
    (ld(author={"@type": "Organization", "name": "Harbour Gazette"}), '<a rel="author">Jane Doe</a>', ("Jane Doe",)),
    ('<meta name="author" content="Jane Doe | Harbour Gazette"><title>A bridge | Harbour Gazette</title>', "<h1>A bridge</h1>", ("Jane Doe",)),
    ("", '<p>By <a rel="author">Jane Doe</a>, <a rel="author">Ann Lee</a></p>', ("Jane Doe", "Ann Lee")),
    ("", '<p><b itemprop="author"><i itemprop="name">Jane Doe</i></b><b itemprop="author"><i itemprop="name">Ann Lee</i></b></p>', ("Jane Doe", "Ann Lee")),
    ("", '<footer class="meta"><a rel="author">Jane Doe</a></footer>', ("Jane Doe",)),
    ("", '<footer class="meta"><a rel="author">Jane Doe</a><a rel="author">Ann Lee</a></footer>', ()),
    ("", '<h1>The Blog</h1><h1>A bridge</h1><p class="author"> Jane Doe<br> 4 August 2026 </p>', ("Jane Doe",)),
    (ld(author="Jean-Luc Doe (Jane)"), "", ("Jean-Luc Doe",)),
    (ld(author="Doe, Jane T."), "", ("Jane T. Doe",)),
    (ld(author="Log In"), "", ()),
    ("", '<div class="author">About the author</div>', ()),
    ("", '<h1>橋</h1><p class="author">山田太郎</p>', ("山田太郎",)),
    # a list, then each of its people again
    ("", '<p itemprop="author"><a rel="author">Jane Doe</a></p>', ("Jane Doe",)),
    ("", "<h1>A bridge</h1><small class='writer'>WRITTEN BY</small><p>x</p>", ()),
    ("", '<div class="author-box"><h4 itemprop="author">About Jane Doe</h4></div>', ("Jane Doe",)),
    ("", '<p class="author-description">Licensed Grader, M.A. Journalism</p>', ()),
    ('<meta name="author" content="Jane Doe, From Harbours">', "", ("Jane Doe",)),
    # nobody signed with a name in full
    ("", '<h1>A bridge</h1><a rel="author">The Harbour Team</a>', ("The Harbour Team",)),
    ("", '<h1>A bridge</h1><p class="byline">Posted by <a>janed</a></p>', ("janed",)),
    ("", '<h1>A bridge</h1><p class="byline">By Our Editors</p><p class="byline">Jane Doe</p>', ("Jane Doe",)),
    ("", '<h1>A bridge</h1><p class="author-name">December</p>', ()),
    ("", '<h1>A bridge</h1><div class="related"><p class="author-name">The Harbour Team</p></div>', ()),
]  # fmt: skip


@pytest.mark.parametrize(("head", "body", "expected"), BYLINES)
def test_who_wrote_it(head: str, body: str, expected: tuple[str, ...]) -> None:
    assert read(head, body or "<p>x</p>").authors == expected


def test_an_author_in_a_node_of_its_own() -> None:
    head = (
        '<script type="application/ld+json; charset=utf-8"><!-- {"@graph": [{"@type": "NewsArticle", "headline": "A",'
        ' "author": {"@id": "#jane"}, }, {"@type": "Person", "@id": "#jane", "name": "Jane Doe"}]} --></script>'
    )
    assert read(head).authors == ("Jane Doe",)


DATES = [
    (ld(datePublished="2026-11-23T10:00:00"), "", datetime(2026, 11, 23, 10, tzinfo=UTC)),
    (
        ld(datePublished="2026-11-23T10:00:00"),
        '<time datetime="2026-11-23T10:00:00+02:00">x</time>',
        datetime(2026, 11, 23, 8, tzinfo=UTC),
    ),
    (ld(datePublished="November 23, 2026"), "", datetime(2026, 11, 23, tzinfo=UTC)),
    (
        ld(datePublished="2026-11-23"),
        '<time datetime="2026-11-23T10:00:00+02:00">x</time>',
        datetime(2026, 11, 23, 8, tzinfo=UTC),
    ),
    ('<meta name="citation_publication_date" content="2026/11/23">', "", datetime(2026, 11, 23, tzinfo=UTC)),
    ('<meta property="article:published_time" content="Mon, 23 Nov 2026 10:00:00 GMT">', "", datetime(2026, 11, 23, 10, tzinfo=UTC)),
    ("", "<h1>A bridge</h1><p>Published on November 23, 2026 | 5 min read</p>", datetime(2026, 11, 23, tzinfo=UTC)),
    ("", '<h1>A bridge</h1><div class="post-date">23. November 2026</div>', datetime(2026, 11, 23, tzinfo=UTC)),
    ('<meta name="published" content="November 23, 2026">', "", datetime(2026, 11, 23, tzinfo=UTC)),
    ("", '<h1>A bridge</h1><p class="author">Jane Doe<br>23 November 2026</p>', datetime(2026, 11, 23, tzinfo=UTC)),
    ("", '<article><aside><time datetime="2026-11-23">23</time></aside><h1>A bridge</h1></article>', datetime(2026, 11, 23, tzinfo=UTC)),
    (ld(datePublished=1795428000), "", datetime(2026, 11, 23, 10, tzinfo=UTC)),
    ("", '<h1>A bridge</h1><span class="date" data-timestamp="1795428000">today</span>', datetime(2026, 11, 23, 10, tzinfo=UTC)),
    ("", '<h1>Un pont</h1><p class="date">Publié le 23 novembre 2026 à 10h00</p>', datetime(2026, 11, 23, 10, tzinfo=UTC)),
    ("", '<h1>A bridge</h1><div class="related"><time datetime="2020-01-02">x</time></div>', None),
    ("", "<h1>A bridge</h1><p>Updated on November 24, 2026</p>", datetime(2026, 11, 24, tzinfo=UTC)),
    ('<meta property="article:published_time" content="0001-01-01T00:00:00Z">', "", None),
]  # fmt: skip


@pytest.mark.parametrize(("head", "body", "expected"), DATES)
def test_when_it_was_published(head: str, body: str, expected: datetime | None) -> None:
    assert read(head, body or "<p>x</p>").published == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        # before the heading, and a listing after it
        ("<header><span class='d__date'>May 2, 2026</span><h1>Bridge</h1></header>" + "<p>x</p>" * 70
         + "<ul><li><p class='item-date'>May 9, 2026</p></li></ul>", "2026-05-02"),
        ("<h1>Bridge</h1><div><b>By <a href='/a'>Ana Po</a></b> - May 2, 2026</div>", "2026-05-02"),
        ("<h1>Bridge</h1><div class=date>5/22/2026</div>", "2026-05-22"),
        ("<div><svg></svg> May 2, 2026 </div><h1>Bridge</h1>", "2026-05-02"),
        ("<h1>Bridge</h1>" + "<p>x</p>" * 90 + "<footer>Short address <br> Last updated May 2, 2026</footer>", "2026-05-02"),
        ("<h1>Bridge</h1>" + "<p>x</p>" * 90 + "<p>Sources <br> May 2, 2026</p>", None),
        ("<h1>Bridge</h1><time datetime='on Saturday May 2, 2026 @08:00PM'>then</time>", "2026-05-02T20:00"),
        ("<h1>Bridge</h1><abbr class=published itemprop=datePublished title='2026-05-02T10:00:00Z'>long ago</abbr>", "2026-05-02T10:00"),
        ("<h1>Bridge</h1><date>May 2nd, 2026</date>", "2026-05-02"),
        ("<h1>Bridge</h1><p>x</p><div class=post-sidebar><h4>Published</h4><div class=single-date>May 2, 2026</div></div>", "2026-05-02"),
        ("<h1>Bridge</h1><p>x</p><div class=sidebar><i class=date>May 2, 2026</i><i class=date>May 3, 2026</i></div>", None),
        ("<h1>Bridge</h1><p>x</p><div class=comments><i class=date>May 2, 2026</i></div>", None),
        ("<h1>Site</h1><div class=widget><h3>The bridge opens</h3><i class=date>May 2, 2026</i></div>", "2026-05-02"),
        ("<h1>Bridge</h1>" + "<p>x</p>" * 250 + "<p>Last updated: May 2, 2026</p>", "2026-05-02"),
        ("<h1>Bridge</h1><script>x = {'title': 1, 'publishedAt': '2026-05-02T10:00:00Z'}</script>", "2026-05-02T10:00"),
        ('<h1>Bridge</h1><script>x={"published_at":"2026-05-02","y":{"published_at":"2026-05-03"}}</script>', None),
        ('<h1>Bridge</h1><script>x={"title":"The bridge opens","published_at":"2026-05-02","y":"' + "y" * 3000
         + '","z":{"published_at":"2026-05-03"}}</script>', "2026-05-02"),
    ],
)  # fmt: skip
def test_dates_that_pages_show(body: str, expected: str | None) -> None:
    found = read(
        "<title>The bridge opens</title>", body, "https://www.example.org/bridge"
    ).published
    assert (found and found.isoformat()[: len(expected or "")]) == expected


@pytest.mark.parametrize(
    ("attributes", "said", "expected"),
    [
        ("", "Sat, 05/02/2026 - 11:38", "2026-05-02T11:38"),
        ("", "Thu, 02/05/2026 - 11:38", "2026-02-05T11:38"),
        ("", "05/02/2026", None),
        ("", "05/22/26", "2026-05-22"),
        ("lang=en-US", "05/02/2026", "2026-05-02"),
        ("lang=en-GB", "05/02/2026", "2026-02-05"),
        ("lang=fr", "05/02/2026", "2026-02-05"),
    ],
)
def test_slashed_dates(attributes: str, said: str, expected: str | None) -> None:
    page = f'<html {attributes}><head><meta property="article:published_time" content="{said}"></head><body><p>x</p></body></html>'
    found = read_metadata(parse_page(page), "https://www.example.org/a", URL).published
    assert (found and found.isoformat()[: len(expected or "")]) == expected


@pytest.mark.parametrize(
    ("url", "body", "expected"),
    [
        ("https://www.example.gov/a", "", "2026-05-02"),
        ("https://www.example.co.uk/a", "", "2026-02-05"),
        ("https://www.example.org/a", "<p>Open from 30/04/2025.</p>", "2026-02-05"),
        ("https://www.example.org/a", "<p>Open from 04/30/2025.</p>", "2026-05-02"),
        ("https://www.example.org/a", "<p>Open from 04/30/2025, elsewhere 30/04/2025.</p>", None),
        ("https://www.example.org/a", "<p>12/30/4 or 1/30</p><script>'04/30/2025'</script>", None),
    ],
)
def test_what_tells_how_dates_are_written(url: str, body: str, expected: str | None) -> None:
    found = read("", f"<h1>A bridge</h1><p class=date>05/02/2026</p>{body}", url).published
    assert (found and found.isoformat()[:10]) == expected


def test_json_ld_in_other_spellings() -> None:
    for document in (
        {"@type": "newsarticle", "DatePublished": "2026-05-02T10:00:00Z", "Author": "Jane Doe"},
        {
            "@type": "schema:NewsArticle",
            "schema:datePublished": "2026-05-02T10:00:00Z",
            "schema:author": "Jane Doe",
        },
        {
            "@type": "https://schema.org/NewsArticle",
            "https://schema.org/datepublished": "2026-05-02T10:00:00Z",
            "author": ["Jane Doe"],
        },
    ):
        found = read(f'<script type="application/ld+json">{json.dumps(document)}</script>')
        assert found.published == datetime(2026, 5, 2, 10, tzinfo=UTC)
        assert found.authors == ("Jane Doe",)


def test_dates_that_systems_call_their_own() -> None:
    for name in ("w-published-date", "DCSext.articleFirstPublished", "publication-time"):
        assert read(f'<meta name="{name}" content="2026-05-02T10:00:00Z">').published
    assert not read(
        '<meta name="republished-by" content="2026-05-02T10:00:00Z">', url="https://a.example/b"
    ).published


def test_an_address_dates_a_page_that_does_not() -> None:
    for path in ("2026/11/23/bridge", "2026/november/23/bridge", "blog/2026/Nov/23"):
        found = read("", url=f"https://a.example/{path}").published
        assert found == datetime(2026, 11, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<p>Editor's note: we updated this article on February 2, 2026, with new picks.</p>", "2026-02-02"),
        ("<p>Last reviewed 2 February 2026</p>", "2026-02-02"),
        ("<p>It was first published on 2026-02-02 and read widely.</p>", "2026-02-02"),
        ("<p>The law was passed on February 2, 2026.</p>", None),
        ("<p>We updated this page on May 1, 2026.</p><p>Last updated February 2, 2026.</p>", None),
        ("<ul><li>A report, published February 2, 2026.</li></ul>", None),
        ("<div class=references><p>Science, published on February 2, 2026.</p></div>", None),
    ],
)  # fmt: skip
def test_a_sentence_dates_a_page_that_states_nothing(body: str, expected: str | None) -> None:
    found = read("", "<h1>A bridge</h1>" + "<p>x</p>" * 250 + body, "https://a.example/b").published
    assert (found and found.isoformat()[:10]) == expected
    stated = ld(datePublished="2026-01-01")
    assert read(stated, body).published == datetime(2026, 1, 1, tzinfo=UTC)


def test_a_date_stands_beside_who_wrote_it_wherever_that_is() -> None:
    body = "<h1>A bridge</h1>" + "<p>x</p>" * 250
    signed = body + "<p>Written by <a href='/author/jane'>Jane Doe</a></p><p>May 2, 2026</p>"
    assert read("", signed).published == datetime(2026, 5, 2, tzinfo=UTC)
    assert read("", body + "<p>May 2, 2026</p>").published is None


def test_a_change_that_json_ld_calls_the_publication() -> None:
    first = '<meta property="article:published_time" content="2026-05-02T10:00:00Z">'
    changed = {"datePublished": "2026-11-23T10:00:00Z", "dateModified": "2026-11-23T10:00:00Z"}
    found = read(first + ld(**changed))
    assert found.published == datetime(2026, 5, 2, 10, tzinfo=UTC)
    assert found.modified == datetime(2026, 11, 23, 10, tzinfo=UTC)
    # where the change is another day's, JSON-LD is believed as ever
    found = read(first + ld(**{**changed, "dateModified": "2026-11-25T10:00:00Z"}))
    assert found.published == datetime(2026, 11, 23, 10, tzinfo=UTC)


def test_state_knows_the_publication_of_a_page_that_shows_its_change() -> None:
    script = '<script>x = {"title": "The bridge opens", "publishedAt": "%s"}</script>'
    body = "<h1>The bridge opens</h1><p>Updated: May 4, 2026</p>"
    found = read("<title>The bridge opens</title>", body + script % "2026-05-02T10:00:00Z")
    assert found.published == datetime(2026, 5, 2, 10, tzinfo=UTC)
    assert found.modified == datetime(2026, 5, 4, tzinfo=UTC)
    found = read("<title>The bridge opens</title>", body + script % "2026-05-09T10:00:00Z")
    assert (found.published, found.modified) == (datetime(2026, 5, 4, tzinfo=UTC), None)


def test_when_it_was_changed() -> None:
    found = read(ld(datePublished="2026-11-23T10:00:00Z", dateModified="2026-11-24T10:00:00Z"))
    assert found.modified == datetime(2026, 11, 24, 10, tzinfo=UTC)
    assert read(ld(datePublished="2026-11-23", dateModified="2026-11-22")).modified is None
    shown = '<h1>A</h1><p>Published <time datetime="2026-11-23">23</time>, updated <time datetime="2026-11-24">24</time></p>'
    assert read("", shown).published == datetime(2026, 11, 23, tzinfo=UTC)
    assert read("", shown).modified == datetime(2026, 11, 24, tzinfo=UTC)


SITE = '<meta property="og:site_name" content="The Daily">'


@pytest.mark.parametrize(
    ("head", "body", "title"),
    [
        (SITE + "<title>Bridge opens at last | The Daily</title>", "", "Bridge opens at last"),
        (SITE + "<title>Daily - Bridge opens at last</title>", "", "Bridge opens at last"),
        (SITE + "<title>Bridge opens at last | The Daily – News from the coast</title>", "", "Bridge opens at last"),
        (SITE + "<title>Bridge opens at last | TheDaily.com</title>", "", "Bridge opens at last"),
        ("<title>Bridge opens at last - example.org</title>", "", "Bridge opens at last"),
        ("<title>Bridge opens - in the rain</title>", "", "Bridge opens - in the rain"),
        (SITE + "<title>The Daily</title>", "", "The Daily"),
        (SITE + "<title>What the bridge says of us</title>", "<h1>The bridge opens</h1>", "The bridge opens"),
        (SITE + "<title>What the bridge says of us</title>", "<h1>The Daily</h1>", "What the bridge says of us"),
    ],
)  # fmt: skip
def test_titles(head: str, body: str, title: str) -> None:
    assert read(head, body or "<p>x</p>").title == title


@given(st.text(max_size=300))
def test_any_text_for_an_author_or_a_date_gives_names_or_none(said: str) -> None:
    found = read(
        "", f'<h1>x</h1><p class="author">{escape(said)}</p><p class="date">{escape(said)}</p>'
    )
    assert all(name.strip() and len(name) <= 80 for name in found.authors)
