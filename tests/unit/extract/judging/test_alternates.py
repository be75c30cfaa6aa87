"""other_view, of_view: which other view of a page is worth a request, and when it is the better one."""

import pickle
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.errors import NoArticle
from aggregator.extract.article import read_page
from aggregator.extract.judging.alternates import of_view, other_view, tells_the_same
from aggregator.extract.page.tree import parse_page
from aggregator.model import Article, ArticleHints

URL = "https://www.example.org/2026/bridge-opens-48213.html"


def found(body: str = "", head: str = "", url: str = URL) -> tuple[str, str] | None:
    tree = parse_page(f"<html><head>{head}</head><body><p>x</p>{body}</body></html>")
    return other_view(tree, url, url)


@pytest.mark.parametrize(
    ("href", "url"),
    [
        ("/amp/2026/bridge-opens-48213.html", "https://www.example.org/amp/2026/bridge-opens-48213.html"),
        ("?amp=1#top", f"{URL}?amp=1"),
        ("https://amp.example.org/2026/bridge", "https://amp.example.org/2026/bridge"),
    ],
)  # fmt: skip
def test_an_amp_page(href: str, url: str) -> None:
    assert found(head=f'<link rel="AMPhtml" href="{href}">') == ("amp", url)


@pytest.mark.parametrize(
    "href",
    [
        "",
        URL,
        f"{URL}#amp",
        "/",
        "https://elsewhere.example/2026/bridge",
        "https://www-example-org.cdn.ampproject.org/c/s/www.example.org/2026/bridge",
        "javascript:amp()",
        "http://[",
    ],
)
def test_no_amp_page(href: str) -> None:
    assert found(head=f'<link rel="amphtml" href="{href}">') is None


@pytest.mark.parametrize(
    "link",
    [
        '<link rel="alternate" media="print" href="/p/17">',
        '<a rel="alternate nofollow" media="print" href="/p/17">for paper</a>',
        '<link rel="alternate" media="print" type="text/html; charset=utf-8" href="/p/17">',
    ],
)
def test_a_print_version_that_the_markup_names(link: str) -> None:
    assert found(link) == ("print", "https://www.example.org/p/17")


@pytest.mark.parametrize(
    "link",
    [
        '<a href="/print/48213">Print</a>',
        '<a href="/2026/bridge-opens-48213/druckansicht"><i></i> Artikel drucken </a>',
        '<a href="?print=1">Version imprimable</a>',
        '<a href="/imprimir/bridge-opens-48213">Imprimir</a>',
        '<a href="?print=true" title="Stampa"><svg></svg></a>',
        '<a href="/print.php?id=48213">印刷</a>',
    ],
)
def test_a_print_version_that_a_link_names(link: str) -> None:
    kind, url = found(link) or ("", "")
    assert kind == "print"
    assert url.startswith("https://www.example.org/")


@pytest.mark.parametrize(
    "link",
    [
        '<a href="#" onclick="window.print()">Print</a>',
        '<a href="javascript:window.print()">Print</a>',
        '<a href="/print/50001">Print</a>',
        '<a href="/print/48213">Our print edition</a>',
        '<a href="/2026/bridge-opens-48213/comments">Print</a>',
        '<a href="https://shop.example/print/48213">Print</a>',
        '<link rel="stylesheet" media="print" href="/print.css">',
        '<link rel="alternate stylesheet" media="print" href="/print.css">',
        '<link rel="alternate" media="print" type="application/pdf" href="/p/17">',
    ],
)
def test_no_print_version(link: str) -> None:
    assert found(link) is None


def test_an_amp_page_comes_first() -> None:
    prints = '<link rel="alternate" media="print" href="/p/17">'
    assert found(head=prints + '<link rel="amphtml" href="/amp/17">') == (
        "amp",
        "https://www.example.org/amp/17",
    )


@given(st.text(max_size=60), st.sampled_from(["amphtml", "alternate", ""]), st.text(max_size=20))
def test_any_address_is_borne(href: str, rel: str, said: str) -> None:
    tree = parse_page("<html><body><p>x</p><a>x</a></body></html>")
    link = next(tree.iter("a"))
    link.tag = "link" if rel == "amphtml" else "a"
    try:
        link.set("href", href)
        link.text = said
    except ValueError:  # lxml takes no control characters, and no page gives any
        return
    link.set("rel", rel)
    link.set("media", "print")
    view = other_view(tree, URL, URL)
    assert view is None or view[1].startswith(("http://", "https://"))


VIEW = Article("<p>…</p>", "word " * 200, source="page:model", confidence=0.9, reason="200 words")


def test_a_view_instead_of_nothing_says_why() -> None:
    article = of_view(None, VIEW, "amp", "the page is a consent wall, not the article")
    assert article is not None
    assert article.source == "page:amp"
    assert article.reason == (
        "from the AMP page; 200 words; the page itself: the page is a consent wall, not the article"
    )


def test_a_view_that_shows_the_feed_to_be_whole_stays_what_it_is() -> None:
    whole = Article("", "", source="feed", confidence=0.9, reason="no more")
    assert of_view(None, whole, "print", "wall") == whole


def test_a_doubtful_view_is_not_taken_for_nothing() -> None:
    doubtful = replace(VIEW, confidence=0.45)
    assert of_view(None, doubtful, "amp", "wall") is None
    asks = Article("", "", source="feed", confidence=0.4, reason="no more")
    assert of_view(asks, doubtful, "amp", "") is None
    assert of_view(asks, VIEW, "amp", "") is not None


@pytest.mark.parametrize(
    ("title", "canonical", "hints", "same"),
    [
        ("Bridge opens", None, ArticleHints("Bridge opens"), True),
        ("Bridge opened after ten years", None, ArticleHints("The bridge opens after ten long years"), True),
        ("News", URL.replace("https", "http"), ArticleHints("Bridge opens"), True),
        ("News", "https://www.example.org/news", ArticleHints("Bridge opens"), False),
        ("News of the town", None, ArticleHints("Bridge"), False),
        ("News", None, ArticleHints("", "Bridge across river opened yesterday after years"), False),
        ("News", None, ArticleHints("", "Every word stands within this longer text"), True),
    ],
)  # fmt: skip
def test_what_a_view_redirected_to_tells_the_same(
    title: str, canonical: str | None, hints: ArticleHints, *, same: bool
) -> None:
    text = "Every single word of the summary stands somewhere within this longer text."
    view = replace(VIEW, title=title, text=text, canonical_url=canonical)
    assert tells_the_same(view, hints, URL) is same


def test_a_file_is_no_view() -> None:
    paper = Article("", "", source="file:application/pdf")
    assert of_view(None, paper, "print", "wall") is None


@pytest.mark.parametrize(
    ("length", "confidence", "better"),
    [
        (1000, 0.9, True),
        (600, 0.4, True),
        (1000, 0.3, False),  # no surer
        (300, 0.4, False),  # much shorter, and hardly surer
        (300, 0.6, True),
        (0, 1.0, False),
    ],
)
def test_only_a_better_view_replaces(length: int, confidence: float, *, better: bool) -> None:
    first = Article("<p>…</p>", "x" * 1000, confidence=0.3, reason="10 words")
    view = replace(VIEW, text="x" * length, confidence=confidence)
    assert (of_view(first, view, "print", "") is not None) is better


LINES = [
    f"Sentence {n} says that the bridge across the river was opened by {who} in the rain of that long year."
    for n, who in enumerate(("the mayor", "a school class", "two engineers", "an old fisher"))
]  # fmt: skip
AMP = '<link rel="amphtml" href="/amp/2026/bridge">'


def read(hints: ArticleHints, *lines: str) -> tuple[str, str] | None:
    body = "".join(f"<p>{line}</p>" for line in lines)
    content = f"<html><head><title>Bridge opens</title>{AMP}</head><body><article>{body}</article></body></html>"
    return read_page(content.encode(), url=URL, content_type="text/html", hints=hints).view


def test_a_page_that_was_read_well_names_no_view() -> None:
    assert read(ArticleHints("Bridge opens after ten years", LINES[0]), *LINES * 2) is None
    # Neither does one that gives no more than the feed.
    assert read(ArticleHints("Other words than those", " ".join(LINES)), *LINES) is None


def test_a_page_of_which_little_can_be_trusted_names_one() -> None:
    hints = ArticleHints(
        "Bridge opens", "Elephants trampled through seven gardens yesterday, damaging a bridge."
    )
    assert read(hints, *LINES) == ("amp", "https://www.example.org/amp/2026/bridge")


def test_a_brief_page_of_which_the_feed_says_nothing_names_none() -> None:
    assert read(ArticleHints(), *LINES) is None


def test_a_page_without_an_article_names_one_across_processes() -> None:
    with pytest.raises(NoArticle) as caught:
        read(ArticleHints(), "You need to enable JavaScript to run this app.")
    crossed = pickle.loads(pickle.dumps(caught.value))
    assert crossed.view == ("amp", "https://www.example.org/amp/2026/bridge")
    assert "script notice" in str(crossed)
